"""The command ``escalate``: a person hands tickets on."""

import getpass
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import TICKET, dry_run_option, exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId

if TYPE_CHECKING:
    from kace_bridge.sync.commands import CommandResult

_COLOURS = {"applied": "green", "planned": None, "failed": "red", "unknown": "yellow"}


@click.command("escalate", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@click.argument("tickets", metavar="ID...", type=TICKET, nargs=-1, required=True)
@click.option("--to", required=True, metavar="TEAM|USER", help="The team (it picks) or person.")
@click.option("--reason", metavar="TEXT", help="Why; stands in the comment on the ticket.")
@click.option("--as", "person", metavar="USER", help="Who asks; else the user of this machine.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@dry_run_option
@json_option
@pass_app
def escalate(
    app: App,
    tickets: tuple[TicketId, ...],
    to: str,
    reason: str | None,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Hand tickets to a team or a person; the new owner is told, and the ticket says why.

    On a terminal the change is shown first and waits for your word.

    \b
    Examples:
      kace-bridge escalate 4411 --to network --reason "whole building is down"
      kace-bridge escalate 4411 4412 --to gcho --reason "needs the firewall" --dry-run
      kace-bridge escalate 4411 --to css --reason "asked by phone" --as adiaz --yes --json
    """
    from kace_bridge.sync import commands

    why = _reason(app, reason, as_json=as_json)
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    if app.asks and not (yes or dry_run or as_json):
        with app.open_bridge(read_only=True) as bridge:
            _print(commands.escalate(bridge, wanted, to=to, reason=why, person=by, dry_run=True))
        click.confirm(f"Escalate {count(len(wanted), 'ticket')}?", abort=True)
    with app.open_bridge(read_only=dry_run) as bridge:
        results = commands.escalate(bridge, wanted, to=to, reason=why, person=by, dry_run=dry_run)
    if as_json:
        print_json({"results": [_as_data(result) for result in results]})
    else:
        _print(results)
    return 0 if all(result.state in {"applied", "planned"} for result in results) else 1


def _reason(app: App, given: str | None, *, as_json: bool) -> str:
    if given is None and app.asks and not as_json:
        given = click.prompt("Reason", type=str, err=True)
    if given is None or not given.strip():
        raise UsageError('--reason is missing: say why, for example --reason "asked by phone"')
    return given.strip()


def this_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError) as error:
        raise UsageError("this machine does not say who you are: add --as USER") from error


def _print(results: "list[CommandResult]") -> None:
    for result in results:
        head = click.style(f"#{result.ticket} {result.state}", fg=_COLOURS.get(result.state))
        changes = "  ".join(
            f"{name}: {shown(result.before.get(name) or 'nobody')} -> {shown(value or 'nobody')}"
            for name, value in result.after.items()
        )
        click.echo(f"{head}  {changes}" if changes else head)
        if result.reason:
            click.echo(f"  {shown(result.reason, 500)}")
        if result.comment:
            click.echo(f"  comment: {shown(result.comment, 300)}")
        for message in result.messages:
            click.echo(f"  message: {shown(message)}")


def _as_data(result: "CommandResult") -> dict[str, object]:
    return {
        "ticket": result.ticket, "state": result.state, "before": dict(result.before),
        "after": dict(result.after), "comment": result.comment, "reason": result.reason,
        "messages": list(result.messages),
    }  # fmt: skip

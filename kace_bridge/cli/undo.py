"""The command ``undo``: a run is taken back, as far as it can be."""

from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import dry_run_option, exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown
from kace_bridge.cli.run_text import report_as_data

if TYPE_CHECKING:
    from kace_bridge.sync.undo import UndoResult

_MOST = 50


@click.command("undo", epilog=exit_codes(0, 1, 2, 4, 75, 77, 78,
                                         _1="something could not be put back",
                                         _4="more tickets than the limit"))  # fmt: skip
@click.argument("run", metavar="RUN")
@click.option("--reason", default="", metavar="TEXT", help="Why; stands in the comments.")
@click.option("--as", "person", metavar="USER", help="Who asks; else this machine's user.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option("--up-to", metavar="N", type=click.IntRange(min=0), default=0,
              help="Change up to so many tickets, though a run's limits say less.")  # fmt: skip
@dry_run_option
@json_option
@pass_app
def undo(
    app: App,
    run: str,
    reason: str,
    person: str | None,
    yes: bool,
    up_to: int,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Take a run back: fields return to what they were, where nobody touched them since.

    RUN is its name, the start of it, or 'last'. Each ticket gets a comment naming you. Mails that
    are out cannot be recalled, and comments stay. Doing it twice changes nothing more; an undo is
    a run itself, and can be undone. On a terminal it is shown first and waits for your word; for
    more tickets than the limits of a run allow, that word is their number.

    \b
    Examples:
      kace-bridge undo last --dry-run
      kace-bridge undo 20261123-114200-7f3a --reason "wrong category list"
      kace-bridge undo last --as adiaz --yes --json
      kace-bridge undo last --yes --up-to 140
    """
    from kace_bridge.cli.escalate import this_user
    from kace_bridge.sync.undo import undo as take_back

    by = person or this_user()
    if app.asks and not (yes or dry_run or as_json):
        with app.open_bridge(read_only=True) as bridge:
            shown_first = take_back(bridge, run, by, dry_run=True)
            _print(app, shown_first, dry_run=True)
        up_to = max(up_to, _ask(shown_first, up_to))
    with app.open_bridge(read_only=dry_run) as bridge:
        result = take_back(bridge, run, by, reason=reason.strip(), dry_run=dry_run, up_to=up_to)
    if as_json:
        print_json(_as_data(result, dry_run=dry_run))
    else:
        _print(app, result, dry_run=dry_run)
    return result.exit_code


def _ask(result: "UndoResult", up_to: int) -> int:
    """How many tickets somebody has agreed to change; nothing is done without a word."""
    tickets = result.tickets
    if not result.over or tickets <= up_to:
        click.confirm("Undo this?", abort=True)
        return 0
    question = f"{'; '.join(result.over)}. Type {tickets} to undo this"
    if click.prompt(question, default="", show_default=False).strip() != str(tickets):
        raise click.Abort
    return tickets


def _print(app: App, result: "UndoResult", *, dry_run: bool) -> None:
    for put in result.put_back[:_MOST]:
        change = f"{put.field}: {shown(put.value or 'nobody')} -> {shown(put.before or 'nobody')}"
        click.echo(f"#{put.ticket} {change}  {click.style(f'({put.rule})', dim=True)}")
    for kept in result.kept[:_MOST]:
        head = click.style(f"kept: #{kept.ticket}", fg="yellow")
        click.echo(f"{head} {kept.what} ({kept.rule}): {shown(kept.reason, 300)}")
    if hidden := len(result.put_back[_MOST:]) + len(result.kept[_MOST:]):
        click.echo(f"and {hidden} more, see --json")
    for ticket, why in result.report.reasons.items():
        click.echo(click.style(f"failed: #{ticket}: ", fg="red") + shown(why, 300))
    _print_lasting(result)
    tickets = {put.ticket for put in result.put_back}
    fields = f"{count(len(result.put_back), 'field')} on {count(len(tickets), 'ticket')}"
    if dry_run:
        app.say(f"{fields} would be put back, {len(result.kept)} kept. Nothing was written.")
    else:
        app.say(
            f"Run {result.undone}: {fields} to put back, {count(result.report.applied, 'write')},"
            f" {len(result.kept)} kept. This is run {result.report.run}."
        )


def _print_lasting(result: "UndoResult") -> None:
    if result.sent:
        click.echo(f"{count(result.sent, 'message')} already sent cannot be recalled.")
    if result.stopped:
        click.echo(f"{count(result.stopped, 'message')} not sent yet: stopped.")
    if result.comments:
        click.echo(f"{count(result.comments, 'comment')} on the tickets: they stay.")


def _as_data(result: "UndoResult", *, dry_run: bool) -> dict[str, object]:
    return {
        **({} if dry_run else report_as_data(result.report)),
        "undone": result.undone,
        "dry_run": dry_run,
        "put_back": [
            {"ticket": put.ticket, "rule": put.rule, "field": put.field, "from": put.value,
             "to": put.before}
            for put in result.put_back
        ],
        "kept": [
            {"ticket": kept.ticket, "rule": kept.rule, "what": kept.what, "reason": kept.reason}
            for kept in result.kept
        ],
        "messages_sent": result.sent, "messages_stopped": result.stopped,
        "comments": result.comments,
        "over_limits": list(result.over),
    }  # fmt: skip

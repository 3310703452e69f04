"""What commands used on tickets share: who asks, why, the question before, the answer after."""

import getpass
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kace_bridge.cli.context import App
from kace_bridge.cli.options import TICKET, dry_run_option, json_option
from kace_bridge.cli.output import count, linked, print_json, shown, shown_value, width_now
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId

if TYPE_CHECKING:
    from kace_bridge.sync.verbs.wish import CommandResult
    from kace_bridge.sync.wire import Bridge

F = TypeVar("F", bound=Callable[..., Any])
Doing = Callable[["Bridge", bool], "list[CommandResult]"]
"""Does it, or with True only says what would be done."""

_COLOURS = {"applied": "green", "failed": "red", "unknown": "yellow"}

tickets_argument = click.argument("tickets", metavar="ID...", type=TICKET, nargs=-1, required=True)
as_option = click.option(
    "--as", "person", metavar="USER", help="Who asks; else the user of this machine."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask before writing.")


def by_hand(command: F) -> F:
    """The tickets, and the options every one of these commands takes."""
    for decorate in (json_option, dry_run_option, yes_option, as_option, tickets_argument):
        command = decorate(command)
    return command


def this_user() -> str:
    """Who sits at this machine. Raises UsageError where it does not say."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError) as error:
        raise UsageError("this machine does not say who you are: add --as USER") from error


def need(app: App, given: str | None, option: str, question: str, *, as_json: bool) -> str:
    """A text that must be there: as given, else asked for where somebody can answer."""
    if given is None and app.asks and not as_json:
        given = click.prompt(question, type=str, err=True)
    if given is None or not given.strip():
        raise UsageError(f'{option} is missing: {question.lower()}, for example {option} "..."')
    return given.strip()


def carry_out(
    app: App,
    tickets: Sequence[TicketId],
    verb: str,
    do: Doing,
    *,
    asks: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Show it and wait for a word where *asks*, do it, print it; the exit code."""
    from kace_bridge.sync.verbs.wish import GOOD

    if asks and app.asks and not (yes or dry_run or as_json):
        with app.open_bridge(read_only=True) as bridge:
            print_results(do(bridge, True))
        click.confirm(f"{verb} {count(len(tickets), 'ticket')}?", abort=True)
    with app.open_bridge(read_only=dry_run) as bridge:
        results = do(bridge, dry_run)
    if as_json:
        print_json({"results": [as_data(result) for result in results]})
    else:
        print_results(results)
    return 0 if all(result.state in GOOD for result in results) else 1


def print_results(results: "Sequence[CommandResult]") -> None:
    """Each ticket with what changed: before -> after, the comment, who is told, where to look."""
    for result in results:
        head = click.style(f"#{result.ticket} {result.state}", fg=_COLOURS.get(result.state))
        changes = "  ".join(
            f"{name}: {shown_value(name, result.before.get(name))} -> {shown_value(name, value)}"
            for name, value in result.after.items()
        )
        click.echo(f"{head}  {changes}" if changes else head)
        if result.reason:
            _say(shown(result.reason, 500))
        if result.comment:
            kind = "public comment" if result.public else "comment"
            _say(f"{kind}: {shown(result.comment, 300)}")
        for message in result.messages:
            _say(f"message: {shown(message)}")
        if result.page and result.state != "failed":
            page = linked(click.style(result.page, dim=True), result.page)
            click.echo(f"  {page}")


def _say(text: str) -> None:
    """Indented, and wrapped to the terminal."""
    for line in wrap(text, width_now() - 1, initial_indent="  ", subsequent_indent="    "):
        click.echo(line)


def as_data(result: "CommandResult") -> dict[str, object]:
    """A result as JSON."""
    return {
        "ticket": result.ticket, "state": result.state, "before": dict(result.before),
        "after": dict(result.after), "comment": result.comment, "public": result.public,
        "reason": result.reason, "messages": list(result.messages), "url": result.page,
    }  # fmt: skip

"""The command ``submit``: a call is logged in one line."""

from typing import TYPE_CHECKING

import click

from kace_bridge.cli.by_hand import as_data, as_option, need, print_results, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import dry_run_option, exit_codes, json_option
from kace_bridge.cli.output import print_json, shown

if TYPE_CHECKING:
    from kace_bridge.sync.verbs.submit import Submitted

_WAYS = ("phone", "portal", "email")


@click.command("submit", epilog=exit_codes(
    0, 1, 2, 75, 77, 78, _1="refused, or the answer was lost: give the same command again"
))  # fmt: skip
@click.option("--via", type=click.Choice(_WAYS), default="phone", show_default=True,
              help="How it reached us.")  # fmt: skip
@click.option("--title", metavar="TEXT", help="What it is about, in one line.")
@click.option("--text", default="", metavar="TEXT", help="More about it.")
@click.option("--for", "submitter", metavar="USER", help="Whose request it is; else yours.")
@click.option("--category", metavar="NAME", help="A category of the queue.")
@click.option("--priority", metavar="NAME", help="A priority of the queue.")
@click.option("--owner", metavar="USER", help="Who has it; else the rules route it.")
@click.option("--queue", metavar="NAME", help="A queue by name or number; else the first.")
@click.option("--close-with", "resolution", metavar="TEXT",
              help="Solved on the first call: close it with this resolution.")  # fmt: skip
@as_option
@dry_run_option
@json_option
@pass_app
def submit(
    app: App,
    via: str,
    title: str | None,
    text: str,
    submitter: str | None,
    category: str | None,
    priority: str | None,
    owner: str | None,
    queue: str | None,
    resolution: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Log a call and print its number. The next sync routes it and sends the receipt.

    Where the answer of the appliance is lost, giving the same command again finds the ticket
    instead of making a second one.

    \b
    Examples:
      kace-bridge submit --via phone --for jdoe --title "Projector in 204 is dark"
      kace-bridge submit --for jdoe --title "Forgot password" --close-with "Reset it."
      kace-bridge submit --via email --title "VPN drops" --category Network --json
    """
    from kace_bridge.sync.verbs.submit import Call
    from kace_bridge.sync.verbs.submit import submit as log_call

    subject = need(app, title, "--title", "Say what it is about", as_json=as_json)
    call = Call(
        subject, via, text, submitter, owner, category, priority, queue,  # type: ignore[arg-type]
        resolution.strip() if resolution else None,
    )  # fmt: skip
    by = person or this_user()
    with app.open_bridge(read_only=dry_run) as bridge:
        result = log_call(bridge, call, person=by, dry_run=dry_run)
    if as_json:
        print_json(_as_data(result))
    else:
        _print(app, result)
    return 1 if result.closing is not None and result.closing.state != "applied" else 0


def _print(app: App, result: "Submitted") -> None:
    fields = "  ".join(f"{name}: {shown(value, 60)}" for name, value in result.values.items())
    if result.ticket is None:
        click.echo(f"would be logged  {fields}")
        return
    word = "was logged already" if result.found else "logged"
    click.echo(click.style(f"#{result.ticket} {word}", fg="green") + f"  {fields}")
    if result.closing is not None:
        print_results([result.closing])
    else:
        app.say(click.style(f"  {result.page}", dim=True))


def _as_data(result: "Submitted") -> dict[str, object]:
    return {
        "ticket": result.ticket, "fields": dict(result.values), "url": result.page,
        "found": result.found, "closed": as_data(result.closing) if result.closing else None,
    }  # fmt: skip

"""The command ``close``: tickets are done."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, need, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.model.ids import TicketId


@click.command("close", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--resolution", metavar="TEXT", help="What solved it; the submitter reads it.")
@click.option("--status", default="Closed", show_default=True, metavar="NAME",
              help="The closed status to set.")  # fmt: skip
@pass_app
def close(
    app: App,
    tickets: tuple[TicketId, ...],
    resolution: str | None,
    status: str,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Close tickets with a resolution; the closing mail carries it.

    On a terminal the change is shown first and waits for your word.

    \b
    Examples:
      kace-bridge close 4411 --resolution "Replaced the lamp."
      kace-bridge close 4411 4412 --resolution "The network is back." --yes
    """
    from kace_bridge.sync.verbs.tickets import close as finish

    text = need(app, resolution, "--resolution", "Say what solved it", as_json=as_json)
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Close",
        lambda bridge, rehearsal: finish(
            bridge, wanted, resolution=text, status=status, person=by, dry_run=rehearsal
        ),
        asks=True, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

"""The command ``take``: I do it."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.model.ids import TicketId


@click.command("take", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--reason", default="", metavar="TEXT", help="Why, if it needs saying.")
@pass_app
def take(
    app: App,
    tickets: tuple[TicketId, ...],
    reason: str,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Make tickets yours. Who you are is the user of this machine, or --as.

    \b
    Examples:
      kace-bridge take 4411
      kace-bridge take 4411 4412 --as bkim --yes
    """
    from kace_bridge.sync.verbs.tickets import take as make_mine

    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Take",
        lambda bridge, rehearsal: make_mine(
            bridge, wanted, reason=reason.strip(), person=by, dry_run=rehearsal
        ),
        asks=len(wanted) > 1, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

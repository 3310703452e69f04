"""The command ``link``: these are part of that one."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import TICKET, exit_codes
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId


@click.command("link", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--to", type=TICKET, metavar="ID", help="The ticket they belong to.")
@click.option("--none", "apart", is_flag=True, help="They belong to no other ticket any more.")
@click.option("--reason", default="", metavar="TEXT", help="Why, if it needs saying.")
@pass_app
def link(
    app: App,
    tickets: tuple[TicketId, ...],
    to: TicketId | None,
    apart: bool,
    reason: str,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Say which larger problem tickets are part of: their escalations wait while it is open.

    The number goes into the field that the configuration names (parent: custom_4).

    \b
    Examples:
      kace-bridge link 41 42 43 --to 40 --reason "same gateway"
      kace-bridge link 43 --none --reason "its own trouble" --yes
    """
    from kace_bridge.sync.verbs.link import link as make_part

    if (to is None) != apart:
        raise UsageError("say --to ID, the ticket they belong to, or --none")
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Link",
        lambda bridge, rehearsal: make_part(
            bridge, wanted, to=to, person=by, reason=reason.strip(), dry_run=rehearsal
        ),
        asks=len(wanted) > 1, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

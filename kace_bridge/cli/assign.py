"""The command ``assign``: tickets get an owner."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, need, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.model.ids import TicketId


@click.command("assign", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--to", required=True, metavar="TEAM|USER", help="The team (it picks) or person.")
@click.option("--reason", metavar="TEXT", help="Why; stands in the comment on the ticket.")
@pass_app
def assign(
    app: App,
    tickets: tuple[TicketId, ...],
    to: str,
    reason: str | None,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Give tickets to a person, or to a team that picks one of its people.

    \b
    Examples:
      kace-bridge assign 4411 --to bkim --reason "knows the projector"
      kace-bridge assign 4411 4412 --to network --reason "vpn" --yes
    """
    from kace_bridge.sync.verbs.tickets import assign as give

    why = need(app, reason, "--reason", "Say why", as_json=as_json)
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Assign",
        lambda bridge, rehearsal: give(
            bridge, wanted, to=to, reason=why, person=by, dry_run=rehearsal
        ),
        asks=len(wanted) > 1, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

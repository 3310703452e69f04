"""The command ``escalate``: a person hands tickets on."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, need, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.model.ids import TicketId

__all__ = ["escalate", "this_user"]


@click.command("escalate", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--to", required=True, multiple=True, metavar="TEAM|USER",
              help="The team (it picks) or person; if repeated, the others are told.")  # fmt: skip
@click.option("--reason", metavar="TEXT", help="Why; stands in the comment on the ticket.")
@pass_app
def escalate(
    app: App,
    tickets: tuple[TicketId, ...],
    to: tuple[str, ...],
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
      kace-bridge escalate 4411 --to css --to network --reason "vpn, and nobody answered"
      kace-bridge escalate 4411 4412 --to gcho --reason "needs the firewall" --dry-run
      kace-bridge escalate 4411 --to css --reason "asked by phone" --as adiaz --yes --json
    """
    from kace_bridge.sync.verbs.tickets import escalate as hand_on

    why = need(app, reason, "--reason", "Say why", as_json=as_json)
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Escalate",
        lambda bridge, rehearsal: hand_on(
            bridge, wanted, to=to[0], also=to[1:], reason=why, person=by, dry_run=rehearsal
        ),
        asks=True, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

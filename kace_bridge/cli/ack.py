"""The command ``ack``: I have it in hand, do not escalate."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId


@click.command("ack", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--for", "length", metavar="LENGTH",
              help="How long escalation waits: 4bh (if not given), 1bd, 30m.")  # fmt: skip
@click.option("--end", is_flag=True, help="Let escalation go on at once.")
@click.option("--reason", default="", metavar="TEXT", help="Why, for colleagues.")
@pass_app
def ack(
    app: App,
    tickets: tuple[TicketId, ...],
    length: str | None,
    end: bool,
    reason: str,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Say that a ticket is in hand: its escalations wait, and resume after the time given.

    Levels reached meanwhile are taken then, unless the ticket was answered or closed. It is no
    answer to the submitter: no clock stops. A re-opening ends it.

    \b
    Examples:
      kace-bridge ack 4411
      kace-bridge ack 4411 4412 --for 1bd --reason "waiting for the vendor" --yes
      kace-bridge ack 4411 --end
    """
    from kace_bridge.sync.verbs.ack import acknowledge, resume

    if end and length is not None:
        raise UsageError("--end and --for contradict each other: give one of them")
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    why = reason.strip()
    return carry_out(
        app, wanted, "Resume" if end else "Acknowledge",
        lambda bridge, rehearsal: (
            resume(bridge, wanted, person=by, reason=why, dry_run=rehearsal)
            if end
            else acknowledge(bridge, wanted, person=by, length=length or "4bh", reason=why,
                             dry_run=rehearsal)
        ),
        asks=len(wanted) > 1, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

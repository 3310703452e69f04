"""The command ``retry``: tickets that were left alone are looked at and written to again."""

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import print_json
from kace_bridge.model.ids import TicketId


@click.command("retry", epilog=exit_codes(0, 2, 75, 78))
@click.argument("tickets", metavar="TICKET...", type=int, nargs=-1, required=True)
@click.option("--as", "person", metavar="USER", help="Who says so; else this machine's user.")
@json_option
@pass_app
def retry(app: App, tickets: tuple[int, ...], person: str | None, as_json: bool) -> None:
    """Let rules write again to tickets on which they gave way, without waiting for a day to pass.

    A rule gives way where what it set was taken back twice within a day. Settle first who is
    right. What failed is not repeated: the next event lets the rule act. A ticket that was put off
    because it could not be read or judged is looked at by the next sync.

    \b
    Examples:
      kace-bridge retry 4411
      kace-bridge retry 4411 4412 --as gcho
    """
    from kace_bridge.cli.escalate import this_user

    by = person or this_user()
    with app.open_store(read_only=False) as store:
        for ticket in tickets:
            store.release(TicketId(ticket), by)
    if as_json:
        print_json({"released": list(tickets), "by": by})
    else:
        app.say(f"Rules may write again to {', '.join(f'#{ticket}' for ticket in tickets)}.")

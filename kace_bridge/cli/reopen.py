"""The command ``reopen``: closed tickets are open again."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, need, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.model.ids import TicketId


@click.command("reopen", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--note", metavar="TEXT", help="Why; the owner and the lead read it.")
@click.option("--public", is_flag=True, help="The submitter may read the note too.")
@click.option("--status", default="Reopened", show_default=True, metavar="NAME",
              help="The status to set.")  # fmt: skip
@pass_app
def reopen(
    app: App,
    tickets: tuple[TicketId, ...],
    note: str | None,
    public: bool,
    status: str,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Open closed tickets again, with a note that says why.

    \b
    Examples:
      kace-bridge reopen 4411 --note "Caller says it went dark again"
    """
    from kace_bridge.sync.verbs.tickets import reopen as open_again

    words = need(app, note, "--note", "Say why", as_json=as_json)
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Reopen",
        lambda bridge, rehearsal: open_again(
            bridge, wanted, text=words, status=status, public=public, person=by, dry_run=rehearsal
        ),
        asks=len(wanted) > 1, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

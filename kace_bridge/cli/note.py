"""The command ``note``: a comment, for colleagues or for everybody."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, need, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.model.ids import TicketId


@click.command("note", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--text", metavar="TEXT", help="The note.")
@click.option("--public", is_flag=True, help="The submitter may read it too.")
@pass_app
def note(
    app: App,
    tickets: tuple[TicketId, ...],
    text: str | None,
    public: bool,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Write a note on tickets, for colleagues only unless --public.

    \b
    Examples:
      kace-bridge note 4411 --text "Caller rang again, room 204"
      kace-bridge note 4411 --text "The part is ordered." --public
    """
    from kace_bridge.sync.verbs.tickets import note as write_down

    words = need(app, text, "--text", "Write the note", as_json=as_json)
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Write on",
        lambda bridge, rehearsal: write_down(
            bridge, wanted, text=words, public=public, person=by, dry_run=rehearsal
        ),
        asks=len(wanted) > 1, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

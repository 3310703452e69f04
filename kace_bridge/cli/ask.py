"""The command ``ask``: the submitter is asked for more."""

import click

from kace_bridge.cli.by_hand import by_hand, carry_out, need, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes
from kace_bridge.model.ids import TicketId


@click.command("ask", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@by_hand
@click.option("--text", metavar="TEXT", help="The question; the submitter reads it.")
@click.option("--status", default="Need More Info", show_default=True, metavar="NAME",
              help="The status in which the ticket waits for the answer.")  # fmt: skip
@pass_app
def ask(
    app: App,
    tickets: tuple[TicketId, ...],
    text: str | None,
    status: str,
    person: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Ask the submitter: a public comment with your name, and a status that waits.

    A clock that starts with the status counts how long the answer takes; reminders and what
    follows are as your site's rules say.

    \b
    Examples:
      kace-bridge ask 4411 --text "Which room is it?"
      kace-bridge ask 4411 --text "Does it still happen?" --status "Waiting on Customer"
    """
    from kace_bridge.sync.verbs.tickets import ask as put_question

    question = need(app, text, "--text", "Write the question", as_json=as_json)
    by = person or this_user()
    wanted = tuple(dict.fromkeys(tickets))
    return carry_out(
        app, wanted, "Ask about",
        lambda bridge, rehearsal: put_question(
            bridge, wanted, text=question, status=status, person=by, dry_run=rehearsal
        ),
        asks=len(wanted) > 1, yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip

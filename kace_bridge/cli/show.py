"""The command ``show``: one ticket as a card with its history."""

from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import TICKET, exit_codes, json_option
from kace_bridge.cli.output import age, linked, print_indented, print_json, shown, stamp, width_now
from kace_bridge.model.ids import TicketId
from kace_bridge.model.text import clean_text

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from kace_bridge.model.history import HistoryEntry
    from kace_bridge.model.ticket import Ticket

_FIELDS = ("status", "priority", "impact", "category", "queue")
_LONGEST_SUMMARY = 4000


@click.command("show", epilog=exit_codes(0, 1, 2, 75, 77, 78, _1="no such ticket"))
@click.argument("ticket", metavar="ID", type=TICKET)
@json_option
@pass_app
def show(app: App, ticket: TicketId, as_json: bool) -> None:
    """One ticket: its fields, its description and everything that happened to it.

    \b
    Examples:
      kace-bridge show 41
      kace-bridge show TICK:41 --json
    """
    with app.open_client() as sma:
        found = sma.tickets.get(ticket)
        rows = sma.tickets.history(ticket)
        page = f"{sma.url.rstrip('/')}/adminui/ticket.php?ID={ticket}"
        now = app.now(sma.timezone) or sma.server_time
    held = _standing(app, found, now)
    if as_json:
        print_json({**_as_data(found, rows), "standing": list(held), "url": page})
    else:
        _print(found, rows, now, held, page)


def _standing(app: App, ticket: "Ticket", now: "datetime | None") -> tuple[str, ...]:
    """What the rules hold back on it, where this place has rules and a store."""
    if not app.has_store():
        return ()
    from kace_bridge.sync.verbs.standing import standing_of

    with app.open_bridge(read_only=True) as bridge:
        return standing_of(bridge, ticket, now or bridge.now())


def _print(
    ticket: "Ticket",
    rows: tuple["HistoryEntry", ...],
    now: "datetime | None",
    held: tuple[str, ...],
    page: str,
) -> None:
    zone = ticket.zone
    number = linked(f"#{ticket.id}", page)
    click.echo(f"{click.style(number, bold=True)} {click.style(shown(ticket.title), bold=True)}")
    for field in _FIELDS:
        _line(field, ticket.value(field))
    for role, person in (("submitter", ticket.submitter), ("owner", ticket.owner)):
        login = f" ({person.user_name})" if person and person.full_name else ""
        _line(role, f"{person.shown}{login}" if person else "nobody")
    old = f"  ({age(now - ticket.created)} ago)" if now and ticket.created else ""
    _line("created", stamp(ticket.created, zone) + old)
    _line("modified", stamp(ticket.modified, zone))
    if ticket.due_date:
        _line("due", stamp(ticket.due_date, zone))
    for line in held:
        print_indented(line, fg="yellow")
    _paragraph("Description", ticket.summary)
    _paragraph("Resolution", ticket.resolution)
    if rows:
        click.echo()
        click.secho("History", bold=True)
    for row in rows:
        _history(row, zone)


def _line(name: str, value: object) -> None:
    click.echo(f"  {name:<10} {shown(value)}")


def _paragraph(title: str, text: str) -> None:
    if text.strip():
        click.echo()
        click.secho(title, bold=True)
        _wrapped(text[:_LONGEST_SUMMARY])


def _wrapped(text: str) -> None:
    from textwrap import wrap

    width = min(width_now(), 100) - 4
    for line in clean_text(text).expandtabs(4).splitlines():
        for part in wrap(line, width) or [""]:
            click.echo(f"    {part}".rstrip())


def _history(row: "HistoryEntry", zone: "tzinfo") -> None:
    who = row.author.shown if row.author else "the appliance"
    notes = [note for note, true in (("by mail", row.via_email), ("owners only", row.owners_only))
             if true]  # fmt: skip
    more = f"  [{', '.join(notes)}]" if notes else ""
    click.echo(f"  {stamp(row.at, zone)}  {shown(who, 60)}{more}")
    for text in (row.description, row.comment):
        if text.strip():
            _wrapped(text[:_LONGEST_SUMMARY])


def _as_data(ticket: "Ticket", rows: tuple["HistoryEntry", ...]) -> dict[str, object]:
    fields = {field: ticket.value(field) for field in (*_FIELDS, "owner", "submitter", "state")}
    return {
        "id": ticket.id, "title": ticket.title, **fields, "created": ticket.created,
        "modified": ticket.modified, "due_date": ticket.due_date, "summary": ticket.summary,
        "resolution": ticket.resolution,
        "history": [
            {
                "id": row.id, "at": row.at, "author": row.author and row.author.user_name,
                "description": row.description, "comment": row.comment,
                "owners_only": row.owners_only, "via_email": row.via_email,
            }
            for row in rows
        ],
    }  # fmt: skip

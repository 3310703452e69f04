"""The command ``list``: tickets straight from the appliance; loads neither rules nor the store."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import age, count, print_json, print_table
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.model.ticket import Ticket
    from kace_bridge.sma import Filter, Sma

MOST = 500
"""Rows of one request, at most."""
NOBODY = "nobody"
Test = Callable[["Ticket"], bool]


@click.command("list", epilog=exit_codes(0, 2, 75, 77, 78))
@click.option("--queue", metavar="NAME", help="A queue by name or number; else those configured.")
@click.option("--status", metavar="NAME", help="Tickets with this status.")
@click.option("--state", type=click.Choice(["opened", "stalled", "closed"]),
              help="Tickets in this state.")  # fmt: skip
@click.option("--owner", metavar="USER", help="A user name, or 'nobody'.")
@click.option("--team", metavar="TEAM", help="Tickets owned by a member of this team.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=0),
              help="At most so many, the oldest; 0 for no limit.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Closed tickets too.")
@json_option
@pass_app
def list_tickets(
    app: App,
    queue: str | None,
    status: str | None,
    state: str | None,
    owner: str | None,
    team: str | None,
    limit: int,
    everything: bool,
    as_json: bool,
) -> None:
    """Tickets as the appliance has them now, oldest first; closed ones only if asked for.

    \b
    Examples:
      kace-bridge list
      kace-bridge list --owner nobody
      kace-bridge list --team network --status "Need More Info"
      kace-bridge list --state closed --limit 0 --json
    """
    members = _members(app, team) if team else None
    hidden = not (everything or state or status)
    where, tests = _wanted(status, state, owner, members, hide_closed=hidden)
    with app.open_client() as sma:
        queues = _queues(app, sma, queue)
        found = list(_read(sma, queues, where, tests, limit))
        now = app.now(sma.timezone) or sma.server_time
    more = bool(limit) and len(found) > limit
    found = found[:limit] if limit else found
    if as_json:
        print_json({"tickets": [_as_data(ticket) for ticket in found], "more": more})
        return
    _print(app, found, now, more=more)


def _members(app: App, team: str) -> tuple[str, ...]:
    teams = app.site(secrets=False).rules.teams
    if team not in teams:
        from kace_bridge.config.problems import did_you_mean

        raise UsageError(f"no team '{team}'. {did_you_mean(team, teams)}")
    return teams[team].members


def _wanted(
    status: str | None,
    state: str | None,
    owner: str | None,
    members: tuple[str, ...] | None,
    *,
    hide_closed: bool,
) -> tuple["Filter", list[Test]]:
    """What to ask the appliance for, and the same as tests: it may ignore what it cannot do."""
    from kace_bridge.sma import Filter

    where, tests = Filter(), list[Test]()
    if hide_closed:
        where &= _clause("status.state", "neq", "closed")
        tests.append(lambda ticket: ticket.state != "closed")
    if state:
        where &= _clause("status.state", "eq", state)
        tests.append(lambda ticket: ticket.state == state)
    if status:
        where &= _clause("status.name", "eq", status)
        tests.append(lambda ticket: _same(ticket.value("status"), status))
    if owner == NOBODY:
        where &= _clause("owner", "nex", None)
        tests.append(lambda ticket: ticket.owner is None)
    elif owner:
        where &= _clause("owner.user_name", "eq", owner)
        tests.append(lambda ticket: _same(ticket.value("owner"), owner))
    if members is not None:
        where &= _clause("owner.user_name", "in", members)
        names = {member.casefold() for member in members}
        tests.append(lambda ticket: (ticket.value("owner") or "").casefold() in names)
    return where, tests


def _clause(field: str, operator: str, value: str | tuple[str, ...] | None) -> "Filter":
    """The clause, or none where the appliance's language cannot say it."""
    from kace_bridge.sma import Filter, clause

    try:
        return clause(field, operator, value)  # type: ignore[arg-type]
    except ValueError:
        return Filter()


def _same(value: str | None, wanted: str) -> bool:
    return (value or "").casefold() == wanted.casefold()


def _queues(app: App, sma: "Sma", queue: str | None) -> list[int] | None:
    """The numbers of the queue asked for, or of those configured; None for all."""
    wanted: list[str | int] = [queue] if queue else list(app.account().queues)
    numbers = [int(name) for name in wanted if str(name).isdecimal()]
    if len(numbers) < len(wanted):
        numbers += [sma.queues.find(str(name)).id for name in wanted if not str(name).isdecimal()]
    return numbers or None


def _read(
    sma: "Sma", queues: list[int] | None, where: "Filter", tests: list[Test], limit: int
) -> Iterator["Ticket"]:
    """One more than *limit*, so that it is known whether there are more."""
    size = min(limit + 1, MOST) if limit else MOST
    given = 0
    for page in sma.tickets.pages(queues, where=where, page_size=size, with_changes=False):
        for ticket in page.tickets:
            if all(test(ticket) for test in tests):
                yield ticket
                given += 1
                if limit and given > limit:
                    return


def _print(app: App, found: list["Ticket"], now: datetime | None, *, more: bool) -> None:
    if not found:
        app.say("No such tickets. Closed ones are shown with --all.")
        return
    rows = [
        (
            ticket.id, ticket.title, ticket.value("status"), ticket.value("priority"),
            ticket.value("owner") or NOBODY,
            age(now - ticket.created) if now and ticket.created else None,
        )
        for ticket in found
    ]  # fmt: skip
    headers = ("Ticket", "Title", "Status", "Priority", "Owner", "Age")
    base = f"{app.account().url.rstrip('/')}/adminui/ticket.php?ID="
    links = [f"{base}{ticket.id}" for ticket in found]
    print_table(headers, rows, stretch=1, right=(0, 5), links=links)
    if more:
        app.say(f"The oldest {count(len(found), 'ticket')}; --limit 0 shows every one.")


def _as_data(ticket: "Ticket") -> dict[str, object]:
    return {
        "id": ticket.id, "title": ticket.title, "status": ticket.value("status"),
        "state": ticket.state, "priority": ticket.value("priority"),
        "category": ticket.value("category"), "owner": ticket.value("owner"),
        "submitter": ticket.value("submitter"), "queue": ticket.value("queue"),
        "created": ticket.created, "modified": ticket.modified,
    }  # fmt: skip

"""The command ``timeline``: a ticket's clocks, what ran and stopped them, and their levels."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import TICKET, exit_codes, json_option
from kace_bridge.cli.output import age, cut, linked, print_indented, print_json, shown, width_now
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId

if TYPE_CHECKING:
    from kace_bridge.sla.clock import Reading, Stretch
    from kace_bridge.sync.verbs.timeline import ClockLedger, Rung, Timeline

_LATE = timedelta(minutes=15)
"""A level taken so long after it fell due is called late: the bridge stood still."""
_COLOURS = {"running": "green", "paused": "yellow", "reached": "red", "coming": "cyan"}


@click.command("timeline", epilog=exit_codes(0, 1, 2, 75, 77, 78, _1="no such ticket"))
@click.argument("ticket", metavar="ID", type=TICKET)
@click.option("--clock", metavar="NAME", help="This clock alone.")
@json_option
@pass_app
def timeline(app: App, ticket: TicketId, clock: str | None, as_json: bool) -> None:
    """The ticket's clocks: running and paused stretches with the cause of each, and the levels.

    Working time only, read off the ticket's history: nothing is kept that could be wrong.

    \b
    Examples:
      kace-bridge timeline 4411
      kace-bridge timeline 4411 --clock respond
      kace-bridge timeline 4411 --json
    """
    from kace_bridge.sync.verbs.timeline import read_timeline

    with app.open_bridge(read_only=True) as bridge:
        clocks = bridge.site.rules.clocks
        if clock is not None and clock not in clocks:
            from kace_bridge.config.problems import did_you_mean

            raise UsageError(f"no clock '{clock}'. {did_you_mean(clock, clocks)}".rstrip())
        found = read_timeline(bridge, ticket, clock)
        zone = bridge.zone
    if as_json:
        print_json(_as_data(found))
    else:
        _print(found, zone)


def _print(found: "Timeline", zone: tzinfo) -> None:
    ticket = found.ticket
    click.secho(f"#{ticket.id} {shown(ticket.title)}", bold=True)
    owner = ticket.owner.shown if ticket.owner else "nobody"
    status, created = shown(ticket.value("status")), _at(ticket.created, zone)
    click.echo(f"  {status}, owner {shown(owner)}, created {created}")
    click.echo(f"  {linked(click.style(found.page, dim=True), found.page)}")
    if not found.known:
        click.echo("  No sync has seen this ticket yet.")
    for line in found.standing:
        print_indented(line, fg="yellow")
    if not found.clocks:
        click.echo("  No clock applies to it.")
    for ledger in found.clocks:
        click.echo()
        for line in _clock(ledger, found.now, zone):
            click.echo(line)


def _clock(ledger: "ClockLedger", now: datetime, zone: tzinfo) -> Iterator[str]:
    reading = ledger.reading
    yield click.style(reading.name, bold=True) + f"  {_standing(ledger, now, zone)}"
    for stretch in reading.stretches:
        yield _stretch(stretch, zone)
    for rule, rungs in groupby(ledger.rungs, key=lambda rung: rung.rule):
        yield f"  levels of {rule}"
        stopped = _state(reading) == "stopped"
        for rung in rungs:
            yield f"    {rung.at:<12} {_rung(rung, now, zone, stopped=stopped)}"


def _standing(ledger: "ClockLedger", now: datetime, zone: tzinfo) -> str:
    reading = ledger.reading
    used = hours(reading.worked)
    if reading.target is not None:
        share = f" ({reading.fraction:.0%})" if reading.fraction is not None else ""
        used += f" of {hours(reading.target)}{share}"
    state = _state(reading)
    said = f"{used} used, {click.style(state, fg=_COLOURS.get(state))}"
    if state == "running" and ledger.target_at is not None:
        late = ledger.target_at <= now
        said += f", {'was ' if late else ''}due {_at(ledger.target_at, zone)}"
    return said


def _state(reading: "Reading") -> str:
    return "running" if reading.running else "paused" if reading.paused else "stopped"


def _stretch(stretch: "Stretch", zone: tzinfo) -> str:
    worked = hours(stretch.worked) if stretch.kind == "running" else ""
    head = f"  {_at(stretch.start, zone)}  {stretch.kind:<8} {worked:>8}  "
    return head + cut(shown(stretch.cause), max(20, width_now() - len(head)))


def _rung(rung: "Rung", now: datetime, zone: tzinfo, *, stopped: bool) -> str:
    due = _at(rung.due, zone) if rung.due else f"{'-':<20}"
    word = click.style(f"{rung.state:<8}", fg=_COLOURS.get(rung.state))
    match rung.state:
        case "done":
            passed = rung.reason if "pass" in rung.reason or "already" in rung.reason else ""
            late = rung.taken - rung.due if rung.taken and rung.due else timedelta()
            more = _at(rung.taken, zone) + (f", {age(late)} late" if late >= _LATE else "")
            more += f", {shown(passed.partition(', ')[2] or passed, 40)}" if passed else ""
        case "coming":
            more = f"in {age((rung.due or now) - now)}"
        case "reached":
            more = "see explain: its condition, or the next sync"
        case _:
            more = "the clock has stopped" if stopped else "while the clock stands still"
    return f"{due}  {word} {more}"


def hours(span: timedelta) -> str:
    """Working time: 40h 0m, 12m. Never in days, which are of different lengths there."""
    whole, minutes = divmod(max(0, int(span.total_seconds()) // 60), 60)
    return f"{whole}h {minutes}m" if whole else f"{minutes}m"


def _at(instant: datetime | None, zone: tzinfo) -> str:
    return "-" if instant is None else instant.astimezone(zone).strftime("%a %Y-%m-%d %H:%M")


def _as_data(found: "Timeline") -> dict[str, object]:
    return {
        "ticket": found.ticket.id, "title": found.ticket.title, "known": found.known,
        "now": found.now, "url": found.page,
        "acknowledged_until": found.in_hand.until if found.in_hand else None,
        "standing": list(found.standing),
        "acknowledged_by": found.in_hand.by if found.in_hand else None,
        "clocks": [_clock_data(ledger) for ledger in found.clocks],
    }  # fmt: skip


def _clock_data(ledger: "ClockLedger") -> dict[str, object]:
    reading = ledger.reading
    return {
        "clock": reading.name, "state": _state(reading), "started": reading.started,
        "worked_s": reading.worked.total_seconds(), "target_s": _seconds(reading.target),
        "fraction": reading.fraction, "due": ledger.target_at,
        "stretches": [
            {"start": s.start, "end": s.end, "kind": s.kind, "cause": s.cause,
             "worked_s": s.worked.total_seconds()}
            for s in reading.stretches
        ],
        "levels": [
            {"rule": r.rule, "level": r.number, "at": r.at, "state": r.state, "due": r.due,
             "taken": r.taken, "reason": r.reason}
            for r in ledger.rungs
        ],
    }  # fmt: skip


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()

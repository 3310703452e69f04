"""The command ``rules replay``: what these rules would have done with recorded history."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, print_table, shown, stamp
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.rules.facts import Desk
    from kace_bridge.sync.replay import Breach, Fate, Replay

DAYS = 90
_SHOWN = 5


@click.command("rules replay", epilog=exit_codes(0, 2, 78))
@click.option("--from", "since", metavar="DAY", help=f"The first day; else {DAYS} days before.")
@click.option("--to", "until", metavar="DAY", help="The day after the last; else now.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0),
              help="Name so many tickets that would have gone elsewhere; 0 for all.")  # fmt: skip
@json_option
@pass_app
def rules_replay(app: App, since: str | None, until: str | None, limit: int, as_json: bool) -> None:
    """What these rules would have done with recorded history, against what really happened.

    Plays every ticket the store knows, in the order of time: who would have got it, which
    breaches would have been saved or caused, what would have been sent. People's acts are taken
    as they were recorded: nobody is made to answer faster. Nothing is asked of the appliance.

    \b
    Examples:
      kace-bridge rules replay
      kace-bridge -c new/rules.yaml --state sqlite:///kace-bridge.db rules replay --from 2026-03-01
      kace-bridge rules replay --from 2026-02-01 --to 2026-03-01 --json
    """
    from zoneinfo import ZoneInfo

    from kace_bridge.clock import SystemClock
    from kace_bridge.sync.recorded import read_pasts, states_of, stored_desk
    from kace_bridge.sync.replay import replay

    site = app.site(secrets=False)
    zone = ZoneInfo(site.settings.appliance.timezone)
    end = _day(until, zone, "--to") or app.now(zone) or SystemClock().now()
    start = _day(since, zone, "--from") or end - timedelta(days=DAYS)
    if start >= end:
        raise UsageError("--from is not before --to")
    with app.open_store() as store:
        desk = stored_desk(site.rules, store)
        pasts = list(read_pasts(store, zone, desk, start))
    found = replay(site.rules, pasts, desk, states_of(pasts), start, end)
    if as_json:
        print_json(_as_data(found, desk))
    else:
        _print(app, found, desk, zone, limit)


def _day(text: str | None, zone: tzinfo, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no day; write it like 2026-03-02") from error
    return at if at.tzinfo else at.replace(tzinfo=zone)


def elsewhere(fate: "Fate", desk: "Desk") -> str:
    """Whether a ticket would have gone to the ``same`` person, ``team``, or to ``other`` people."""
    if fate.really == fate.now:
        return "same"
    teams = [desk.team_of(user) for user in (fate.really, fate.now)]
    return "team" if teams[0] is not None and teams[0] == teams[1] else "other"


def _print(app: App, found: "Replay", desk: "Desk", zone: tzinfo, limit: int) -> None:
    span = f"from {stamp(found.since, zone)} to {stamp(found.until, zone)}"
    if not found.fates:
        app.say(f"No ticket whose creation was seen came in {span}.")
    else:
        _print_fates(app, found, desk, span, limit)
    _print_breaches(app, found, zone)
    told = ", ".join(f"{name} {number}" for name, number in _largest(found.messages))
    total = count(sum(found.messages.values()), "message")
    app.say(f"{total} would have been sent" + (f": {told}." if told else "."))
    app.say("Rules: " + (", ".join(f"{n} {c}" for n, c in _largest(found.rules)) or "none") + ".")
    for problem in found.problems:
        click.echo(click.style("problem: ", fg="red") + shown(problem, 500))


def _print_fates(app: App, found: "Replay", desk: "Desk", span: str, limit: int) -> None:
    kinds = [elsewhere(fate, desk) for fate in found.fates]
    moved = [fate for fate, kind in zip(found.fates, kinds, strict=True) if kind == "other"]
    shown_ones = moved[: limit or None]
    if shown_ones:
        rows = [
            (f"#{fate.ticket}", fate.really or "nobody", fate.now or "nobody", fate.rule,
             fate.title)
            for fate in shown_ones
        ]  # fmt: skip
        print_table(("Ticket", "Really", "Now", "Rule", "Title"), rows, stretch=4)
        if len(moved) > len(shown_ones):
            click.echo(f"and {len(moved) - len(shown_ones)} more: --limit 0")
        click.echo()
    app.say(
        f"{count(len(kinds), 'ticket')} came in {span}: {kinds.count('same')} would have gone to"
        f" the same person, {kinds.count('team')} to another of the same team,"
        f" {kinds.count('other')} elsewhere."
    )


def _print_breaches(app: App, found: "Replay", zone: tzinfo) -> None:
    clocks = {breach.clock for breach in (*found.breaches, *found.caused)}
    for clock in sorted(clocks):
        real, saved, caused = (
            [breach for breach in some if breach.clock == clock]
            for some in (found.breaches, found.saved, found.caused)
        )
        told = sum(breach.told is not None for breach in real)
        app.say(
            f"Clock {clock}: {count(len(real), 'breach', 'breaches')} in truth, {len(saved)} saved,"
            f" {len(caused)} caused; {told} would have been announced before."
        )
        for name, some in (("saved", saved), ("caused", caused)):
            for breach in some[:_SHOWN]:
                app.say(f"  {name}: #{breach.ticket}, {stamp(breach.at, zone)}")
            if len(some) > _SHOWN:
                app.say(f"  and {len(some) - _SHOWN} more, see --json")


def _largest(numbers: "dict[str, int]") -> "Sequence[tuple[str, int]]":
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))


def _as_data(found: "Replay", desk: "Desk") -> dict[str, object]:
    return {
        "from": found.since, "to": found.until,
        "tickets": [
            {
                "ticket": fate.ticket, "title": fate.title, "really": fate.really,
                "now": fate.now, "rule": fate.rule or None, "change": elsewhere(fate, desk),
                "decisions": [
                    {"at": at, "rule": decision.rule, "level": decision.level}
                    for at, decision in fate.decisions
                ],
            }
            for fate in found.fates
        ],
        "breaches": [_breach(each) for each in found.breaches],
        "saved": [_breach(each) for each in found.saved],
        "caused": [_breach(each) for each in found.caused],
        "messages": found.messages, "rules": found.rules, "problems": found.problems,
    }  # fmt: skip


def _breach(breach: "Breach") -> dict[str, object]:
    return {"ticket": breach.ticket, "clock": breach.clock, "at": breach.at, "told": breach.told}

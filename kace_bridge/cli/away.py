"""The commands ``away add``, ``away list`` and ``away end``: who is not given work."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.by_hand import as_option, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.moments import appliance_zone, present, read_end, read_start
from kace_bridge.cli.options import dry_run_option, exit_codes, json_option
from kace_bridge.cli.output import print_json, print_table, shown, stamp
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.state import Store
    from kace_bridge.state.rows import Absence


@click.command("away add", epilog=exit_codes(0, 2, 75, 77, 78))
@click.argument("user", metavar="USER")
@click.option("--from", "start", metavar="TIME", help="From when; now if not given.")
@click.option("--until", required=True, metavar="TIME",
              help="Until when; a day without an hour is included.")  # fmt: skip
@click.option("--reason", default="", metavar="TEXT", help="Why; colleagues see it.")
@as_option
@dry_run_option
@json_option
@pass_app
def away_add(
    app: App,
    user: str,
    start: str | None,
    until: str,
    reason: str,
    person: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say that somebody is away: no team picks them meanwhile. Their tickets stay theirs.

    \b
    Examples:
      kace-bridge away add bkim --from 2026-12-21 --until 2026-12-31 --reason holidays
      kace-bridge away add bkim --until "fri 17:00" --reason ill
    """
    member = _member(app, user)
    zone, now = appliance_zone(app), present(app)
    begin = read_start(start, zone, now, "--from")
    end = read_end(until, zone, max(now, begin), "--until")
    if end <= begin:
        raise UsageError("--until is not after --from")
    by, number = person or this_user(), 0
    if not dry_run:
        with app.open_store(read_only=False) as store:
            number = store.add_absence(member, begin, end, by=by, reason=reason.strip())
    if as_json:
        print_json({"number": number or None, "user": member, "from": begin, "until": end,
                    "by": by, "reason": reason.strip()})  # fmt: skip
        return
    word = "would be away" if dry_run else "is away"
    tail = "" if dry_run else f"\nEnd it with: kace-bridge away end {number}"
    app.say(f"{member} {word} from {stamp(begin, zone)} until {stamp(end, zone)}{tail}")


@click.command("away list", epilog=exit_codes(0, 2, 75, 77, 78))
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@json_option
@pass_app
def away_list(app: App, everything: bool, as_json: bool) -> None:
    """Who is away, now and later.

    \b
    Examples:
      kace-bridge away list
      kace-bridge away list --all --json
    """
    zone, now = appliance_zone(app), present(app)
    with app.open_store() as store:
        found = store.list_absences(None if everything else now)
    if as_json:
        print_json({"absences": [_as_data(absence, now) for absence in found]})
        return
    if not found:
        app.say("Nobody is away.")
        return
    rows = [
        (a.id, a.user, stamp(a.start, zone), stamp(a.until, zone), _when(a, now), a.reason)
        for a in found
    ]
    headers = ("No.", "User", "From", "Until", "", "Reason")
    print_table(headers, rows, stretch=5, right=(0,))


@click.command("away end", epilog=exit_codes(0, 2, 75, 77, 78))
@click.argument("who", metavar="NUMBER|USER")
@json_option
@pass_app
def away_end(app: App, who: str, as_json: bool) -> None:
    """End an absence now: somebody is back. NUMBER is what 'away list' shows.

    \b
    Examples:
      kace-bridge away end 3
      kace-bridge away end bkim
    """
    now = present(app)
    with app.open_store(read_only=False) as store:
        absence = _find(store, who, now)
        store.end_absence(absence.id, now)
    if as_json:
        print_json({"number": absence.id, "user": absence.user, "ended": now})
    else:
        app.say(f"{shown(absence.user)} is back.")


def _member(app: App, user: str) -> str:
    """The login name of a team's member or lead."""
    teams = app.site(secrets=False).rules.teams.values()
    known = {name for team in teams for name in (*team.members, team.lead) if name}
    for name in sorted(known):
        if name.casefold() == user.casefold():
            return name
    from kace_bridge.config.problems import did_you_mean

    raise UsageError(f"'{user}' is in no team. {did_you_mean(user, sorted(known))}".rstrip())


def _find(store: "Store", who: str, now: datetime) -> "Absence":
    found = store.list_absences(now)
    for absence in found:
        if str(absence.id) == who or absence.user.casefold() == who.casefold():
            return absence
    raise UsageError(f"no absence '{who}' now or to come; see 'kace-bridge away list --all'")


def _when(absence: "Absence", now: datetime) -> str:
    if absence.until <= now:
        return "over"
    return "now" if absence.start <= now else "to come"


def _as_data(absence: "Absence", now: datetime) -> dict[str, object]:
    return {
        "number": absence.id, "user": absence.user, "from": absence.start, "until": absence.until,
        "when": _when(absence, now), "by": absence.by, "reason": absence.reason,
    }  # fmt: skip

"""The command ``rules stats``: which rules work, which are dead wood, who has left."""

from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, print_table, shown, stamp

if TYPE_CHECKING:
    from kace_bridge.model.people import Person
    from kace_bridge.sync.rule_stats import RuleStat, RuleStats


@click.command("rules stats", epilog=exit_codes(0, 2, 75, 77, 78))
@click.option("--days", default=90, show_default=True, type=click.IntRange(min=1),
              help="How far to look back.")  # fmt: skip
@click.option("--online", is_flag=True, help="Ask the appliance who is there, not the last sync.")
@json_option
@pass_app
def rules_stats(app: App, days: int, online: bool, as_json: bool) -> None:
    """Which rules matched and how often, which never did, which are due for review.

    For rules on trial (mode: shadow), how often people then did what the rule would have done.
    Names people in teams, groups and rules who have left the appliance. Counted from what syncs
    recorded.

    \b
    Examples:
      kace-bridge rules stats
      kace-bridge rules stats --days 30 --online
      kace-bridge rules stats --json
    """
    from zoneinfo import ZoneInfo

    from kace_bridge.clock import SystemClock
    from kace_bridge.sync.recorded import stored_desk
    from kace_bridge.sync.rule_stats import rule_stats

    site = app.site(secrets=False)
    zone = ZoneInfo(site.settings.appliance.timezone)
    now = app.now(zone) or SystemClock().now()
    with app.open_store() as store:
        people = _people(app) if online else stored_desk(site.rules, store).people
        today = now.astimezone(zone).date()
        found = rule_stats(site.rules, store, people, now - timedelta(days=days), today)
    if as_json:
        print_json(_as_data(found))
    else:
        _print(app, found, zone, days)


def _people(app: App) -> "dict[str, Person]":
    with app.open_client() as sma:
        sma.login()
        return {person.user_name: person for person in sma.users.list()}


def _print(app: App, found: "RuleStats", zone: tzinfo, days: int) -> None:
    rows = [
        (one.rule.id, one.rule.phase, one.use.matched, one.use.shadow or "", one.use.tickets,
         stamp(one.use.last, zone), _remark(one))
        for one in found.rules
    ]  # fmt: skip
    headers = ("Rule", "Phase", "Matched", "Trial", "Tickets", "Last", "Remark")
    print_table(headers, rows, stretch=6, right=(2, 3, 4))
    app.say()
    if found.unused:
        names = ", ".join(one.rule.id for one in found.unused)
        app.say(f"Never used in {count(days, 'day')}: {shown(names, 500)}.")
    for one in found.rules:
        if one.agreed is not None:
            app.say(f"On trial: {one.rule.id}, {one.agreed}.")
        if one.overdue:
            asked = f", ask {one.rule.owner}" if one.rule.owner else ""
            app.say(f"Overdue for review since {one.overdue}: {one.rule.id}{asked}.")
        if one.expired:
            app.say(f"Out of force since {one.expired}: {one.rule.id}.")
    for gone in found.gone:
        why = "has left (archived)" if gone.why == "archived" else "is not known to the appliance"
        app.say(f"{shown(gone.user, 60)} {why}: named in {', '.join(gone.named_in)}.")
    for name, times in found.retired.items():
        app.say(f"No longer in the rules: {shown(name, 60)} ({count(times, 'decision')}).")


def _remark(one: "RuleStat") -> str:
    said: list[str] = [one.rule.mode] if one.rule.mode != "enforce" else []
    if one.use.failed:
        said.append(f"{one.use.failed} failed")
    if not one.use.used and one.rule.mode != "off":
        said.append("never used")
    if one.overdue:
        said.append("review")
    return ", ".join(said) or " "


def _as_data(found: "RuleStats") -> dict[str, object]:
    return {
        "since": found.since,
        "rules": [
            {
                "rule": one.rule.id, "phase": one.rule.phase, "mode": one.rule.mode,
                "place": one.rule.place, "matched": one.use.matched, "shadow": one.use.shadow,
                "failed": one.use.failed, "passed": one.use.passed, "tickets": one.use.tickets,
                "last": one.use.last, "never_used": one in found.unused,
                "agreed": one.agreed.agreed if one.agreed else None,
                "decided_by_people": one.agreed.total if one.agreed else None,
                "review_overdue": str(one.overdue) if one.overdue else None,
                "expired": str(one.expired) if one.expired else None,
            }
            for one in found.rules
        ],
        "people_gone": [
            {"user": gone.user, "why": gone.why, "named_in": list(gone.named_in)}
            for gone in found.gone
        ],
        "retired": found.retired,
    }  # fmt: skip

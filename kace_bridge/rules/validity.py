"""The days on which a rule applies, in the zone of the site's calendar."""

from datetime import date, datetime, time, timedelta, tzinfo

from kace_bridge.rules.ruleset import Rule, RuleSet


def why_inactive(rules: RuleSet, rule: Rule, now: datetime, zone: tzinfo) -> str:
    """Why *rule* does not apply at *now*; empty where it does.

    *zone* counts where the site names no calendar.
    """
    if rule.valid_from is None and rule.valid_until is None:
        return ""
    today = now.astimezone(_zone(rules, zone)).date()
    if rule.valid_from is not None and today < rule.valid_from:
        return f"valid from {rule.valid_from} on"
    if rule.valid_until is not None and today > rule.valid_until:
        return f"was valid until {rule.valid_until}"
    return ""


def applies_from(rules: RuleSet, rule: Rule, at: datetime, zone: tzinfo) -> datetime | None:
    """The first instant from *at* on at which *rule* applies; None where none comes."""
    zone = _zone(rules, zone)
    if rule.valid_from is not None:
        at = max(at, _midnight(rule.valid_from, zone))
    if rule.valid_until is not None and at >= _midnight(rule.valid_until + timedelta(days=1), zone):
        return None
    return at


def _zone(rules: RuleSet, otherwise: tzinfo) -> tzinfo:
    calendar = rules.calendars.get(rules.calendar or "")
    return calendar.zone if calendar is not None else otherwise


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)

"""What message texts may say: plain data made from the facts, nothing that can act."""

from dataclasses import replace
from datetime import timedelta

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.people import Person
from kace_bridge.model.text import clean_line, clean_text
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.bounced import since_reopened, way_of
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sla.clock import Reading
from kace_bridge.sla.duration import parse_level

MAX_QUOTE = 4000
_TARGET = parse_level("100%")


def variables_for(
    rules: RuleSet,
    facts: Facts,
    *,
    rule: str,
    title: str,
    level: int | None,
    reading: Reading | None,
    team: str | None,
    internal: bool,
    role: str = "",
) -> dict[str, object]:
    """Everything the templates' reference lists, for one ticket at one moment.

    Owners-only comments are left out unless the reader is *internal*: one of the staff. The
    language is chosen by the reader's *role*; without one it is the submitter's.
    """
    desk = facts.desk
    owner = facts.ticket.owner
    team_now = desk.teams.get(team or "") or desk.team_of(owner.user_name if owner else None)
    return {
        "ticket": _ticket(rules, facts),
        "submitter": _person(facts.ticket.submitter, facts),
        "owner": _person(owner, facts) if owner else None,
        "team": {"name": team_now.name, "title": team_now.shown} if team_now else None,
        "recipient": {"name": "", "role": role, "language": rules.languages.of(facts, role)},
        "rule": {"id": rule, "title": title},
        "level": level,
        "clock": _clock(reading, facts) if reading else None,
        "event": _event(facts.event, facts, internal) if facts.event else None,
        "question": _question(facts),
        "reopened": _reopened(facts, internal),
        "bounced": _bounced(facts),
        "parent": _parent(rules, facts),
        "digest": None,
        **_site(rules),
    }


def summary_variables(
    rules: RuleSet, *, count: int, entries: str, name: str, role: str
) -> dict[str, object]:
    """What the text of a summary may say: it is about no one ticket."""
    return {
        **dict.fromkeys(("ticket", "submitter", "owner", "team", "rule", "level")),
        **dict.fromkeys(("clock", "event", "question", "reopened", "bounced", "parent")),
        "recipient": {
            "name": clean_line(name, 80),
            "role": role,
            "language": rules.languages.default,
        },
        "digest": {"count": count, "entries": entries},
        **_site(rules),
    }


def _site(rules: RuleSet) -> dict[str, object]:
    return {
        "desk": {
            "name": rules.site.get("name", "Service Desk"),
            "reply_to": rules.site.get("reply_to", ""),
        },
        "instance": rules.site.get("instance", "kace-bridge"),
    }


def _ticket(rules: RuleSet, facts: Facts) -> dict[str, object]:
    ticket = facts.ticket
    base = rules.site.get("url", "").rstrip("/")
    return {
        "id": int(ticket.id),
        "title": clean_line(ticket.title, 120),
        "status": ticket.value("status") or "",
        "priority": ticket.value("priority") or "",
        "category": ticket.value("category") or "",
        "queue": ticket.value("queue") or "",
        "created": _stamp(ticket, "created"),
        "modified": _stamp(ticket, "modified"),
        "summary": ticket.summary[:MAX_QUOTE],
        "resolution": ticket.resolution[:MAX_QUOTE],
        "url": f"{base}/adminui/ticket.php?ID={ticket.id}" if base else "",
        "age": spell(facts.now - ticket.created) if ticket.created else "",
    }


def _stamp(ticket: Ticket, field: str) -> str:
    instant = ticket.stamp(field)
    return instant.strftime("%Y-%m-%d %H:%M") if instant else ""


def _person(person: Person | None, facts: Facts) -> dict[str, object]:
    if person is None:
        return {"name": "", "email": "", "user_name": ""}
    known = facts.desk.people.get(person.user_name, person)
    return {
        "name": clean_line(known.full_name or person.full_name or person.user_name, 80),
        "email": known.email or person.email,
        "user_name": person.user_name,
    }


def _event(event: Event, facts: Facts, internal: bool) -> dict[str, object]:
    author = facts.desk.people.get(event.author) if event.author else None
    return {
        "author": clean_line(author.shown if author else event.author or "", 80),
        "comment": _said(event, internal),
        "at": event.at.astimezone(facts.ticket.zone).strftime("%Y-%m-%d %H:%M"),
        "changes": [
            {"field": change.field, "before": change.before or "", "after": change.after or ""}
            for change in event.changes
        ],
    }


def _question(facts: Facts) -> dict[str, object] | None:
    """What staff last wrote to the submitter; an engineer's words stay theirs if we posted them."""
    said = [
        event
        for event in facts.timeline
        if event.kind is EventKind.COMMENTED and event.staff and event.public and event.comment
    ]
    asked = [event for event in said if not event.automatic]
    if not asked:
        return None
    shown = _event(asked[-1], facts, internal=False)
    return {"author": shown["author"], "comment": shown["comment"]} if shown["comment"] else None


def _clock(reading: Reading, facts: Facts) -> dict[str, object]:
    due = reading.due(_TARGET) if reading.running else None
    return {
        "name": reading.name,
        "worked": spell(reading.worked),
        "target": spell(reading.target) if reading.target is not None else "",
        "due": due.astimezone(facts.ticket.zone).strftime("%Y-%m-%d %H:%M") if due else "",
    }


def _reopened(facts: Facts, internal: bool) -> dict[str, object] | None:
    reopenings = [event for event in facts.timeline if event.kind is EventKind.REOPENED]
    if _reopens_now(facts) and facts.event is not None:
        reopenings.append(facts.event)
    if not reopenings:
        return None
    last = reopenings[-1]
    closings = [
        _said(event, internal)
        for event in facts.timeline
        if event.kind is EventKind.CLOSED and event.at <= last.at
    ]
    closing = facts.ticket.resolution or (closings[-1] if closings else "")
    return {
        "note": _said(last, internal),
        "count": len(reopenings),
        "closing_text": clean_text(closing)[:MAX_QUOTE],
    }


def _parent(rules: RuleSet, facts: Facts) -> dict[str, object] | None:
    if facts.parent is None:
        return None
    told = _ticket(rules, replace(facts, ticket=facts.parent))
    return {name: told[name] for name in ("id", "title", "status", "resolution", "url")}


def _bounced(facts: Facts) -> dict[str, object] | None:
    now = facts.event
    timeline = facts.timeline if now is None or now in facts.timeline else (*facts.timeline, now)
    moves = since_reopened(timeline, facts.desk)
    if not moves:
        return None
    entries = "\n".join(
        f"- {move.at.astimezone(facts.ticket.zone):%Y-%m-%d %H:%M}"
        f" {clean_line(facts.desk.person(move.by).shown, 80)}: {move.before} -> {move.after}"
        for move in moves
    )
    return {"count": len(moves), "way": way_of(moves), "entries": entries}


def _said(event: Event, internal: bool) -> str:
    return clean_text(event.comment)[:MAX_QUOTE] if event.public or internal else ""


def _reopens_now(facts: Facts) -> bool:
    """Whether a rule is just re-opening the ticket, so that history cannot show it yet."""
    was = facts.origin
    return was is not None and was.state == "closed" and facts.ticket.state != "closed"


def spell(length: timedelta) -> str:
    """A length of time for people: ``2 d 3 h``, ``3 h 5 min``, ``12 min``."""
    minutes = max(int(length.total_seconds()) // 60, 0)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"

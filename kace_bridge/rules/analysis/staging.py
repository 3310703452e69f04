"""Putting a made-up ticket on stage: records, history and events as the engine would see them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from kace_bridge.model.appliance_time import format_stamp
from kace_bridge.model.difference import diff
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.analysis.suggest import NOW, Appliance, Part
from kace_bridge.rules.events import show_event
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.picture import Picture
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_desk import SUBMITTER
from kace_bridge.rules.selftest_ticket import DEFAULTS, as_records

NUMBER = TicketId(101)
SAID, SAVED = "row:900", "row:990"
"""Causes of the (first) comment and of the change on a made-up ticket."""
_MINUTE = timedelta(minutes=1)
_PLAIN = ("id", "hd_queue_id")


@dataclass(frozen=True, slots=True)
class History:
    """What came before: how long ago it was submitted, last closed, how often re-opened."""

    age: timedelta = timedelta(days=2)
    closed_ago: timedelta | None = None
    reopened: int = 0
    origin: str = "portal"


@dataclass(slots=True)
class Draft:
    """Values chosen so far; ``comments`` are the scopes that need one, and who may read it."""

    fresh: bool
    comments: list[tuple[str, bool]]
    now: Part = field(default_factory=dict)
    was: Part = field(default_factory=dict)
    said: dict[str, Part] = field(default_factory=dict)
    history: History = field(default_factory=History)

    def put(self, cell: tuple[str, str], part: Part) -> None:
        when = cell[0]
        target = self.now if when == "now" else self.was if when == "was" else None
        (self.said.setdefault(when, {}) if target is None else target).update(part)

    def differs(self, cell: str) -> bool:
        """Whether the part *cell* was other than it is."""
        keys = {"words": ("title", "summary")}.get(cell, (cell,))
        now, was = {**DEFAULTS, **self.now}, {**DEFAULTS, **self.was}
        return any(now.get(key) != was.get(key) for key in keys)


def facts_of(cell: tuple[str, str], part: Part, rules: RuleSet, appliance: Appliance) -> Facts:
    """Just enough facts to judge terms about *part*."""
    desk = _desk(rules, appliance, {**part})
    ticket = _ticket(part, desk, appliance, History())
    if cell[0] == "was":
        return Facts(_ticket({}, desk, appliance, History()), NOW, desk, before=ticket)
    author = part.get("author")
    event = Event(
        EventKind.COMMENTED, NUMBER, NOW, "row:1", UserName(str(author)) if author else None,
        comment=str(part.get("comment", "")),
    )  # fmt: skip
    return Facts(ticket, NOW, desk, event=event if "event" in cell[0] else None)


def assemble(draft: Draft, rules: RuleSet, appliance: Appliance) -> Picture:
    """The picture *draft* describes, with the events the bridge would have seen."""
    values = {"submitter": Person(UserName(SUBMITTER), "", f"{SUBMITTER}@example.org"), **draft.now}
    if not draft.now.get("status"):
        values |= {"status": "New", "state": "stalled"}
    was = {**values, **draft.was}
    desk = _desk(rules, appliance, values, was)
    ticket = _ticket(values, desk, appliance, draft.history)
    before = None if draft.fresh else _ticket(was, desk, appliance, draft.history)
    events = tuple(_events(draft, ticket, before, desk))
    past = () if draft.fresh else tuple(_past(draft.history, before or ticket))
    states = {**appliance.states, str(values["status"]): str(values["state"])}
    return Picture(
        ticket=ticket, now=NOW, desk=desk, before=before, events=events,
        timeline=(*past, *events), episode=draft.history.reopened, states=states,
    )  # fmt: skip


def at_rest(picture: Picture) -> Picture:
    """The same ticket with nothing new: all that happened lies in its past."""
    return replace(picture, events=(), before=None)


def tell(picture: Picture) -> dict[str, object]:
    """*picture* as plain data for a reader: what is not as usual on it, and what happened."""
    record = picture.ticket
    usual = {**DEFAULTS, "submitter": SUBMITTER, "title": "A ticket"}
    shown: dict[str, object] = {}
    for key in record.record:
        value = record.value(key)
        if key not in ("id", "modified", "created") and value and usual.get(key) != value:
            shown[key] = value
    shown.pop("hd_queue_id", None)
    asker = record.submitter
    if asker is not None and (asker.location or asker.email != f"{asker.user_name}@example.org"):
        place = {"location": asker.location} if asker.location else {}
        shown["submitter"] = {"user_name": asker.user_name, "email": asker.email, **place}
    if picture.states.get(str(shown.get("status")), record.state) != record.state:
        shown["state"] = record.state
    created = record.created
    if created is not None and NOW - created > timedelta(days=1):
        shown["created"] = format_stamp(created, UTC)
    return {"ticket": shown, "events": [_shown(event) for event in picture.events]}


def _shown(event: Event) -> str:
    said = f": {event.comment}" if event.comment and event.kind is EventKind.COMMENTED else ""
    return show_event(event) + said


def _desk(rules: RuleSet, appliance: Appliance, *values: Mapping[str, object]) -> Desk:
    members = {user for team in rules.teams.values() for user in (*team.members, team.lead or "")}
    people = {user: Person(UserName(user), "", f"{user}@example.org") for user in members if user}
    for part in values:
        for value in part.values():
            if isinstance(value, Person):
                people[value.user_name] = value
    labels = {key.casefold(): key for part in values for key in part if _is_label(key)}
    return Desk(
        teams=rules.teams, groups=rules.groups, people=people, labels=labels,
        orders=appliance.orders,
    )  # fmt: skip


def _is_label(key: str) -> bool:
    """Whether *key* is a custom field's label, used as its key on a made-up ticket."""
    known = {*DEFAULTS, *_PLAIN, "state", "owner", "submitter", "approver", "machine", "asset",
             "resolution", "cc_list", "due_date", "author", "comment"}  # fmt: skip
    return key not in known and not key.startswith("custom_")


def _ticket(values: Part, desk: Desk, appliance: Appliance, history: History) -> Ticket:
    merged = {**DEFAULTS, **values}
    state = merged.pop("state", None) or appliance.states.get(str(merged["status"]), "opened")
    plain = {key: merged.pop(key) for key in _PLAIN if key in merged}
    names = {key: value.user_name if isinstance(value, Person) else value
             for key, value in merged.items() if key not in ("author", "comment")}  # fmt: skip
    states = {**appliance.states, str(merged["status"]): str(state)}
    record = {
        "id": int(NUMBER), "hd_queue_id": 1, "created": format_stamp(NOW - history.age, UTC),
        "modified": format_stamp(NOW, UTC), **as_records(names, desk, states), **plain,
    }  # fmt: skip
    return Ticket.from_api({key: value for key, value in record.items() if value is not None}, UTC)


def _events(draft: Draft, ticket: Ticket, before: Ticket | None, desk: Desk) -> Iterator[Event]:
    author = _author(draft.said.get("event0", {}), ticket)
    common = draft.said.get("event0", {}).get("comment", "")
    at = NOW - 5 * _MINUTE
    if draft.fresh:
        yield _event(EventKind.CREATED, NOW - draft.history.age, "created", author, ticket, desk,
                     via_email=draft.history.origin == "email")  # fmt: skip
    changes = diff(before, ticket) if before is not None else ()
    comments = list(draft.comments)
    if not comments and not changes and not draft.fresh:
        comments = [("event0", True)]
    for number, (scope, public) in enumerate(comments):
        said = draft.said.get(scope, {})
        yield _event(
            EventKind.COMMENTED, at + number * _MINUTE / 2,
            f"row:{900 + number}" if number else SAID, _author(said, ticket), ticket, desk,
            public=public,
            comment=str(said.get("comment") or "A comment"),
        )  # fmt: skip
    if changes:
        yield _event(EventKind.CHANGED, at + _MINUTE, SAVED, author, ticket, desk,
                     changes=changes, comment=str(common))  # fmt: skip
    crossing = _crossing(before, ticket)
    if crossing is not None:
        changed = changes or (FieldChange("state", None, "closed"),)
        yield _event(crossing, at + _MINUTE, SAVED, author, ticket, desk, changes=changed)


def _crossing(before: Ticket | None, ticket: Ticket) -> EventKind | None:
    was = before.state if before is not None else None
    if ticket.state == "closed" and was != "closed":
        return EventKind.CLOSED
    return EventKind.REOPENED if was == "closed" and ticket.state != "closed" else None


def _past(history: History, before: Ticket) -> Iterator[Event]:
    author = UserName("somebody") if history.origin == "phone" else _submitter(before)
    born = Event(
        EventKind.CREATED, NUMBER, NOW - history.age, "created", author,
        staff=history.origin == "phone", via_email=history.origin == "email",
    )  # fmt: skip
    closed_ago = history.closed_ago
    rounds = history.reopened + (closed_ago is not None)
    last = NOW - (closed_ago or timedelta(hours=2))
    start = min(NOW - history.age, last - (rounds + 1) * timedelta(hours=2))
    yield replace(born, at=start)
    for number in range(rounds):
        at = last - (rounds - 1 - number) * timedelta(hours=2)
        yield _state_event(EventKind.CLOSED, at, 2 * number, "opened", "closed")
        if number < rounds - 1 or before.state != "closed":
            yield _state_event(EventKind.REOPENED, at + _MINUTE, 2 * number + 1, "closed", "opened")


def _state_event(kind: EventKind, at: datetime, row: int, old: str, new: str) -> Event:
    return Event(kind, NUMBER, at, f"row:{100 + row}", UserName("somebody"),
                 changes=(FieldChange("state", old, new),))  # fmt: skip


def _event(
    kind: EventKind, at: datetime, cause: str, author: UserName | None, ticket: Ticket, desk: Desk,
    *, public: bool = True, via_email: bool = False, comment: str = "",
    changes: tuple[FieldChange, ...] = (),
) -> Event:  # fmt: skip
    asker = author == ticket.value("submitter")
    staff = not asker and (desk.is_staff(author) or author == ticket.value("owner"))
    return Event(kind, NUMBER, at, cause, author, staff, public, False, via_email, comment, changes)


def _author(said: Part, ticket: Ticket) -> UserName | None:
    named = said.get("author", "@submitter")
    if named == "@owner":
        owner = ticket.value("owner")
        return UserName(owner) if owner else None
    return _submitter(ticket) if named == "@submitter" else UserName(str(named))


def _submitter(ticket: Ticket) -> UserName | None:
    name = ticket.value("submitter")
    return UserName(name) if name else None

"""One entry of ``tests:`` read into a desk, a ticket and a timeline; every slip is named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.issue import suggest
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_desk import STATES, read_desk, somebody, zone_of
from kace_bridge.rules.selftest_ticket import TEXTS, read_ticket

KEYS = ("name", "ticket", "via", "timezone", "fixtures", "timeline", "expect")
FIXTURES = ("away", "open_tickets", "people", "turns", "statuses", "priorities", "labels",
            "parent")  # fmt: skip
ENTRY = ("at", "by", "comment", "set", "close", "reopen", "reply", "parent", "expect")
OF_PARENT = ("comment", "close", "reopen")
"""What can happen to a ticket's parent."""
EXPECT = (
    "assigned", "owner", "team", "rule", "level", "rules", "fields", "messages", "comments",
    "fired",
)  # fmt: skip
ACTS = {
    "comment": ("by", "text", "public"),
    "close": ("by", "resolution", "status", "text"),
    "reopen": ("by", "note", "status"),
    "reply": ("by", "text"),
}
SUBMITTER, OWNER = "submitter", "owner"
"""Authors whose name is looked up on the ticket when the act happens."""

_SETTABLE = (
    *TEXTS, "status", "state", "priority", "impact", "category", "owner", "submitter", "machine",
    "asset",
)  # fmt: skip
_CUSTOM = re.compile(r"custom_[1-9][0-9]*")
_FIRST_MOMENT = "2026-03-02T09:00"
"""Where a test does not say when: a plain Monday morning."""


@dataclass(frozen=True, slots=True)
class Save:
    """One save by one person: perhaps a comment, perhaps fields. It makes one history row."""

    author: str
    values: Mapping[str, str | None] = field(default_factory=dict)
    comment: str = ""
    public: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the timeline; ``heard`` is saved on the parent."""

    at: datetime
    saves: tuple[Save, ...] = ()
    heard: tuple[Save, ...] = ()
    expect: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A test ready to run. ``absences`` are spans (None: always) of people away."""

    ticket: Ticket
    via: str
    author: str | None
    desk: Desk
    states: Mapping[str, str]
    absences: Mapping[str, tuple[datetime, datetime] | None]
    entries: tuple[Entry, ...]
    expect: Mapping[str, object] | None
    parent: Ticket | None = None


def read_case(rules: RuleSet, data: Mapping[str, object]) -> tuple[Case | None, list[str]]:
    """The case that *data* describes, or what is wrong with it, one sentence each."""
    reader = _Reader(rules)
    case = reader.case(data)
    return (None, reader.problems) if reader.problems else (case, [])


class _Reader:
    """Gathers problems while reading, so that an admin sees all of them."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.problems: list[str] = []
        self.zone: tzinfo = zone_of(rules)

    def case(self, data: Mapping[str, object]) -> Case | None:
        self._keys(data, KEYS, "a test")
        self._set_zone(data.get("timezone"))
        fixtures = self._map(data.get("fixtures"), "fixtures")
        self._keys(fixtures, FIXTURES, "fixtures")
        states = {**STATES, **{str(k): str(v) for k, v in self._part(fixtures, "statuses").items()}}
        raw = dict(self._map(data.get("ticket"), "ticket"))
        via = str(raw.pop("via", None) or data.get("via") or "portal")
        if via not in ("portal", "phone", "email"):
            self.problems.append(f"unknown via '{via}'. Known: portal, phone, email.")
        author = raw.pop("by", None)
        created = self._instant(raw.pop("created", None) or _FIRST_MOMENT, "ticket.created")
        desk = read_desk(self.rules, fixtures, raw, self.problems)
        ticket = read_ticket(raw, created, self.zone, states, desk, self.problems)
        above = {"id": 100, **self._part(fixtures, "parent")}
        parent = read_ticket(above, created, self.zone, states, desk, self.problems)
        entries = self._entries(data.get("timeline"), created)
        self._statuses(entries, states)
        if ticket is None:
            return None
        if author is None:
            author = ticket.value("submitter") if via != "phone" else somebody(self.rules)
        return Case(
            ticket=ticket, via=via, author=str(author) if author else None, desk=desk,
            states=states, absences=self._absences(fixtures.get("away")), entries=tuple(entries),
            expect=self._expect(data.get("expect"), "expect"),
            parent=parent if "parent" in fixtures else None,
        )  # fmt: skip

    def _entries(self, raw: object, created: datetime) -> list[Entry]:
        if raw is None:
            return []
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            self.problems.append("'timeline' is a list of entries, each with 'at'.")
            return []
        found: list[Entry] = []
        last = created
        for number, data in enumerate(raw, start=1):
            where = f"timeline entry {number}"
            entry = self._entry(self._map(data, where), where)
            if entry.at < last:
                self.problems.append(
                    f"{where} ({entry.at:%Y-%m-%d %H:%M}) is before what precedes it."
                )
            last = max(last, entry.at)
            found.append(entry)
        return found

    def _entry(self, data: Mapping[str, object], where: str) -> Entry:
        self._keys(data, ENTRY, where)
        if "at" not in data:
            self.problems.append(f"{where} has no 'at'.")
        at = self._instant(data.get("at", _FIRST_MOMENT), f"{where}, at")
        by = str(data["by"]) if data.get("by") else None
        saves: list[Save] = []
        for name in ("set", "comment", "reply", "close", "reopen"):
            if name in data:
                save = self._act(name, data[name], by, where)
                if saves and saves[-1].author == save.author:
                    save = _together(saves.pop(), save)
                saves.append(save)
        above = self._part(data, "parent")
        self._keys(above, OF_PARENT, f"{where}, parent")
        heard = [self._act(name, above[name], by, where) for name in OF_PARENT if name in above]
        return Entry(at, tuple(saves), tuple(heard), self._expect(data.get("expect"), where))

    def _act(self, name: str, raw: object, by: str | None, where: str) -> Save:
        if name == "set":
            return self._set(self._map(raw, f"{where}, set"), by, where)
        data = {"text": raw} if isinstance(raw, str) else self._map(raw, f"{where}, {name}")
        self._keys(data, ACTS[name], f"{where}, {name}")
        asked = SUBMITTER if name in ("reply", "reopen") else OWNER
        author = str(data.get("by") or (by if name != "reply" else None) or asked)
        text = str(data.get("text") or data.get("note") or "")
        if name == "close":
            values = {"status": str(data.get("status", "Closed"))}
            if data.get("resolution") is not None:
                values["resolution"] = str(data["resolution"])
            return Save(author, values, text)
        if name == "reopen":
            return Save(author, {"status": str(data.get("status", "Reopened"))}, text)
        if not text:
            self.problems.append(f"{where}: '{name}' needs a text.")
        return Save(author, {}, text, data.get("public", True) is not False)

    def _set(self, data: Mapping[str, object], by: str | None, where: str) -> Save:
        values = {
            str(key): None if value is None else str(value)
            for key, value in data.items()
            if key != "by"
        }
        for key in values:
            if key not in _SETTABLE and not _CUSTOM.fullmatch(key):
                cure = suggest(key, [*_SETTABLE, "custom_1"])
                self.problems.append(f"{where}: unknown field '{key}'. {cure}".rstrip())
        if not values:
            self.problems.append(f"{where}: 'set' names no field.")
        return Save(str(data.get("by") or by or OWNER), values)

    def _statuses(self, entries: Iterable[Entry], states: Mapping[str, str]) -> None:
        for entry in entries:
            for save in entry.saves:
                status = save.values.get("status")
                if status is not None and status not in states and "state" not in save.values:
                    self.problems.append(unknown_status(status, states))

    def _expect(self, raw: object, where: str) -> Mapping[str, object] | None:
        if raw is None:
            return None
        data = self._map(raw, where)
        self._keys(data, EXPECT, f"{where}, expect" if where != "expect" else "expect")
        named: list[object] = []
        for key in ("rule", "rules"):
            value = data.get(key, [])
            named += value if isinstance(value, list) else [value]
        known = [rule.id for rule in self.rules.rules]
        self.problems += [
            f"there is no rule '{name}'. {suggest(str(name), known)}".rstrip()
            for name in named
            if name not in known
        ]
        team = data.get("team")
        if team is not None and str(team) not in self.rules.teams:
            cure = suggest(str(team), self.rules.teams)
            self.problems.append(f"there is no team '{team}'. {cure}".rstrip())
        return data

    def _absences(self, raw: object) -> dict[str, tuple[datetime, datetime] | None]:
        if raw is None:
            return {}
        if isinstance(raw, list):
            return {str(user): None for user in raw}
        return {str(user): self._span(str(span)) for user, span in self._map(raw, "away").items()}

    def _span(self, text: str) -> tuple[datetime, datetime]:
        """``2026-03-02/2026-03-06``: both days included."""
        first, _, last = text.partition("/")
        start = self._instant(first, "away")
        end = self._instant(last or first, "away")
        whole = "T" not in (last or first) and " " not in (last or first).strip()
        return start, end + timedelta(days=1) if whole else end

    def _instant(self, raw: object, where: str) -> datetime:
        try:
            if isinstance(raw, datetime):
                stamp = raw
            elif isinstance(raw, date):
                stamp = datetime.combine(raw, time())
            else:
                stamp = datetime.fromisoformat(str(raw).strip())
        except ValueError:
            self.problems.append(f"{where}: '{raw}' is not a time. Write 2026-03-06T16:00.")
            stamp = datetime.fromisoformat(_FIRST_MOMENT)
        return stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=self.zone)

    def _set_zone(self, name: object) -> None:
        if name is None:
            return
        try:
            self.zone = ZoneInfo(str(name))
        except (KeyError, ValueError, OSError):
            self.problems.append(f"timezone: '{name}' is not one. Write it like America/New_York.")

    def _keys(self, data: Mapping[str, object], known: Sequence[str], where: str) -> None:
        for key in data:
            if key not in known:
                self.problems.append(
                    f"unknown key '{key}' in {where}. {suggest(key, known)}".rstrip()
                )

    def _part(self, data: Mapping[str, object], key: str) -> Mapping[str, object]:
        return self._map(data.get(key), key)

    def _map(self, raw: object, where: str) -> Mapping[str, object]:
        if raw is None:
            return {}
        if isinstance(raw, Mapping):
            return raw
        self.problems.append(f"{where} is a map of keys to values.")
        return {}


def unknown_status(status: str, states: Mapping[str, str]) -> str:
    """What to say about a status whose state nobody told."""
    cure = suggest(status, states)
    told = cure if cure.startswith("Did") else ""
    return (
        f"the state of status '{status}' is not known. {told} Else write"
        f" fixtures: {{statuses: {{{status}: opened}}}}."
    ).replace("  ", " ")


def _together(first: Save, second: Save) -> Save:
    """Two acts of one person in one entry are one save, as the appliance's form makes them."""
    comment = "\n\n".join(text for text in (first.comment, second.comment) if text)
    public = (first.public or not first.comment) and (second.public or not second.comment)
    return Save(first.author, {**first.values, **second.values}, comment, public)

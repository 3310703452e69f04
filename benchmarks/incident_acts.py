"""A ServiceNow-like event log read as acts of people on a fresh appliance's tickets.

Pure, from the log alone; imports nothing of the program. One row of the log is one update of one
incident. It becomes one save by the engineer who made it, and where the row can only come from
the submitter (the note that re-opens, the answer that ends a wait), a save of theirs before it.
The log tells who changed which field, not what was said; so what was said follows these rules:

- The call is logged (or the mail arrives) at ``opened_at``; the ticket starts as New.
- Leaving New for Active is taking the ticket: nothing is said. Asking, closing and handing on to
  a vendor are said in public, and so is an update of a ticket in work that changes no field.
- An update that changes no field of a ticket still New or already closed is a private note.
- Resolved and Closed are both Closed here: the log's second step is bookkeeping, days later.
- A closed incident that is open again was re-opened by its submitter, with a note.
- Awaiting User Info that becomes Active was answered by the submitter, by mail.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

STATUSES = {
    "New": "New", "Active": "Opened", "Awaiting User Info": "Need More Info",
    "Awaiting Evidence": "Waiting on Customer", "Awaiting Problem": "Waiting on Third Party",
    "Awaiting Vendor": "Waiting on Third Party", "Resolved": "Closed", "Closed": "Closed",
}  # fmt: skip
PRIORITIES = {"1": "High", "2": "High", "3": "Medium", "4": "Low"}
ENGINEERS = 40
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Act:
    """One save by one person; ``at`` is the appliance's wall clock, without a zone.

    ``via`` is set on the creation alone. A field is None where the save does not touch it.
    """

    at: datetime
    incident: str
    who: str
    submitter: bool = False
    via: str = ""
    comment: str = ""
    private: bool = False
    by_mail: bool = False
    status: str | None = None
    owner: str | None = None
    priority: str | None = None

    @property
    def changes(self) -> bool:
        """Whether the save changes a field, not only adds a comment."""
        return bool(self.status or self.owner or self.priority)


@dataclass(frozen=True, slots=True)
class Incident:
    """One ticket's life as acts in their order, the creation first."""

    number: str
    submitter: str
    acts: tuple[Act, ...]


Row = Mapping[str, str]


def read_log(path: Path) -> list[Incident]:
    """Every incident of the log, by the instant it was opened."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig") as file:
        return incidents(csv.DictReader(file))


def incidents(rows: Iterable[Row]) -> list[Incident]:
    """The rows as incidents; rows of one incident may stand apart, but in their order."""
    lives: dict[str, list[Row]] = {}
    for row in rows:
        lives.setdefault(row["number"], []).append(row)
    found = [_incident(number, life) for number, life in lives.items()]
    return sorted(found, key=lambda incident: (incident.acts[0].at, incident.number))


def engineer(number: str) -> str:
    """The engineer who stands for a person of the log: many people, forty desks."""
    return f"eng{int(number) % ENGINEERS:02}"


def _incident(number: str, life: Sequence[Row]) -> Incident:
    asker = life[0]["caller_id"]
    submitter = f"caller{asker if asker != UNKNOWN else number}"
    acts = tuple(_acts(number, submitter, sorted(life, key=lambda row: _at(row, "sys_updated_at"))))
    return Incident(number, submitter, acts)


def _acts(number: str, submitter: str, life: Sequence[Row]) -> Iterator[Act]:
    first = life[0]
    status, owner = "New", _owner(first)
    priority = PRIORITIES[first["priority"][:1]]
    opened = _at(first, "opened_at")
    if first["contact_type"] == "Email":
        yield Act(opened, number, submitter, submitter=True, via="email", priority=priority)
        owner = None
    else:
        by = _person(first, "opened_by")
        yield Act(opened, number, by, via="phone", owner=owner, priority=priority)
    for place, row in enumerate(life):
        at = max(_at(row, "sys_updated_at"), opened)
        wanted = _status(status, row)
        chosen = _owner(row) if _owner(row) not in (None, owner) else None
        weight = PRIORITIES[row["priority"][:1]]
        save = Act(
            at, number, _person(row, "sys_updated_by"),
            status=wanted if wanted != status else None, owner=chosen,
            priority=weight if weight != priority else None,
        )  # fmt: skip
        if place or save.changes:
            yield from _saves(save, status, submitter, row["incident_state"])
        status, owner, priority = wanted, chosen or owner, weight


def _saves(save: Act, status: str, submitter: str, state: str) -> Iterator[Act]:
    """What the people did who left this row: the submitter's part, then the engineer's."""
    his = _Part(save.at, save.incident, submitter)
    if status == "Closed" and save.status is not None:
        yield his.note("It happens again.", status="Reopened")
        rest = None if save.status == "Reopened" else save.status
        if rest or save.owner or save.priority:
            yield _said(save, rest, "One question about this." if rest else "")
        return
    if status == "Need More Info" and save.status == "Opened":
        yield his.note("Here is what you asked for.", by_mail=True)
        yield _said(save, "Opened", "")
    elif save.status is not None and save.status != "New":
        yield _said(save, save.status, "" if save.status == "Opened" else _words(save.status))
    elif save.changes:
        yield save
    elif state != "Closed":
        yield _said(save, None, "Looked into it.", private=status in ("New", "Closed"))


@dataclass(frozen=True, slots=True)
class _Part:
    at: datetime
    incident: str
    who: str

    def note(self, words: str, *, status: str | None = None, by_mail: bool = False) -> Act:
        return Act(self.at, self.incident, self.who, submitter=True, comment=words,
                   status=status, by_mail=by_mail)  # fmt: skip


def _said(save: Act, status: str | None, words: str, *, private: bool = False) -> Act:
    return Act(save.at, save.incident, save.who, comment=words, private=private, status=status,
               owner=save.owner, priority=save.priority)  # fmt: skip


def _words(status: str) -> str:
    return {"Closed": "Solved.", "Need More Info": "Which machine is it?"}.get(
        status, "We wait for somebody else."
    )


def _status(present: str, row: Row) -> str:
    """The status the row asks for; a re-opened ticket in work is Reopened."""
    wanted = STATUSES[row["incident_state"]]
    if present in ("Closed", "Reopened") and wanted in ("New", "Opened"):
        return "Reopened"
    return wanted


def _owner(row: Row) -> str | None:
    return None if row["assigned_to"] == UNKNOWN else engineer(row["assigned_to"])


def _person(row: Row, column: str) -> str:
    return engineer(row[column] if row[column] != UNKNOWN else "0")


def _at(row: Row, column: str) -> datetime:
    return datetime.strptime(row[column], "%d/%m/%Y %H:%M")  # noqa: DTZ007 -- a wall clock

"""What each sync can know of an incident; pure, from its acts and the instants of the syncs.

The appliance shows a ticket as it is now, and history rows with their time, author and comment,
but not which field a row changed, nor from what. So a sync knows every comment with its own time,
and of the status only the net change since the last sync. That change is dated by the last row
since then that changed anything; a re-opening by the first, because what follows is work on a
ticket already open. A ticket first seen has its status since its creation; seen closed, it was
closed by the last row that changed something.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchmarks.incident_acts import Act, Incident


@dataclass(frozen=True, slots=True)
class Seen:
    """Something a sync knows: ``created``, ``staff`` or ``submitter`` said something in public, or
    ``moved`` from one status to another."""

    at: datetime
    what: str
    before: str = ""
    after: str = ""


@dataclass(slots=True)
class Look:
    """What one sync finds new about one ticket, and how the ticket reads then."""

    sync: datetime
    seen: list[Seen]
    owner: str | None
    priority: str | None
    crossing: str = ""  # closed or reopened
    when: datetime | None = None


def looks(incident: Incident, syncs: Sequence[datetime], *, exact: bool = False) -> list[Look]:
    """The acts as syncs find them; those after the last sync are never found."""
    batches: dict[int, list[Act]] = {}
    for act in incident.acts:
        batches.setdefault(bisect_left(syncs, act.at), []).append(act)
    found, status = [], ""
    for place, batch in sorted(batches.items()):
        if place == len(syncs):
            break
        look = Look(syncs[place], [], _last(batch, "owner"), _last(batch, "priority"))
        before, status = status, _last(batch, "status") or status or "New"
        look.seen = _one_by_one(batch, before) if exact else _net(batch, before, status)
        if (before == "Closed") != (status == "Closed"):
            look.crossing = "closed" if status == "Closed" else "reopened"
        look.when = _when(batch, look.crossing)
        found.append(look)
    return found


def _when(batch: Sequence[Act], crossing: str) -> datetime:
    changing = [act.at for act in batch if act.changes or act.via] or [batch[-1].at]
    return changing[0] if crossing == "reopened" else changing[-1]


def _net(batch: Sequence[Act], before: str, status: str) -> list[Seen]:
    """Comments by themselves; one change of status, placed among the rows where it is dated."""
    changing = [act for act in batch if act.changes]
    reopened = before == "Closed" and status != "Closed"
    turn = (changing[0] if reopened else changing[-1]) if changing else None
    fresh = not before
    found = [Seen(batch[0].at, "created", after=status if status != "Closed" else "New")] * fresh
    before = found[0].after if fresh else before
    for act in batch:
        moved = act is turn and status != before
        said = _said(act)
        if moved and not reopened:
            found += [*said, Seen(act.at, "moved", before, status)]
        elif moved:
            found += [Seen(act.at, "moved", before, status)]
        else:
            found += said
    return found


def _one_by_one(batch: Sequence[Act], before: str) -> list[Seen]:
    found: list[Seen] = []
    for act in batch:
        if act.via:
            found.append(Seen(act.at, "created", after="New"))
            before = "New"
        said = _said(act)
        turns = act.status is not None and act.status != before
        found += said if not turns or before != "Closed" else []
        if act.status is not None and turns:
            found.append(Seen(act.at, "moved", before, act.status))
            before = act.status
    return found


def _said(act: Act) -> list[Seen]:
    if not act.comment or act.private:
        return []
    return [Seen(act.at, "submitter" if act.submitter else "staff")]


def _last(batch: Iterable[Act], name: str) -> str | None:
    values = [getattr(act, name) for act in batch]
    return next((value for value in reversed(values) if value), None)

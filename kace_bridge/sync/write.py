"""One write per ticket: planned effects gathered, checked against a fresh reading, put in one body.

Pure: the appliance's answer comes in, what to send and what to give up comes out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kace_bridge.model.difference import diff
from kace_bridge.model.digest import digest_record
from kace_bridge.model.event import Event
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.state.rows import EffectRow, FinishState, Part, Snapshot
from kace_bridge.sync.detect import MARK, Known, Watcher, detect, marks_in
from kace_bridge.sync.naming import is_named, reads

HIDDEN = "a public comment went out in the same request, and there is room for one"

Resolver = Callable[[str, str], int]
"""The number behind a field's name, for one queue."""


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be done about one ticket's planned effects.

    ``values`` are names still to be set; ``send`` the parts that go out in this one request;
    ``settled`` parts that need none, by the state they end in, with the reason.
    """

    values: Mapping[str, str | None] = field(default_factory=dict)
    comment: str = ""
    owners_only: bool = True
    send: tuple[Part, ...] = ()
    settled: tuple[tuple[Part, FinishState, str], ...] = ()


def prepare(
    effects: Sequence[EffectRow],
    snapshot: Snapshot | None,
    fresh: Ticket,
    rows: Sequence[HistoryEntry],
    notes: Mapping[str, str],
) -> Write:
    """Compare *effects* with the ticket as it is now.

    A mark already on the ticket means the effect happened (the store may be younger than the
    world). A field somebody changed since the plan stays theirs. A level decided on a ticket
    that has moved since is withdrawn, to be judged again. *notes* say per decision what it did
    and why; they become an owners-only comment where no public one goes out.
    """
    marks = marks_in(rows)
    moved = snapshot is None or digest_record(fresh.record) != snapshot.digest
    values: dict[str, str | None] = {}
    send: list[Part] = []
    texts: list[tuple[EffectRow, bool]] = []
    settled: list[tuple[Part, FinishState, str]] = []
    for effect in effects:
        part = (effect.decision, effect.part)
        if effect.decision[:8] in marks:
            settled.append((part, "applied", "its mark is on the ticket"))
        elif effect.phase == "escalate" and moved:
            settled.append((part, "withdrawn", "the ticket moved on since this was planned"))
        elif effect.kind == "comment":
            texts.append((effect, effect.public))
            send.append(part)
        else:
            wanted, lost = _compare(effect, fresh)
            if lost:
                settled.append((part, "conflict", lost))
            elif not wanted:
                settled.append((part, "noop", "the ticket already reads so"))
            else:
                values.update(wanted)
                send.append(part)
    public = any(shown for _, shown in texts)
    if public:
        hidden = [(effect.decision, effect.part) for effect, shown in texts if not shown]
        send, given_up = _without_hidden(send, hidden)
        for left in given_up:
            settled.append((left, "superseded", HIDDEN))
    return Write(
        values=values,
        comment=_comment(send, texts, public, notes),
        owners_only=not public,
        send=tuple(send),
        settled=tuple(settled),
    )


def _without_hidden(send: Sequence[Part], hidden: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """What goes out beside a public comment, and which owners-only comments never can.

    One request has room for one comment. An owners-only one stays planned for the next run,
    unless its decision is written now: its mark would then say that all of it is done.
    """
    left = [part for part in send if part not in hidden]
    written = {decision for decision, _ in left}
    return left, [part for part in hidden if part[0] in written]


def _compare(effect: EffectRow, fresh: Ticket) -> tuple[dict[str, str | None], str]:
    wanted: dict[str, str | None] = {}
    for name, value in effect.values.items():
        now = fresh.value(name)
        if reads(fresh, name, value):
            continue
        if now != effect.before.get(name):
            return {}, f"{name} is now {now!r}, set by somebody else since the plan"
        wanted[name] = value
    return wanted, ""


def _comment(
    send: Sequence[Part],
    texts: Sequence[tuple[EffectRow, bool]],
    public: bool,
    notes: Mapping[str, str],
) -> str:
    if not send:
        return ""
    decisions = list(dict.fromkeys(decision for decision, _ in send))
    marks = " ".join(f"[kb:{decision[:8]}]" for decision in decisions)
    said = [effect.text for effect, shown in texts if shown == public]
    if not public:
        said += [notes[decision] for decision in decisions if decision in notes]
    return "\n".join([*(MARK.sub("", text).strip() for text in said if text), marks])


def outcome(
    write: Write, seen: Ticket | None, rows: Sequence[HistoryEntry]
) -> tuple[FinishState, str]:
    """What became of a *write* the appliance said yes to, by the ticket read back; and why.

    Unknown where the comment is not there: it may still come, and is sent again by itself if not.
    """
    if seen is None:
        return "applied", ""
    marks = marks_in(rows)
    ours = [marks[decision[:8]] for decision, _ in write.send if decision[:8] in marks]
    missing = [name for name, value in write.values.items() if not reads(seen, name, value)]
    # A change saved after our row is somebody else's: the field is theirs, not ignored.
    overtaken = bool(ours) and any(row.id > max(ours) and row.description for row in rows)
    if missing and not overtaken:
        return "failed", f"the appliance accepted it, but {', '.join(missing)} did not change"
    if write.comment and not ours:
        return "unknown", "the appliance accepted it, but its comment is not there"
    return "applied", ""


def take_over(
    snapshot: Snapshot, fresh: Ticket, rows: Sequence[HistoryEntry]
) -> tuple[Snapshot, tuple[Event, ...]] | None:
    """What is known once our write is read back: the ticket, and what we did to it as events.

    None where a row of somebody else is among the new ones, or none at all: the next sync then
    sees everything, and tells ours from theirs. A row of ours alone makes all that differs ours,
    what the appliance adds by itself when saving (a due date, a time of opening) included.
    """
    newer = [row for row in rows if row.id > snapshot.last_row]
    if not newer or not all(MARK.search(row.comment) for row in newer):
        return None
    known = Known(Ticket(snapshot.record, fresh.zone), ChangeId(snapshot.last_row),
                  snapshot.episode)  # fmt: skip
    differing = {change.field: change.after for change in diff(known.ticket, fresh)}
    found = detect(known, fresh, newer, Watcher(lambda _: True, _named_author, differing))
    record = {key: value for key, value in fresh.record.items() if key != "changes"}
    after = replace(
        snapshot, queue=fresh.queue_id, record=record, digest=digest_record(record),
        modified=fresh.text("modified"), last_row=found.last_row, owner=fresh.value("owner"),
        state=fresh.state, status=fresh.value("status"), episode=found.episode, gone_at=None,
    )  # fmt: skip
    return after, found.events


def _named_author(row: HistoryEntry) -> UserName | None:
    return row.author.user_name if row.author else None


def as_ids(values: Mapping[str, str | None], resolve: Resolver) -> dict[str, object]:
    """*values* by name as the appliance wants them: references and people by number.

    Clearing a reference sends 0 (contract section 4.4). Raises what *resolve* raises for names
    the queue does not know.
    """
    body: dict[str, object] = {}
    for name, value in values.items():
        if is_named(name):
            key = "hd_queue_id" if name == "queue" else name
            body[key] = 0 if value is None else resolve(name, value)
        else:
            body[name] = "" if value is None else value
    return body

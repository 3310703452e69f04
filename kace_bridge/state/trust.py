"""Whether the appliance is still the one that is known, and learning it anew where it is not."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.state.codec import dump, fetch_in, load, to_us
from kace_bridge.state.cursor import read_meta, write_meta
from kace_bridge.state.database import Connection
from kace_bridge.state.ledger import finish_parts
from kace_bridge.state.rows import Part

SAFE = "safe_mode"
"""Meta entry: why nothing may be written, as JSON; empty where all is well."""
EPOCH = "appliance_epoch"
"""Meta entry: how often the appliance was restored; part of the identity of every decision."""
ACCEPT = "census_accepted"
_OPEN = (
    "SELECT decision, part FROM effect WHERE state IN ('planned', 'held', 'intent', 'unknown') "
    "ORDER BY decision, part"
)
_WITNESSES = (
    "SELECT ticket, created FROM snapshot WHERE gone_at IS NULL AND created <> '' "
    "AND (state IS NULL OR state <> 'closed') ORDER BY ticket DESC LIMIT ?"
)
_LEARNT = ("DELETE FROM snapshot", "DELETE FROM event", "DELETE FROM due", "DELETE FROM cursor")


def write_doubt(c: Connection, reason: str, run: str, at: datetime) -> None:
    write_meta(c, SAFE, dump({"reason": reason, "run": run, "since": to_us(at)}))


def read_doubt(c: Connection) -> Mapping[str, object]:
    """``reason``, ``run`` and ``since``; empty where the appliance is trusted."""
    text = read_meta(c, SAFE)
    return dict(load(text)) if text else {}


def clear_doubt(c: Connection) -> None:
    """What is seen next is true: the organization, the numbers, the tickets that are left."""
    write_meta(c, SAFE, "")
    write_meta(c, ACCEPT, "1")
    c.execute("DELETE FROM meta WHERE name IN ('newest_row', 'appliance_pin')")


def take_acceptance(c: Connection) -> bool:
    """Whether tickets may vanish this once, however many: somebody has said so."""
    accepted = read_meta(c, ACCEPT) == "1"
    if accepted:
        write_meta(c, ACCEPT, "")
    return accepted


def read_epoch(c: Connection) -> int:
    return int(read_meta(c, EPOCH) or 0)


def relearn(c: Connection) -> list[Part]:
    """Forget what tickets looked like and raise the epoch; the effects withdrawn with it.

    Decisions stay: what was done stays explained, and none of them stands for a new ticket that
    has an old one's number, since their identity names the epoch.
    """
    open_parts: list[Part] = [(decision, part) for decision, part in c.execute(_OPEN)]
    if open_parts:
        finish_parts(c, open_parts, "withdrawn", "the appliance was restored", None)
    for sql in _LEARNT:
        c.execute(sql)
    c.execute("DELETE FROM meta WHERE name = 'learnt'")
    c.execute("DELETE FROM meta WHERE substr(name, 1, 7) = 'queues:'")
    write_meta(c, EPOCH, str(read_epoch(c) + 1))
    return open_parts


def read_known(c: Connection, queues: Iterable[QueueId], closed_since: str) -> list[TicketId]:
    """The tickets of *queues* that are not gone, by number; the closed ones from then on."""
    return sorted(
        TicketId(ticket)
        for queue in dict.fromkeys(queues)
        for (ticket,) in c.execute(
            "SELECT ticket FROM snapshot WHERE queue = ? AND gone_at IS NULL "
            "AND (state IS NULL OR state <> 'closed' OR modified >= ?)",
            (queue, closed_since),
        )
    )


def count_known(c: Connection, queues: Iterable[QueueId], upto: int) -> int:
    """How many tickets of *queues* are known and not gone; counting ends at *upto*."""
    sql = (
        "SELECT COUNT(*) FROM (SELECT 1 FROM snapshot WHERE gone_at IS NULL "  # noqa: S608
        f"AND queue IN (...) LIMIT {int(upto)}) AS known"
    )
    counts = (int(count) for (count,) in fetch_in(c, sql, dict.fromkeys(queues)))
    return min(sum(counts), upto)


def count_open(c: Connection, queues: Iterable[QueueId]) -> int:
    sql = (
        "SELECT COUNT(*) FROM snapshot WHERE queue = ? AND gone_at IS NULL "
        "AND (state IS NULL OR state <> 'closed')"
    )
    return sum(int(c.execute(sql, (queue,)).fetchone()[0]) for queue in dict.fromkeys(queues))


def read_witnesses(c: Connection, limit: int) -> dict[TicketId, str]:
    """The newest open tickets, each with the moment of its creation as the appliance wrote it."""
    return {TicketId(ticket): created for ticket, created in c.execute(_WITNESSES, (limit,))}


def mark_gone(c: Connection, tickets: Iterable[TicketId], at: datetime) -> None:
    """They are on no list any more. Should one come back, its empty digest makes it news."""
    c.executemany(
        "UPDATE snapshot SET gone_at = ?, digest = '' WHERE ticket = ? AND gone_at IS NULL",
        [(to_us(at), ticket) for ticket in tickets],
    )

"""Facts of lists and tickets that reading alone tells."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from kace_bridge.doctor.probe.conversation import Conversation
from kace_bridge.doctor.probe.fact import (
    Fact,
    fields_of,
    guarded,
    key_names,
    kinds,
    rows_of,
    shape_of,
)
from kace_bridge.model.people import to_int
from kace_bridge.sma.exchange import Reply
from kace_bridge.sma.replies import Row

TICKETS = "/api/service_desk/tickets"
QUEUES = "/api/service_desk/queues"
LEVELS = ("limited", "standard", "extended", "all")
FAR = 1_000_000
"""Added to the highest ticket number, for one there surely is none of."""
SAMPLE, WINDOW = 100, 2000
SIZES = (500, 1000, 2000)
BROKEN = {
    "unknown field": "no_such_field eq 1",
    "wrong kind": "id gt abc",
    "unknown operator": "id resembles 1",
}


def measure_reading(talk: Conversation, zone: tzinfo) -> Iterator[Fact]:
    """Every fact that needs no writing, except the session's own."""
    ask = guarded
    yield from ask("U8", "Answer for a ticket there is none of", lambda: _unknown(talk))
    yield from ask("U9", "Answers to broken filters", lambda: _broken(talk))
    yield from ask("3.5", "Count and Warnings", lambda: _counts(talk))
    yield from ask("3.3", "Is the offset honoured?", lambda: _offset(talk))
    yield from ask("3.1", "Do filter and sorting on id hold over pages?", lambda: _keyset(talk))
    yield from ask("U12", "Rows received for a page size; 0 and ALL", lambda: _sizes(talk))
    yield from ask("3.4", "Keys of a ticket by shaping level", lambda: _levels(talk))
    yield from ask(
        "U14", "Keys of 'hd_ticket all' for times, work and parents", lambda: _rare(talk)
    )
    yield from ask("4.6", "Does 'changes all' come inline?", lambda: _inline(talk))
    yield from ask("Q12", "Status with related tickets shaped", lambda: _related(talk))
    yield from ask("Q13", "Do lists carry custom fields?", lambda: _custom(talk))
    yield from ask("4.10", "Keys of queues, fields and template", lambda: _queues(talk))
    yield from ask("U6", "Offset of dates, in minutes", lambda: _zone(talk, zone))


def list_tickets(talk: Conversation, **query: str) -> list[Row]:
    """Rows of a ticket list; none where it is refused."""
    return rows_of(talk.get(TICKETS, **query), "Tickets") or []


def minutes_of(span: timedelta) -> int:
    """Minutes to the nearest quarter of an hour, the finest a zone has."""
    return round(span / timedelta(minutes=15)) * 15


def read_stamp(text: object) -> datetime | None:
    """An appliance date as it stands, without a zone."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 -- has none
    except ValueError:
        return None


def _top(talk: Conversation) -> int:
    """The highest ticket number; 0 where there is none."""
    rows = list_tickets(talk, sorting="id desc", paging="limit 1 offset 0")
    return max((to_int(row.get("id")) or 0 for row in rows), default=0)


def _ids(rows: Sequence[Row]) -> list[int]:
    return [number for row in rows if (number := to_int(row.get("id")))]


def _unknown(talk: Conversation) -> dict[str, Any]:
    reply = talk.get(f"{TICKETS}/{_top(talk) + FAR}")
    rows = rows_of(reply, "Tickets")
    return shape_of(reply) | ({"rows": len(rows)} if rows is not None else {})


def _broken(talk: Conversation) -> dict[str, Any]:
    return {
        name: shape_of(talk.get(TICKETS, filtering=text, paging="limit 1 offset 0"))
        for name, text in BROKEN.items()
    }


def _counts(talk: Conversation) -> dict[str, Any]:
    one = "limit 1 offset 0"
    plain = fields_of(talk.get(TICKETS, paging=one))
    without = fields_of(talk.get(TICKETS, paging=one, use_count="false"))
    only = fields_of(talk.get(TICKETS, paging=one, use_count_only="true"))
    total, rows = to_int(plain.get("count")), plain.get("tickets")
    return {
        "count": "count" in plain,
        "count_is_total": None if total is None or total < 2 else len(rows or ()) < total,
        "warnings": "warnings" in plain,
        "use_count=false drops it": "count" not in without,
        "use_count_only drops rows": "tickets" not in only,
    }


def _offset(talk: Conversation) -> bool | None:
    """None where there are too few tickets to tell."""
    pages = [
        _ids(list_tickets(talk, sorting="id asc", paging=f"limit 2 offset {offset}"))
        for offset in (0, 1)
    ]
    if len(pages[0]) < 2:
        return None
    return pages[1][:1] == pages[0][1:2]


def _keyset(talk: Conversation) -> dict[str, Any] | None:
    whole = _ids(list_tickets(talk, sorting="id asc", paging=f"limit {SAMPLE} offset 0"))
    if len(whole) < 2:
        return None
    size = max(1, len(whole) // 4)
    read: list[int] = []
    filtered = True
    while len(read) < len(whole):
        last = read[-1] if read else 0
        page = _ids(list_tickets(
            talk, filtering=f"id gt {last}", sorting="id asc", paging=f"limit {size} offset 0"
        ))  # fmt: skip
        if not page or min(page) <= last:
            filtered = not page
            break
        read += page
    return {
        "filter": filtered,
        "sorting": all(a < b for a, b in pairwise(whole)),
        "same_rows": read[: len(whole)] == whole,
    }


def _sizes(talk: Conversation) -> dict[str, Any] | None:
    """Within the newest numbers only, so that nothing large is asked of a large desk."""
    top = _top(talk)
    if not top:
        return None
    window = f"id gt {max(0, top - WINDOW)}"

    def received(limit: object) -> int:
        paging = f"limit {limit} offset 0"
        query = {"filtering": window, "paging": paging, "shaping": "hd_ticket limited"}
        return len(list_tickets(talk, **query))

    return {
        "there": to_int(fields_of(talk.get(TICKETS, filtering=window)).get("count")),
        "without_paging": len(list_tickets(talk, filtering=window)),
        **{f"limit {limit}": received(limit) for limit in (*SIZES, 0, "ALL")},
    }


def _levels(talk: Conversation) -> dict[str, Any]:
    return {level: _keys(_sample(talk, f"hd_ticket {level}")) for level in LEVELS}


def _rare(talk: Conversation) -> list[str]:
    seen = _keys(_sample(talk, "hd_ticket all"))
    parts = (
        "time",
        "escalat",
        "notified",
        "work",
        "satisf",
        "survey",
        "parent",
        "child",
        "process",
    )
    return [name for name in seen if any(part in name for part in parts)]


def _sample(talk: Conversation, shaping: str) -> list[Row]:
    return list_tickets(talk, sorting="id desc", paging=f"limit {SAMPLE} offset 0", shaping=shaping)


def _keys(rows: Sequence[Row]) -> list[str]:
    return key_names({key for row in rows for key in row})


def _inline(talk: Conversation) -> dict[str, Any] | None:
    rows = _sample(talk, "hd_ticket limited,changes all")
    if not rows:
        return None
    given = [row["changes"] for row in rows if isinstance(row.get("changes"), list)]
    changes = [change for some in given for change in some if isinstance(change, dict)]
    return {"tickets_with": len(given) == len(rows), "keys": _keys(changes)}


def _related(talk: Conversation) -> int:
    shaping = "hd_ticket limited,related_tickets limited,referring_tickets limited"
    return talk.get(TICKETS, paging="limit 1 offset 0", shaping=shaping).status


def _custom(talk: Conversation) -> bool | None:
    """None where no ticket looked at has one."""
    listed = list_tickets(
        talk, sorting="id desc", paging="limit 5 offset 0", shaping="hd_ticket all"
    )
    if any("custom_" in key for row in listed for key in row):
        return True
    for number in _ids(listed):
        rows = rows_of(talk.get(f"{TICKETS}/{number}", shaping="hd_ticket all"), "Tickets") or []
        if any("custom_" in key for row in rows for key in row):
            return False
    return None


def _queues(talk: Conversation) -> dict[str, Any] | None:
    rows = rows_of(talk.get(QUEUES), "Queues") or []
    numbers = _ids(rows)
    if not numbers:
        return None
    fields = talk.get(f"{QUEUES}/{numbers[0]}/fields")
    template = talk.get(f"{QUEUES}/{numbers[0]}/ticket_template")
    shaped = rows_of(talk.get(QUEUES, shaping="fields all"), "Queues") or []
    inner = [f for row in shaped for f in row.get("fields") or () if isinstance(f, dict)]
    return {
        "queue": _keys(rows),
        "fields": _first(fields, "Fields"),
        "fields all": _keys(inner),
        "template": _first(template, "Tickets"),
    }


def _first(reply: Reply, plural: str) -> dict[str, Any]:
    rows = fields_of(reply).get(plural.lower())
    first = rows[0] if isinstance(rows, list) and rows else None
    return {"status": reply.status, "keys": kinds(first) if isinstance(first, dict) else None}


def _zone(talk: Conversation, zone: tzinfo) -> dict[str, Any] | None:
    """The newest change cannot lie ahead: its text gives the least offset there can be."""
    rows = list_tickets(talk, sorting="modified desc", paging="limit 1 offset 0")
    newest = read_stamp(rows[0].get("modified")) if rows else None
    now = talk.now()
    if newest is None:
        return None
    own = now.astimezone(zone).utcoffset() or timedelta(0)
    naive = now.replace(tzinfo=None) - (now.utcoffset() or timedelta(0))
    least = newest - naive
    return {
        "configured": minutes_of(own),
        "at_least": minutes_of(least),
        "possible": least <= own + timedelta(minutes=2),
    }

"""Large desks: the indexed answers are those of looking at every ticket."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.sandbox import Appliance
from tests.support.sandbox_calls import Caller, log_in, make_appliance

COUNT = 400
STATUSES = ("New", "Opened", "Closed")


def big_desk() -> Appliance:
    app = make_appliance(session_ttl_s=10**9)
    rows = [
        {
            "id": number,
            "hd_queue_id": 1 + number % 2,
            "status": STATUSES[number % 3],
            "created": f"2026-02-{1 + number * 7 % 28:02} 10:00:{number % 60:02}",
        }
        for number in range(1, COUNT + 1)
    ]
    app.load({"queues": [{"id": 2, "name": "Second"}], "tickets": rows})
    return app


APP = big_desk()
CALLER = log_in(APP)
CLAUSES = st.one_of(
    st.integers(-1, COUNT + 1).map(lambda n: f"id gt {max(n, 0)}"),
    st.integers(0, COUNT).map(lambda n: f"id le {n}"),
    st.integers(0, COUNT).map(lambda n: f"id eq {n}"),
    st.integers(1, 28).map(lambda d: f"modified ge 2026-02-{d:02} 10:00:30"),
    st.integers(1, 28).map(lambda d: f"modified gt 2026-02-{d:02} 10:00:30"),
    st.integers(1, 28).map(lambda d: f"modified le 2026-02-{d:02} 10:00:30"),
    st.integers(1, 28).map(lambda d: f"modified lt 2026-02-{d:02}"),
    st.sampled_from(["hd_queue_id in 1;2", "hd_queue_id eq 2", "status.state neq closed"]),
)
PASSES: dict[str, Any] = {
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "neq": lambda a, b: a != b,
    "in": lambda a, b: str(a) in b.split(";"),
}


def passes(clause: str, number: int) -> bool:
    """The clause read in the plainest way."""
    ticket = APP.desk.tickets[number]
    field, op, value = clause.split(" ", 2)
    actual: Any = {
        "id": ticket.id,
        "modified": ticket.modified,
        "hd_queue_id": ticket.hd_queue_id,
        "status.state": APP.desk.state_of(ticket),
    }[field]
    if op == "in":
        return bool(PASSES[op](actual, value))
    padded = f"{value} 00:00:00" if field == "modified" and len(value) == 10 else value
    return bool(PASSES[op](actual, type(actual)(padded)))


@settings(max_examples=200, deadline=None)
@given(st.lists(CLAUSES, max_size=4), st.sampled_from(["", "id", "modified desc,id"]))
def test_indexes_change_nothing_but_the_time(clauses: list[str], sorting: str) -> None:
    """Any mix of bounds finds what a look at every ticket finds, in the asked order."""
    query = {"filtering": ",".join(clauses), "paging": "limit 0"} | (
        {"sorting": sorting} if sorting else {}
    )
    found = CALLER.ids(**query)
    wanted = [n for n in range(1, COUNT + 1) if all(passes(c, n) for c in clauses)]
    if sorting.startswith("modified"):
        wanted.sort(key=lambda n: APP.desk.tickets[n].modified, reverse=True)
    assert found == wanted


def sweep(caller: Caller, filtering: str) -> list[int]:
    """Keyset paging, as a careful client does it."""
    seen: list[int] = []
    while page := caller.ids(
        filtering=f"{filtering},id gt {seen[-1] if seen else 0}",
        sorting="id asc",
        paging="limit 50",
    ):
        seen += page
    return seen


def test_a_sweep_sees_writes_made_between_its_pages() -> None:
    """Remembered answers are forgotten with the first change."""
    app = big_desk()
    caller = log_in(app)
    assert len(sweep(caller, "status.state eq closed")) == 133
    assert caller.update(4, status=2).status == 200
    fresh = caller.create(status=2)
    found = sweep(caller, "status.state eq closed")
    assert len(found) == 135
    assert found[:2] == [2, 4]
    assert found[-1] == fresh
    caller.send("DELETE", f"/api/service_desk/tickets/{fresh}")
    assert len(sweep(caller, "status.state eq closed")) == 134


def test_an_update_moves_a_ticket_to_the_end_of_the_changes() -> None:
    """What is polled by modified finds it at once."""
    app = big_desk()
    caller = log_in(app)
    caller.update(200, title="touched")
    assert caller.ids(filtering="modified ge 2026-03-02") == [200]
    assert caller.ids(sorting="modified desc", paging="limit 1") == [200]

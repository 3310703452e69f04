"""Runs, absences, silences and small facts."""

import re
from datetime import timedelta, timezone

import pytest

from kace_bridge.errors import UsageError
from kace_bridge.model.breaker import CLOSED
from kace_bridge.state import Cursor, Store
from tests.state.samples import MINUTE, NINE, queue
from tests.unit.notify.messages import make_message


def test_a_run_is_recorded_from_start_to_end(store: Store) -> None:
    """Its id says when it began, in UTC; its end adds outcome and counts."""
    run = store.start_run("sync", "c0ffee", NINE.astimezone(timezone(timedelta(hours=-5))))
    assert re.fullmatch(r"20260302-090000-[0-9a-f]{4}", run)
    assert store.run(run).outcome == ""
    store.end_run(run, "ok", {"applied": 3}, NINE + MINUTE)
    found = store.run("last")
    assert (found.id, found.kind, found.config_hash) == (run, "sync", "c0ffee")
    assert (found.started, found.ended) == (NINE, NINE + MINUTE)
    assert (found.outcome, found.counts) == ("ok", {"applied": 3})


def test_runs_started_in_one_second_have_their_own_ids(store: Store) -> None:
    """However many start at once."""
    assert len({store.start_run("plan", "", NINE) for _ in range(300)}) == 300


def test_a_run_is_found_by_the_start_of_its_id(store: Store) -> None:
    """A start that fits one run names it; more or none is told to the user."""
    first = store.start_run("sync", "", NINE)
    second = store.start_run("sync", "", NINE + MINUTE)
    assert store.run("20260302-0901").id == second
    assert store.run(first).id == first
    with pytest.raises(UsageError, match="fits several runs"):
        store.run("20260302")
    for name in ("2027", "%", ""):
        with pytest.raises(UsageError):
            store.run(name)


def test_without_runs_there_is_no_last(store: Store) -> None:
    """The line says where to look."""
    with pytest.raises(UsageError, match="runs list"):
        store.run("last")


def test_runs_are_listed_newest_first(store: Store) -> None:
    """No more than asked for."""
    ids = [store.start_run("sync", "", NINE + n * MINUTE) for n in range(4)]
    assert [run.id for run in store.runs(3)] == ids[:0:-1]


def test_a_run_never_started_cannot_end(store: Store) -> None:
    """A wrong id is a wrong command, not a new row."""
    with pytest.raises(UsageError):
        store.end_run("none", "ok", {}, NINE)


@pytest.mark.parametrize(
    ("minutes", "absent"),
    [
        pytest.param(-1, False, id="before"),
        pytest.param(0, True, id="from its first moment"),
        pytest.param(9, True, id="within"),
        pytest.param(10, False, id="over at its end"),
    ],
)
def test_who_is_absent_when(store: Store, minutes: int, absent: bool) -> None:
    """From the start, until the end."""
    store.add_absence("adiaz", NINE, NINE + 10 * MINUTE, by="gcho", reason="holiday")
    assert store.absent(NINE + minutes * MINUTE) == (frozenset({"adiaz"} if absent else ()))


def test_absences_are_listed_and_ended_early(store: Store) -> None:
    """All of them, or those not over; an end that is past cannot be moved."""
    first = store.add_absence("adiaz", NINE, NINE + 10 * MINUTE, by="gcho", reason="holiday")
    second = store.add_absence("bkim", NINE - MINUTE, NINE)
    assert [absence.user for absence in store.list_absences()] == ["bkim", "adiaz"]
    (current,) = store.list_absences(NINE)
    assert (current.id, current.by, current.reason) == (first, "gcho", "holiday")
    assert store.end_absence(first, NINE + MINUTE)
    assert store.absent(NINE + 2 * MINUTE) == frozenset()
    assert not store.end_absence(second, NINE + MINUTE)
    assert not store.end_absence(99, NINE)


def test_silences_are_listed_and_expired(store: Store) -> None:
    """A silence says what it matches, who set it and why; expired, it is over."""
    number = store.add_silence(
        {"rule": "receipt"}, NINE, NINE + 10 * MINUTE, by="gcho", reason="outage"
    )
    (silence,) = store.list_silences(NINE)
    assert (silence.id, silence.match, silence.by) == (number, {"rule": "receipt"}, "gcho")
    assert silence.reason == "outage"
    assert store.expire_silence(number, NINE + MINUTE)
    assert not store.expire_silence(number, NINE + MINUTE)
    assert store.list_silences(NINE + MINUTE) == []
    assert [row.id for row in store.list_silences()] == [number]


def test_small_facts_and_cursors_are_overwritten(store: Store) -> None:
    """The last value counts; an unknown name has none."""
    store.set_meta("pin", "one")
    store.set_meta("pin", "two")
    assert (store.meta("pin"), store.meta("none")) == ("two", None)
    store.set_cursor(Cursor("1", "a", last_id=7))
    store.set_cursor(Cursor("1", "b"))
    assert store.cursor("1") == Cursor("1", "b")
    assert store.cursor("2") is None


def test_breakers_are_kept_by_name_until_they_close(store: Store) -> None:
    """For the appliance and for each channel; a closed one is as good as none."""
    down = CLOSED.failed(NINE, "535 Grüße", at_once=True)
    store.set_breaker("appliance", CLOSED.failed(NINE, "503"))
    store.set_breaker("channel:mail", down)
    assert store.breaker("channel:mail") == down
    store.set_breaker("appliance", CLOSED)
    assert store.breaker("appliance") == store.breaker("channel:none") == CLOSED
    assert store.breakers() == {"channel:mail": down}
    assert store.verify() == []


def test_a_channel_woken_is_closed_and_its_messages_are_due(store: Store) -> None:
    """What waits for it, whatever for; no other channel's, and nothing that is done with."""
    queue(store, [
        make_message(key="rests", date=NINE), make_message(key="sent", ticket=2, date=NINE),
        make_message(key="ops", ticket=3, channel="ops", date=NINE),
    ])  # fmt: skip
    store.sent("sent", NINE)
    for channel in ("mail", "ops"):
        assert store.rest(channel, NINE, NINE + 9 * MINUTE, "put back") == 1
        store.set_breaker(f"channel:{channel}", CLOSED.left("HTTP 410"))
    assert store.wake("mail", "adiaz") == 1
    assert [row.key for row in store.claim(NINE, 9, MINUTE)] == ["rests"]
    assert list(store.breakers()) == ["channel:ops"]
    assert store.wake("none", "adiaz") == 0
    assert store.verify() == []

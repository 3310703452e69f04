"""The oracle of the incident log, by logs small enough to work out by hand.

Office hours are 08:00-12:00 and 13:00-17:00; 7 March 2016 is a Monday. One working day is eight
hours, so half of it is four: a call of 09:00 is nudged at 14:00 and escalated at 09:00 next day.
"""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from benchmarks.incident_acts import Incident, incidents
from benchmarks.incident_log import OFFICE, PROCESS, Key, choose, compare, detours, replay
from benchmarks.incident_oracle import expect
from benchmarks.incident_sight import looks
from benchmarks.office_hours import Office


def at(text: str) -> datetime:
    """An hour on a day of March 2016: ``7 09:00``."""
    return datetime.strptime(f"2016-03-{text}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 -- a wall clock


SYNCS = OFFICE.syncs(at("7 08:00"), at("31 17:00"))


def update(when: str, state: str = "New", **values: str) -> dict[str, str]:
    """One row of the log; *when* is read as by `at`."""
    day, hour = when.split()
    return {
        "number": "0000001", "incident_state": state, "caller_id": "77", "opened_by": "3",
        "opened_at": "7/3/2016 09:00", "sys_updated_by": "12",
        "sys_updated_at": f"{day}/3/2016 {hour}", "contact_type": "Phone", "priority": "3",
        "assigned_to": "12", **values,
    }  # fmt: skip


def incident(*rows: dict[str, str]) -> Incident:
    (found,) = incidents(rows)
    return found


def told(*rows: dict[str, str]) -> list[str]:
    """What is due, as ``day hour kind recipient``, in the order of time."""
    found = expect(PROCESS, incident(*rows), SYNCS)
    return [
        f"{each.at.day} {each.at:%H:%M} {each.kind} {each.to}"
        for each in sorted(found, key=lambda each: each.at)
    ]


NEVER_ANSWERED = [
    "7 09:00 receipt caller77", "7 14:00 respond-50 eng12", "8 09:00 respond-100 eng12",
    "8 09:00 respond-100 lead2", "9 09:00 respond-2bd lead2",
]  # fmt: skip


def test_a_call_nobody_answers_climbs_the_whole_ladder_once():
    """Each level at its hour; the priority raised on the 9th brings the shorter target at once."""
    assert told(update("7 09:00")) == [
        *NEVER_ANSWERED, "9 09:15 resolve-75 eng12", "9 09:15 resolve-100 eng12",
        "9 09:15 resolve-100 lead2", "21 09:00 resolve-10bd lead2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "nudged"),
    [
        pytest.param("7 13:50", False, id="answered before the level is due"),
        pytest.param("7 14:00", False, id="answered by the sync that would have noticed"),
        pytest.param("7 14:01", True, id="answered a minute after that sync"),
    ],
)
def test_an_answer_before_the_sync_that_would_notice_stops_the_chase(answer: str, nudged: bool):
    """Nobody is nudged for what the same sync shows as answered."""
    rows = (update("7 09:00"), update("7 09:05", "Active"), update(answer, "Active"))
    assert ("7 14:00 respond-50 eng12" in told(*rows)) is nudged


def test_work_solved_between_two_syncs_is_confirmed_and_closed_in_one():
    """Receipt and closing mail at the same sync, and silence ever after."""
    rows = (update("7 09:01"), update("7 09:10", "Resolved"), update("12 09:10", "Closed"))
    rows[0]["opened_at"] = "7/3/2016 09:01"
    assert told(*rows) == ["7 09:15 receipt caller77", "7 09:15 closed caller77"]


def test_a_reopening_is_told_and_its_clocks_run_again():
    """Answering starts from zero; solving goes on from where it stood, in a new episode."""
    rows = (
        update("7 09:00"), update("7 10:00", "Active"), update("7 10:05", "Active"),
        update("11 09:00", "Resolved"), update("14 08:00", "Active"),
        update("14 11:00", "Resolved"),
    )  # fmt: skip
    # Solving stood at 32 of 40 hours, so 75% (30) was told on Thursday and is again.
    assert told(*rows) == [
        "7 09:00 receipt caller77", "10 16:00 resolve-75 eng12", "11 09:00 closed caller77",
        "14 08:00 reopened eng12", "14 08:00 resolve-75 eng12", "14 11:00 closed caller77",
    ]  # fmt: skip


def test_an_answer_that_follows_the_reopening_counts_though_one_sync_sees_both():
    """A night hides both: the re-opening came first, and was answered."""
    rows = (
        update("7 09:00"), update("7 16:00", "Resolved"), update("7 18:00", "Active"),
        update("7 18:30", "Active"),
    )  # fmt: skip
    found = told(*rows)
    assert "8 08:00 reopened eng12" in found
    assert not [line for line in found if "respond" in line and line > "8"]


def test_a_detour_between_two_syncs_is_owed_nothing_but_counted():
    """Closed and open again overnight: the appliance shows an open ticket on both mornings."""
    rows = (
        update("7 09:00"), update("7 10:00", "Active"), update("7 10:05", "Active"),
        update("7 18:00", "Resolved"), update("7 19:00", "Active"),
    )  # fmt: skip
    assert {line.split()[2] for line in told(*rows)} == {
        "receipt", "resolve-75", "resolve-100", "resolve-10bd",
    }  # fmt: skip
    assert detours(incident(*rows), SYNCS) == 2


def test_waiting_stands_still_and_asks_the_submitter_twice():
    """Asked on the 7th at 10:00: reminded after two working days and after five."""
    rows = (
        update("7 09:00"), update("7 10:00", "Awaiting User Info"),
        update("15 10:00", "Active"), update("15 11:00", "Resolved"),
    )  # fmt: skip
    assert told(*rows) == [
        "7 09:00 receipt caller77", "9 10:00 silent-2bd caller77", "14 10:00 silent-5bd caller77",
        "15 11:00 closed caller77",
    ]  # fmt: skip


def test_a_ticket_without_an_owner_is_the_desks():
    """The bridge gives it to somebody at the desk; the desk's lead hears of it."""
    assert told(update("7 09:00", assigned_to="?"))[1:4] == [
        "7 14:00 respond-50 desk", "8 09:00 respond-100 desk", "8 09:00 respond-100 lead-desk",
    ]  # fmt: skip


def test_the_exact_reading_tells_what_the_appliance_does_not():
    """Asked at 09:05, corrected at 09:10, seen at 09:15: the wait is dated 09:10, not 09:05."""
    rows = (
        update("7 09:00"), update("7 09:05", "Awaiting User Info"),
        update("7 09:10", "Awaiting User Info", assigned_to="13"),
    )  # fmt: skip
    dates = [
        [seen.at.minute for look in looks(incident(*rows), SYNCS, exact=exact)
         for seen in look.seen if seen.what == "moved"]
        for exact in (False, True)
    ]  # fmt: skip
    assert dates == [[10], [5]]


def test_hours_are_counted_over_lunch_nights_week_ends_and_closed_days():
    """Friday 16:00 plus two hours, with Monday closed, is Tuesday 09:00; and back again."""
    office = Office(((480, 720), (780, 1020)), closed=frozenset({date(2016, 3, 14)}))
    friday, tuesday = at("11 16:00"), at("15 09:00")
    assert (office.after(friday, 120), office.worked(friday, tuesday)) == (tuesday, 120)
    assert office.after(at("8 08:00"), 240) == at("8 12:00")
    assert office.after(at("12 03:00"), 1) == at("15 08:01")


def test_missing_early_late_and_doubled_messages_are_told_apart():
    """A message early is extra and missing; late ones are neither; a double is extra."""
    (receipt, nudge, *_) = expect(PROCESS, incident(update("7 09:00")), SYNCS)
    first: Key = (receipt.kind, receipt.incident, receipt.to, receipt.at)
    late: Key = (nudge.kind, nudge.incident, nudge.to, at("7 14:15"))
    early: Key = (nudge.kind, nudge.incident, nudge.to, at("7 13:45"))

    def judged(*seen: Key) -> list[str]:
        return [line.split(":")[0] for line in compare([receipt, nudge], Counter(seen))[1]]

    assert judged(first, late) == ["late"]
    assert judged(first, early) == ["missing", "extra"]
    assert judged(first, first) == ["missing", "extra"]


def test_the_choice_keeps_every_reopened_incident_and_the_order_of_the_log():
    """The rare first, the usual evenly; never more than asked for."""
    log = incidents(
        row | {"number": f"{number:07}"}
        for number in range(9)
        for row in (update("7 09:00"), update("7 10:00", "Resolved"),
                    update("7 11:00", "Active" if number == 4 else "Resolved"))
    )  # fmt: skip
    chosen = [int(each.number) for each in choose(log, 3, 1)]
    assert (len(chosen), 4 in chosen, chosen) == (3, True, sorted(chosen))


def test_a_morning_of_the_log_through_the_bridge_gives_what_the_oracle_says(tmp_path: Path):
    """Sandbox, bridge and oracle agree on two incidents, one of them re-opened and answered."""
    other = {"number": "0000002", "contact_type": "Email", "assigned_to": "?"}
    log = incidents([
        update("7 09:00"), update("7 09:20", "Resolved"), update("7 09:40", "Active"),
        update("7 09:44", "Active"), update("7 09:00", **other),
        update("7 10:05", "Active", **other),
    ])  # fmt: skip
    syncs = OFFICE.syncs(at("7 08:45"), at("7 10:15"))
    seen, _ = replay(log, syncs, tmp_path)
    counts, problems = compare([e for each in log for e in expect(PROCESS, each, syncs)], seen)
    assert problems == []
    assert [counts[kind]["seen"] for kind in ("receipt", "closed", "reopened")] == [2, 1, 1]

"""Every row once, whatever the appliance does with the query."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.errors import UnexpectedReply
from kace_bridge.sma.pages import Listing, read_pages
from kace_bridge.sma.query import Query
from kace_bridge.sma.replies import TooLarge
from kace_bridge.sma.session import Answer
from kace_bridge.sma.transport import TimedOut

LISTING = Listing("/api/things", "Things", UTC, whole=True)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Desk:
    """A list route with bad habits, standing where a session would."""

    ids: list[int]
    cap: int = 0
    filters: bool = True
    sorts: bool = True
    offsets: bool = True
    count: Callable[[int, int], int | None] = lambda total, _page: total
    largest: int = 10**9
    slow_above: int = 10**9
    parallel: int = 1
    asked: list[dict[str, str]] = field(default_factory=list)

    def get(self, path: str, query: Query, *, shrinkable: bool) -> Answer:
        assert path == LISTING.path
        assert shrinkable
        sent = dict(query)
        self.asked.append(sent)
        limit, offset = map(int, re.findall(r"\d+", sent["paging"]))
        if limit > self.slow_above:
            raise TimedOut("slow")
        if limit > self.largest:
            raise TooLarge("large")
        low = int(re.search(r"id gt (\d+)", sent["filtering"])[1]) if self.filters else 0
        high = re.search(r"id le (\d+)", sent["filtering"])
        top = int(high[1]) if high and self.filters else 10**12
        rows = [number for number in self.ids if low < number <= top]
        rows = sorted(rows) if self.sorts else rows
        page = rows[offset if self.offsets else 0 :][: min(limit, self.cap or limit)]
        fields = {"things": [{"id": number} for number in page]}
        total = self.count(len(rows), len(page))
        return Answer(fields if total is None else {**fields, "count": total}, NOW)


def read_ids(desk: Desk, size: int, after: int = 0) -> list[int]:
    pages = list(read_pages(desk, LISTING, after, size))
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    return [row["id"] for page in pages for row in page.rows]


COUNTS = st.sampled_from(
    [lambda total, _page: total, lambda _total, _page: None, lambda _total, page: page]
)
UNTIMED = settings(deadline=None)
"""Threads start when a busy machine lets them."""
PARALLEL = st.sampled_from([1, 2, 4])
IDS = st.lists(st.integers(1, 60), unique=True, max_size=25)


@UNTIMED
@given(
    ids=IDS,
    size=st.integers(1, 12),
    after=st.integers(0, 30),
    cap=st.integers(0, 6),
    count=COUNTS,
    largest=st.integers(1, 12),
    parallel=PARALLEL,
)
def test_every_row_is_read_once_in_rising_order(ids, size, after, cap, count, largest, parallel):
    """Caps, missing counts and counts of the page alone lose nothing, nor do parallel requests.

    The one case that cannot be told from the end, a Count of the page alone on capped pages,
    is left out.
    """
    if cap and count(99, 1) == 1:
        cap = 0
    desk = Desk(ids, cap=cap, count=count, largest=largest, parallel=parallel)
    assert read_ids(desk, size, after) == sorted(number for number in ids if number > after)


@UNTIMED
@given(ids=IDS, size=st.integers(2, 12), after=st.integers(0, 30), count=COUNTS,
       parallel=PARALLEL)  # fmt: skip
def test_newest_first_whatever_was_asked_loses_nothing(ids, size, after, count, parallel):
    """Where sorting is ignored, rows are read in windows no wider than a page."""
    desk = Desk(sorted(ids, reverse=True), sorts=False, count=count, parallel=parallel)
    assert sorted(read_ids(desk, size, after)) == sorted(n for n in ids if n > after)


@pytest.mark.catalogue("A13")
@UNTIMED
@given(ids=st.permutations(range(1, 60)), size=st.integers(10, 20), count=COUNTS,
       parallel=PARALLEL)  # fmt: skip
def test_rows_in_any_order_lose_nothing(ids, size, count, parallel):
    """A page of ten that rises by chance is one in millions; any other order is noticed."""
    desk = Desk(ids, sorts=False, count=count, parallel=parallel)
    assert sorted(read_ids(desk, size)) == sorted(ids)


@pytest.mark.catalogue("A13")
@UNTIMED
@given(ids=IDS, size=st.integers(1, 12), after=st.integers(0, 30), parallel=PARALLEL)
def test_an_ignored_filter_on_id_falls_back_to_offsets(ids, size, after, parallel):
    """Rows before the start are left out, the rest are read once."""
    desk = Desk(ids, filters=False, parallel=parallel)
    assert sorted(read_ids(desk, size, after)) == sorted(n for n in ids if n > after)


def test_ignoring_filters_and_offsets_is_an_error_not_a_short_list():
    """Where every row cannot be read, that is said."""
    desk = Desk(list(range(1, 20)), filters=False, offsets=False)
    with pytest.raises(UnexpectedReply, match="cannot read every row"):
        read_ids(desk, 5)


@UNTIMED
@given(ids=st.lists(st.integers(1, 4000), unique=True, max_size=80), size=st.integers(1, 12))
def test_gaps_between_ids_lose_nothing_to_parallel_requests(ids, size):
    """Ranges of ids may be empty or hold several pages; every row comes once, in rising order."""
    assert read_ids(Desk(ids, parallel=3), size) == sorted(ids)


def test_parallel_requests_cost_no_more_of_them():
    """Ids without gaps fill each range with one page; the end is found by the last of them."""
    desk = Desk(list(range(1, 996)), parallel=4)
    assert read_ids(desk, 10) == list(range(1, 996))
    assert len(desk.asked) == 100


def test_rows_that_vanish_while_ranges_are_read_lose_no_others():
    """A Count that proves too high ends in one empty range, not in a search for the missing."""
    desk = Desk(list(range(1, 300)), parallel=4, count=lambda total, _page: total + 50)
    assert read_ids(desk, 10)[-1] == 299


def test_reading_may_be_left_off_at_any_page():
    """What is under way then is waited for or taken back; no thread stays behind."""
    before = threading.active_count()
    pages = read_pages(Desk(list(range(1, 300)), parallel=4), LISTING, 0, 10)
    assert next(pages).last_id == 10
    pages.close()
    assert threading.active_count() == before


def test_ignored_offsets_do_not_matter():
    """Keyset paging never uses them."""
    assert read_ids(Desk(list(range(1, 20)), offsets=False), 5) == list(range(1, 20))


def test_rows_with_equal_ids_count_once():
    """A row given twice is one row."""
    assert read_ids(Desk([3, 3, 4, 4, 4, 9]), 4) == [3, 4, 9]


def test_one_short_page_costs_one_request():
    """Count and a page that is not full prove the end: no second look."""
    desk = Desk([1, 2, 3])
    assert read_ids(desk, 10) == [1, 2, 3]
    assert len(desk.asked) == 1


def test_an_empty_list_is_one_complete_page_with_the_appliance_time():
    """The caller learns the time even where nothing changed."""
    (page,) = read_pages(Desk([]), LISTING, 7, 10)
    assert page.rows == ()
    assert page.last_id == 7
    assert page.server_time == NOW


@pytest.mark.catalogue("A10")
@pytest.mark.catalogue("A11")
@pytest.mark.parametrize("habit", ["largest", "slow_above"])
def test_pages_too_much_for_the_appliance_are_halved(habit):
    """Too large or too slow: half as many, until it works."""
    desk = Desk(list(range(1, 100)), **{habit: 30})
    assert read_ids(desk, 100) == list(range(1, 100))
    limits = [int(re.findall(r"\d+", sent["paging"])[0]) for sent in desk.asked]
    assert limits[:3] == [100, 50, 25]


@pytest.mark.parametrize(
    ("habit", "kind"), [({"largest": 0}, TooLarge), ({"slow_above": 10}, TimedOut)]
)
def test_a_small_page_that_still_fails_is_an_error(habit, kind):
    """A row alone too large, or an appliance too slow for a few rows, is said."""
    with pytest.raises(kind):
        read_ids(Desk([1, 2], **habit), 100)


def test_rows_outside_the_filter_are_dropped_and_said(caplog):
    """An appliance that ignores part of the filter does not smuggle rows in."""
    listing = Listing(LISTING.path, "Things", UTC, keeps=lambda row: row["id"] != 2)
    (page,) = read_pages(Desk([1, 2, 3]), listing, 0, 10)
    assert [row["id"] for row in page.rows] == [1, 3]
    assert page.dropped == 1
    assert page.last_id == 3
    assert "ignored part of the filter" in caplog.text


def test_a_row_without_an_id_is_an_error():
    """It could be neither counted nor resumed after."""
    with pytest.raises(UnexpectedReply, match="without an id"):
        read_ids(_Nameless([]), 5)


class _Nameless(Desk):
    def get(self, path: str, query: Query, *, shrinkable: bool) -> Answer:
        return Answer({"things": [{"title": "x"}]}, None)

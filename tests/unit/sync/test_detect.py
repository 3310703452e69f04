"""What happened to a ticket, told from two readings and its new history rows."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.difference import diff
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sync.detect import Detected, Known, Watcher, detect, digest_of, marks_in
from tests.support.make import MORNING, make_row, make_ticket

STAFF = {"bkim", "adiaz"}
OURS = "Owner: nobody → Bo Kim (rule everything-else).\n[kb:7f3a9c21]"


def watcher(**own: str | None) -> Watcher:
    return Watcher(STAFF.__contains__, author_of, own)


def author_of(row: HistoryEntry) -> str | None:
    return row.author.user_name if row.author else None


def known(ticket: Ticket, last_row: int = 1, episode: int = 0) -> Known:
    return Known(ticket, ChangeId(last_row), episode)


def kinds(found: Detected) -> list[EventKind]:
    return [event.kind for event in found.events]


def only(found: Detected, kind: EventKind) -> Event:
    (event,) = (event for event in found.events if event.kind is kind)
    return event


def test_a_ticket_never_seen_was_created_once():
    """The first look gives one creation, whatever its rows say, by who wrote the first row."""
    found = detect(None, make_ticket(), [make_row(1)], watcher())
    created = only(found, EventKind.CREATED)
    assert (created.cause, created.author, created.staff, created.own) == (
        "created", "jdoe", False, False,
    )  # fmt: skip
    assert kinds(found) == [EventKind.CREATED]
    assert (found.last_row, found.episode) == (1, 0)


def test_a_creation_by_mail_says_so():
    """via_email of the first row is the creation's."""
    found = detect(None, make_ticket(), [make_row(1, via_email=True)], watcher())
    assert only(found, EventKind.CREATED).via_email


def test_a_ticket_first_seen_closed_was_created_and_closed():
    """Somebody who opened and closed between two syncs is told both."""
    found = detect(None, make_ticket(status="Closed"), [make_row(1), make_row(2)], watcher())
    assert kinds(found) == [EventKind.CREATED, EventKind.CLOSED]


def test_a_ticket_without_rows_is_dated_by_itself():
    """No history at all still gives a creation, at the time the ticket says."""
    found = detect(None, make_ticket(), [], watcher())
    created = only(found, EventKind.CREATED)
    assert (created.at, created.author, found.last_row) == (MORNING, None, 0)


def test_each_comment_is_one_event_by_its_author():
    """Comments carry who, public or not, and the row they came in."""
    rows = [
        make_row(2, comment="Still broken"),
        make_row(3, comment="Looking", author="bkim", owners_only=True),
    ]
    found = detect(known(make_ticket()), make_ticket(), rows, watcher())
    told = [(e.cause, e.author, e.staff, e.public, e.comment) for e in found.events]
    assert told == [
        ("row:2", "jdoe", False, True, "Still broken"),
        ("row:3", "bkim", True, False, "Looking"),
    ]
    assert found.last_row == 3


def test_rows_already_read_say_nothing_again():
    """Rows up to the newest one known are skipped."""
    rows = [make_row(1, comment="old"), make_row(2, comment="new")]
    found = detect(known(make_ticket(), last_row=1), make_ticket(), rows, watcher())
    assert [event.comment for event in found.events] == ["new"]


def test_rows_out_of_order_are_read_in_order():
    """The order rows come in does not matter."""
    rows = [make_row(4, comment="c"), make_row(2, comment="a"), make_row(3, comment="b")]
    found = detect(known(make_ticket()), make_ticket(), rows, watcher())
    assert [event.comment for event in found.events] == ["a", "b", "c"]


def test_closing_is_a_change_and_an_edge():
    """A closed ticket gives the change of status and state, and one closing; same episode."""
    found = detect(
        known(make_ticket(status="Opened")), make_ticket(status="Closed"),
        [make_row(2, author="bkim")], watcher(),
    )  # fmt: skip
    assert kinds(found) == [EventKind.CHANGED, EventKind.CLOSED]
    closed = only(found, EventKind.CLOSED)
    assert (closed.cause, closed.author, closed.staff) == ("row:2", "bkim", True)
    assert closed.change_of("state").after == "closed"
    assert found.episode == 0


def test_reopening_begins_a_new_episode():
    """From closed to anything else is a re-opening, by whoever did it."""
    found = detect(
        known(make_ticket(status="Closed"), episode=2), make_ticket(status="Reopened"),
        [make_row(2, comment="no it is not")], watcher(),
    )  # fmt: skip
    assert only(found, EventKind.REOPENED).author == "jdoe"
    assert only(found, EventKind.REOPENED).comment == "no it is not"
    assert found.episode == 3


def test_a_change_between_two_stalled_statuses_is_no_edge():
    """Only the crossing of closed counts as closing or re-opening."""
    found = detect(
        known(make_ticket(status="New")), make_ticket(status="Need More Info"),
        [make_row(2)], watcher(),
    )  # fmt: skip
    assert kinds(found) == [EventKind.CHANGED]


@pytest.mark.catalogue("A22")
def test_a_change_without_a_row_is_known_by_its_digest():
    """What a rule of the appliance did silently is dated by the ticket, named by its digest."""
    after = make_ticket(priority="High", modified="2026-03-02 10:30:00")
    found = detect(known(make_ticket()), after, [], watcher())
    changed = only(found, EventKind.CHANGED)
    assert changed.cause == f"digest:{digest_of(after)}"
    assert (changed.author, changed.at) == (None, after.modified)


def test_our_own_row_is_own():
    """A change that carries a mark of ours, of fields we set, never counts as somebody's."""
    found = detect(
        known(make_ticket()), make_ticket(owner="bkim"),
        [make_row(2, comment=OURS, author="admin", owners_only=True)], watcher(owner="bkim"),
    )  # fmt: skip
    assert kinds(found) == [EventKind.COMMENTED, EventKind.CHANGED]
    assert all(event.own for event in found.events)


def test_the_mark_is_not_part_of_a_comment():
    """What rules and messages see of a comment of ours has no mark."""
    rows = [make_row(2, comment=OURS)]
    found = detect(known(make_ticket()), make_ticket(), rows, watcher())
    assert found.events[0].comment == "Owner: nobody → Bo Kim (rule everything-else)."


def test_our_change_and_a_persons_are_told_apart():
    """In one window the field we set is ours, the field they set is theirs, by their row."""
    rows = [
        make_row(2, comment=OURS, author="admin"),
        make_row(3, comment="urgent", author="adiaz"),
    ]
    found = detect(
        known(make_ticket()), make_ticket(owner="bkim", priority="High"), rows,
        watcher(owner="bkim"),
    )  # fmt: skip
    changes = {e.own: e for e in found.events if e.kind is EventKind.CHANGED}
    assert [c.field for c in changes[True].changes] == ["owner"]
    assert [c.field for c in changes[False].changes] == ["priority"]
    assert (changes[True].cause, changes[False].cause) == ("row:2", "row:3")
    assert changes[False].author == "adiaz"


def test_a_person_who_overrules_us_is_the_author():
    """Where the field reads neither as before nor as we set it, the person's row made it so."""
    rows = [make_row(2, comment=OURS, author="admin"), make_row(3, author="adiaz")]
    found = detect(known(make_ticket()), make_ticket(owner="adiaz"), rows, watcher(owner="bkim"))
    (changed,) = (e for e in found.events if e.kind is EventKind.CHANGED)
    assert (changed.own, changed.cause, changed.author) == (False, "row:3", "adiaz")


def test_a_silent_change_beside_our_row_is_not_put_down_to_us():
    """A rule of the appliance that answers our save is a change of its own, by its digest."""
    after = make_ticket(owner="bkim", status="Opened")
    found = detect(
        known(make_ticket()), after, [make_row(2, comment=OURS, author="admin")],
        watcher(owner="bkim"),
    )  # fmt: skip
    theirs = next(e for e in found.events if e.kind is EventKind.CHANGED and not e.own)
    assert theirs.cause == f"digest:{digest_of(after)}"
    assert theirs.author is None


def test_a_closing_of_ours_is_own_and_a_state_of_ours_too():
    """A status we set brings its state along; the edge is ours as well."""
    rows = [make_row(2, comment="[kb:7f3a9c21]", author="admin")]
    found = detect(
        known(make_ticket(status="Opened")), make_ticket(status="Closed"), rows,
        watcher(status="Closed"),
    )  # fmt: skip
    assert only(found, EventKind.CLOSED).own
    assert only(found, EventKind.CHANGED).own


def test_the_submitter_is_never_staff_on_their_own_ticket():
    """A team member who asks for help is a customer there."""
    ticket = make_ticket(submitter="bkim")
    found = detect(known(ticket), ticket, [make_row(2, author="bkim", comment="help")], watcher())
    assert not found.events[0].staff


def test_the_owner_is_staff_whatever_the_teams_say():
    """Whoever owns a ticket works on it."""
    ticket = make_ticket(owner="zoe")
    found = detect(known(ticket), ticket, [make_row(2, author="zoe", comment="on it")], watcher())
    assert found.events[0].staff


def test_an_owners_only_comment_does_not_ride_on_a_change():
    """A change's comment may reach the submitter: one for owners only is left out."""
    rows = [make_row(2, author="bkim", comment="secret", owners_only=True)]
    found = detect(known(make_ticket()), make_ticket(priority="High"), rows, watcher())
    assert only(found, EventKind.CHANGED).comment == ""


def test_marks_name_the_row_that_carries_them():
    """Every mark in a comment is found, with its row."""
    rows = [make_row(2, comment="[kb:7f3a9c21] [kb:00000001]"), make_row(3, comment="kb:ffffffff")]
    assert marks_in(rows) == {"7f3a9c21": 2, "00000001": 2}


def test_a_ticket_without_any_date_is_refused_in_words():
    """A change that cannot be dated raises ValueError naming the ticket."""
    bare = make_ticket(created=None, modified=None)
    with pytest.raises(ValueError, match="ticket 41 carries no date"):
        detect(known(bare), bare.with_values({"title": "x"}), [], watcher())


names = st.sampled_from(["jdoe", "bkim", "adiaz", None])
tickets = st.builds(
    make_ticket,
    status=st.sampled_from(["New", "Opened", "Closed", "Reopened"]),
    owner=names,
    priority=st.sampled_from(["High", "Low"]),
    title=st.text(max_size=20).filter(bool),
)
rows = st.lists(
    st.builds(
        make_row,
        st.integers(2, 60),
        author=names,
        comment=st.sampled_from(["", "hello", OURS]),
        owners_only=st.booleans(),
    ),
    unique_by=lambda row: row.id,
    max_size=6,
)
own = st.dictionaries(
    st.sampled_from(["owner", "status", "priority"]), st.sampled_from(["bkim", "Closed", "High"])
)


@given(ticket=tickets, seen=rows, own=own, episode=st.integers(0, 3))
def test_the_same_ticket_again_is_no_event(
    ticket: Ticket, seen: list[HistoryEntry], own: Mapping[str, str], episode: int
):
    """Looking twice at a ticket that did not move gives nothing and forgets nothing."""
    last = max([row.id for row in seen], default=ChangeId(0))
    found = detect(Known(ticket, last, episode), ticket, seen, watcher(**own))
    assert found == Detected((), last, episode)


@given(before=tickets, after=tickets, seen=rows, own=own)
def test_every_change_is_told_once(
    before: Ticket, after: Ticket, seen: list[HistoryEntry], own: Mapping[str, str]
):
    """Ours and theirs together are exactly the difference; no two events share kind and cause."""
    found = detect(known(before), after, seen, watcher(**own))
    told = [c for e in found.events if e.kind is EventKind.CHANGED for c in e.changes]
    assert sorted(told, key=repr) == sorted(diff(before, after), key=repr)
    keys = [(event.kind, event.cause) for event in found.events]
    assert len(keys) == len(set(keys))


@given(before=tickets, after=tickets, seen=rows, own=own)
def test_the_order_of_rows_does_not_matter(
    before: Ticket, after: Ticket, seen: list[HistoryEntry], own: Mapping[str, str]
):
    """Any order of the same rows leads to the same events, oldest first."""
    found = detect(known(before), after, seen, watcher(**own))
    assert detect(known(before), after, list(reversed(seen)), watcher(**own)) == found
    assert [e.at for e in found.events] == sorted(e.at for e in found.events)

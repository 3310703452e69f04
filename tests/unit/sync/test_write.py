"""One write per ticket: what is sent, what is given up, and what is remembered of it."""

from dataclasses import replace

import pytest

from kace_bridge.model.digest import digest_record
from kace_bridge.model.event import EventKind
from kace_bridge.model.ticket import Ticket
from kace_bridge.state.rows import EffectRow
from kace_bridge.sync.write import Write, as_ids, prepare, take_over
from tests.support.make import make_effect, make_row, make_snapshot, make_ticket

ROUTE = make_effect()
OTHER = "11112222" + "0" * 24
NOTES = {ROUTE.decision: "Owner: nobody → Bo Kim (rule everything-else).", OTHER: "Priority: ..."}


def prepared(*effects: EffectRow, fresh: Ticket | None = None, rows: tuple = (), **more) -> Write:
    fresh = fresh or make_ticket()
    snapshot = more.get("snapshot", make_snapshot(make_ticket()))
    return prepare(effects, snapshot, fresh, rows, NOTES)


def ends(write: Write) -> list[tuple[str, str]]:
    return [(decision, state) for (decision, _), state, _ in write.settled]


def test_a_field_still_as_planned_is_set_with_a_marked_note_for_owners():
    """One body: the value by name, and an owners-only note that carries the decision's mark."""
    write = prepared(ROUTE)
    assert write.values == {"owner": "bkim"}
    assert write.comment == f"{NOTES[ROUTE.decision]}\n[kb:7f3a9c21]"
    assert write.owners_only
    assert write.send == (ROUTE.key,)
    assert write.settled == ()


def test_several_decisions_go_out_together():
    """Fields of all decisions, one mark for each, in one request."""
    high = make_effect(
        decision=OTHER, phase="classify", values={"priority": "High"},
        before={"priority": "Medium"},
    )  # fmt: skip
    write = prepared(high, ROUTE)
    assert write.values == {"priority": "High", "owner": "bkim"}
    assert write.comment.endswith("[kb:11112222] [kb:7f3a9c21]")


def test_a_public_comment_carries_no_note():
    """What the submitter reads is the comment alone, and the mark."""
    said = make_effect(part=1, kind="comment", text="We are on it", public=True, values={})
    write = prepared(ROUTE, said)
    assert write.comment == "We are on it\n[kb:7f3a9c21]"
    assert not write.owners_only
    assert write.send == (ROUTE.key, said.key)


def test_an_internal_comment_never_goes_out_with_a_public_one():
    """Where both are planned in one request, the owners-only text stays out of sight."""
    public = make_effect(part=1, kind="comment", text="We are on it", public=True, values={})
    secret = make_effect(part=2, kind="comment", text="Angry customer", values={})
    assert "Angry" not in prepared(public, secret).comment


def test_an_internal_comment_of_another_decision_waits_for_the_next_request():
    """It stays planned, rather than being called sent."""
    said = make_effect(kind="comment", text="We are on it", public=True, values={})
    inside = make_effect(decision=OTHER, kind="comment", text="Between us", values={})
    write = prepared(said, inside)
    assert write.send == (said.key,)
    assert write.settled == ()


def test_an_internal_comment_of_the_same_decision_is_given_up_openly():
    """Its mark goes out with the public one, so it could never be told apart: it says so."""
    said = make_effect(kind="comment", text="We are on it", public=True, values={})
    inside = make_effect(part=1, kind="comment", text="Between us", values={})
    write = prepared(said, inside)
    assert write.send == (said.key,)
    assert ends(write) == [(inside.decision, "superseded")]


def test_a_mark_in_a_text_is_taken_out():
    """Text that quotes a mark must not make another decision look done."""
    said = make_effect(kind="comment", text="see [kb:deadbeef] above", values={})
    assert "deadbeef" not in prepared(said).comment


def test_a_mark_on_the_ticket_means_it_was_done():
    """The store may be younger than the world: what carries our mark is not sent again."""
    rows = (make_row(5, comment="done\n[kb:7f3a9c21]"),)
    write = prepared(ROUTE, rows=rows)
    assert ends(write) == [(ROUTE.decision, "applied")]
    assert (write.send, write.comment) == ((), "")


def test_what_already_reads_so_is_no_write():
    """A person did it first: nothing is sent, and nothing is wrong."""
    assert ends(prepared(ROUTE, fresh=make_ticket(owner="bkim"))) == [(ROUTE.decision, "noop")]


def test_what_a_person_changed_since_stays_theirs():
    """Another value than the plan saw is a conflict that says what it is."""
    write = prepared(ROUTE, fresh=make_ticket(owner="cwong"))
    assert ends(write) == [(ROUTE.decision, "conflict")]
    assert "owner is now 'cwong'" in write.settled[0][2]
    assert write.values == {}


def test_one_changed_field_saves_the_whole_effect():
    """A decision is not carried out by halves."""
    both = replace(
        ROUTE, values={"owner": "bkim", "priority": "High"},
        before={"owner": None, "priority": "Medium"},
    )  # fmt: skip
    write = prepared(both, fresh=make_ticket(priority="Low"))
    assert ends(write) == [(ROUTE.decision, "conflict")]
    assert write.values == {}


def test_only_what_differs_is_sent():
    """A field of several that already reads so is left out of the body."""
    both = replace(
        ROUTE, values={"owner": "bkim", "priority": "High"},
        before={"owner": None, "priority": "Medium"},
    )  # fmt: skip
    assert prepared(both, fresh=make_ticket(priority="High")).values == {"owner": "bkim"}


@pytest.mark.parametrize(
    ("fresh", "state"),
    [
        pytest.param(make_ticket(), None, id="the ticket has not moved: it goes out"),
        pytest.param(make_ticket(title="New title"), "withdrawn", id="it moved: judged again"),
    ],
)
def test_a_level_is_only_carried_out_on_the_ticket_it_was_decided_for(fresh, state):
    """An escalation of a ticket that has moved since is withdrawn."""
    write = prepared(replace(ROUTE, phase="escalate"), fresh=fresh)
    assert ends(write) == ([(ROUTE.decision, state)] if state else [])


def test_a_level_of_a_ticket_not_remembered_is_withdrawn():
    """Without a snapshot nobody can say that it has not moved."""
    write = prepared(replace(ROUTE, phase="escalate"), snapshot=None)
    assert ends(write) == [(ROUTE.decision, "withdrawn")]


def test_an_effect_given_up_does_not_stop_the_others():
    """A conflict on one field lets the other decision go out, with its own mark only."""
    high = make_effect(
        decision=OTHER, phase="classify", values={"priority": "High"},
        before={"priority": "Medium"},
    )  # fmt: skip
    write = prepared(high, ROUTE, fresh=make_ticket(owner="cwong"))
    assert write.values == {"priority": "High"}
    assert "7f3a9c21" not in write.comment


OURS = "Owner: nobody → Bo Kim.\n[kb:7f3a9c21]"


def test_our_write_is_remembered_whole():
    """Where every new row is ours, the ticket as it now reads is what is known."""
    after = make_ticket(owner="bkim", modified="2026-03-02 09:05:00")
    rows = [make_row(1), make_row(2, comment=OURS)]
    done, events = take_over(make_snapshot(make_ticket(), last_row=1), after, rows)
    assert done.record == dict(after.record)
    assert done.digest == digest_record(after.record)
    assert (done.last_row, done.owner, done.modified) == (2, "bkim", "2026-03-02 09:05:00")
    assert {(event.kind, event.cause, event.own) for event in events} == {
        (EventKind.COMMENTED, "row:2", True), (EventKind.CHANGED, "row:2", True),
    }  # fmt: skip


def test_what_the_appliance_adds_to_our_save_is_ours_too():
    """A due date it sets because we raised the priority is no change by a person."""
    after = make_ticket(priority="High", due_date="2026-03-03 09:00:00")
    _, events = take_over(make_snapshot(make_ticket()), after, [make_row(2, comment=OURS)])
    assert all(event.own for event in events)
    assert [change.field for event in events for change in event.changes] == [
        "due_date", "priority",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "kind", "episode"),
    [
        pytest.param("Opened", "Closed", EventKind.CLOSED, 0, id="a closing of ours"),
        pytest.param("Closed", "Reopened", EventKind.REOPENED, 1, id="a re-opening of ours"),
    ],
)
def test_a_closing_or_reopening_of_ours_is_on_the_timeline(before, after, kind, episode):
    """Clocks and rules must know of it, and a re-opening of ours begins a new episode."""
    done, events = take_over(
        make_snapshot(make_ticket(status=before)), make_ticket(status=after),
        [make_row(2, comment=OURS)],
    )  # fmt: skip
    assert kind in {event.kind for event in events}
    assert (done.status, done.episode) == (after, episode)


def test_what_others_did_meanwhile_is_left_to_be_seen():
    """With somebody else's row among the new ones, the next sync looks at all of it."""
    after = make_ticket(owner="bkim", priority="High")
    rows = [make_row(2, comment=OURS), make_row(3, author="cwong")]
    assert take_over(make_snapshot(make_ticket(), last_row=1), after, rows) is None


def test_no_new_row_is_no_proof_that_all_of_it_is_ours():
    """A silent change found while settling is still seen by the next sync."""
    after = make_ticket(owner="bkim", priority="High")
    known = make_snapshot(make_ticket(owner="bkim"), last_row=2)
    assert take_over(known, after, [make_row(2, comment=OURS)]) is None


def test_a_ticket_that_was_gone_is_back():
    """A ticket read again is no longer marked gone."""
    gone = make_snapshot(make_ticket(), gone_at=make_ticket().created)
    done, _ = take_over(gone, make_ticket(), [make_row(2, comment=OURS)])
    assert done.gone_at is None


def test_values_go_out_by_number():
    """References and people by id, text as text, nothing as 0 or empty."""
    body = as_ids(
        {"owner": "bkim", "priority": None, "title": "Mouse", "due_date": None},
        lambda name, _: {"owner": 15}[name],
    )
    assert body == {"owner": 15, "priority": 0, "title": "Mouse", "due_date": ""}

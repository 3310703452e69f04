"""A person hands a ticket over at a terminal: done once, on record, and not taken back."""

import pytest

from kace_bridge.errors import UsageError
from kace_bridge.sync.commands import CommandResult, escalate
from tests.support.desk import Desk


def run(
    desk: Desk, *tickets: int, to: str = "network", dry_run: bool = False
) -> list[CommandResult]:
    desk.app.requests.clear()
    with desk.bridge() as bridge:
        return escalate(
            bridge, tickets, to=to, reason="customer called twice", person="bkim", dry_run=dry_run
        )


@pytest.fixture
def ticket(desk: Desk) -> int:
    """A ticket a sync has routed to adiaz."""
    number = desk.submit()
    desk.sync()
    desk.later(minutes=10)
    assert desk.owner(number) == "adiaz"
    return number


def test_a_known_ticket_goes_to_the_team(desk: Desk, ticket: int):
    """One write: the team's pick, and who asked and why, for owners only."""
    (result,) = run(desk, ticket)
    assert (result.state, desk.owner(ticket), desk.puts) == ("applied", "gcho", [ticket])
    assert (result.before, result.after) == ({"owner": "adiaz"}, {"owner": "gcho"})
    note = desk.ticket(ticket)["changes"][-1]
    assert note["owners_only"] == 1
    assert "Escalated to LEAD Network (Gcho) by bkim: customer called twice" in note["comment"]


def test_a_person_can_be_named(desk: Desk, ticket: int):
    """A login name in place of a team."""
    (result,) = run(desk, ticket, to="epark")
    assert (result.state, desk.owner(ticket)) == ("applied", "epark")


def test_a_later_sync_leaves_it_there(desk: Desk, ticket: int):
    """Syncs, and a re-opening within the hands-off time, do not route it back."""
    run(desk, ticket)
    for _ in range(3):
        desk.later(minutes=5)
        desk.sync()
    desk.edit("gcho", ticket, "done", status=2)
    desk.sync()
    desk.later(minutes=5)
    desk.edit("jdoe", ticket, "no", status=5)
    desk.sync()
    assert desk.owner(ticket) == "gcho"


def test_a_ticket_no_sync_has_seen_can_be_handed_over(desk: Desk):
    """It is read on the spot; the next sync keeps the owner and still greets the submitter."""
    desk.config["escalate"] = []
    ticket = desk.submit()
    (result,) = run(desk, ticket)
    assert (result.state, desk.owner(ticket)) == ("applied", "gcho")
    desk.later(minutes=5)
    desk.sync()
    assert (desk.owner(ticket), desk.puts) == ("gcho", [])
    assert [to for to, _ in desk.mails] == ["jdoe@example.org"]


def test_a_new_ticket_of_an_important_person_is_still_classified(desk: Desk):
    """Handing a ticket over before its first sync does not rob it of its priority."""
    ticket = desk.submit("provost")
    run(desk, ticket)
    desk.later(minutes=5)
    desk.sync()
    assert (desk.ticket(ticket)["priority"], desk.owner(ticket)) == ("High", "gcho")


def test_before_the_first_sync_of_all_it_works_too(fresh: Desk):
    """An empty store is no obstacle; the first sync learns the ticket with its owner."""
    ticket = fresh.submit()
    (result,) = run(fresh, ticket)
    assert (result.state, fresh.owner(ticket)) == ("applied", "gcho")
    fresh.later(minutes=5)
    assert fresh.sync().baseline
    fresh.later(minutes=5)
    fresh.sync()
    assert (fresh.owner(ticket), fresh.mails) == ("gcho", [])


def test_a_rehearsal_writes_nothing(desk: Desk, ticket: int):
    """The result says what would be done; appliance, store and outbox stay as they were."""
    with desk.bridge() as bridge:
        before = (bridge.store.decisions(), bridge.store.runs(), bridge.store.turns())
    (result,) = run(desk, ticket, dry_run=True)
    assert (result.state, result.after) == ("planned", {"owner": "gcho"})
    assert (desk.owner(ticket), desk.puts, len(desk.mails)) == ("adiaz", [], 1)
    with desk.bridge() as bridge:
        assert (bridge.store.decisions(), bridge.store.runs(), bridge.store.turns()) == before


def test_an_unknown_name_is_refused_with_the_teams(desk: Desk, ticket: int):
    """Neither a team nor a user: nothing is written, the teams are named."""
    with pytest.raises(UsageError, match=r"'netwrok' is neither a team nor a user.*network"):
        run(desk, ticket, to="netwrok")
    assert desk.puts == []


def test_a_ticket_that_does_not_exist_fails_alone(desk: Desk, ticket: int):
    """The others of the same command are handed over."""
    gone, kept = run(desk, 999, ticket)
    assert (gone.state, kept.state) == ("failed", "applied")
    assert "999" in gone.reason


def test_whoever_has_it_already_gets_the_comment_only(desk: Desk, ticket: int):
    """No change of owner, the reason is on the ticket all the same."""
    (result,) = run(desk, ticket, to="adiaz")
    assert result.state == "applied"
    assert desk.owner_changes(ticket) == 1
    assert "customer called twice" in desk.ticket(ticket)["changes"][-1]["comment"]


def test_asking_twice_hands_it_over_twice(desk: Desk, ticket: int):
    """A second command is a second decision, with a mark of its own."""
    run(desk, ticket, to="css")
    desk.later(minutes=1)
    (result,) = run(desk, ticket, to="css")
    assert result.state == "applied"
    assert len(set(desk.marks(ticket))) == 3


def test_an_answer_that_is_lost_is_settled_by_the_next_sync(desk: Desk, ticket: int):
    """The command says unknown; the next sync finds the mark, and writes nothing."""
    desk.fail(drop_after=True)
    (result,) = run(desk, ticket)
    assert result.state == "unknown"
    desk.later(minutes=1)
    assert desk.sync().applied >= 1
    assert (desk.owner(ticket), desk.puts, desk.owner_changes(ticket)) == ("gcho", [], 2)


def test_what_a_person_did_just_before_is_not_overlooked(desk: Desk, ticket: int):
    """A comment the last sync has not seen is still an event for the next one."""
    desk.config["notify"].append(
        {"id": "chatter", "event": "commented",
         "then": {"notify": {"to": ["submitter"], "template": "nudge"}}}
    )  # fmt: skip
    desk.edit("cwong", ticket, "seen it before")
    run(desk, ticket)
    before = len(desk.mails)
    desk.later(minutes=1)
    desk.sync()
    assert len(desk.mails) == before + 1


def test_those_told_of_a_hand_over_are_told_once(desk: Desk, ticket: int):
    """A notify rule on a change of owner fires for the command, and not again for its row."""
    desk.config["notify"].append(
        {"id": "yours", "event": {"changed": {"owner": {"to": {"in_team": "network"}}}},
         "then": {"notify": {"to": ["owner"], "template": "assigned"}}}
    )  # fmt: skip
    (result,) = run(desk, ticket)
    assert len(result.messages) == 1
    desk.later(minutes=1)
    desk.sync()
    assert [to for to, _ in desk.mails].count("gcho@example.org") == 1

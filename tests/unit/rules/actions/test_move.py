"""move: another queue, by name."""

from pathlib import Path

import pytest

from kace_bridge.model.effect import UpdateTicket
from kace_bridge.rules.actions.move import Move
from tests.unit.rules.actions.acting import act, notes, problems_of, refused_text
from tests.unit.rules.rulebook import ask, book, make_ticket

HERE = make_ticket(queue={"id": 1, "name": "Help Desk"})


def test_the_plan_names_both_queues() -> None:
    """The move is a value like any other: named, with what was before."""
    (effect,) = act("move: {queue: Facilities}", HERE).decision("r").effects
    assert effect == UpdateTicket(HERE.id, {"queue": "Facilities"}, {"queue": "Help Desk"})


def test_a_bare_name_will_do() -> None:
    """The short form means the same."""
    assert act("move: Facilities", HERE).values() == {"queue": "Facilities"}


@pytest.mark.parametrize("name", ["Help Desk", "help desk"])
def test_a_ticket_that_is_there_stays(name: str) -> None:
    """Nothing is planned, and the trace says why."""
    found = act(f"move: {name}", HERE)
    assert found.values() == {}
    assert notes(found) == [{"move": "already in Help Desk"}]


def test_notify_rules_hear_of_the_move() -> None:
    """A planned move is a change of queue for the last phase."""
    rules = book("""
classify: [{id: r, event: created, then: {move: Facilities}}]
notify:
  - {id: told, event: {changed: {queue: {from: Help Desk, to: Facilities}}},
     then: {notify: {to: [submitter]}}}
  - {id: other, event: {changed: {queue: {to: Network}}}, then: {notify: {to: [submitter]}}}
  - {id: any, event: {changed: hd_queue_id}, then: {notify: {to: [submitter]}}}
""")
    assert ask(rules, HERE).fired() == ["r", "told", "any"]


def test_later_rules_see_the_new_queue() -> None:
    """The next phase judges the ticket as it will be."""
    rules = book("""
classify: [{id: r, event: created, then: {move: Facilities}}]
route: [{id: theirs, event: created, if: {queue: {is: Facilities}}, then: {assign: {team: css}}}]
""")
    assert ask(rules, HERE).fired() == ["r", "theirs"]


def test_the_queue_is_a_name_to_look_up() -> None:
    """``rules check --online`` is told which queue must exist."""
    assert Move(queue="Facilities").references().names == (("queue", "Facilities"),)


def test_it_needs_a_queue(tmp_path: Path) -> None:
    """An empty name is refused where it stands."""
    (problem,) = problems_of(tmp_path, rules=refused_text('move: {queue: ""}'))
    assert "queue" in problem

"""A parent and its children: quiet while it is open, told what happens to it, each thing once."""

from typing import Any

import pytest

from kace_bridge.model.ids import TicketId
from kace_bridge.sync.verbs.tickets import close, note
from tests.support.desk import Desk

PARENT, CHILD = TicketId(2), TicketId(3)
RULES: dict[str, list[dict[str, Any]]] = {
    "classify": [
        {"id": "close-with-parent", "event": {"parent": "closed"},
         "if": {"state": {"is_not": "closed"}},
         "then": {"close": {"template": "closed-with-parent"}}},
    ],
    "notify": [
        {"id": "news", "event": {"parent": {"commented": {"by": "staff", "public": True}}},
         "then": {"notify": {"to": ["submitter"], "template": "parent-updated"}}},
        {"id": "back", "event": {"parent": "reopened"},
         "then": {"notify": {"to": ["owner"], "template": "generic"}}},
    ],
}  # fmt: skip


@pytest.fixture
def family(desk: Desk) -> Desk:
    """Ticket 2 of gcho, and ticket 3 of jdoe, which belongs to it."""
    desk.config["parent"] = "custom_4"
    for phase, rules in RULES.items():
        desk.config[phase] += rules
    assert desk.submit("gcho", title="Gateway down", owner="gcho") == PARENT
    desk.sync()
    assert desk.submit(title="No way out", custom_4="#2") == CHILD
    desk.sync()
    return desk


def told(desk: Desk, words: str) -> list[str]:
    """Who was sent a mail about ticket 3 with *words* in its subject."""
    return [to for to, subject in desk.mails if f"[TICK:{CHILD}]" in subject and words in subject]


def test_a_child_is_not_escalated_while_its_parent_is_open(family: Desk) -> None:
    """The parent's own levels go on; the child's wait, and it keeps its owner."""
    owner = family.owner(CHILD)
    family.later(hours=48)
    family.sync()
    assert told(family, "reminder") == told(family, "Escalated") == []
    assert (family.owner(CHILD), family.owner(PARENT)) == (owner, "dlee")


def test_the_submitter_hears_of_a_public_word_once(family: Desk) -> None:
    """However often the sync runs, and though the child has not moved."""
    family.edit("gcho", PARENT, "The new one arrives at noon.")
    for _ in range(3):
        family.sync()
    assert told(family, "News about your request") == ["jdoe@example.org"]


def test_a_child_that_moves_in_the_same_page_hears_it_too(family: Desk) -> None:
    """Its own news and its parent's, once each."""
    family.edit("gcho", PARENT, "The new one arrives at noon.")
    family.edit("jdoe", CHILD, "Any news?")
    family.sync()
    family.sync()
    assert told(family, "News about your request") == ["jdoe@example.org"]


def test_a_note_for_colleagues_stays_among_them(family: Desk) -> None:
    """A private comment of the parent is no news."""
    with family.bridge() as bridge:
        note(bridge, [PARENT], text="Serial number 4711.", person="gcho")
    family.sync()
    assert told(family, "News about your request") == []


def test_a_child_is_closed_with_its_parent_and_its_submitter_told(family: Desk) -> None:
    """With the parent's resolution; no level that waited fires on the way."""
    family.later(hours=48)
    family.edit("gcho", PARENT, status="Closed", resolution="Gateway replaced.")
    family.sync()
    family.sync()
    assert family.ticket(CHILD)["status"] == "Closed"
    assert "Gateway replaced." in family.ticket(CHILD)["resolution"]
    assert told(family, "has been closed") == ["jdoe@example.org"]
    assert told(family, "Escalated") == []


def test_a_parent_closed_at_a_terminal_counts_as_well(family: Desk) -> None:
    """What this bridge wrote on the parent is news for its children."""
    with family.bridge() as bridge:
        close(bridge, [PARENT], resolution="Gateway replaced.", person="gcho")
    family.sync()
    assert family.ticket(CHILD)["status"] == "Closed"


def test_levels_that_waited_are_taken_in_one_once_it_is_over(family: Desk) -> None:
    """Where children stay open, the last of them is enough; those before are passed over."""
    family.config["classify"].pop()
    family.later(hours=48)
    family.sync()
    family.edit("gcho", PARENT, status="Closed")
    family.sync()
    with family.bridge() as bridge:
        levels = [
            (row.level, "passed over" in str(row.trace.get("reason")))
            for row in bridge.store.decisions(ticket=CHILD)
            if row.rule == "no-first-answer"
        ]
    assert sorted(levels) == [(1, True), (2, False)]
    assert family.owner(CHILD) in {"dlee", "epark"}


def test_a_child_that_breaks_a_template_is_told_later(family: Desk) -> None:
    """The parent is not stored until its children could hear of it; nothing is lost."""
    family.edit("gcho", PARENT, "The new one arrives at noon.")
    good = family.config["notify"]
    bad = {"id": "bad", "event": {"parent": "commented"},
           "then": {"notify": {"to": ["submitter"], "template": "reopened-only"}}}  # fmt: skip
    (family.folder / "texts").mkdir()
    (family.folder / "texts" / "reopened-only.txt").write_text(
        "Subject: [TICK:{{ ticket.id }}] x\n\n{{ reopened.note }}\n"
    )
    family.config |= {"templates": "texts", "notify": [*good, bad]}
    assert family.sync().failed == 1
    family.config |= {"templates": None, "notify": good}
    family.later(minutes=20)
    family.sync()
    assert told(family, "News about your request") == ["jdoe@example.org"]


def test_a_circle_of_tickets_silences_nobody(family: Desk) -> None:
    """A parent that has a parent quiets no one."""
    family.edit("gcho", PARENT, custom_4=str(CHILD))
    family.sync()
    family.later(hours=48)
    family.sync()
    assert family.owner(CHILD) in {"dlee", "epark"}


def test_a_number_of_no_ticket_known_is_no_parent(family: Desk) -> None:
    """A field that holds something else changes nothing."""
    family.edit("jdoe", CHILD, custom_4="4711")
    family.sync()
    family.later(hours=48)
    family.sync()
    assert family.owner(CHILD) in {"dlee", "epark"}

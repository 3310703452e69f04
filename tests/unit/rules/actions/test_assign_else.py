"""assign with else: what happens where the first choice cannot be had."""

import pytest

from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from tests.unit.rules.rulebook import EVERYBODY, ask, book, event, make_ticket

BY_TEAM = "route: [{id: net, event: created, then: {assign: {team: network, else: {team: css}}}}]"
BACK = (
    "route: [{id: back, event: reopened, hands_off: false,"
    " then: {assign: {to: last_owner, else: {team: css}}}}]"
)
HISTORY = [event(), event("changed", ("owner", None, "BKim"), row=902)]
REOPENED = event("reopened", row=903)


@pytest.mark.parametrize(
    ("absent", "person", "told"),
    [
        pytest.param((), "fruiz", ["network"], id="somebody is there"),
        pytest.param(("fruiz",), "gcho", ["network"], id="the stand-in is there"),
        pytest.param(("fruiz", "gcho"), "dlee", ["nobody of network", "css"], id="the other team"),
        pytest.param(("fruiz", "gcho", "dlee"), "epark", ["nobody of network", "css"],
                     id="the other team's next"),
        pytest.param(("fruiz", "gcho", "dlee", "epark"), None,
                     ["nobody of network", "nobody of css"], id="nobody anywhere"),
    ],
)  # fmt: skip
def test_the_other_team_picks_where_the_first_is_empty(
    absent: tuple[str, ...], person: str | None, told: list[str]
) -> None:
    """Every pick that was tried is in the trace; with nobody at all the owner stays."""
    found = ask(book(BY_TEAM), desk={"absent": frozenset(absent)})
    assert found.values() == ({"owner": person} if person else {})
    notes = found.decision("net").trace["notes"]
    assert [
        str(note["assign"])[: len(text)] for note, text in zip(notes, told, strict=True)
    ] == told  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("desk", "person"),
    [
        pytest.param({}, "bkim", id="present"),
        pytest.param({"absent": frozenset({"bkim"})}, "dlee", id="away, in another spelling"),
        pytest.param(
            {"people": {**EVERYBODY, "bkim": Person(UserName("bkim"), archived=True)}}, "dlee",
            id="archived, in another spelling",
        ),
    ],
)  # fmt: skip
def test_a_person_who_cannot_is_passed_over(desk: dict[str, object], person: str) -> None:
    """Login names know no case, here as on the appliance."""
    found = ask(book(BACK), make_ticket(), [REOPENED], timeline=[*HISTORY, REOPENED], desk=desk)
    assert found.values() == {"owner": person}


def test_a_name_in_another_case_is_the_same_person() -> None:
    """The owner is written as the appliance spells it, and one who has the ticket keeps it."""
    by_name = book(
        "route: [{id: back, event: created, hands_off: false, then: {assign: {to: BKIM}}}]"
    )
    assert ask(by_name).values() == {"owner": "bkim"}
    assert ask(by_name, make_ticket(owner="bkim")).values() == {}

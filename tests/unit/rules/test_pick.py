"""Who is picked: presence, load, turn; and the desk that remembers it."""

import pytest

from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.pick import moved, pick
from tests.unit.rules.rulebook import EVERYBODY, MONDAY, book, desk_of, make_ticket

RULES = book()


def choose(team: str = "desk", owner: str | None = None, **desk: object) -> object:
    """The choice of *team* for the usual ticket."""
    return pick(RULES, team, Facts(make_ticket(owner=owner), MONDAY, desk_of(RULES, **desk)))


ARCHIVED = {**EVERYBODY, "adiaz": Person(UserName("adiaz"), "Ana", "a@example.org", archived=True)}


@pytest.mark.parametrize(
    ("desk", "person", "absent"),
    [
        pytest.param({}, "adiaz", (), id="all free: the first"),
        pytest.param({"loads": {"adiaz": 2, "bkim": 1, "cwong": 3}}, "bkim", (), id="least to do"),
        pytest.param(
            {"loads": {"adiaz": 2, "bkim": 1}, "absent": frozenset({"cwong"})}, "bkim", ("cwong",),
            id="who is away is passed over, however free",
        ),
        pytest.param({"people": ARCHIVED}, "bkim", ("adiaz",), id="an archived account, too"),
        pytest.param({"turns": {"desk": "adiaz"}}, "bkim", (), id="equals take turns"),
    ],
)  # fmt: skip
def test_the_present_are_asked(
    desk: dict[str, object], person: str, absent: tuple[str, ...]
) -> None:
    """Only present people are candidates; absences stand in the record."""
    found = choose(**desk)  # type: ignore[arg-type]
    assert (found.person, found.absent) == (person, absent)  # type: ignore[attr-defined]


def test_an_empty_team_picks_nobody_and_says_so() -> None:
    """Rather no change than an empty chair."""
    found = choose("css", absent=frozenset({"dlee", "epark"}))
    assert found.person is None  # type: ignore[attr-defined]
    assert found.reason == "nobody of css is present"  # type: ignore[attr-defined]


def test_a_pick_counts_at_once() -> None:
    """Ten tickets of one run are spread, not piled on whoever was free when it began."""
    desk = desk_of(RULES, loads={"adiaz": 1})
    order = []
    for _ in range(6):
        found = pick(RULES, "desk", Facts(make_ticket(), MONDAY, desk))
        assert found.desk is not None
        order.append(found.person)
        desk = found.desk
    assert sorted(order, key=str) == ["adiaz", "bkim", "bkim", "cwong", "cwong", "adiaz"] or (
        {name: order.count(name) for name in order} == {"adiaz": 2, "bkim": 2, "cwong": 2}
    )


def test_moving_a_ticket_moves_its_load() -> None:
    """The old owner has one less, the new one more; nobody goes below zero."""
    desk = desk_of(RULES, loads={"adiaz": 1, "bkim": 4})
    after = moved(moved(desk, "desk", "adiaz", "bkim"), "desk", "adiaz", "cwong")
    assert after.loads == {"adiaz": 0, "bkim": 5, "cwong": 1}
    assert after.turns == {"desk": "cwong"}


def test_the_pick_is_told_for_the_fairness_ledger() -> None:
    """Candidates, loads and absences are kept as plain data."""
    found = choose(loads={"adiaz": 2}, absent=frozenset({"cwong"}))
    assert found.as_data() == {  # type: ignore[attr-defined]
        "picked": "bkim", "candidates": ["adiaz", "bkim"], "loads": {"adiaz": 2, "bkim": 0},
        "absent": ["cwong"],
    }  # fmt: skip

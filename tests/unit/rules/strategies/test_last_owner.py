"""last_owner: whoever knows the ticket."""
# ruff: noqa: E501 (a rule is read on one line)

import pytest

from tests.unit.rules.rulebook import BASE, ask, book, event, make_ticket

RULES = book(
    "route: [{id: back, event: reopened, hands_off: false, then: {assign: {team: desk}}}]",
    BASE.replace("members: [adiaz, bkim, cwong]", "members: [adiaz, bkim, cwong], pick: last_owner"),
)  # fmt: skip
REOPENED = event("reopened", ("state", "closed", "opened"), row=999)


def took(before: str | None, after: str | None, row: int) -> object:
    """A change of owner."""
    return event("changed", ("owner", before, after), row=row)


@pytest.mark.parametrize(
    ("owner", "history", "absent", "person", "reason"),
    [
        pytest.param(None, [took(None, "bkim", 1), took("bkim", None, 2)], (), "bkim",
                     "bkim owned it last", id="who dropped it last"),
        pytest.param("cwong", [took(None, "bkim", 1), took("bkim", "cwong", 2)], (), None,
                     "cwong owned it last", id="who owns it keeps it"),
        pytest.param("dlee", [took(None, "bkim", 1), took("bkim", "dlee", 2)], (), "bkim",
                     "bkim owned it last", id="the last of this team, though another has it now"),
        pytest.param(None, [took(None, "BKim", 1), took("BKim", None, 2)], (), "bkim",
                     "bkim owned it last", id="login names know no case"),
        pytest.param(None, [took(None, "bkim", 1), took("bkim", None, 2)], ("bkim",), "cwong",
                     "bkim, who owned it last, is away: cwong has the least to do",
                     id="away: least loaded"),
        pytest.param(None, [took(None, "dlee", 1), took("dlee", None, 2)], (), "cwong",
                     "nobody of the team owned it before: cwong has the least to do",
                     id="nobody of the team: least loaded"),
        pytest.param(None, [], (), "cwong", "nobody of the team owned it before",
                     id="never owned: least loaded"),
    ],
)  # fmt: skip
def test_who_had_it_gets_it_back(
    owner: str | None, history: list[object], absent: tuple[str, ...], person: str | None, reason: str
) -> None:  # fmt: skip
    """The last owner where a present member, else the least loaded; the trace says which."""
    found = ask(
        RULES, make_ticket(owner=owner), [REOPENED], timeline=[event(), *history, REOPENED],  # type: ignore[list-item]
        desk={"absent": frozenset(absent), "loads": {"adiaz": 2, "bkim": 2, "cwong": 1}},
    )  # fmt: skip
    assert found.values() == ({"owner": person} if person else {})
    (note,) = found.decision("back").trace["notes"]  # type: ignore[misc]
    assert reason in note["assign"]  # type: ignore[index]
    assert note["candidates"] == [p for p in ("adiaz", "bkim", "cwong") if p not in absent]  # type: ignore[index]


def test_what_was_stored_about_the_ticket_counts_too() -> None:
    """Without a history of owners the last snapshot tells."""
    found = ask(RULES, make_ticket(), [REOPENED], before=make_ticket(owner="adiaz"))
    assert found.values() == {"owner": "adiaz"}

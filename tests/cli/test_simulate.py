"""simulate: what it prints and exits with."""

from tests.cli.conftest import Cli
from tests.support.desk import Desk


def test_the_timeline_is_told_with_dates_and_people(desk: Desk, cli: Cli) -> None:
    """Each level under its moment, in the appliance's time, with who is told."""
    cli("sync")
    desk.later(minutes=1)
    desk.submit()
    cli("sync")
    outcome = cli("simulate", "1", "--until", "5bd")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[1] == "  New, owner adiaz, now Mon 2026-03-02 09:01"
    assert "  clock respond reaches its target Tue 2026-03-03 09:01" in lines
    at = lines.index("Mon 2026-03-02 14:01  no-first-answer level 1")
    assert "message to owner Adiaz: [TICK:1]" in lines[at + 1]
    assert lines[at + 3] == "Tue 2026-03-03 09:01  no-first-answer level 2"
    assert lines[at + 4].strip() == "owner: adiaz -> dlee"
    assert lines[-1] == "Nothing more until Mon 2026-03-09 09:01. Nothing was written or sent."


def test_json_gives_moments_and_effects(desk: Desk, cli: Cli) -> None:
    """For programs: instants with their offset, fields, messages."""
    cli("sync")
    desk.submit()
    data = cli("simulate", "1", "--json").data
    first = data["coming"][0]
    assert (first["rule"], first["now"], first["set"]) == (
        "everything-else",
        True,
        {"owner": "adiaz"},
    )
    assert data["known"] is False
    assert data["coming"][-1]["level"] == 2


def test_a_time_that_is_none_and_a_ticket_that_is_none(cli: Cli) -> None:
    """Usage is 2, a missing ticket 1; one line each."""
    assert cli("simulate", "1", "--until", "soon").code == 2
    outcome = cli("simulate", "4711")
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1

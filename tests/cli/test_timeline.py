"""timeline: the ledger of a ticket's clocks."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def ticket(desk: Desk) -> int:
    """Waits for its submitter since eleven; the clock resolve stands still meanwhile."""
    desk.config["clocks"]["resolve"] = {
        "calendar": "office", "start": "created", "stop": "closed", "target": "5bd",
        "pause": {"status": ["Need More Info"]},
    }  # fmt: skip
    desk.sync()
    number = desk.submit(title="Mouse broken")
    desk.sync()
    desk.later(hours=2)
    desk.edit("adiaz", number, "Which room is it?", status="Need More Info")
    desk.sync()
    desk.later(hours=3)
    return number


def test_each_stretch_has_its_cause(cli: Cli, ticket: int) -> None:
    """Running, paused and stopped, with working time and who did it; no line is too long."""
    out = cli("timeline", str(ticket)).out
    assert out.startswith("#1 Mouse broken\n")
    assert "respond  2h 0m of 8h 0m (25%) used, stopped" in out
    assert "Mon 2026-03-02 11:00  stopped            first staff reply by adiaz" in out
    assert "resolve  2h 0m of 40h 0m (5%) used, paused" in out
    assert "Mon 2026-03-02 11:00  paused             status Need More Info by adiaz" in out
    assert max(map(len, out.splitlines())) <= 80


def test_levels_are_done_coming_or_off(desk: Desk, cli: Cli) -> None:
    """Half of the time is over, the rest comes, in plain words."""
    desk.sync()
    desk.submit(title="Mouse broken")
    desk.sync()
    desk.later(hours=6)
    desk.sync()
    out = cli("timeline", "1").out
    assert "50%          Mon 2026-03-02 14:00  done     Mon 2026-03-02 15:00, 1h 0m late" in out
    assert "100%         Tue 2026-03-03 09:00  coming   in 18h 0m" in out


def test_an_answer_takes_the_levels_away(cli: Cli, ticket: int) -> None:
    """They are told as off, not as coming."""
    assert "off      the clock has stopped" in cli("timeline", str(ticket)).out


def test_json_has_the_same_in_seconds(cli: Cli, ticket: int) -> None:
    """For programs; one clock if asked for."""
    data = cli("timeline", str(ticket), "--clock", "resolve", "--json").data
    (clock,) = data["clocks"]
    assert (clock["worked_s"], clock["target_s"], clock["state"]) == (7200, 144000, "paused")
    assert [part["kind"] for part in clock["stretches"]] == ["running", "paused"]


def test_a_ticket_no_sync_has_seen_has_clocks_too(desk: Desk, cli: Cli) -> None:
    """Read off the appliance on the spot, and nothing is stored."""
    desk.submit(title="Mouse broken")
    outcome = cli("timeline", "1")
    assert outcome.code == 0
    assert "No sync has seen this ticket yet." in outcome.out
    assert "respond  0m of 8h 0m (0%) used, running" in outcome.out


def test_a_commands_answer_stops_the_clock_in_its_persons_name(desk: Desk, cli: Cli) -> None:
    """Not in the name of the bridge's account."""
    desk.sync()
    desk.submit(title="Mouse broken")
    desk.sync()
    desk.later(minutes=30)
    cli("note", "1", "--text", "Coming.", "--public", "--as", "bkim")
    assert "first staff reply by bkim" in cli("timeline", "1").out


def test_an_unknown_clock_is_told(cli: Cli) -> None:
    """With the nearest there is."""
    outcome = cli("timeline", "1", "--clock", "respnd")
    assert outcome.code == 2
    assert "Did you mean 'respond'?" in outcome.err


def test_a_ticket_in_hand_is_told(desk: Desk, cli: Cli) -> None:
    """By whom and until when escalation waits; ack prints it as a change."""
    desk.submit(title="Mouse broken")
    outcome = cli("ack", "1", "--for", "2bh", "--as", "bkim")
    assert "#1 applied  escalation: as the rules say -> held until 2026-03-02 11:00" in outcome.out
    shown = cli("timeline", "1").out
    assert "Escalation waits: acknowledged by bkim until 2026-03-02 11:00." in shown
    cli("ack", "1", "--end", "--as", "bkim")
    assert "Escalation waits" not in cli("timeline", "1").out


def test_ack_takes_one_length_or_none(cli: Cli) -> None:
    """--end ends it now."""
    outcome = cli("ack", "1", "--end", "--for", "1bd")
    assert outcome.code == 2
    assert "contradict each other" in outcome.err

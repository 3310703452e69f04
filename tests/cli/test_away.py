"""away: who is given no work, entered in one line."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


def test_no_team_picks_who_is_away(desk: Desk, cli: Cli) -> None:
    """adiaz would be next; the work goes to bkim until adiaz is back."""
    desk.sync()
    outcome = cli("away", "add", "ADiaz", "--until", "2026-03-03", "--reason", "ill", "--as", "x")
    assert outcome.code == 0
    assert "adiaz is away from 2026-03-02 09:00 until 2026-03-04 00:00" in outcome.out
    desk.submit(title="Mouse broken")
    desk.sync()
    assert desk.owner(1) == "bkim"
    for other in ("bkim", "cwong"):
        cli("away", "add", other, "--until", "1d", "--as", "x")
    assert cli("away", "end", "adiaz").code == 0
    desk.submit(title="Printer jam")
    desk.later(minutes=1)
    desk.sync()
    assert desk.owner(2) == "adiaz"


def test_the_list_shows_when_and_why(cli: Cli) -> None:
    """Now and to come; over ones only if asked for; within 80 columns."""
    cli("away", "add", "bkim", "--until", "3d", "--reason", "long " * 30, "--as", "x")
    cli("away", "add", "cwong", "--from", "2026-04-01", "--until", "2026-04-02", "--as", "x")
    lines = cli("away", "list").out.splitlines()
    assert [line.split()[1] for line in lines[1:]] == ["bkim", "cwong"]
    assert "2026-04-01 00:00  2026-04-03 00:00  to come" in lines[2]
    assert max(map(len, lines)) <= 80
    assert cli("away", "end", "1").code == 0
    assert [a["user"] for a in cli("away", "list", "--json").data["absences"]] == ["cwong"]
    everybody = cli("away", "list", "--all", "--json").data["absences"]
    assert [a["when"] for a in everybody] == ["over", "to come"]


def test_nobody_away_is_said(cli: Cli) -> None:
    """In words."""
    assert cli("away", "list").out == "Nobody is away.\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param("add bkm --until 3d", "'bkm' is in no team. Did you mean 'bkim'?", id="name"),
        pytest.param("add bkim --until soon", "--until 'soon' is no time", id="until"),
        pytest.param("add bkim --from x --until 3d", "--from 'x' is no time", id="from"),
        pytest.param("add bkim --until 2026-03-01", "not after --from", id="the past"),
        pytest.param("end 9", "no absence '9'", id="number"),
    ],
)
def test_mistakes_are_told_with_the_cure(cli: Cli, args: str, said: str) -> None:
    """Nothing is stored."""
    outcome = cli("away", *args.split())
    assert outcome.code == 2
    assert said in outcome.err


def test_a_rehearsal_stores_nothing(cli: Cli) -> None:
    """--dry-run shows how the times were understood."""
    outcome = cli("away", "add", "bkim", "--until", "fri 17:00", "--dry-run")
    assert "bkim would be away from 2026-03-02 09:00 until 2026-03-06 17:00" in outcome.out
    assert cli("away", "list").out == "Nobody is away.\n"

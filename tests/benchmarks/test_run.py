"""The measurements run: every figure, at small size. What they come to is nobody's promise here."""

import json
from pathlib import Path

import pytest

from benchmarks import run
from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, Timings, time_rounds

EVERY = [pytest.param(module, id=module.FIGURES[0]) for module in run.modules(set())]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", EVERY)
def test_each_figure_can_be_measured_small(module: run.ModuleType) -> None:
    """A module answers for the figures it names, and for no others."""
    lines = module.measure(Setting(small=True, rounds=1))
    assert {line.figure for line in lines} == set(module.FIGURES)
    assert all(line.ours > 0 for line in lines)


def test_one_command_prints_the_table_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed is in the file, with the machine it was measured on."""
    file = tmp_path / "figures.json"
    assert run.main(["--small", "--rounds", "1", "--only", "p1", "--json", str(file)]) == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert {line["figure"] for line in found["lines"]} == {"P1"}
    assert found["machine"]["python"]
    assert "by hand" in capsys.readouterr().out


def test_an_unknown_figure_is_refused() -> None:
    """With the names there are."""
    with pytest.raises(SystemExit, match=r"no figure P99; there are P1"):
        run.main(["--only", "P99"])


def test_every_case_runs_once_to_warm_up_and_once_a_round() -> None:
    """In turn, so that a slow second falls on all of them."""
    order: list[str] = []
    cases = {name: Case(lambda name=name: order.append(name)) for name in "ab"}  # type: ignore[misc]
    time_rounds(cases, 2)
    assert order == list("ababab")


def test_ratios_are_taken_inside_a_round() -> None:
    """A round in which everything is slow leaves the ratio as it is."""
    found = Timings({"ours": [2.0, 20.0, 3.0], "floor": [1.0, 10.0, 3.0]})
    assert (found.median("ours"), found.ratio("ours", "floor")) == (3.0, 2.0)


@pytest.mark.parametrize(
    ("line", "met"),
    [
        pytest.param(Line("P0", "x", 9.0, "ns", 1.5, 1.4), True, id="a ratio within the goal"),
        pytest.param(Line("P0", "x", 1.0, "ns", 1.5, 1.6), False, id="a ratio beyond it"),
        pytest.param(Line("P0", "x", 0.9, "us", 1.0), True, id="a time within the goal"),
        pytest.param(Line("P0", "x", 9.0, "/s", 0.5, 0.6, at_least=True), True, id="at least"),
        pytest.param(Line("P0", "x", 9.0, "ns"), None, id="no goal"),
    ],
)
def test_a_goal_is_met_or_not(line: Line, met: bool | None) -> None:
    """The ratio decides where there is one, else the time itself."""
    assert line.met is met

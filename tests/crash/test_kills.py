"""The real process killed at named points, over real HTTP, with a real store and mail folder."""

import signal
from typing import Any

import pytest

from tests.crash.campaign import Tally, strike
from tests.crash.forking import Zygote
from tests.crash.jobs import ASKED

SEEDS = 6
PER_SEED = 30


def campaign(seeds: range, variant: str = "", **given: Any) -> Tally:
    tally = Tally()
    with Zygote(variant) as zygote:
        for _ in strike(tally, seeds, zygote, **given):
            pass
    return tally


@pytest.mark.catalogue("B01")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_process_killed_anywhere_breaks_no_promise(seed: int):
    """SIGKILL at the 1st, 2nd or 5th time of a point; restarted, it ends with I1 to I6."""
    tally = campaign(range(seed, seed + 1), per_seed=PER_SEED)
    assert tally.broken == []
    assert len(tally.points) >= 45
    assert sum(tally.struck.values()) == PER_SEED - tally.missed >= PER_SEED - 3


@pytest.mark.catalogue("B01")
@pytest.mark.parametrize("verb", ASKED)
def test_a_command_killed_anywhere_breaks_no_promise(verb: str):
    """What a person asked for happens once or not at all, whether or not it is asked for again."""
    tally = campaign(range(40, 42), per_seed=12, only=f"{verb}: ")
    assert tally.broken == []
    assert sum(tally.struck.values()) >= 12


@pytest.mark.catalogue("B01")
def test_a_recovery_killed_as_well_breaks_no_promise():
    """The second kill strikes while the first is being made good."""
    tally = campaign(range(20, 22), per_seed=14, double=True)
    assert tally.broken == []
    assert tally.doubles >= 10


@pytest.mark.catalogue("B16")
def test_a_process_told_to_end_anywhere_breaks_no_promise():
    """SIGTERM, as a scheduler's time limit sends it: what was begun is settled by the next run."""
    tally = campaign(range(30, 32), per_seed=12, sign=signal.SIGTERM)
    assert tally.broken == []
    assert sum(tally.struck.values()) >= 20


ENDING = "GET logout: before it is sent"
DECIDED = "intake._commit: commit_page, committed"
LATE = {"only": ENDING, "faults": 0.9, "window_s": 25, "lies": ("late",)}


@pytest.mark.parametrize(
    ("variant", "scene"),
    [
        pytest.param("no intent", LATE, id="intent not recorded"),
        pytest.param("repeats", LATE | {"lies": ("cut",)}, id="transport repeats a PUT"),
        pytest.param("", LATE | {"settings": {"settle": "1s"}}, id="settle window too short"),
        pytest.param("repeats", LATE | {"only": f"escalate: {ENDING}", "lies": ("cut",)},
                     id="transport repeats a command's PUT"),
        pytest.param("undo stops nothing", {"only": "undo: ", "faults": 0.9, "lies": ("429",)},
                     id="undone messages leave all the same"),
        pytest.param("undo forgets one", {"only": "undo: "}, id="a field is not put back"),
        pytest.param("apply forgets some", {"only": "apply: "}, id="part of a plan is dropped"),
        pytest.param("apply does more", {"only": "apply: "}, id="more is done than planned"),
        pytest.param("cursor first", {"only": DECIDED}, id="cursor committed before decisions"),
    ],
)  # fmt: skip
def test_a_weakened_design_is_found_out(variant: str, scene: dict[str, Any]):
    """A checker that cannot fail proves nothing."""
    assert any(campaign(range(n, n + 1), variant, per_seed=3, **scene).broken for n in range(1, 6))

"""When the loop goes on, waits longer, and ends."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from kace_bridge.errors import (
    ConfigError,
    LeaseHeld,
    LoginRefused,
    Resting,
    RetryLater,
    UnexpectedReply,
    UsageError,
)
from kace_bridge.sync.watch import Stopped, Told, watch

BUSY = RetryLater("busy")


class Script:
    """Plays outcomes one after the other and notes the waits between them."""

    def __init__(self, outcomes: Sequence[BaseException | float | None], ends_after: int = 99):
        self.outcomes = list(outcomes)
        self.ends_after = ends_after
        self.at = 0.0
        self.waits: list[float] = []
        self.told: list[Told] = []
        self.runs = 0

    def once(self) -> None:
        outcome = self.outcomes[self.runs]
        self.runs += 1
        if isinstance(outcome, BaseException):
            raise outcome
        self.at += outcome or 0.0

    def is_set(self) -> bool:
        return self.runs >= min(self.ends_after, len(self.outcomes))

    def wait(self, timeout: float) -> bool:
        self.waits.append(timeout)
        return self.is_set()

    def play(self, rounds: int | None = None) -> list[float]:
        watch(
            self.once, every=timedelta(seconds=60), ending=self, monotonic=lambda: self.at,
            failed=self.told.append, rounds=rounds,
        )  # fmt: skip
        return self.waits


@pytest.mark.catalogue("B24")
def test_rounds_begin_every_minute() -> None:
    """From start to start: a round of 20 seconds leaves 40; a long one leaves none."""
    assert Script([20.0, 90.0, None]).play() == [40.0, 0.0, 60.0]


@pytest.mark.parametrize("error", [BUSY, UnexpectedReply("not json")], ids=["busy", "strange"])
def test_failures_double_the_wait_up_to_a_quarter_of_an_hour(error: Exception) -> None:
    """And a success sets it back."""
    script = Script([error] * 6 + [None, error])
    assert script.play() == [120, 240, 480, 900, 900, 900, 60, 120]
    assert len(script.told) == 7


def test_whoever_stands_by_keeps_its_pace_and_says_so_once() -> None:
    """Another worker at work is no fault: should it die, this one is there within a round."""
    script = Script([LeaseHeld("a"), LeaseHeld("b"), LeaseHeld("c"), None, LeaseHeld("d"), None])
    assert script.play() == [60.0] * 6
    assert [str(told.error) for told in script.told] == ["a", "d"]


def test_a_wait_that_was_asked_for_is_kept() -> None:
    """Also where it is longer than ours would be."""
    assert Script([RetryLater("slow down", retry_after=1800)]).play() == [1800]


def test_a_rest_is_waited_out_and_counts_for_nothing() -> None:
    """Nothing was asked: the wait is what is left of the rest, and the next fault is the second."""
    rests = Resting("not asked", retry_after=200.0)
    assert Script([BUSY, rests, BUSY, None]).play() == [120, 200, 240, 60]


def test_a_refused_login_ends_it() -> None:
    """One attempt: the account is not locked out."""
    script = Script([None, LoginRefused("no"), None])
    with pytest.raises(LoginRefused):
        script.play()
    assert script.runs == 2


def test_a_bad_configuration_ends_the_first_round_only() -> None:
    """Later somebody may be at work on it."""
    with pytest.raises(ConfigError):
        Script([ConfigError(["bad"]), None]).play()
    script = Script([None, ConfigError(["bad"]), None])
    assert script.play() == [60, 120, 60]


def test_other_errors_are_raised() -> None:
    """A service manager sees them."""
    with pytest.raises(UsageError):
        Script([UsageError("?")]).play()


def test_a_run_that_is_stopped_ends_it_quietly() -> None:
    """No wait, no word."""
    script = Script([None, Stopped(), None])
    assert script.play() == [60]
    assert (script.runs, script.told) == (2, [])


def test_it_ends_after_so_many_rounds() -> None:
    """Without waiting for one that will not come."""
    script = Script([None, None, None])
    assert script.play(rounds=2) == [60]
    assert script.runs == 2

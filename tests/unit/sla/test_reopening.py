"""What a re-opening does where the admin did not say."""

import pytest

from kace_bridge.sla.clock_spec import ClockSpec


@pytest.mark.parametrize(
    ("stop", "said", "does"),
    [
        pytest.param("closed", None, "resume", id="work goes on where it was left"),
        pytest.param("first_staff_reply", None, "restart", id="a new answer is waited for"),
        pytest.param("first_staff_reply", "ignore", "ignore", id="what is said counts"),
    ],
)
def test_a_clock_knows_what_a_reopening_means(stop: str, said: str | None, does: str) -> None:
    """Unsaid, a clock that stops at closing resumes and one that waits for an answer restarts."""
    spec = ClockSpec.model_validate(
        {"start": "created", "stop": stop, "target": "1bd", "on_reopen": said}
    )
    assert spec.reopening == does

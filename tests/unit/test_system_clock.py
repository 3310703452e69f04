"""The clock of this machine."""

import sys
import time

import pytest

from kace_bridge.clock import SystemClock


@pytest.mark.catalogue("B14")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count it")
def test_deadlines_count_the_time_a_machine_was_suspended() -> None:
    """After a suspend a send deadline has passed: CLOCK_MONOTONIC would have stood still."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    now = SystemClock().monotonic()
    assert before <= now <= time.clock_gettime(time.CLOCK_BOOTTIME)

"""The soak rig works: a few seconds of it add up, and a slope is what it says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.soak import Sample, slope

ROOT = Path(__file__).parents[2]


def test_a_slope_is_per_hour_of_the_later_samples() -> None:
    """The warm-up does not count."""
    samples = [Sample(at, 50.0 if at < 120 else 10 + at / 60, 1, 1.0) for at in range(0, 360, 5)]
    assert round(slope(samples, "rss_mib"), 6) == 60
    assert slope(samples, "store_mib") == 0


@pytest.mark.timeout(150)
def test_a_few_seconds_add_up() -> None:
    """Every receipt is found, by the rig's own count and not by the program's."""
    words = ["--minutes", "0.15", "--speed", "1500", "--quiet", "12"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", *words], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[0])
    assert told["created"] == told["mails"]["receipt"] > 0

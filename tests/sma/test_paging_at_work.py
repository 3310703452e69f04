"""Paging while other processes work on the same tickets."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.catalogue("A12")
@pytest.mark.parametrize("parallel", ["1", "4"])
def test_no_ticket_is_missed_or_doubled_while_people_work(parallel: str):
    """Two thousand tickets, each seen once, whatever is edited, deleted and created meanwhile."""
    script = [sys.executable, "-m", "benchmarks.paging", "--tickets", "2000", "--page-size", "50",
              "--parallel", parallel]  # fmt: skip
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = dict(line.split() for line in done.stdout.splitlines())
    assert figures["tickets"] == "2000"
    assert (figures["missing"], figures["doubled"]) == ("0", "0")

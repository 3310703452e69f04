"""The process that forks those to be killed, seen from outside (see tests/crash/zygote.py)."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]


@dataclass
class Zygote:
    """Takes orders while it is entered; *variant* names a weakened design to run them in."""

    variant: str = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def run(self, order: Mapping[str, Any], started: Callable[[int], object]) -> dict[str, Any]:
        """How it ended; *started* is told the process id."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({**order, "variant": self.variant}) + "\n")
        self._process.stdin.flush()
        started(self._read()["pid"])
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the forking process is gone"
        return dict(json.loads(line))

"""A sandbox in a process of its own, and the program run as the scheduler runs it."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

PROGRAM = [sys.executable, "-m", "kace_bridge"]


@dataclass
class Sandbox:
    """A running appliance; ``environ`` is what the program needs to reach it."""

    url: str
    control: str
    environ: dict[str, str] = field(default_factory=dict)

    def load(self, data: dict[str, Any]) -> None:
        requests.post(f"{self.control}/load", json=data, timeout=300).raise_for_status()

    def dump(self) -> dict[str, Any]:
        return requests.get(f"{self.control}/dump", timeout=300).json()

    def clock(self, **change: object) -> None:
        requests.post(f"{self.control}/clock", json=change, timeout=30).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.control}/requests", timeout=60).json()

    def forget_requests(self) -> None:
        requests.delete(f"{self.control}/requests", timeout=60).raise_for_status()


@contextmanager
def sandbox(*options: str) -> Iterator[Sandbox]:
    """``kace-bridge sandbox serve --empty``, stopped at the end."""
    command = [*PROGRAM, "sandbox", "serve", "--port", "0", "--empty", "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        environ = {
            **os.environ,
            "KACE_URL": told["url"], "KACE_USERNAME": told["username"],
            "KACE_PASSWORD": told["password"], "KACE_ORG": told["organization"],
        }  # fmt: skip
        yield Sandbox(told["url"], told["control"], environ)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Ran:
    """How one run of the program ended. ``peak_mib`` is the largest of all runs so far."""

    code: int
    seconds: float
    out: str
    err: str
    peak_mib: float

    def json(self) -> dict[str, Any]:
        if not self.out.strip():
            raise SystemExit(f"no output, exit {self.code}: {self.err.strip()[:500]}")
        return json.loads(self.out)


def run(box: Sandbox, folder: Path, *words: str) -> Ran:
    """The program with *words*, in *folder*, to its end."""
    began = time.perf_counter()
    done = subprocess.run(
        [*PROGRAM, *words], cwd=folder, env=box.environ, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Ran(done.returncode, seconds, done.stdout, done.stderr, peak)


def start(box: Sandbox, folder: Path, *words: str) -> "subprocess.Popen[str]":
    """The program with *words*, left running."""
    return subprocess.Popen(
        [*PROGRAM, *words], cwd=folder, env=box.environ, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

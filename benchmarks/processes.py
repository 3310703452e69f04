"""Commands timed as processes of their own, by the processor time they use.

A scheduler that starts a program every minute pays its processor time; the time on the wall of so
short a process mostly tells how busy the machine is.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rounds import Timings


def program() -> list[str]:
    """The installed command, else the module."""
    script = Path(sys.executable).parent / "kace-bridge"
    return [str(script)] if script.exists() else [sys.executable, "-m", "kace_bridge"]


def python(code: str) -> list[str]:
    """Python running *code*."""
    return [sys.executable, "-c", code]


def time_commands(
    commands: Mapping[str, Sequence[str]], rounds: int, environ: Mapping[str, str] | None = None
) -> Timings:
    """Each command twice to warm the disk, then *rounds* times in turn; nanoseconds."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(-2, rounds):
        for name, command in commands.items():
            spent = _run(command, environ)
            if number >= 0:
                found[name].append(spent)
    return Timings(found)


def _run(command: Sequence[str], environ: Mapping[str, str] | None) -> float:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ, text=True
    )
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}: {said[:500]}")
    return (used.ru_utime + used.ru_stime) * 1e9

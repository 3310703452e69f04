"""What goes wrong: requests that fail in scripted ways, workers that stand still or die."""

import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.rig import Sandbox

ALL = "/api/service_desk/tickets"
ONE = f"{ALL}/*"
LATE_S = 6.0
"""The longest that a request may be applied after its client gave up; settle windows are longer."""
VERY_LATE_S = 15.0
"""The same where the window is taken out: time enough for a busy machine to fall into the gap."""
FAULTS = (
    ("PUT", ONE, {"status": 500}), ("PUT", ONE, {"status": 503}), ("PUT", ONE, {"html": True}),
    ("PUT", ONE, {"drop_before": True}), ("PUT", ONE, {"drop_after": True}),
    ("PUT", ONE, {"drop_after": True}), ("PUT", ONE, {"truncate": 9}),
    ("PUT", ONE, {"apply_late_s": 2.0}), ("PUT", ONE, {"apply_late_s": LATE_S}),
    ("PUT", ONE, {"delay_s": 1.0}), ("PUT", ONE, {"delay_s": 4.0}),
    ("PUT", ONE, {"expire_session": True}),
    ("GET", ALL, {"status": 503}), ("GET", ALL, {"drop_after": True}),
    ("GET", ALL, {"truncate": 99}), ("GET", ALL, {"html": True}), ("GET", ALL, {"delay_s": 1.5}),
)  # fmt: skip


@dataclass
class Worker:
    """One ``kace-bridge watch`` at a time, started again when it ends; its words in a file."""

    number: int
    command: list[str]
    environ: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    starts: int = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environ, stdout=log, stderr=log, cwd=Path.cwd()
            )
        self.starts += 1

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            if self.process is not None and self.process.poll() is None:
                self.process.send_signal(number)

    def end(self, patience_s: float = 30) -> None:
        """Ask it to end, wake it if need be, and wait."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if self.process is not None:
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class Nemesis:
    """Troubles the workers and their requests until stopped; counts what it did."""

    box: Sandbox
    workers: list[Worker]
    seed: int
    faults: bool
    long_stop_s: float
    late_s: float = LATE_S
    done: dict[str, int] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def trouble_requests(self) -> None:
        chance = random.Random(self.seed)
        url = f"{self.box.control}/faults"
        while self.faults and not self.stopped.wait(chance.uniform(0.2, 1.2)):
            method, path, do = chance.choice(FAULTS)
            if do.get("apply_late_s") == LATE_S:
                do = {"apply_late_s": self.late_s}
            row = {
                "match": {"method": method, "path": path},
                "after": chance.randrange(3),
                "do": do,
            }
            if len(requests.get(url, timeout=60).json()) < 6:
                requests.post(url, json=[row], timeout=60)
                self._count(f"{method} {next(iter(do))}")

    def trouble_workers(self) -> None:
        chance = random.Random(self.seed + 1)
        while not self.stopped.wait(chance.uniform(1.0, 4.0)):
            worker = chance.choice(self.workers)
            if chance.random() < 0.5:
                worker.signal(signal.SIGKILL)
                self._count("SIGKILL")
                if worker.process is not None:
                    worker.process.wait()
                self.stopped.wait(chance.uniform(0.1, 2.0))
                worker.start()
            else:
                longer = self.long_stop_s and chance.random() < 0.15
                self._stand_still(worker, self.long_stop_s if longer else chance.uniform(0.5, 12))

    def _stand_still(self, worker: Worker, seconds: float) -> None:
        """In a thread: others go on and may be stopped too."""

        def carry_out() -> None:
            worker.signal(signal.SIGSTOP)
            self.stopped.wait(seconds)
            worker.signal(signal.SIGCONT)

        self._count("SIGSTOP long" if seconds == self.long_stop_s else "SIGSTOP")
        threading.Thread(target=carry_out, daemon=True).start()

    def keep_running(self) -> None:
        """Start again whoever ended without being told to."""
        while not self.stopped.wait(0.5):
            for worker in self.workers:
                process = worker.process
                if process is not None and process.poll() not in (None, -signal.SIGKILL):
                    self._count(f"exit {process.returncode}")
                    time.sleep(0.5)
                    worker.start()

    def _count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1


def workers(
    count: int, config: Path, state: str, environ: dict[str, str], broken: str
) -> list[Worker]:
    """So many workers of one site, not started yet; *broken* names the safeguard they lack."""
    module = "benchmarks.workers.broken" if broken else "kace_bridge"
    command = [sys.executable, "-m", module, "-c", str(config), "--state", state,
               "watch", "--every", "1s"]  # fmt: skip
    environ = {**environ, "BROKEN": broken, "PYTHONPATH": str(Path.cwd())}
    return [Worker(number, command, environ, config.parent / f"worker-{number}.log")
            for number in range(1, count + 1)]  # fmt: skip

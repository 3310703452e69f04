"""P9: the peak memory of a first, full sync beside the same program idle after its imports."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures._figure import Line, Setting
from benchmarks.workload.served import served
from benchmarks.workload.site import ENVIRON, make_site
from kace_bridge.clock import SystemClock
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.wire import bridge

FIGURES = ("P9",)


def measure(setting: Setting) -> list[Line]:
    """Two processes over HTTP: one stops after opening the bridge, the other reads everything."""
    tickets = setting.pick(100_000, 1_000)
    with TemporaryDirectory() as name, served(tickets, 0, history=True) as url:
        make_site(Path(name), 50)
        idle, full = (_peak(name, url, mode) for mode in ("idle", "full"))
    assert full["pulled"] == tickets
    return [
        Line("P9", f"full sync of {tickets:,} tickets, above idle",
             max(full["peak_mib"] - idle["peak_mib"], 0.1), "MiB", 80, floor=idle["peak_mib"],
             floor_name="idle")
    ]  # fmt: skip


def _peak(folder: str, url: str, mode: str) -> dict[str, float]:
    command = [sys.executable, "-m", __name__, folder, url, mode]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(folder: str, url: str, mode: str) -> None:
    from kace_bridge.config.load import load

    environ = ENVIRON | {"KACE_URL": url}
    site = load(Path(folder) / "rules.yaml", environ=environ)
    state = f"sqlite:///{folder}/{mode}.db"
    pulled = 0
    with bridge(site, state=state, environ=environ, clock=SystemClock()) as made:
        if mode == "full":
            pulled = sync(made).pulled
    print(json.dumps({"peak_mib": round(peak_mib(), 1), "pulled": pulled}))


def peak_mib() -> float:
    """What this program needed at most; ru_maxrss would count who started it as well."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell the peak of a process")


if __name__ == "__main__":
    main(*sys.argv[1:])

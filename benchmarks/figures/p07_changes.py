"""P7: how many requests a sync of k changed tickets makes, and how many of them it writes."""

from datetime import timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures._figure import Line, Setting
from benchmarks.workload.appliance import Appliance, every
from benchmarks.workload.site import bridged, learnt, make_site
from kace_bridge.config.load import Site
from kace_bridge.sync.cycle import sync

FIGURES = ("P7",)
PAGE = 500
_RULES = {
    "limits": {"changes_per_run": 100_000, "messages_per_run": 100_000},
    "classify": [{"id": "mark", "if": {"custom_5": {"is": "mark me"}},
                  "then": {"comment": "Marked."}}],
}  # fmt: skip
CASES = (20, 0), (2_000, 0), (100, 100), (400, 400)
LOGIN = 2
BETWEEN = timedelta(hours=1)


def measure(setting: Setting) -> list[Line]:
    """Counted, not timed: for few changes and for many, with and without writes."""
    size = setting.pick(100_000, 2_000)
    lines = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        site = make_site(folder, 0, extra=_RULES)
        desk = Appliance(size, history=True)
        state = folder / "known.db"
        learnt(site, desk, state)
        for case, (changed, written) in enumerate(CASES):
            _calm(site, desk, state)
            places = ((place + case) % size for place in every(changed, size))
            desk.touch(places, custom_5="mark me" if written else "other")
            with bridged(site, desk, state) as bridge:
                before = len(desk.asked)
                report = sync(bridge)
                asked = len(desk.asked) - before - LOGIN
            assert (report.changed, report.applied) == (changed, written)
            allowed = ceil(changed / PAGE) + written + 2
            lines.append(
                Line("P7", f"{changed:,} of {size:,} changed, {written} written", asked,
                     "requests", allowed, note="besides the login")
            )  # fmt: skip
    return lines


def _calm(site: Site, desk: Appliance, state: Path) -> None:
    """Only one ticket changes for long.

    What changed in the ten minutes before the last known change is read once more: it is to be
    that one, not what the case before changed within minutes.
    """
    desk.now += BETWEEN
    desk.touch([desk.size - 1], custom_5="other")
    with bridged(site, desk, state) as bridge:
        sync(bridge)

"""P6 and P8: what a sync costs must not grow with what is known, only with what there is to do."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, time_rounds
from benchmarks.workload.appliance import ZERO, Appliance
from benchmarks.workload.site import Site, bridged, copied, fill, learnt, make_site
from kace_bridge.model.ids import TicketId
from kace_bridge.state.rows import DueRow
from kace_bridge.sync.cycle import sync

FIGURES = ("P6", "P8")
DUE = 10
_ESCALATE = {
    "escalate": [{"id": "late", "clock": "open", "levels": [{"at": "1m", "then": {
        "comment": "Somebody has waited for long."}}]}],
}  # fmt: skip


def measure(setting: Setting) -> list[Line]:
    """Whole runs, from opening the store to closing it; the appliance answers from memory."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        plain = make_site(folder, 0)
        late = make_site(folder, 0, extra=_ESCALATE)
        return [_unchanged(setting, folder, plain), _due(setting, folder, plain, late)]


def _unchanged(setting: Setting, folder: Path, site: Site) -> Line:
    sizes = setting.pick(10_000, 100), setting.pick(1_000_000, 1_000)
    desk = Appliance(100, history=True)
    asked: dict[int, int] = {}

    def ready(size: int) -> Callable[[], None]:
        state = folder / f"known{size}.db"
        learnt(site, desk, state)
        fill(state, size)

        def run() -> None:
            with bridged(site, desk, state) as bridge:
                report = sync(bridge)
                asked[size] = report.requests
                assert not report.changed

        return run

    found = time_rounds({str(size): Case(ready(size)) for size in sizes}, setting.rounds)
    few, many = (str(size) for size in sizes)
    return Line(
        "P6", f"nothing changed, {sizes[1]:,} known", found.median(many) / 1e6, "ms", 1.2,
        found.ratio(many, few), found.median(few) / 1e6, f"{sizes[0]:,} known",
        note=f"{asked[sizes[1]]} requests, two of them the login",
    )  # fmt: skip


def _due(setting: Setting, folder: Path, plain: Site, late: Site) -> Line:
    """Levels that were not there when the tickets were learnt, so that none is past."""
    sizes = setting.pick(1_000, 100), setting.pick(100_000, 1_000)
    desk = Appliance(100, history=True)

    def ready(size: int) -> Callable[[], None]:
        state = folder / f"open{size}.db"
        learnt(plain, desk, state)
        fill(state, size, due=desk.now + timedelta(days=9))
        with bridged(plain, desk, state) as bridge:
            first = bridge.store.open_snapshots(after=TicketId(ZERO - 1), limit=DUE)
            rows = [DueRow(row.ticket, "late", 1, desk.now) for row in first]
            bridge.store.set_due([row.ticket for row in rows], rows)
        # Every round takes a store in which nothing has been done yet.
        stores = iter([copied(state, f"{size}-{n}.db") for n in range(setting.rounds + 1)])

        def run() -> None:
            with bridged(late, desk, next(stores)) as bridge:
                assert sync(bridge).decisions == DUE

        return run

    found = time_rounds({str(size): Case(ready(size)) for size in sizes}, setting.rounds)
    few, many = (str(size) for size in sizes)
    return Line(
        "P8", f"{DUE} due among {sizes[1]:,} open", found.median(many) / 1e6, "ms", 1.2,
        found.ratio(many, few), found.median(few) / 1e6, f"among {sizes[0]:,}",
    )  # fmt: skip

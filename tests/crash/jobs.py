"""What one process is there for: a sync, an approval, or what a person asks of the bridge."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kace_bridge.sync import commands
from kace_bridge.sync import plan_apply as planned
from kace_bridge.sync import undo as undoing
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.plan_apply import apply_plan
from kace_bridge.sync.plan_file import Plan, plan_as_data, read_plan
from kace_bridge.sync.planner import Work
from kace_bridge.sync.preview import preview
from kace_bridge.sync.report import SyncReport, counts
from kace_bridge.sync.undo import undo
from kace_bridge.sync.verbs.tickets import escalate, note
from kace_bridge.sync.wire import Bridge

PERSON = "adiaz"
PLAN = "plan.json"
ASKED = ("note", "escalate", "apply", "undo")
"""What a person asks for that changes the world, beside an approval."""


@dataclass(frozen=True, slots=True)
class Job:
    """One process's work, by the command's name; the *ticket* or the *run* it is about."""

    verb: str = "sync"
    ticket: int = 0
    run: str = ""

    @property
    def prefix(self) -> str:
        """Begins the names of its points, where they are to be told from those of a sync."""
        return f"{self.verb}: " if self.verb in ASKED else ""

    def as_order(self) -> dict[str, Any]:
        return asdict(self)


SYNC = Job()
_DECISIONS, _CHUNKS, _GATHER = undoing._decisions, planned._chunks, planned._gather


def _gather_more(bridge: Bridge, plan: Plan, result: planned.PlanResult) -> Work:
    work = _GATHER(bridge, plan, result)
    result.taken += [replace(one, key=one.id[::-1]) for one in result.taken[:1]]
    return work


WEAKENED: Mapping[str, tuple[Any, str, Any]] = {
    "undo stops nothing": (undoing, "_stop", lambda *_: None),
    "undo forgets one": (undoing, "_decisions", lambda *given: list(_DECISIONS(*given))[1:]),
    "apply forgets some": (planned, "_chunks", lambda ids: _CHUNKS(list(ids)[1:])),
    "apply does more": (planned, "_gather", _gather_more),
}
"""What commands could do wrong, by name: a function of theirs, and a worse one in its place."""


def weaken(variant: str) -> None:
    """Put the worse function of *variant* in place, in this process and for good."""
    if variant in WEAKENED:
        module, name, worse = WEAKENED[variant]
        setattr(module, name, worse)


def do(order: Mapping[str, Any], bridge: Bridge) -> dict[str, Any]:
    """Carry out *order*; what it tells of how it went."""
    return _JOBS[order["verb"]](bridge, order)


def _told(report: SyncReport) -> dict[str, Any]:
    return {**counts(report), "waiting": report.waiting, "held": report.held,
            "noop": report.noop, "undelivered": report.undelivered}  # fmt: skip


def _sync(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    del order
    return _told(sync(bridge))


def _approve(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    del order
    held = bridge.store.effects(states=("held",))
    return _told(commands.approve(bridge, held[0].run, "tester"))


def _open(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing: opening the store is what is looked at."""
    del bridge, order
    return {}


def _note(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    """A word for everybody: the submitter hears of it."""
    done = note(bridge, [order["ticket"]], text="It is on its way.", person=PERSON, public=True)
    return {"state": done[0].state}


def _escalate(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    """To one team, and another is told: its only member."""
    done = escalate(
        bridge, [order["ticket"]], to="css", also=("network",), reason="the building is down",
        person=PERSON,
    )  # fmt: skip
    return {"state": done[0].state}


def _plan(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    data = plan_as_data(bridge, preview(bridge))
    (Path(order["folder"]) / PLAN).write_text(json.dumps(data))
    decisions: Any = data["decisions"]
    return {"planned": [decision["id"] for decision in decisions]}


def _apply(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    result = apply_plan(bridge, read_plan(Path(order["folder"]) / PLAN), PERSON)
    return {
        "taken": [decision.id for decision in result.taken],
        "refused": [refusal.decision.id for refusal in result.refused],
    }


def _undo(bridge: Bridge, order: Mapping[str, Any]) -> dict[str, Any]:
    result = undo(bridge, order["run"], PERSON, up_to=1_000)
    return {"kept": [[kept.ticket, kept.what] for kept in result.kept]}


_JOBS: Mapping[str, Callable[[Bridge, Mapping[str, Any]], dict[str, Any]]] = {
    "sync": _sync, "approve": _approve, "open": _open, "plan": _plan,
    "note": _note, "escalate": _escalate, "apply": _apply, "undo": _undo,
}  # fmt: skip

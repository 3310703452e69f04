"""What people ask of the bridge itself, and what had to come of it: notes, plans, an undo.

How far a command came before it was killed is for the ledger to say. What is checked is that it
came to an end there, was not done twice, and that as many messages tell of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kace_bridge.state import Store
from kace_bridge.state.rows import EffectRow
from kace_bridge.sync.undo import RULE as UNDO
from tests.crash.jobs import Job

TELLS = {"note": "updated", "escalate": "escalated"}
"""The template of the one message that tells of each such command."""
STOPPED = "undone by"
"""How the reason begins of what an undo stopped."""


@dataclass
class Asked:
    """What was begun and what came to its end unharmed, by verb and ticket; the plan's decisions;
    the runs that somebody wanted undone, and of undos that ended what they said they kept."""

    begun: Counter[tuple[str, int]] = field(default_factory=Counter)
    ended: Counter[tuple[str, int]] = field(default_factory=Counter)
    planned: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    kept: dict[str, set[tuple[int, str]]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def begin(self, job: Job) -> None:
        """Somebody types it."""
        self.begun[job.verb, job.ticket] += 1
        if job.verb == "undo":
            self.undone.add(job.run)

    def end(self, job: Job, told: Mapping[str, Any], left: int) -> None:
        """It ended by itself and *told* how; *left* of an undone run is still to be done."""
        self.ended[job.verb, job.ticket] += 1
        if job.verb == "apply" and {*told["taken"], *told["refused"]} != self.planned:
            self.broken.append("I1: apply neither took nor refused all of its plan")
        if job.verb == "undo":
            self.kept[job.run] = {(ticket, what) for ticket, what in told["kept"]}
            if left:
                self.broken.append(f"I6: after its undo, {left} of run {job.run} are still to do")


def violations_of(asked: Asked, store: Store, effects: Sequence[EffectRow]) -> Iterator[str]:
    """I1 for what people asked for: decided as often as asked, and exactly what was asked."""
    yield from asked.broken
    rows = store.decisions()
    decided = Counter((row.rule, row.ticket) for row in rows)
    for verb in TELLS:
        for ticket in {ticket for asked_for, ticket in asked.begun if asked_for == verb}:
            found = decided[f"command:{verb}", ticket]
            least, most = asked.ended[verb, ticket], asked.begun[verb, ticket]
            if not least <= found <= most:
                yield f"I1: {found} times '{verb}' of ticket {ticket}, asked for {least} to {most}"
    acting = {effect.decision for effect in effects}
    applies = {run.id for run in store.runs(limit=1_000) if run.kind == "apply"}
    for row in rows:
        if row.run in applies and row.id in acting and row.id not in asked.planned:
            yield f"I1: {row.rule} on ticket {row.ticket} was applied and is not in the plan"
    yield from _undone_right(asked, store, effects)


def _undone_right(asked: Asked, store: Store, effects: Sequence[EffectRow]) -> Iterator[str]:
    """Every field goes back from what the run set to what was there before, or was kept."""
    updates = {effect.decision: effect for effect in effects if effect.kind == "update"}
    back: set[tuple[str, int, str]] = set()
    for row in store.decisions():
        if row.rule != UNDO:
            continue
        undone, doing = updates.get(row.cause.removeprefix("undo:")), updates.get(row.id)
        if undone is None or doing is None or undone.run not in asked.undone:
            yield f"I1: an undo of ticket {row.ticket} that nobody asked for"
            continue
        for name, value in doing.values.items():
            back.add((undone.run, row.ticket, name))
            if (doing.before[name], value) != (undone.values[name], undone.before.get(name)):
                yield f"I1: the undo of ticket {row.ticket} puts {name} back to {value!r}"
    for effect in updates.values():
        if effect.run not in asked.kept or effect.state != "applied":
            continue
        for name in effect.values:
            # What was not settled when it was undone is kept as a whole.
            kept = {(effect.ticket, name), (effect.ticket, "update")} & asked.kept[effect.run]
            if not kept and (effect.run, effect.ticket, name) not in back:
                yield f"I1: {name} of ticket {effect.ticket} was neither put back nor kept"


def told_of(effects: Sequence[EffectRow]) -> Counter[tuple[int, str]]:
    """The messages that tell of commands carried out, or undone before: by ticket and template."""
    found: dict[tuple[int, str], set[str]] = {}
    for effect in effects:
        template = TELLS.get(effect.rule.removeprefix("command:"))
        if template is None or effect.phase != "command" or effect.kind == "message":
            continue
        if effect.state in {"applied", "noop"} or effect.reason.startswith(STOPPED):
            found.setdefault((effect.ticket, template), set()).add(effect.decision)
    return Counter({key: len(decisions) for key, decisions in found.items()})


def stopped_by_undo(store: Store, effects: Sequence[EffectRow]) -> Counter[tuple[int, str]]:
    """The messages that an undo stopped, waiting or still planned: by ticket and template."""
    rows = store.outbox(("dropped",), limit=100_000)
    found = Counter(
        (row.message.ticket, row.message.template)
        for row in rows if row.last_error.startswith(STOPPED)
    )  # fmt: skip
    for effect in effects:
        if effect.message is not None and effect.reason.startswith(STOPPED):
            found[effect.ticket, str(effect.message["template"])] += 1
    return found

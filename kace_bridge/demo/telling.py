"""The story in words: who did what, what the bridge did about it, by which rule, and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kace_bridge.demo.stage import Step
from kace_bridge.model.text import clean_line
from kace_bridge.state.rows import DecisionRow, EffectRow

Say = Callable[[str, str], None]
"""Takes a line and its style: scene, act, rule, effect, why, figure or plain."""


@dataclass(slots=True)
class Teller:
    """Turns steps into lines. ``names`` maps login names to people's names."""

    say: Say
    names: Mapping[str, str]
    lines: list[str] = field(default_factory=list)

    def scene(self, when: str, title: str) -> None:
        """A new scene."""
        self._line("", "plain")
        self._line(f"{when}  {title}", "scene")

    def act(self, text: str) -> None:
        """What a person does."""
        self._line(f"  * {text}", "act")

    def step(self, step: Step) -> None:
        """What a sync did, decision by decision."""
        shown = [decision for decision in step.decisions if self._effects(step, decision)]
        if not shown:
            self._line("  = sync: nothing to do, nothing sent", "figure")
            return
        for decision in shown:
            self._decision(step, decision)
        report = step.report
        self._line(
            f"  = sync: {report.applied} tickets written, {report.sent} messages sent,"
            f" {report.requests} requests, {report.seconds:.2f} s",
            "figure",
        )

    def plain(self, text: str = "") -> None:
        """A line as it is."""
        self._line(text, "plain")

    def _decision(self, step: Step, decision: DecisionRow) -> None:
        level = f", level {decision.level}" if decision.level else ""
        place = decision.trace.get("place", "")
        self._line(f"  #{decision.ticket}  {decision.rule}{level}  ({place})", "rule")
        for why in reasons(decision):
            self._line(f"      because {why}", "why")
        for effect in self._effects(step, decision):
            self._line(f"      {self._effect(effect)}", "effect")

    def _effects(self, step: Step, decision: DecisionRow) -> list[EffectRow]:
        return [effect for effect in step.effects if effect.decision == decision.id]

    def _effect(self, effect: EffectRow) -> str:
        if effect.kind == "update":
            changes = ", ".join(
                f"{name}: {self._name(effect.before.get(name))} -> {self._name(value)}"
                for name, value in effect.values.items()
            )
            return changes if effect.state in {"applied", "noop"} else f"{changes} ({effect.state})"
        if effect.kind == "comment":
            return f"comment: {clean_line(effect.text, 60)}"
        data = effect.message or {}
        subject = clean_line(str(data.get("subject", "")), 60)
        return (
            f"mail to {clean_line(str(data.get('name', '')), 30)} ({data.get('role')}): {subject}"
        )

    def _name(self, value: str | None) -> str:
        return "nobody" if value is None else self.names.get(value, value)

    def _line(self, text: str, style: str) -> None:
        self.lines.append(text)
        self.say(text, style)


def reasons(decision: DecisionRow) -> Iterator[str]:
    """Why a decision was taken, from its stored trace, in short phrases."""
    trace = decision.trace
    if isinstance(trace.get("reason"), str):
        yield str(trace["reason"])
    yield from matched(trace.get("condition"))
    notes = trace.get("notes")
    for note in notes if isinstance(notes, list) else ():
        if isinstance(note, Mapping) and isinstance(note.get("assign"), str):
            yield note["assign"]


def matched(judgement: object) -> Iterator[str]:
    """The comparisons of a stored condition that held, each with what matched."""
    if not isinstance(judgement, Mapping) or judgement.get("verdict") != "yes":
        return
    children = judgement.get("children")
    if isinstance(children, list) and children:
        for child in children:
            yield from matched(child)
    elif judgement.get("label"):
        detail = judgement.get("detail") or judgement.get("actual") or ""
        yield f"{judgement['label']}: {clean_line(str(detail), 60)}"

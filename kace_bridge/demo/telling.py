"""The story in words: who did what, what the bridge did about it, by which rule, and why."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
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

    def step(self, step: Step, about: Collection[int]) -> None:
        """What a sync did: decision by decision for the tickets *about*, summed up for others."""
        acting = [decision for decision in step.decisions if self._effects(step, decision)]
        if not acting:
            self._line("  = sync: nothing to do, nothing sent", "figure")
            return
        for decision in acting:
            if decision.ticket in about:
                self._decision(step, decision)
        others = [decision for decision in acting if decision.ticket not in about]
        if others:
            self._others(others)
        report = step.report
        self._line(
            f"  = sync: {counted(report.applied, 'ticket')} written,"
            f" {counted(report.sent, 'message')} sent, {counted(report.requests, 'request')},"
            f" {report.seconds:.2f} s",
            "figure",
        )

    def _others(self, decisions: list[DecisionRow]) -> None:
        rules = Counter(decision.rule for decision in decisions)
        tickets = len({decision.ticket for decision in decisions})
        named = ", ".join(f"{rule} {count}x" for rule, count in rules.most_common())
        self._line(f"  + {counted(tickets, 'other ticket')} of this desk: {named}", "why")

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


def counted(number: int, thing: str) -> str:
    """``1 ticket``, ``4 tickets``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


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
        detail = judgement.get("detail") or judgement.get("actual") or "nothing"
        asked = clean_line(f"{judgement['label']} {judgement.get('expected', '')}", 60)
        yield f"{asked} ({clean_line(str(detail), 40)})"

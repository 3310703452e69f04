"""An explanation as an indented tree: verdict, value against expectation, source line."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from kace_bridge.cli.output import count, shown, stamp
from kace_bridge.cli.runs import effect_lines
from kace_bridge.model.text import clean_line

if TYPE_CHECKING:
    from kace_bridge.rules.decide import Verdicts
    from kace_bridge.rules.nearest import NearMiss
    from kace_bridge.state.rows import DecisionRow, EffectRow
    from kace_bridge.sync.explain import Explanation

Step = Mapping[str, Any]
_COLOURS = {"yes": "green", "no": "red", "unknown": "yellow"}
_LONGEST = 300


def print_explanation(found: "Explanation", zone: tzinfo, *, whole: bool) -> None:
    """Everything about one ticket; with *whole*, unmet conditions are shown in full too."""
    ticket = found.ticket
    click.secho(f"#{ticket.id} {shown(ticket.title)}", bold=True)
    status, owner = shown(ticket.value("status")), shown(ticket.value("owner") or "nobody")
    click.echo(f"  {status}, owner {owner}, created {stamp(ticket.created, zone)}")
    if not found.known:
        click.echo("  No sync has seen this ticket yet; below is what the rules say of it now.")
    _head("Decided")
    if not found.stored:
        click.echo("  Nothing so far.")
    for row in found.stored:
        effects = [effect for effect in found.effects if effect.decision == row.id]
        for line in _decision(row, effects, zone):
            click.echo(f"  {line}")
    _head("What the rules say of it now")
    told = found.verdicts if whole else _once_each(found.verdicts)
    for phase, verdicts in groupby(told, key=lambda verdict: verdict.rule.phase):
        click.echo(f"  {phase}")
        for lines, times in Counter(tuple(_verdict(v, whole=whole)) for v in verdicts).items():
            often = f"  for {times} events" if times > 1 else ""
            click.echo(f"    {lines[0]}{often}")
            for line in lines[1:]:
                click.echo(f"    {line}")
    if found.instead:
        click.echo(f"  {found.instead} comes before it and won; judged here on its own.")
    if found.nearest:
        _head("Nearest miss")
        for line in _near(found.nearest):
            click.echo(f"  {line}")


def _near(near: "NearMiss") -> Iterator[str]:
    """The rule, and the fewest steps that kept it from firing: value against expectation."""
    reasons = [f"{shown(near.reason)}"] if near.reason else []
    if near.misses:
        reasons.insert(0, f"by {count(len(near.misses), 'condition')}")
    place = click.style(f"({near.rule.place})", dim=True)
    yield f"{near.rule.id}, {'; '.join(reasons)}  {place}"
    for miss in near.misses:
        step = miss.step.as_data()
        yield f"  {'' if miss.wanted.value == 'yes' else 'not wanted: '}{_line(step)}"


def _once_each(verdicts: "Sequence[Verdicts]") -> "list[Verdicts]":
    """Rules judge every event: where one fired, say so; where none did, once is enough."""
    fired = {verdict.rule.id for verdict in verdicts if verdict.fired}
    kept: list[Verdicts] = []
    for verdict in verdicts:
        seen = any(other.rule.id == verdict.rule.id for other in kept)
        if verdict.fired or (verdict.rule.id not in fired and not seen):
            kept.append(verdict)
    return kept


def _head(title: str) -> None:
    click.echo()
    click.secho(title, bold=True)


def _decision(row: "DecisionRow", effects: "list[EffectRow]", zone: tzinfo) -> Iterator[str]:
    trace: Step = row.trace
    level = f" level {row.level}" if row.level else ""
    mode = ", shadow" if row.mode == "shadow" else ""
    place = f"  {shown(trace['place'], 120)}" if trace.get("place") else ""
    yield f"{stamp(row.at, zone)}  {row.rule}{level}  [{row.state}{mode}]{place}"
    event = trace.get("event")
    if event:
        who = f" by {shown(event['author'], 60)}" if event.get("author") else ""
        fields = "".join(f"{shown(name)}, " for name in event.get("fields", ()))[:-2]
        yield f"  because: {f'{fields} ' if fields else ''}{shown(event.get('kind'))}{who}"
    if trace.get("by"):
        yield f"  asked for by {shown(trace['by'], 60)}: {shown(trace.get('reason'), _LONGEST)}"
    elif trace.get("reason"):
        yield f"  because: {shown(trace['reason'], _LONGEST)}"
    if trace.get("refused"):
        yield f"  refused: {shown(trace['refused'], _LONGEST)}"
    if trace.get("condition"):
        for line in _tree(trace["condition"]):
            yield f"  {line}"
    for note in trace.get("notes", ()):
        for name in ("assign", "notify", "set"):
            if name in note:
                yield f"  {name}: {shown(note[name], _LONGEST)}"
    for effect in effects:
        for line in effect_lines(effect):
            yield f"  {line}"


def _verdict(verdict: "Verdicts", *, whole: bool) -> Iterator[str]:
    rule = verdict.rule
    level = f" level {verdict.level}" if verdict.level else ""
    word = _word("yes" if verdict.fired else "no")
    why = _why(verdict)
    yield f"{word} {rule.id}{level}{why}  {click.style(f'({rule.place})', dim=True)}"
    for judgement in (verdict.event, verdict.condition):
        step: Step | None = judgement.as_data() if judgement else None
        if step is None or step["label"] == "always":
            continue
        if whole or verdict.fired:
            yield from (f"      {line}" for line in _tree(step))
        elif step["verdict"] != "yes":
            yield f"      {_line(_obstacle(step))}"


def _why(verdict: "Verdicts") -> str:
    """The reason in words, unless the step shown below says it better."""
    told = verdict.reason == "fired" if verdict.fired else verdict.reason.startswith("condition")
    return "" if told else f": {shown(verdict.reason)}"


def _tree(step: Step) -> Iterator[str]:
    yield _line(step)
    for child in step.get("children", ()):
        for line in _tree(child):
            yield f"  {line}"


def _line(step: Step) -> str:
    """One step: ``no category under: Network, is Hardware``."""
    text = str(step["label"])
    if step.get("expected"):
        text += f": {step['expected']}"
    if step.get("actual"):
        text += f", is {step['actual']}"
    if step.get("detail"):
        text += f" ({step['detail']})"
    return f"{_word(step['verdict'])} {clean_line(text, _LONGEST)}"


def _obstacle(step: Step) -> Step:
    """The first step that keeps *step* from being met."""
    for child in step.get("children", ()):
        if step["label"] != "not" and child["verdict"] != "yes":
            return _obstacle(child)
    return step


def _word(verdict: str) -> str:
    return click.style(f"{verdict:<3}", fg=_COLOURS.get(verdict))

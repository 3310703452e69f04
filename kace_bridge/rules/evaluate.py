"""Judging conditions: what comes out, and why, step by step."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from kace_bridge.model.people import Person
from kace_bridge.model.text import clean_line
from kace_bridge.model.ticket import Reference
from kace_bridge.rules.condition import AllOf, AnyOf, Comparison, Condition, Not
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Missing, Value
from kace_bridge.rules.issue import Path
from kace_bridge.rules.operators._registry import Case
from kace_bridge.rules.verdict import Verdict, conjoin, disjoin, negate

_SHOWN = 80
_LOOKED_AT = 1000


class Judgement(NamedTuple):
    """A verdict and its reasons. Texts are cleaned and short: they may come from strangers.

    ``label`` names the step (``text any_word``, ``all``, ``event created``); ``detail`` says by
    what it was met, or why nobody can tell; ``path`` is where the step is written. A tuple, made
    in a third of the time a frozen dataclass takes: a sync writes several for each ticket.
    """

    verdict: Verdict
    label: str
    field: str = ""
    operator: str = ""
    expected: str = ""
    actual: str = ""
    detail: str = ""
    path: Path = ()
    children: tuple["Judgement", ...] = ()

    def as_data(self) -> dict[str, object]:
        """The same as plain data (JSON), without what is empty."""
        verdict, label, *texts, path, children = self
        data: dict[str, object] = {"verdict": verdict.value, "label": label}
        for name, text in zip(_TEXTS, texts, strict=True):
            if text:
                data[name] = text
        if path:
            data["path"] = list(path)
        if children:
            data["children"] = [child.as_data() for child in children]
        return data


_TEXTS = ("field", "operator", "expected", "actual", "detail")


def evaluate(condition: Condition | None, facts: Facts) -> Judgement:
    """Judge every step of *condition*, so that the trace is whole; no condition is always met.

    Never raises.
    """
    if condition is None:
        return Judgement(Verdict.YES, "always")
    if isinstance(condition, Comparison):
        return judge_comparison(condition, facts)
    if isinstance(condition, Not):
        child = evaluate(condition.part, facts)
        verdict = negate(child.verdict)
        return Judgement(verdict, "not", path=condition.path, children=(child,))
    children = tuple(evaluate(part, facts) for part in condition.parts)
    verdicts = [child.verdict for child in children]
    if isinstance(condition, AllOf):
        return Judgement(conjoin(verdicts), "all", path=condition.path, children=children)
    return Judgement(disjoin(verdicts), "any", path=condition.path, children=children)


def verdict_of(condition: Condition | None, facts: Facts) -> Verdict:
    """The verdict :func:`evaluate` gives, without reasons: it stops as soon as it is certain."""
    if condition is None:
        return Verdict.YES
    if isinstance(condition, Comparison):
        answer, _ = condition.operator.answer(condition.expected, Case(facts, condition.field))
        return answer.verdict
    if isinstance(condition, Not):
        return negate(verdict_of(condition.part, facts))
    parts = _verdicts(condition, facts)
    return conjoin(parts) if isinstance(condition, AllOf) else disjoin(parts)


def show_value(value: Value) -> str:
    """*value* for a reader: one line, cleaned, at most 80 characters."""
    if isinstance(value, str):
        return show_text(value) if value else "nothing"
    if isinstance(value, timedelta):
        return _show_span(value)
    if isinstance(value, Missing):
        return value.value
    if value is None:
        return "nothing"
    if isinstance(value, Person):
        return show_text(value.user_name)
    if isinstance(value, Reference):
        return show_text(value.name)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return show_text(str(value))


def show_text(text: str) -> str:
    """*text* on one line, without anything a terminal or a page would obey."""
    if len(text) > _SHOWN:
        # Most long texts begin plainly, and then nothing after that changes what is shown.
        head = text[: _SHOWN + 1].replace("\n", " ")
        if (
            head.isascii() and head.isprintable() and "  " not in head
            and head[0] != " " and head[_SHOWN] != " "
        ):  # fmt: skip
            return head[: _SHOWN - 1].rstrip() + "…"
    return clean_line(text[:_LOOKED_AT], _SHOWN)


def _verdicts(condition: AllOf | AnyOf, facts: Facts) -> Iterator[Verdict]:
    return (verdict_of(part, facts) for part in condition.parts)


def judge_comparison(test: Comparison, facts: Facts) -> Judgement:
    """The judgement of one step that has no parts."""
    answer, actual = test.operator.answer(test.expected, Case(facts, test.field))
    return Judgement(
        answer.verdict,
        f"{test.field.name} {test.operator.name}",
        test.field.name,
        test.operator.name,
        test.shown,
        show_value(actual),
        show_text(answer.detail),
        test.path,
    )


def _show_span(span: timedelta) -> str:
    if span.days < 0:
        return "-" + _show_span(-span)
    hours, minutes = divmod(span.seconds // 60, 60)
    shown = f"{span.days}d" if span.days else ""
    if hours:
        shown = f"{shown} {hours}h" if shown else f"{hours}h"
    if minutes or not shown:
        shown = f"{shown} {minutes}m" if shown else f"{minutes}m"
    return shown

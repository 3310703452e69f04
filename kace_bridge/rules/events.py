"""Reading ``event:``, the happening a rule waits for, and matching happenings against it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.text import clean_line
from kace_bridge.rules.evaluate import Judgement, show_text
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import find_field
from kace_bridge.rules.issue import Issue, Known, Path, Unfit, suggest
from kace_bridge.rules.operators._values import show
from kace_bridge.rules.operators.change import judge_role
from kace_bridge.rules.parent import SHARED
from kace_bridge.rules.transition import Transition, read_transition, show_change
from kace_bridge.rules.verdict import Verdict, conjoin, disjoin

PARENT = "parent"
_KINDS = tuple(kind.value for kind in EventKind)
_ANYBODY = "anyone"
_ROLES = ("submitter", "owner", "staff", _ANYBODY)


@dataclass(frozen=True, slots=True)
class EventPattern:
    """One kind of event, and what more is asked of it.

    ``changes`` must all be found where ``every`` is set, else one of them. ``by`` are roles or
    login names; ``public`` asks whether the submitter can read a comment; ``of_parent``
    waits for it on the ticket that this one belongs to.
    """

    kind: EventKind
    path: Path
    changes: tuple[Transition, ...] = ()
    every: bool = True
    by: tuple[str, ...] = ()
    public: bool | None = None
    of_parent: bool = False

    def judge(self, event: Event, facts: Facts) -> Judgement:
        """Whether *event* is of this pattern, and why."""
        asked = [self.kind.value, *(each.field.name for each in self.changes), *self.by]
        label = f"event {'parent ' if self.of_parent else ''}{self.kind.value}"
        shown = " ".join(asked)
        actual = show_event(event)
        if event.kind is not self.kind or (event.ticket != facts.ticket.id) != self.of_parent:
            return Judgement(Verdict.NO, label, expected=shown, actual=actual, path=self.path)
        verdicts, details = [Verdict.YES], []
        if self.changes:
            answers = [each.judge(event, facts) for each in self.changes]
            join = conjoin if self.every else disjoin
            verdicts.append(join([answer.verdict for answer in answers]))
            details = [answer.detail for answer in answers if answer.detail]
        if self.by:
            verdicts.append(disjoin([judge_role(role, event, facts) for role in self.by]))
        if self.public is not None:
            verdicts.append(Verdict.of(event.public == self.public))
        detail = show_text("; ".join(details))
        return Judgement(
            conjoin(verdicts), label, expected=shown, actual=actual, detail=detail, path=self.path
        )


@dataclass(frozen=True, slots=True)
class EventMatch:
    """What a rule waits for: any one of ``patterns``."""

    patterns: tuple[EventPattern, ...]
    path: Path

    @property
    def kinds(self) -> frozenset[EventKind]:
        """Kinds of event that can match at all."""
        return frozenset(pattern.kind for pattern in self.patterns)

    def match(self, event: Event, facts: Facts) -> Judgement:
        """Judge *event*, which happened to the ticket of *facts*. Never raises."""
        found = tuple(pattern.judge(event, facts) for pattern in self.patterns)
        if len(found) == 1:
            return found[0]
        verdict = disjoin([each.verdict for each in found])
        return Judgement(
            verdict, "any event", actual=show_event(event), path=self.path, children=found
        )


def parse_event(
    data: object, path: Path, problems: list[Issue], known: Known | None = None
) -> EventMatch | None:
    """The match *data* describes; None where it has problems, all of them appended.

    ``created``, ``{changed: {status: {to: Closed}}}``, ``{commented: {by: submitter}}``, or a list
    of such. Raises nothing.
    """
    before = len(problems)
    known = known or Known()
    if isinstance(data, list | tuple):
        if not data:
            problems.append(Issue(path, "the list of events is empty", _name_kinds()))
        patterns = [_read_pattern(each, (*path, n), problems, known) for n, each in enumerate(data)]
    else:
        patterns = [_read_pattern(data, path, problems, known)]
    if len(problems) > before:
        return None
    return EventMatch(tuple(each for each in patterns if each is not None), path)


def show_event(event: Event) -> str:
    """``changed by adiaz, status: New -> Opened``, cleaned and short."""
    by = f" by {event.author}" if event.author else ""
    changes = "".join(f", {show_change(change)}" for change in event.changes)
    return show_text(f"{event.kind.value}{by}{changes}")


def _read_pattern(
    data: object, path: Path, problems: list[Issue], known: Known
) -> EventPattern | None:
    if isinstance(data, Mapping) and len(data) != 1:
        problems.append(
            Issue(path, "one event at a time", "Write a list: [created, {changed: owner}].")
        )
        return None
    name, more = next(iter(data.items())) if isinstance(data, Mapping) else (data, None)
    if name == PARENT:
        return _read_parents(more, (*path, PARENT), problems, known)
    if name not in _KINDS:
        shown = clean_line(show(name), 40)
        problems.append(Issue(path, f"unknown event '{shown}'", suggest(shown, _KINDS)))
        return None
    kind = EventKind(name)
    if not isinstance(data, Mapping) or more is True:
        return EventPattern(kind, path)
    inner = (*path, kind.value)
    if kind is EventKind.CHANGED:
        return _read_changed(more, inner, problems, known)
    if kind is EventKind.COMMENTED:
        return _read_commented(more, inner, problems)
    fix = f"Write event: {kind.value}, and the rest under if."
    problems.append(Issue(inner, f"'{kind.value}' takes no more words", fix))
    return None


def _read_parents(
    more: object, path: Path, problems: list[Issue], known: Known
) -> EventPattern | None:
    """What is waited for on the parent: ``{parent: closed}``, ``{parent: {commented: ...}}``."""
    name = next(iter(more), None) if isinstance(more, Mapping) and len(more) == 1 else more
    if not isinstance(name, str) or name not in {kind.value for kind in SHARED}:
        told = ", ".join(kind.value for kind in EventKind if kind in SHARED)
        fix = f"Write event: {{parent: closed}}. Of a parent are told: {told}."
        problems.append(Issue(path, "'parent' needs one event of the parent", fix))
        return None
    found = _read_pattern(more, path, problems, known)
    return replace(found, of_parent=True) if found else None


def _read_changed(
    more: object, path: Path, problems: list[Issue], known: Known
) -> EventPattern | None:
    wanted: Mapping[object, object]
    if isinstance(more, Mapping) and more:
        wanted, every = more, True
    elif isinstance(more, str) or (isinstance(more, list | tuple) and more):
        names = [more] if isinstance(more, str) else more
        wanted, every = {show(name): True for name in names}, False
    else:
        fix = "Write changed: owner, changed: [owner, queue] or changed: {status: {to: Closed}}."
        problems.append(Issue(path, "'changed' needs a field", fix))
        return None
    found = []
    for name, raw in wanted.items():
        place = (*path, show(name))
        try:
            field = find_field(show(name), known)
            if isinstance(raw, str):
                raise Unfit(
                    f"cannot read the change of {field.name}", f"Write {{to: {clean_line(raw)}}}."
                )
            found.append(read_transition(raw, field, known))
        except Unfit as refused:
            problems.append(Issue(place, refused.message, refused.fix))
    return EventPattern(EventKind.CHANGED, path, tuple(found), every)


def _read_commented(more: object, path: Path, problems: list[Issue]) -> EventPattern | None:
    if not isinstance(more, Mapping) or not more:
        fix = "Write commented: {by: submitter} or commented: {public: true}."
        problems.append(Issue(path, "'commented' needs a map", fix))
        return None
    for key in more:
        if key not in ("by", "public"):
            problems.append(
                Issue((*path, show(key)), f"unknown key '{show(key)}'", "Known: by, public.")
            )
    public = more.get("public")
    if public is not None and not isinstance(public, bool):
        problems.append(Issue((*path, "public"), "'public' needs true or false"))
        return None
    by = _read_authors(more["by"], (*path, "by"), problems) if "by" in more else ()
    return EventPattern(EventKind.COMMENTED, path, by=by, public=public)


def _read_authors(raw: object, path: Path, problems: list[Issue]) -> tuple[str, ...]:
    names: Collection[object] = raw if isinstance(raw, list | tuple) else [raw]
    fix = f"Write one of {', '.join(_ROLES)}, a login name, or a list of them."
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        problems.append(Issue(path, "'by' needs a name", fix))
        return ()
    found = tuple(str(name) for name in names)
    return () if _ANYBODY in found else found


def _name_kinds() -> str:
    return f"Known: {', '.join(_KINDS)}."

"""Made-up tickets on which given claims may hold; whether they do is for the engine to say.

The parts of a ticket that conditions tie together (title and text, status and state, a person
and their address) are chosen as one; each part is tried against the terms about it with the
production operators before whole tickets are put together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, product

from kace_bridge.model.event import EventKind
from kace_bridge.rules.analysis import suggest
from kace_bridge.rules.analysis.branches import Branch, Claim, Term, is_change
from kace_bridge.rules.analysis.staging import Draft, History, assemble, facts_of
from kace_bridge.rules.analysis.suggest import Appliance, Part
from kace_bridge.rules.condition import Comparison
from kace_bridge.rules.evaluate import verdict_of
from kace_bridge.rules.fields._registry import Field, find_field
from kace_bridge.rules.issue import Known
from kace_bridge.rules.operators._registry import Slot, find_operator
from kace_bridge.rules.picture import Picture
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.transition import Check, Transition
from kace_bridge.rules.verdict import Verdict

_PER_PART = 4
_PER_STAGE = 60
_CELLS = {
    "title": "words", "summary": "words", "text": "words", "status": "status", "state": "status",
    "owner": "owner", "owner.team": "owner", "submitter": "submitter",
    "owner.email": "owner", "owner.full_name": "owner", "owner.location": "owner",
    "submitter.email": "submitter", "submitter.full_name": "submitter",
    "submitter.location": "submitter", "location": "submitter", "hd_queue_id": "hd_queue_id",
}  # fmt: skip
_PAST = frozenset({"now", "age", "idle", "created", "modified", "channel", "reopened", "moved",
                   "days_since_closed"})  # fmt: skip
_AGES = [timedelta(hours=1), *(timedelta(days=days) for days in (1, 3, 8, 20, 60, 200))]
Cell = tuple[str, str]
"""A part of the picture: ``("now", "status")``, ``("was", "status")``, ``("event0", "author")``."""


@dataclass(slots=True)
class _Stage:
    """What must be found out: the terms by cell, what must change, who may have written."""

    claims: Sequence[Claim]
    fresh: bool
    split: bool
    cells: dict[Cell, list[Term]] = field(default_factory=dict)
    fields: dict[Cell, Field] = field(default_factory=dict)
    past: list[Term] = field(default_factory=list)
    changing: set[str] = field(default_factory=set)

    def scope(self, number: int) -> str:
        return f"event{number if self.split else 0}"

    def kinds(self) -> set[EventKind]:
        return {claim.pattern.kind for claim in self.claims if claim.pattern}


def pictures(
    claims: Sequence[Claim], rules: RuleSet, appliance: Appliance, more: Branch = ()
) -> Iterator[Picture]:
    """Pictures on which all *claims* and the terms *more* may hold together, some hundred at most.

    Nothing is yielded where some part of the ticket cannot satisfy what is asked of it.
    """
    for fresh, split in _stages(claims):
        stage = _Stage(claims, fresh, split)
        if _gather(stage, more):
            yield from _tickets(stage, rules, appliance)


def asked(name: str, operator: str, raw: object, holds: bool = True) -> Term:
    """The term *name* *operator* *raw*, as if it were written in a condition. Raises Unfit."""
    found = find_field(name, Known())
    used = find_operator(operator, found)
    expected = used.read(raw, Slot(found, operator, Known()))
    return Term(Comparison(found, used, expected, str(raw), ()), holds)


def _stages(claims: Sequence[Claim]) -> Iterator[tuple[bool, bool]]:
    kinds = [claim.pattern.kind for claim in claims if claim.pattern]
    looks_back = any(term.test.field.name.startswith("before.") for c in claims for term in c.terms)
    changes = any(claim.changes for claim in claims)
    two = kinds.count(EventKind.COMMENTED) > 1
    late = {EventKind.CHANGED, EventKind.REOPENED} & set(kinds)
    if not looks_back and not changes and not late:
        yield from ((True, split) for split in ((False, True) if two else (False,)))
    if EventKind.CREATED not in kinds:
        yield from ((False, split) for split in ((False, True) if two else (False,)))


def _gather(stage: _Stage, more: Branch) -> bool:
    """Sort every term into its cell; False where one cannot be met at this stage."""
    for number, claim in enumerate(stage.claims):
        for term in claim.terms:
            _sort(stage, number, term)
        for change in claim.changes:
            _demand(stage, change)
        if claim.pattern is not None and claim.pattern.by:
            cell = (stage.scope(number), "author")
            stage.cells.setdefault(cell, [])
            stage.fields.setdefault(cell, find_field("author", Known()))
    for term in more:
        _sort(stage, 0, term)
    kinds = stage.kinds()
    if EventKind.CLOSED in kinds:
        _sort(stage, 0, asked("state", "is", "closed"))
        if not stage.fresh:
            _sort(stage, 0, asked("before.state", "is", "closed", holds=False))
    if EventKind.REOPENED in kinds:
        _sort(stage, 0, asked("before.state", "is", "closed"))
        _sort(stage, 0, asked("state", "is", "closed", holds=False))
    return not (stage.fresh and any(when == "was" for when, _ in stage.cells))


def _sort(stage: _Stage, number: int, term: Term) -> None:
    if term.test.operator.history:
        if not is_change(term):
            stage.past.append(term)
        return
    name = term.test.field.name
    base = name.removeprefix("before.")
    if base in _PAST or base.startswith("clock."):
        stage.past.append(term)
        return
    when = "was" if name != base else "now"
    if base in ("author", "comment"):
        when = stage.scope(number)
    cell = (when, _CELLS.get(base, base))
    stage.cells.setdefault(cell, []).append(term)
    stage.fields.setdefault(cell, term.test.field)


def _demand(stage: _Stage, change: Transition) -> None:
    """Terms at both ends of *change*, which must also be a change."""
    name = change.field.name
    before = find_field(f"before.{name}", Known())
    for check in change.before:
        found = before if check.field.name == name else find_field("before.state", Known())
        _sort(stage, 0, _as_term(found, check))
    for check in change.after:
        _sort(stage, 0, _as_term(check.field, check))
    for check in change.unwanted[:1]:
        _sort(stage, 0, Term(_as_term(check.field, check).test, False))
    cell = _CELLS.get(name, name)
    stage.changing.add(cell)
    for when, found in (("now", change.field), ("was", before)):
        stage.cells.setdefault((when, cell), [])
        stage.fields.setdefault((when, cell), found)


def _as_term(found: Field, check: Check) -> Term:
    return Term(Comparison(found, check.operator, check.expected, "", ()))


def _tickets(stage: _Stage, rules: RuleSet, appliance: Appliance) -> Iterator[Picture]:
    parts: list[list[tuple[Cell, Part]]] = []
    for cell, terms in stage.cells.items():
        tried = _candidates(cell, terms, stage, rules, appliance)
        fitting = ((cell, part) for part in tried if _fits(cell, part, terms, rules, appliance))
        found = list(islice(fitting, _PER_PART))
        if not found:
            return
        parts.append(found)
    histories = list(_histories(stage))
    drafts = ((chosen, history) for chosen in product(*parts) for history in histories)
    for chosen, history in islice(drafts, _PER_STAGE):
        draft = Draft(stage.fresh, _patterns(stage), history=history)
        for cell, part in chosen:
            draft.put(cell, part)
        if all(draft.differs(cell) for cell in stage.changing):
            yield assemble(draft, rules, appliance)


def _patterns(stage: _Stage) -> list[tuple[str, bool]]:
    """A comment to be written for each claim that waits for one: its scope, is it public."""
    found: dict[str, bool] = {}
    for number, claim in enumerate(stage.claims):
        if claim.pattern is not None and claim.pattern.kind is EventKind.COMMENTED:
            public = True if claim.pattern.public is None else claim.pattern.public
            found.setdefault(stage.scope(number), public)
    return list(found.items())


def _candidates(
    cell: Cell, terms: Sequence[Term], stage: _Stage, rules: RuleSet, appliance: Appliance
) -> Iterator[Part]:
    when, name = cell
    match name:
        case "words":
            yield from suggest.words(terms)
        case "status":
            yield from suggest.statuses(terms, appliance)
        case "owner":
            yield from suggest.owners(terms, rules)
        case "submitter":
            yield from suggest.submitters(terms, rules)
        case "author":
            roles = [role for number, claim in enumerate(stage.claims)
                     if claim.pattern and stage.scope(number) == when
                     for role in claim.pattern.by]  # fmt: skip
            for user in suggest.logins(terms, rules, roles):
                yield {"author": user}
        case "comment":
            for text in suggest.texts(terms, "A comment"):
                yield {"comment": text}
        case _:
            key = name.removeprefix("custom.") if name.startswith("custom.") else name
            yield from suggest.plain(key, stage.fields[cell].kind, terms, appliance)


def _fits(
    cell: Cell, part: Part, terms: Sequence[Term], rules: RuleSet, appliance: Appliance
) -> bool:
    """Whether *part* alone meets *terms*; a role such as @submitter is for the engine to judge."""
    if str(part.get("author", "")).startswith("@"):
        return True
    facts = facts_of(cell, part, rules, appliance)
    return all(
        verdict_of(term.test, facts) is (Verdict.YES if term.holds else Verdict.NO)
        for term in terms
    )


def _histories(stage: _Stage) -> Iterator[History]:
    """Ways the ticket may have come here."""
    names = {term.test.field.name.removeprefix("before.") for term in stage.past}
    timed = [t for t in stage.past if t.test.field.name != "reopened"]
    clocked = any(name.startswith("clock.") for name in names)
    escalates = any(claim.rule.phase == "escalate" for claim in stage.claims)
    ages = [timedelta(minutes=1) if stage.fresh else timedelta(days=2)]
    if names & {"age", "created", "modified", "idle"} or clocked or escalates:
        ages += [*suggest.offsets(timed), *_AGES]
    if stage.fresh and not escalates:  # what is found much later is a baseline, and fires nothing
        ages = [age for age in ages if age <= timedelta(hours=4)]
    closings: list[timedelta | None] = [None]
    if "days_since_closed" in names or EventKind.REOPENED in stage.kinds():
        asked_days = [t for t in stage.past if t.test.field.name == "days_since_closed"]
        closings = [*suggest.offsets(asked_days), timedelta(days=1)]
    counts = [0]
    for term in stage.past:
        if term.test.field.name == "reopened" and isinstance(term.test.expected, int):
            counts += [term.test.expected + 1, term.test.expected]
    origins = ("portal", "email", "phone") if "channel" in names else ("portal",)
    for age, closing, count, origin in product(ages, closings, counts, origins):
        yield History(age, closing, count, origin)

"""The queues: are they visible, and can our rules' writes succeed there?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kace_bridge.doctor.check import Check, error, ok, warning
from kace_bridge.errors import Refused
from kace_bridge.model.queue import Queue, QueueField
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.actions.set import SetFields
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.sma import Sma, UnknownName
from kace_bridge.sma.names import FIELDS


@dataclass(frozen=True, slots=True)
class Write:
    """What one rule sets: field to the value written in the rule."""

    rule: str
    values: dict[str, str | int | None]


def find_queues(sma: Sma, wanted: Sequence[str | int]) -> tuple[list[Queue], list[Check]]:
    """The queues to look at, and whether each configured one is there."""
    seen = list(sma.queues.list())
    names = ", ".join(f"'{queue.name}'" for queue in seen)
    if not seen:
        cure = "put the account into an owner label of each queue; check role and KACE_ORG"
        return [], [error("queues", "the account sees no queue", cure)]
    if not wanted:
        return seen, [ok("queues", f"all that are visible: {names}", "name some under queues:")]
    found, checks = [], []
    for name in wanted:
        match = [queue for queue in seen if name == queue.name or str(queue.id) == str(name)]
        if len(match) == 1:
            found += match
            continue
        what = "several queues are" if match else "no visible queue is"
        cure = f"it shows: {names}; is the account in an owner label of the queue?"
        checks.append(error("queues", f"{what} named '{name}'", cure))
    if found:
        checks.insert(0, ok("queues", ", ".join(f"'{queue.name}'" for queue in found)))
    return found, checks


def check_queue(sma: Sma, queue: Queue, rules: RuleSet) -> Iterator[Check]:
    """Required fields, and whether what the rules set exists here."""
    name = f"queue {queue.id}"
    writes = list(_writes(rules))
    try:
        fields = sma.queues.fields(queue.id)
    except Refused as fault:
        cure = "required fields cannot be foreseen; a write may be refused"
        yield warning(name, f"its fields cannot be read: {fault}", cure)
        return
    lacks = [lack for write in writes if (lack := _lacking(sma, queue, fields, write))]
    yield from (warning(name, what, cure) for what, cure in lacks)
    if not lacks:
        yield ok(name, f"'{queue.name}': {_describe(fields)}")
    for write in writes:
        yield from _unknown_names(sma, queue, name, write)


def _describe(fields: Sequence[QueueField]) -> str:
    """``Title always required, Resolution when closed``."""
    parts = [
        f"{field.label} {'always' if field.required == 'all' else f'when {field.required}'}"
        for field in fields
        if field.required != "none"
    ]
    return f"required: {', '.join(parts)}" if parts else "no field is required"


def _lacking(
    sma: Sma, queue: Queue, fields: Sequence[QueueField], write: Write
) -> tuple[str, str] | None:
    """What a change of status needs and the rule does not set (contract section 8, Q29)."""
    status = write.values.get("status")
    if not isinstance(status, str):
        return None
    state = sma.names.status_state(queue.id, status)
    missing = [
        field.label
        for field in fields
        if field.required == state and field.key not in write.values and field.key != "status"
    ]
    if not missing:
        return None
    what = (
        f"rule '{write.rule}' sets status {status}, and '{queue.name}' requires "
        f"{', '.join(missing)} when {state}: tickets without will be refused"
    )
    return what, "set it in the same rule, or lift the requirement in the queue"


def _unknown_names(sma: Sma, queue: Queue, name: str, write: Write) -> Iterator[Check]:
    for field, value in write.values.items():
        if field not in FIELDS or not isinstance(value, str):
            continue
        try:
            sma.names.resolve(queue.id, field, value)
        except UnknownName as fault:
            what, _, cure = f"rule '{write.rule}': {fault}".partition("; ")
            yield warning(name, what, cure)


def _writes(rules: RuleSet) -> Iterator[Write]:
    for rule in rules.rules:
        if rules.mode_of(rule) != "off":
            for action in actions_of(rule):
                if isinstance(action, SetFields):
                    yield Write(rule.id, dict(action.values))


def actions_of(rule: Rule) -> Iterator[Action]:
    """Every action of *rule*, those of its levels included."""
    yield from rule.actions
    for level in rule.levels:
        yield from level.actions

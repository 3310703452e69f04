"""The shape of the operators' tables: what is asked, of which facts, with what verdict."""

from dataclasses import dataclass, field

from kace_bridge.rules.facts import Facts
from tests.unit.rules.picture import make_facts


@dataclass(frozen=True)
class Row:
    """One line of a table; ``why`` is the sentence that names the test."""

    why: str
    field: str
    operator: str
    value: object
    verdict: str
    facts: Facts = field(default_factory=make_facts)
    detail: str | None = None

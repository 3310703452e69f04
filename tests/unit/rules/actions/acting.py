"""One rule that does one thing, decided."""

from kace_bridge.model.ticket import Ticket
from tests.unit.config.rulefile import problems_of
from tests.unit.rules.rulebook import Asked, ask, book

__all__ = ["act", "notes", "problems_of", "refused_text"]


def act(then: str, ticket: Ticket | None = None, **more: object) -> Asked:
    """What a rule with this ``then`` decides about a new ticket."""
    rule = f"classify: [{{id: r, event: created, then: {{{then}}}}}]"
    return ask(book(rule), ticket, **more)  # type: ignore[arg-type]


def notes(found: Asked) -> list[dict[str, object]]:
    """The notes in the trace of the rule's decision."""
    kept = found.decision("r").trace.get("notes", [])
    assert isinstance(kept, list)
    return kept


def refused_text(then: str) -> str:
    """A rule file in which line 2 holds this ``then``."""
    head = "channels: {mail: {kind: folder, path: mail, from: d@example.org}}\n"
    return f"{head}classify: [{{id: r, event: created, then: {{{then}}}}}]\n"

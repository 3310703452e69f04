"""What an apply pass came to."""

from dataclasses import dataclass, field

from kace_bridge.model.ids import TicketId
from kace_bridge.state.rows import FinishState


@dataclass(slots=True)
class Applied:
    """Counts of one apply pass, in tickets; ``reasons`` names what did not work."""

    applied: int = 0
    failed: int = 0
    unknown: int = 0
    conflicts: int = 0
    noop: int = 0
    queued: int = 0
    reasons: dict[TicketId, str] = field(default_factory=dict)

    def add(self, state: FinishState, reason: str, ticket: TicketId) -> None:
        """Count how parts of a ticket's plan ended without a write that was read back."""
        if state in {"failed", "conflict"}:
            self.reasons[ticket] = reason
        match state:
            case "failed":
                self.failed += 1
            case "unknown":
                self.unknown += 1
            case "conflict":
                self.conflicts += 1
            case "noop" | "applied":
                self.noop += 1

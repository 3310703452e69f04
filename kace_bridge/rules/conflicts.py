"""Two rules of one phase that want one field to read differently."""

from collections.abc import Sequence

from kace_bridge.model.ids import TicketId
from kace_bridge.rules.lowering import Outcome
from kace_bridge.rules.picture import Conflict


def without_conflicts(
    ticket: TicketId, outcomes: Sequence[Outcome]
) -> tuple[list[Outcome], list[Conflict]]:
    """*outcomes* with the contradicting ones made to do nothing, and what they disagreed on.

    The higher ``priority`` wins without a conflict. Rules on trial contradict nobody.
    """
    if not any(outcome.values for outcome in outcomes):
        return list(outcomes), []
    wanted: dict[str, Outcome] = {}
    refused: set[str] = set()
    conflicts: list[Conflict] = []
    real = [outcome for outcome in outcomes if outcome.decision.mode == "enforce"]
    for outcome in sorted(real, key=lambda item: -item.priority):
        for name, value in outcome.values.items():
            other = wanted.setdefault(name, outcome)
            if other is outcome or other.values[name] == value:
                continue
            refused.add(outcome.decision.id)
            if other.priority == outcome.priority:
                refused.add(other.decision.id)
                rules = (other.decision.rule, outcome.decision.rule)
                conflicts.append(Conflict(ticket, name, rules, (other.values[name], value)))
    kept = [
        outcome.refused("conflict") if outcome.decision.id in refused else outcome
        for outcome in outcomes
    ]
    return kept, conflicts

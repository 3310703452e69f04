"""Pick whoever has the least to do."""

from kace_bridge.rules.facts import Facts
from kace_bridge.rules.strategies.base import Candidates, following, strategy


@strategy("least_loaded")
def least_loaded(candidates: Candidates, facts: Facts) -> tuple[str, str]:
    """The fewest tickets waiting for work, divided by weight; ties go to whose turn is next.

    Waiting for work: opened, or not yet looked at; tickets waiting for somebody else do not
    count. A tie goes round, so that equals share what comes. A person of weight 2 is given
    twice as much as one of weight 1, which is everybody's unless ``weights`` says otherwise.

    Example:
        desk: {members: [adiaz, bkim, cwong], pick: least_loaded, weights: {cwong: 0.5}}
    """
    del facts
    order = [person for person in following(candidates.everybody, candidates.last)
             if person in candidates.present]  # fmt: skip

    def burden(person: str) -> float:
        return candidates.loads.get(person, 0) / max(candidates.weights.get(person, 1.0), 0.01)

    person = min(order, key=burden)
    count = candidates.loads.get(person, 0)
    tied = sum(1 for other in order if burden(other) == burden(person))
    weight = candidates.weights.get(person)
    weighed = "" if weight is None else f", weight {weight:g}"
    reason = f"{person} has the least to do ({count} waiting{weighed})"
    return person, reason + (f", next in turn among {tied} alike" if tied > 1 else "")

"""Pick whose turn it is."""

from kace_bridge.rules.facts import Facts
from kace_bridge.rules.strategies.base import Candidates, following, strategy


@strategy("round_robin")
def round_robin(candidates: Candidates, facts: Facts) -> tuple[str, str]:
    """The next present member after the one picked last; the turn survives restarts.

    Whoever is away is passed over and does not catch up later.

    Example:
        css: {members: [dlee, epark], pick: round_robin}
    """
    del facts
    order = following(candidates.everybody, candidates.last)
    person = next(person for person in order if person in candidates.present)
    after = f" after {candidates.last}" if candidates.last else ""
    return person, f"it is {person}'s turn{after}"

"""Pick whoever knows the ticket."""

from kace_bridge.rules.facts import Facts
from kace_bridge.rules.strategies.base import Candidates, strategy
from kace_bridge.rules.strategies.least_loaded import least_loaded


@strategy("last_owner")
def last_owner(candidates: Candidates, facts: Facts) -> tuple[str, str]:
    """The member of the team who owned the ticket last; ``least_loaded`` where that one is away.

    Where nobody of the team has owned it before, ``least_loaded`` picks as well.

    Example:
        desk: {members: [adiaz, bkim, cwong], pick: last_owner}
    """
    for name in facts.owners():
        folded = name.casefold()
        person = next((one for one in candidates.everybody if one.casefold() == folded), None)
        if person in candidates.present:
            return person, f"{person} owned it last"
        if person is not None:
            other, reason = least_loaded(candidates, facts)
            return other, f"{person}, who owned it last, is away: {reason}"
    person, reason = least_loaded(candidates, facts)
    return person, f"nobody of the team owned it before: {reason}"

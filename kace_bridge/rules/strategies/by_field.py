"""Pick by what the ticket says."""

from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Value, find_field
from kace_bridge.rules.issue import Known
from kace_bridge.rules.schema import MapSpec
from kace_bridge.rules.strategies.base import STRATEGIES, Candidates, strategy
from kace_bridge.rules.words import fold

FALLBACK = "least_loaded"


@strategy("by_field")
def by_field(candidates: Candidates, facts: Facts) -> tuple[str, str]:
    """The member whom the team's ``map`` names for the value of a field.

    Case does not matter, and a category stands for those below it: ``Network`` is found for
    ``Network::VPN`` unless that is in the map itself. Where the map says nothing, or that person
    is away, its ``else`` picks: another strategy, ``least_loaded`` unless told otherwise.

    Example:
        network:
          members: [fruiz, gcho]
          pick: by_field
          map: {field: category, values: {"Network::VPN": fruiz, Network: gcho}, else: round_robin}
    """
    spec = candidates.mapped
    if spec is None:
        return _fall_back(candidates, facts, FALLBACK, "no map is configured")
    value = find_field(spec.field, Known()).read(facts)
    named, entry = look_up(spec, value)
    person = next((one for one in candidates.present if fold(one) == fold(named)), None)
    if person is not None:
        return person, f"{person} is named for {spec.field} {entry}"
    shown = _name(value) or ("not known" if value is MISSING else "nothing")
    why = f"{named} is away" if named else f"the map says nothing for {spec.field} {shown}"
    return _fall_back(candidates, facts, spec.otherwise, why)


def look_up(spec: MapSpec, value: Value) -> tuple[str, str]:
    """The login name for *value* and the entry that names it; empty where there is none."""
    entries = {fold(key): (person, key) for key, person in spec.values.items()}
    path = fold(_name(value))
    while path:
        if path in entries:
            return entries[path]
        path = path.rpartition("::")[0]
    return "", ""


def _name(value: Value) -> str:
    if value is MISSING or value is None:
        return ""
    if isinstance(value, Reference):
        return value.name
    return value.user_name if isinstance(value, Person) else str(value)


def _fall_back(candidates: Candidates, facts: Facts, otherwise: str, why: str) -> tuple[str, str]:
    person, reason = STRATEGIES[otherwise](candidates, facts)
    return person, f"{why}: {reason}"

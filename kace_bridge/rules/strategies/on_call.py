"""Pick whoever is on call."""

from datetime import date, datetime, time, timedelta

from kace_bridge.rules.facts import Facts
from kace_bridge.rules.strategies.base import Candidates, strategy
from kace_bridge.sla.duration import parse_duration

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@strategy("on_call")
def on_call(candidates: Candidates, facts: Facts) -> tuple[str, str]:
    """The member whose rotation turn covers this moment; the next one where they are away.

    Turns begin at midnight of the rotation's first day, in the ticket's appliance zone.
    ``overrides`` name who is on call on single days.

    Example:
        network:
          members: [fruiz, gcho]
          pick: on_call
          rotation: {every: 1w, from: "2026-01-05", overrides: {"2026-12-24": gcho}}
    """
    rotation = candidates.rotation
    if rotation is None:
        person = candidates.present[0]
        return person, f"{person} is the first present (no rotation configured)"
    zone = facts.ticket.zone
    begin = datetime.combine(date.fromisoformat(rotation.start), time(), tzinfo=zone)
    every = parse_duration(rotation.every)
    turn = (candidates.now - begin) // (_UNITS[every.kind] * every.amount)
    named = rotation.overrides.get(candidates.now.astimezone(zone).date().isoformat())
    order = candidates.everybody
    first = order.index(named) if named in order else turn % len(order)
    for step in range(len(order)):
        person = order[(first + step) % len(order)]
        if person in candidates.present:
            return person, f"{person} is on call" + (" (stand-in)" if step else "")
    person = candidates.present[0]
    return person, f"{person} stands in: nobody of the rotation is present"

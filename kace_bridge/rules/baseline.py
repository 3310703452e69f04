"""Learning a desk without touching it: the first look at a ticket fires nothing."""

from kace_bridge.model.effect import Decision, decision_id
from kace_bridge.rules.clocks import due_levels, next_due, read_clocks
from kace_bridge.rules.decide import Deliberation, Picture
from kace_bridge.rules.ruleset import RuleSet


def past_levels(rules: RuleSet, picture: Picture) -> Deliberation:
    """Decisions that do nothing, one for each level already reached, so that none fires late.

    Levels still to come stay due as on any other ticket.
    """
    readings = read_clocks(rules, picture.ticket, picture.timeline, picture.now)
    done = set(picture.done)
    decisions = []
    for rule in rules.of("escalate"):
        reading = readings[rule.clock]
        if reading.started is None:
            continue
        for step in due_levels(rule, reading, picture.ticket.id, frozenset(done), picture.now):
            key = decision_id(picture.ticket.id, rule.key, step.number, reading.cause)
            done.add(key)
            decisions.append(
                Decision(
                    ticket=picture.ticket.id, rule=rule.id, phase="escalate", cause=reading.cause,
                    at=picture.now, episode=picture.episode, level=step.number,
                    trace={"place": rule.place, "reason": "already past at the first sync"},
                    key=key,
                )
            )  # fmt: skip
    due = next_due(rules, readings, frozenset(done), picture.ticket, picture.now)
    return Deliberation(tuple(decisions), picture.desk, due)

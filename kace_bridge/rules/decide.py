"""The one evaluation function: what the rules decide about one ticket.

``sync``, ``plan``, ``rules test``, ``explain``, ``simulate`` and ``replay`` all come here, so
that none of them can disagree. Pure: the picture goes in, decisions and a moved-on desk come out.

Four phases. Each sees one frozen picture of the ticket; what it sets is merged before the next:
classify (every match applies), route (first match wins), escalate (levels on clocks), notify
(every match applies). Planned changes reach notify as events; they never feed classify or route.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kace_bridge.model.effect import Decision, decision_id
from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.bounced import bounces
from kace_bridge.rules.brakes import Brakes
from kace_bridge.rules.clocks import Due, due_levels, next_due, read_clocks
from kace_bridge.rules.compiled.programs import judge, program_of
from kace_bridge.rules.conflicts import without_conflicts
from kace_bridge.rules.evaluate import Judgement
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.handsoff import hands_off
from kace_bridge.rules.lowering import Outcome, carry_out
from kace_bridge.rules.picture import ALREADY, Conflict, Deliberation, Picture, Verdicts
from kace_bridge.rules.planned import messages_of, planned_events, records_of, values_of
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.rules.validity import why_inactive
from kace_bridge.rules.verdict import Verdict
from kace_bridge.sla.clock import Reading

__all__ = ["Conflict", "Deliberation", "Picture", "Verdicts", "decide", "messages_of"]


def decide(rules: RuleSet, picture: Picture, *, traced: bool = False) -> Deliberation:
    """Ask every rule about one ticket.

    The decisions are the same either way; *traced* tells in ``verdicts`` what became of every
    rule. Otherwise only rules whose condition holds are looked at, found by rules/compiled.
    """
    return _Session(rules, picture, traced=traced).run()


def announce(rules: RuleSet, picture: Picture, decision: Decision) -> Deliberation:
    """What the notify rules say to a decision taken elsewhere: a command of a person."""
    session = _Session(rules, picture)
    session.take(decision)
    return session.told()


class _Session:
    """One deliberation in progress; lives for one call of decide()."""

    def __init__(self, rules: RuleSet, picture: Picture, *, traced: bool = False) -> None:
        self.rules = rules
        self.picture = picture
        self.traced = traced
        others = tuple(event for event in picture.events if not event.own)
        self.others = others + bounces(rules, picture.timeline, picture.desk, others)
        self.human = tuple(event for event in self.others if not event.automatic)
        self.released = any(
            event.ticket != picture.ticket.id and event.kind is EventKind.CLOSED
            for event in self.others
        )
        self.readings = read_clocks(rules, picture.ticket, picture.timeline, picture.now)
        self.facts = Facts(
            ticket=picture.ticket, now=picture.now, desk=picture.desk, before=picture.before,
            timeline=picture.timeline, calendars=rules.calendars, parent=picture.parent,
            clocks={name: read.worked for name, read in self.readings.items()},
        )  # fmt: skip
        self.brakes = Brakes(rules, picture)
        self.decisions: list[Decision] = []
        self.taken: set[str] = set()
        self.verdicts: list[Verdicts] = []
        self.conflicts: list[Conflict] = []
        self.team: str | None = None

    def run(self) -> Deliberation:
        if self.human or self.traced:
            self._every_match("classify")
            self._first_match()
        if self.readings or self.traced:
            self._escalate()
        self._notify()
        conflicts, verdicts = tuple(self.conflicts), tuple(self.verdicts)
        return Deliberation(
            tuple(self.decisions), self.facts.desk, self._due(), conflicts, verdicts
        )

    def _due(self) -> tuple[Due, ...]:
        if not self.readings:
            return ()
        return next_due(
            self.rules, self.readings, self._done(), self.picture.ticket, self.picture.now,
            not_before=self.brakes.held_until(),
        )  # fmt: skip

    def take(self, decision: Decision) -> None:
        """See *decision* as planned."""
        self.decisions.append(decision)
        self._see(values_of(decision))

    def told(self) -> Deliberation:
        """The notify phase alone, for what was taken before."""
        before = len(self.decisions)
        self._notify()
        return Deliberation(tuple(self.decisions[before:]), self.facts.desk)

    def _done(self) -> frozenset[str]:
        return self.picture.done | self.taken | {decision.id for decision in self.decisions}

    def _is_done(self, key: str) -> bool:
        if key in self.picture.done or key in self.taken:
            return True
        return any(key == decision.id for decision in self.decisions)

    # -- phases -----------------------------------------------------------------------------

    def _every_match(self, phase: str) -> None:
        outcomes = []
        for rule in self._active(phase, self.human):
            fired = self._fires(rule)
            if fired is not None:
                outcomes.append(self._carry_out(rule, *fired))
        self._merge(outcomes)

    def _first_match(self) -> None:
        for rule in self._active("route", self.human):
            blocked = hands_off(self.rules, self.facts, self.human, rule) or self.brakes.stays(rule)
            fired = self._fires(rule, blocked)
            if fired is not None:
                self._merge([self._carry_out(rule, *fired)])
            elif self.verdicts[-1].reason != ALREADY:
                continue
            if self.rules.mode_of(rule) == self.rules.mode:
                return  # a rule on trial (shadow) must not keep the others from their work

    def _escalate(self) -> None:
        begun = self.facts
        holding = None if self.traced else program_of(self.rules, "escalate").holding(begun)
        for rule in self._active("escalate"):
            # What a level set can make another rule's condition hold: then each is asked.
            if holding is not None and self.facts is begun and rule.id not in holding:
                continue
            reading = self.readings.get(rule.clock)
            if reading is None or reading.started is None:
                self.verdicts.append(Verdicts(rule, False, f"clock {rule.clock} has not started"))
                continue
            number, now = self.picture.ticket.id, self.picture.now
            levels = due_levels(rule, reading, number, self._done(), now, latest=self.released)
            if not levels and not self.traced:
                continue  # as nearly always: why the condition holds is then of no interest
            judgement = judge(self.rules, rule, self.facts, remember=not self.traced)
            held, why = self.brakes.held(self.facts.ticket.state), ""
            if not levels:
                why = "no level is due"
            elif judgement.verdict is not Verdict.YES:
                why = "a level is due, the condition does not hold"
            elif held:
                why = f"a level is due, {held}"
            if why:
                self.verdicts.append(Verdicts(rule, False, why, condition=judgement))
                continue
            for step in levels:
                outcome = self._carry_out(
                    rule, reading.cause, self.facts, judgement, level=step.number,
                    actions=step.actions if step.fires else (), late_s=step.late_s,
                    reading=reading, reason=step.reason,
                )  # fmt: skip
                self._merge([outcome])

    def _notify(self) -> None:
        planned = planned_events(
            self.decisions, self.picture.ticket, self.picture.states, self.picture.now
        )
        if planned:
            planned += bounces(self.rules, self.picture.timeline, self.facts.desk, planned)
        outcomes = []
        events = (*self.others, *planned)
        if not (events or self.traced):
            return
        for rule in self._active("notify", events, each=True):
            for event in events:
                fired = self._matches(rule, event)
                if fired is not None:
                    outcomes.append(self._carry_out(rule, *fired))
                    self.taken.add(outcomes[-1].decision.id)
        self._merge(outcomes)

    # -- one rule ---------------------------------------------------------------------------

    def _active(
        self, phase: str, events: Sequence[Event] | None = None, *, each: bool = False
    ) -> Iterator[Rule]:
        """The rules of *phase* that apply now; untraced, only those that could fire on *events*."""
        picture, program = self.picture, program_of(self.rules, phase)
        asked: Iterable[Rule] = program.rules
        if events is not None and not self.traced:
            asked = program.told(self.facts, events, each=each)
        for rule in asked:
            why = why_inactive(self.rules, rule, picture.now, picture.ticket.zone)
            if why:
                self.verdicts.append(Verdicts(rule, False, why))
            else:
                yield rule

    def _fires(self, rule: Rule, blocked: str = "") -> tuple[str, Facts, Judgement | None] | None:
        """Cause, facts and judgement where *rule* of classify or route fires; else None."""
        if not self.human:
            self.verdicts.append(Verdicts(rule, False, "nothing new happened"))
            return None
        if rule.event is None:
            cause = f"episode:{self.picture.episode}"
            return self._judge(rule, cause, self.facts.with_event(self.human[-1]), None, blocked)
        judgement: Judgement | None = None
        for event in reversed(self.human):
            facts = self.facts.with_event(event)
            judgement = rule.event.match(event, facts)
            if judgement.verdict is Verdict.YES:
                return self._judge(rule, event.cause, facts, judgement, blocked)
        self.verdicts.append(Verdicts(rule, False, "no such event", event=judgement))
        return None

    def _matches(self, rule: Rule, event: Event) -> tuple[str, Facts, Judgement | None] | None:
        """The same for a notify rule and one event; planned changes are judged as they will be."""
        facts = self.facts.with_event(event)
        judgement = rule.event.match(event, facts) if rule.event else None
        if judgement is not None and judgement.verdict is not Verdict.YES:
            self.verdicts.append(Verdicts(rule, False, "no such event", event=judgement))
            return None
        return self._judge(rule, event.cause, facts, judgement, "")

    def _judge(
        self, rule: Rule, cause: str, facts: Facts, event: Judgement | None, blocked: str
    ) -> tuple[str, Facts, Judgement | None] | None:
        judgement = judge(self.rules, rule, facts, remember=not self.traced)
        why = blocked
        if judgement.verdict is not Verdict.YES:
            why = f"condition: {judgement.verdict.value}"
        elif self._is_done(decision_id(self.picture.ticket.id, rule.key, None, cause)):
            why = ALREADY
        if why:
            self.verdicts.append(Verdicts(rule, False, why, event, judgement))
            return None
        return cause, facts, judgement

    def _carry_out(
        self,
        rule: Rule,
        cause: str,
        facts: Facts,
        condition: Judgement | None,
        *,
        level: int | None = None,
        actions: Sequence[Action] | None = None,
        late_s: float = 0.0,
        reading: Reading | None = None,
        reason: str = "",
    ) -> Outcome:
        outcome = carry_out(
            self.rules, rule, facts,
            actions=rule.actions if actions is None else actions,
            cause=cause, condition=condition, level=level, late_s=late_s, reading=reading,
            team=self.team, episode=self.picture.episode, reason=reason,
            stays=self.brakes.stays(rule),
        )  # fmt: skip
        self.verdicts.append(
            Verdicts(rule, True, reason or "fired", condition=condition, level=level)
        )
        return outcome

    def _merge(self, outcomes: Sequence[Outcome]) -> None:
        """Take the decisions, and let the next phase see what they set."""
        if not outcomes:
            return
        kept, conflicts = without_conflicts(self.picture.ticket.id, outcomes)
        self.conflicts += conflicts
        values: dict[str, object] = {}
        for outcome in kept:
            self.decisions.append(outcome.decision)
            if outcome.decision.mode != "enforce":
                continue
            values.update(outcome.values)
            self.team = outcome.team or self.team
            if outcome.desk is not None:
                self.facts = replace(self.facts, desk=outcome.desk)
        if values:
            self._see(values)

    def _see(self, values: Mapping[str, object]) -> None:
        records = records_of(values, self.facts.desk, self.picture.states)
        self.facts = self.facts.after(records)

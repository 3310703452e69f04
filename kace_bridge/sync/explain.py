"""Why a ticket got what it got, and why not something else."""

from dataclasses import dataclass, replace

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import ChangeId, TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Picture, Verdicts, decide
from kace_bridge.rules.nearest import NearMiss, nearest_miss
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.state.rows import DecisionRow, EffectRow
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.detect import Known, Watcher, detect
from kace_bridge.sync.family import parents_of
from kace_bridge.sync.machine import recognised
from kace_bridge.sync.wire import Bridge


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was decided for a ticket, and what every rule says of it as it stands.

    ``verdicts`` come from the production evaluator over the ticket's whole history, as if
    nothing had been decided yet; ``stored`` and ``effects`` are what really happened.
    ``known`` is false for a ticket no sync has seen. ``nearest`` is the rule that came closest
    of those that did not fire (of the one asked for). ``instead`` names the routing rule that won
    before the one asked for was reached; that one is then judged on its own.
    """

    ticket: Ticket
    stored: tuple[DecisionRow, ...]
    effects: tuple[EffectRow, ...]
    verdicts: tuple[Verdicts, ...]
    known: bool
    instead: str = ""

    @property
    def nearest(self) -> NearMiss | None:
        return nearest_miss(self.verdicts)

    def as_data(self) -> dict[str, object]:
        """The explanation as JSON-able data."""
        return {
            "ticket": self.ticket.id,
            "title": self.ticket.title,
            "known": self.known,
            "nearest_miss": self.nearest.as_data() if self.nearest else None,
            "instead": self.instead or None,
            "decisions": [
                {
                    "id": row.id, "rule": row.rule, "level": row.level, "state": row.state,
                    "mode": row.mode, "at": row.at.isoformat(), "run": row.run,
                    "trace": dict(row.trace),
                    "effects": [_effect(e) for e in self.effects if e.decision == row.id],
                }
                for row in self.stored
            ],
            "rules": [
                {
                    "rule": verdict.rule.id, "phase": verdict.rule.phase,
                    "place": verdict.rule.place, "fired": verdict.fired,
                    "reason": verdict.reason, "level": verdict.level,
                    "event": verdict.event.as_data() if verdict.event else None,
                    "condition": verdict.condition.as_data() if verdict.condition else None,
                }
                for verdict in self.verdicts
            ],
        }  # fmt: skip


def explain(bridge: Bridge, ticket_id: TicketId, rule: str | None = None) -> Explanation:
    """Read the ticket as it is now and ask every rule (or one) about it.

    Raises NotFound where the appliance has no such ticket.
    """
    ticket = bridge.sma.tickets.get(ticket_id)
    rows = bridge.sma.tickets.history(ticket_id)
    now = bridge.now()
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, now)
    book.learn([ticket])
    snapshot = bridge.store.snapshot(ticket_id)
    timeline = bridge.store.timelines([ticket_id]).get(ticket_id, ())
    watcher = Watcher(book.desk.is_staff, book.author_of, {})
    known = None
    if snapshot is not None:
        before = Ticket(snapshot.record, ticket.zone)
        known = Known(before, ChangeId(snapshot.last_row), snapshot.episode)
    found = detect(known, ticket, rows, watcher)
    found = recognised(bridge.store, book.desk, ticket, found, timeline)
    events: list[Event] = [*timeline, *(event for event in found.events if event not in timeline)]
    picture = Picture(
        ticket=_as_it_was(ticket, events), now=now, desk=book.desk,
        before=known.ticket if known else None,
        events=tuple(events), timeline=tuple(events), episode=found.episode,
        states=book.states(ticket.queue_id),
        parent=parents_of(bridge.site.rules, bridge.store, [ticket]).get(ticket_id),
    )  # fmt: skip
    verdicts, instead = _ask(bridge.site.rules, picture, rule)
    return Explanation(
        ticket=ticket,
        stored=tuple(
            row for row in bridge.store.decisions(ticket=ticket_id) if rule in {None, row.rule}
        ),
        effects=tuple(bridge.store.effects(ticket=ticket_id)),
        verdicts=verdicts,
        known=snapshot is not None,
        instead=instead,
    )


def _ask(rules: RuleSet, picture: Picture, name: str | None) -> tuple[tuple[Verdicts, ...], str]:
    """The verdicts on all rules or on *name*, and the rule that won before it was reached."""
    verdicts = decide(rules, picture, traced=True).verdicts
    if name is None:
        return verdicts, ""
    asked = tuple(verdict for verdict in verdicts if verdict.rule.id == name)
    rule = rules.find(name)
    if asked or rule is None:
        return asked, ""
    winner = next((v.rule.id for v in verdicts if v.fired and v.rule.phase == "route"), "")
    return decide(replace(rules, rules=(rule,)), picture, traced=True).verdicts, winner


def _as_it_was(ticket: Ticket, events: list[Event]) -> Ticket:
    """The ticket as routing saw it: without an owner that only this bridge gave it."""
    human = [e for e in events if not e.own and e.change_of("owner")]
    ours = [e for e in events if e.own and e.change_of("owner")]
    created = any(event.kind is EventKind.CREATED for event in events)
    if created and ours and not human:
        return ticket.with_values({"owner": None})
    return ticket


def _effect(effect: EffectRow) -> dict[str, object]:
    data: dict[str, object] = {
        "kind": effect.kind, "state": effect.state, "reason": effect.reason,
    }  # fmt: skip
    if effect.kind == "update":
        data |= {"before": dict(effect.before), "set": dict(effect.values)}
    elif effect.kind == "comment":
        data |= {"text": effect.text, "public": effect.public}
    elif effect.message is not None:
        data |= {key: effect.message[key] for key in ("to", "channel", "subject", "template")}
    return data

"""What must hold once everything has come to rest: invariants I1 to I6 of the delivery promise."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kace_bridge.state import Store
from kace_bridge.state.rows import EffectRow
from tests.crash.asked import STOPPED, TELLS, stopped_by_undo, told_of, violations_of
from tests.crash.world import World
from tests.support.desk import MARK

COUNTED = ("receipt", "closed", "reopened", "updated")
"""Templates of which it is known how many messages there had to be."""
OPEN = {"planned", "held", "intent", "unknown"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail that left: the name of its file tells ticket and template."""

    name: str
    content: bytes

    @property
    def about(self) -> tuple[int, str]:
        _, ticket, rest = self.name.split("-", 2)
        return int(ticket), rest.rsplit("-", 1)[0]

    @property
    def message_id(self) -> str:
        found = re.search(rb"^Message-ID:\s*(<[^>]+>)", self.content, re.MULTILINE)
        assert found, self.content[:500]
        return found[1].decode()


def violations(world: World, store: Store, sent: Sequence[Sent]) -> list[str]:
    """Every promise found broken, in words; the desk has to be at rest."""
    effects = store.effects()
    marks = _marks(world)
    return [
        *_decided_once(world, store, effects),
        *_written_once(effects, marks),
        *_told_once(world, store, sent),
        *_people_win(world, effects),
        *violations_of(world.asked, store, effects),
        *(f"I5: {fault}" for fault in store.verify()),
    ]


def _marks(world: World) -> Mapping[int, Counter[str]]:
    return {
        number: Counter(mark[4:12] for row in ticket.changes for mark in MARK.findall(row.comment))
        for number, ticket in world.app.desk.tickets.items()
    }


def _decided_once(world: World, store: Store, effects: Sequence[EffectRow]) -> Iterator[str]:
    """I1: everything that happened was seen and decided, each decision has come to an end."""
    for effect in effects:
        if effect.state in OPEN:
            yield f"I1: {_named(effect)} is still {effect.state}: {effect.reason}"
        lost = effect.reason.startswith("not applied in")
        if effect.state == "failed" and not (lost and effect.attempt >= 2):
            yield f"I1: {_named(effect)} failed: {effect.reason}"
    undone = {effect.ticket for effect in effects if effect.run in world.asked.undone}
    decided = Counter((row.ticket, row.phase) for row in store.decisions())
    for number, ticket in world.app.desk.tickets.items():
        seen = store.snapshot(number)
        if seen is None or seen.last_row != ticket.changes[-1].id:
            yield f"I1: ticket {number} was not seen as it is"
        at_least = 0 if number in world.taken else 1
        if not at_least <= decided[number, "route"] <= 1 + world.reopened[number]:
            yield f"I1: ticket {number} was routed {decided[number, 'route']} times"
        if not ticket.owner_id and number not in undone and not _gave_up(effects, number):
            yield f"I1: ticket {number} has no owner"


def _gave_up(effects: Sequence[EffectRow], ticket: int) -> bool:
    return any(effect.ticket == ticket and effect.state == "failed" for effect in effects)


def _written_once(effects: Sequence[EffectRow], marks: Mapping[int, Counter[str]]) -> Iterator[str]:
    """I2: as many marks as effects: one where it is applied, none where it is not."""
    states: dict[tuple[int, str], set[str]] = defaultdict(set)
    for effect in effects:
        if effect.kind != "message":
            states[effect.ticket, effect.decision[:8]].add(effect.state)
    for ticket, found in marks.items():
        for mark, count in found.items():
            if count > 1:
                yield f"I2: ticket {ticket} was written to {count} times for [kb:{mark}]"
            if "applied" not in states[ticket, mark]:
                yield f"I2: ticket {ticket} bears [kb:{mark}] of an effect not applied"
    for (ticket, mark), ended in states.items():
        if "applied" in ended and not marks.get(ticket, {}).get(mark):
            yield f"I2: [kb:{mark}] counts as applied and is not on ticket {ticket}"


def _told_once(world: World, store: Store, sent: Sequence[Sent]) -> Iterator[str]:
    """I3: every message that had to leave left, under one name, each time with the same words."""
    copies: dict[str, set[bytes]] = defaultdict(set)
    about: dict[tuple[int, str], set[str]] = defaultdict(set)
    for mail in sent:
        copies[mail.message_id].add(mail.content)
        about[mail.about].add(mail.message_id)
    for name, contents in copies.items():
        if len(contents) > 1:
            yield f"I3: {name} was sent with {len(contents)} different contents"
    effects = store.effects()
    given_up = {effect.ticket for effect in effects if effect.state == "failed"}
    stopped = stopped_by_undo(store, effects)
    wanted = world.expected + told_of(effects)
    for key in {*about, *wanted}:
        ticket, template = key
        told, due = len(about[key]), wanted[key] - stopped[key]
        counted = template in COUNTED
        if counted and told != due:
            yield f"I3: {told} instead of {due} '{template}' for ticket {ticket}"
        most = due if template in TELLS.values() else 1 + world.reopened[ticket]
        if not counted and told > most:
            yield f"I3: {told} times '{template}' for ticket {ticket}"
    for row in store.outbox():
        optional = row.message.template not in COUNTED or row.last_error.startswith(STOPPED)
        dropped = row.state == "dropped" and optional
        if row.state != "sent" and not dropped and row.message.ticket not in given_up:
            yield f"I3: message {row.key[:8]} is {row.state}: {row.last_error}"


def _people_win(world: World, effects: Sequence[EffectRow]) -> Iterator[str]:
    """I4: no write was sent over a field that read otherwise than its rule had seen it."""
    by_mark = defaultdict(list)
    for effect in effects:
        by_mark[effect.ticket, effect.decision[:8]].append(effect)
    for write in world.accepted:
        for mark in MARK.findall(write.comment):
            for effect in by_mark[write.ticket, mark[4:12]]:
                for name in effect.values.keys() & write.found.keys() - write.unseen:
                    allowed = {effect.before.get(name), effect.values[name]}
                    if write.found[name] not in allowed:
                        yield f"I4: {_named(effect)} was sent over {name}={write.found[name]!r}"


def _named(effect: EffectRow) -> str:
    return f"{effect.kind} of {effect.rule} on ticket {effect.ticket} [kb:{effect.decision[:8]}]"

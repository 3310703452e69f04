"""Before a delivery: messages to one person that may leave together become one summary.

The summary is put into the outbox in their place, complete, before anything is sent: what is sent
again after a lost answer is the same summary, whatever has come in since.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kace_bridge.errors import KaceBridgeError
from kace_bridge.notify.channel import Channel
from kace_bridge.notify.judge import HOUR, Judge
from kace_bridge.notify.outbox import Row
from kace_bridge.notify.suppress import SendReason

MOST = 10_000
"""Waiting messages looked at; the others have their turn in the next run."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that could leave now. ``counted`` against the cap; ``waited`` for it before.

    ``together``: it belongs with the others of its recipient, whether or not there is room.
    """

    key: str
    together: bool = False
    counted: bool = True
    waited: bool = False


def folded(candidates: Sequence[Candidate], room: int | None) -> tuple[str, ...]:
    """The keys of those of one recipient's *candidates* that leave as one summary.

    *room* is how many messages the recipient may still be sent within the hour, None where that
    is not limited. Where there is too little, the oldest leave by themselves and all the others
    in the summary, which takes the last place. Without any room everything waits.
    """
    if room is not None and room <= 0:
        return ()
    chosen = _if_several([one for one in candidates if one.together or one.waited])
    singles = [one for one in candidates if one.counted and one not in chosen]
    if room is not None and len(singles) + bool(chosen) > room:
        chosen |= set(singles[room - 1 :])
    return tuple(one.key for one in candidates if one in _if_several(chosen))


def _if_several(chosen: "Sequence[Candidate] | set[Candidate]") -> set[Candidate]:
    return set(chosen) if len(chosen) > 1 else set()


def gather(judge: Judge, channels: Mapping[str, Channel], now: datetime) -> Iterator[int]:
    """Fold what leaves together; the number of messages in each new summary.

    Where no summary can be made (a broken template), the messages leave one by one.
    """
    policy = judge.policy
    if policy.summary is None or not policy.gathers:
        return
    for rows in _by_recipient(_ready(judge, channels, now)):
        to = rows[0].message.to
        room = None
        if policy.cap is not None:
            room = policy.cap - judge.outbox.recent_messages(to, now - HOUR)
        keys = frozenset(folded([_candidate(judge, row) for row in rows], room))
        chosen = [row for row in rows if row.key in keys]
        try:
            message = policy.summary([row.message for row in chosen], now) if chosen else None
        except KaceBridgeError:
            continue
        if message is not None and judge.outbox.fold(message, [row.key for row in chosen]):
            yield len(chosen)


def _candidate(judge: Judge, row: Row) -> Candidate:
    message = row.message
    return Candidate(
        row.key,
        together=judge.is_gathered(message) or judge.daily_at(message) is not None,
        counted=not judge.is_prompt(message),
        waited=row.last_error == SendReason.CAPPED.value,
    )


def _ready(judge: Judge, channels: Mapping[str, Channel], now: datetime) -> Iterator[Row]:
    """Messages to people that would leave now but for the cap, in order."""
    waiting: set[tuple[int, str, str]] = set()
    for row in judge.outbox.waiting(now, MOST):
        message = row.message
        channel = channels.get(message.channel)
        line = (message.ticket, message.channel, message.to)
        if channel is None or not channel.personal or line in waiting:
            continue
        reason = judge.judge(row, channel, now, attempts=0).reason
        if reason.sends or reason is SendReason.CAPPED:
            yield row
        elif reason.holds:
            waiting.add(line)


def _by_recipient(rows: Iterator[Row]) -> Iterator[list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.message.channel, row.message.to), []).append(row)
    yield from found.values()

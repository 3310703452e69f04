"""How the desk does, in figures made from what happened to each ticket. Pure.

What the words mean, so that two readers of a figure mean the same:
- A first answer is a public comment by staff, or closing; in time if the clock that waits for it
  had not passed its target then. A ticket whose time is not over yet counts in neither way.
- Closed on the first call: by a person who was the first to answer, without an escalation, without
  passing from one person to another, and not re-opened since.
- Re-opened: of the tickets closed in the period, those opened again since.
- Handed on too often: those that the ping-pong stop caught in the period.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from statistics import median

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ticket import Ticket
from kace_bridge.sla.clock import Reading


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket with everything that happened to it.

    ``answer`` is the clock that waits for the first answer; ``levels`` are rule and level of each
    that did something, with its moment; ``escalated`` whether one was more than a warning.
    """

    ticket: Ticket
    timeline: Sequence[Event]
    answer: Reading | None = None
    levels: Sequence[tuple[str, str, datetime]] = ()
    escalated: bool = False
    bounced: Sequence[datetime] = ()
    """When rules stopped moving it, because teams kept handing it on."""


@dataclass(frozen=True, slots=True)
class Engineer:
    """One person's share: tickets owned now, first answers, closings, closings undone since."""

    user: str
    open: int = 0
    answered: int = 0
    closed: int = 0
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """A period's figures; ``open`` and the engineers' open tickets are of its end.

    ``escalations`` counts by (rule, level), ``messages`` by template; ``days`` has created and
    closed tickets by local date.
    """

    start: datetime
    end: datetime
    created: int = 0
    closed: int = 0
    open: int = 0
    in_time: int = 0
    late: int = 0
    answer_median: timedelta | None = None
    first_call: tuple[int, ...] = ()
    reopened: int = 0
    bounced: tuple[int, ...] = ()
    escalations: Mapping[tuple[str, str], int] = field(default_factory=dict)
    engineers: tuple[Engineer, ...] = ()
    messages: Mapping[str, int] = field(default_factory=dict)
    undelivered: int = 0
    days: tuple[tuple[date, int, int], ...] = ()

    @property
    def in_time_share(self) -> float | None:
        """First answers in time, of those that can be judged."""
        return share(self.in_time, self.in_time + self.late)

    @property
    def first_call_share(self) -> float | None:
        """Closings on the first call, of all closed."""
        return share(len(self.first_call), self.closed)

    @property
    def reopened_share(self) -> float | None:
        """Tickets opened again, of all closed."""
        return share(self.reopened, self.closed)


def share(part: int, whole: int) -> float | None:
    """None of nothing."""
    return part / whole if whole else None


def measure(
    stories: Sequence[Story], start: datetime, end: datetime, zone: tzinfo,
    messages: Mapping[str, int], undelivered: int,
) -> Figures:  # fmt: skip
    """The figures of tickets created or closed from *start* to before *end*."""
    born = [story for story in stories if within(story.ticket.created, start, end)]
    done = [story for story in stories if _closing(story, start, end) is not None]
    judged = [(story, *first_answer(story.answer)) for story in born if story.answer is not None]
    lengths = [worked for _, worked, answered in judged if answered]
    return Figures(
        start, end, created=len(born), closed=len(done),
        open=sum(story.ticket.state != "closed" for story in stories),
        in_time=sum(answered and _met(story, worked) for story, worked, answered in judged),
        late=sum(not _met(story, worked) for story, worked, _ in judged),
        answer_median=_middle(lengths),
        first_call=tuple(int(story.ticket.id) for story in done if on_first_call(story)),
        reopened=sum(_reopened_after(story, _closing(story, start, end)) for story in done),
        bounced=tuple(int(story.ticket.id) for story in stories
                      if any(within(at, start, end) for at in story.bounced)),
        escalations=_escalations(stories, start, end),
        engineers=_engineers(stories, start, end),
        messages=dict(sorted(messages.items())), undelivered=undelivered,
        days=_days(stories, start, end, zone),
    )  # fmt: skip


def within(at: datetime | None, start: datetime, end: datetime) -> bool:
    """Whether *at* lies in the period; its end does not."""
    return at is not None and start <= at < end


def first_answer(reading: Reading) -> tuple[timedelta, bool]:
    """The time the clock ran until the first answer, or so far; and whether there was one."""
    worked = timedelta(0)
    for stretch in reading.stretches:
        if stretch.kind == "stopped":
            return worked, True
        if stretch.episode > 0:
            return worked, False
        worked += stretch.worked
    return worked, False


def on_first_call(story: Story) -> bool:
    """Whether one person answered and closed it, and that was that."""
    closings = [event for event in story.timeline if event.kind is EventKind.CLOSED]
    if not closings or story.escalated or closings[0].own or story.ticket.state != "closed":
        return False
    if any(event.kind is EventKind.REOPENED for event in story.timeline):
        return False
    closer = closings[0].author
    return closer is not None and closer == (responder(story) or closer) and not _moved(story)


def responder(story: Story) -> str | None:
    """Who gave the first answer; whoever closed it where nobody wrote before."""
    for event in story.timeline:
        spoke = event.kind is EventKind.COMMENTED and event.public and event.staff
        if not (event.own or event.automatic) and (
            spoke or (event.kind is EventKind.CLOSED and event.staff)
        ):
            return event.author
    return None


def _moved(story: Story) -> bool:
    """Whether it passed from one owner to another; the first assignment is none."""
    changes = (event.change_of("owner") for event in story.timeline)
    return any(change is not None and change.before and change.after for change in changes)


def _middle(lengths: Sequence[timedelta]) -> timedelta | None:
    if not lengths:
        return None
    return timedelta(seconds=median(length.total_seconds() for length in lengths))


def _met(story: Story, worked: timedelta) -> bool:
    target = story.answer.target if story.answer else None
    return target is None or worked <= target


def _closing(story: Story, start: datetime, end: datetime) -> Event | None:
    """The first closing in the period."""
    closings = (event for event in story.timeline if event.kind is EventKind.CLOSED)
    return next((event for event in closings if within(event.at, start, end)), None)


def _reopened_after(story: Story, closing: Event | None) -> bool:
    return closing is not None and any(
        event.kind is EventKind.REOPENED and event.at >= closing.at for event in story.timeline
    )


def _escalations(
    stories: Sequence[Story], start: datetime, end: datetime
) -> dict[tuple[str, str], int]:
    counted = Counter(
        (rule, level)
        for story in stories
        for rule, level, at in story.levels
        if within(at, start, end)
    )
    return dict(sorted(counted.items()))


def _engineers(stories: Sequence[Story], start: datetime, end: datetime) -> tuple[Engineer, ...]:
    opened, answered = Counter[str](), Counter[str]()
    closed, reopened = Counter[str](), Counter[str]()
    for story in stories:
        owner = story.ticket.value("owner")
        if owner and story.ticket.state != "closed":
            opened[owner] += 1
        first = responder(story)
        if first and within(story.ticket.created, start, end):
            answered[first] += 1
        closing = _closing(story, start, end)
        if closing is not None and closing.author and closing.staff and not closing.own:
            closed[closing.author] += 1
            reopened[closing.author] += _reopened_after(story, closing)
    names = sorted(opened.keys() | answered.keys() | closed.keys())
    return tuple(
        Engineer(name, opened[name], answered[name], closed[name], reopened[name]) for name in names
    )


def _days(
    stories: Sequence[Story], start: datetime, end: datetime, zone: tzinfo
) -> tuple[tuple[date, int, int], ...]:
    def day(at: datetime) -> date:
        return at.astimezone(zone).date()

    made = Counter(
        day(story.ticket.created)
        for story in stories
        if story.ticket.created is not None and within(story.ticket.created, start, end)
    )
    closings = (_closing(story, start, end) for story in stories)
    done = Counter(day(event.at) for event in closings if event is not None)
    first, last = day(start), day(end - timedelta(microseconds=1))
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple((each, made[each], done[each]) for each in span)

"""Whether what a message says has been overtaken, pure: judged on the ticket's timeline.

Only messages that ask for something, or say who is at work, can be overtaken. A receipt, a closing
mail, news and the alert of a re-opening tell what happened; that stays true whatever follows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.message import Message

_Overtakes = Callable[[Event], bool]


def outdated(message: Message, decided: datetime, timeline: Sequence[Event]) -> str:
    """What has made *message* untrue since it was decided, in words; empty where nothing has.

    *decided* is when its rule looked at the ticket: other people's doings count from then on, the
    bridge's own from the message's date, since a decision's own writes come before its messages.
    """
    tests = _tests_of(message.template)
    for event in timeline:
        since = message.date if event.own else min(decided, message.date)
        if event.at > since:
            for words, overtakes in tests.items():
                if overtakes(event):
                    return words
    return ""


def can_be_outdated(template: str) -> bool:
    """Whether a message made from *template* is ever overtaken."""
    return bool(_tests_of(template))


def _is_closed(event: Event) -> bool:
    return event.kind is EventKind.CLOSED


def _is_staff_reply(event: Event) -> bool:
    return _is_said(event) and event.staff and event.public


def _is_reply(event: Event) -> bool:
    return _is_said(event) and not event.staff


def _is_said(event: Event) -> bool:
    return event.kind is EventKind.COMMENTED and not (event.own or event.automatic)


def _changes(field: str) -> _Overtakes:
    return lambda event: event.change_of(field) is not None


_CLOSED: Mapping[str, _Overtakes] = {"the ticket was closed since": _is_closed}
_PROD = {**_CLOSED, "the ticket was answered since": _is_staff_reply}
_REQUEST = {
    **_CLOSED,
    "the submitter has answered since": _is_reply,
    "the ticket waits no more": _changes("status"),
}
_OWNER = {**_CLOSED, "the owner has changed since": _changes("owner")}

_CLASSES: Mapping[str, Mapping[str, _Overtakes]] = MappingProxyType(
    {
        "nudge": _PROD,
        "escalated": _PROD,
        "overdue": _PROD,
        "please-reply": _REQUEST,
        "last-reminder": _REQUEST,
        "assigned": _OWNER,
        "taken": _OWNER,
    }
)
"""By template; one of the site's own belongs with these where its name begins so (nudge-vip)."""


def _tests_of(template: str) -> Mapping[str, _Overtakes]:
    return next((_CLASSES[name] for name in _CLASSES if is_of(template, (name,))), {})


def is_of(template: str, names: Iterable[str]) -> bool:
    """Whether *template* is one of *names* or a variety of one (``closed-vip`` of ``closed``)."""
    return any(template == name or template.startswith(f"{name}-") for name in names)

"""What a message template can name, in one place, and a sample of it to try templates on."""

from collections.abc import Mapping
from types import MappingProxyType

OF_NO_TICKET = frozenset({"digest"})
"""Templates whose messages are about several tickets: they know none of the ticket's names."""
SAMPLE_ID = 41
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "ticket.id": "number of the ticket",
        "ticket.title": "its title, on one line",
        "ticket.status": "its status, by name",
        "ticket.priority": "its priority, by name",
        "ticket.category": "its category, by name",
        "ticket.queue": "name of its queue",
        "ticket.created": "when it was created (a date)",
        "ticket.modified": "when it was last changed (a date)",
        "ticket.summary": "the first description, as plain text",
        "ticket.resolution": "the resolution, as plain text, or empty",
        "ticket.url": "address of the ticket on the appliance, or empty",
        "ticket.age": "how long it has been open, in words",
        "submitter.name": "full name of who asked, else the login name",
        "submitter.email": "their e-mail address, or empty",
        "submitter.user_name": "their login name",
        "owner": "who works on it, or none",
        "owner.name": "full name of the owner, else the login name",
        "owner.email": "the owner's e-mail address, or empty",
        "owner.user_name": "the owner's login name",
        "team": "the team concerned, or none",
        "team.name": "the team's name in the configuration",
        "team.title": "the team's name for readers",
        "recipient.name": "who reads this message; empty for a channel",
        "recipient.role": "why they are told: submitter, owner, lead, team or another",
        "recipient.language": "the language this is written in, or empty for English",
        "rule.id": "id of the rule that sends this",
        "rule.title": "what the rule is for, else its id",
        "level": "escalation level, from 1, or none",
        "clock": "the clock that ran, or none",
        "clock.name": "the clock's name in the configuration",
        "clock.worked": "how long it has run, in words",
        "clock.target": "how long it may run, in words, or empty",
        "clock.due": "when the target is reached (a date), or empty",
        "event": "the happening that is told, or none",
        "event.author": "who did it",
        "event.comment": "the comment written with it, or empty; a private one only for staff",
        "event.at": "when (a date)",
        "question": "what staff last wrote to the submitter, or none",
        "question.author": "who wrote it",
        "question.comment": "the comment",
        "reopened": "what is known of the re-opening, or none",
        "reopened.note": "the note given with the re-opening, or empty",
        "reopened.count": "how often this ticket was re-opened, this time included",
        "reopened.closing_text": "what the ticket was closed with, or empty",
        "bounced": "the moves from team to team since the last re-opening, or none",
        "bounced.count": "how many there were",
        "bounced.way": "the teams in order: Service Desk -> LEAD Network -> Service Desk",
        "bounced.entries": "one line for each: when, who, from which team to which",
        "parent": "the ticket this one belongs to, or none",
        "parent.id": "its number",
        "parent.title": "its title, on one line",
        "parent.status": "its status, by name",
        "parent.resolution": "its resolution, as plain text, or empty",
        "parent.url": "its address on the appliance, or empty",
        "digest": "what a summary of several messages lists, or none",
        "digest.count": "how many messages it stands for",
        "digest.entries": "one entry for each: the ticket, the message's subject, the address",
        "desk.name": "name of the service desk",
        "desk.reply_to": "address that turns replies into notes, or empty",
        "instance": "name of this installation",
    }
)
"""Every name a template may use. Dates are ISO 8601 text: show them with the ``date`` filter.

Names marked "or none" need an ``{% if %}`` around them unless the rule makes sure of them.
"""

SAMPLE: Mapping[str, object] = MappingProxyType(
    {
        "ticket": {
            "id": SAMPLE_ID,
            "title": "VPN drops every few minutes",
            "status": "Opened",
            "priority": "High",
            "category": "Network",
            "queue": "The K1000 Service Desk",
            "created": "2026-03-02T09:01:13-05:00",
            "modified": "2026-03-03T10:20:00-05:00",
            "summary": "Since this morning the VPN drops every few minutes.\n"
            "I have restarted the laptop twice, without luck.",
            "resolution": "The VPN profile was out of date. We sent a new one to your laptop;\n"
            "please restart it once.",
            "url": "https://kace.example.org/adminui/ticket.php?ID=41",
            "age": "1 d 1 h",
        },
        "submitter": {"name": "Jane Doe", "email": "jdoe@example.org", "user_name": "jdoe"},
        "owner": {"name": "Bo Kim", "email": "bkim@example.org", "user_name": "bkim"},
        "team": {"name": "css", "title": "Client Service Specialists"},
        "recipient": {"name": "Jane Doe", "role": "submitter", "language": ""},
        "rule": {"id": "no-first-answer", "title": "No first answer within a working day"},
        "level": 2,
        "clock": {
            "name": "respond",
            "worked": "8 h",
            "target": "8 h",
            "due": "2026-03-03T09:01:13-05:00",
        },
        "event": {
            "author": "Bo Kim",
            "comment": "Which network are you on when it drops: office, home or hotel?",
            "at": "2026-03-03T10:20:00-05:00",
        },
        "question": {
            "author": "Bo Kim",
            "comment": "Which network are you on when it drops: office, home or hotel?",
        },
        "reopened": {
            "note": "It worked for an hour, and then it dropped again.",
            "count": 1,
            "closing_text": "A new VPN profile was sent to the laptop.",
        },
        "bounced": {
            "count": 3,
            "way": "Service Desk -> LEAD Network -> Service Desk -> LEAD Network",
            "entries": "- 2026-03-02 09:40 Ana Diaz: Service Desk -> LEAD Network\n"
            "- 2026-03-02 11:05 Grace Cho: LEAD Network -> Service Desk\n"
            "- 2026-03-02 13:20 Ana Diaz: Service Desk -> LEAD Network",
        },
        "parent": {
            "id": 40,
            "title": "No VPN in the whole Annex",
            "status": "Closed",
            "resolution": "The gateway in the Annex was replaced.",
            "url": "https://kace.example.org/adminui/ticket.php?ID=40",
        },
        "digest": {
            "count": 3,
            "entries": "- 41: For you: VPN drops every few minutes\n"
            "  https://kace.example.org/adminui/ticket.php?ID=41\n"
            "- 52: For you: Scanner stopped\n"
            "  https://kace.example.org/adminui/ticket.php?ID=52\n"
            "- 38: A reminder: New starter needs a badge\n"
            "  https://kace.example.org/adminui/ticket.php?ID=38",
        },
        "desk": {"name": "Service Desk", "reply_to": "desk@example.org"},
        "instance": "kace-bridge.example.org",
    }
)
"""A full set of values: every template must render on it."""

_BY_CLOCK = ("please-reply", "last-reminder", "nudge", "escalated", "overdue")
_FOR_STAFF = (
    "assigned",
    "bounced",
    "digest",
    "escalated",
    "generic",
    "nudge",
    "overdue",
    "reopened",
)
_ENGINEER = {"name": "Bo Kim", "role": "owner"}


def sample_for(template: str, language: str = "") -> dict[str, object]:
    """`SAMPLE` as *template* would get it: its usual reader, and no ticket for a summary."""
    staff = template.partition("-")[0] in _FOR_STAFF
    reader: object = SAMPLE["recipient"] if not staff else _ENGINEER
    made = {**SAMPLE, "recipient": {**dict(reader), "language": language}}  # type: ignore[call-overload]
    if template.startswith("reopened"):
        made["event"] = {**dict(SAMPLE["event"]), "author": "Jane Doe", "comment": ""}  # type: ignore[call-overload]
    if template.startswith(_BY_CLOCK):
        made["event"] = None
    if template in OF_NO_TICKET:
        told = ("digest", "recipient", "desk", "instance")
        made = {name: value if name in told else None for name, value in made.items()}
    return made

"""The desk the workers work for: people, rules with one effect per event, and the servers."""

import json
from pathlib import Path
from typing import Any

TEAM = ("adiaz", "bkim", "cwong")
REOPENER = "dlee"
"""Whoever re-opens; nobody is told of what he did himself."""
STAFF = (*TEAM, REOPENER)
SUBMITTERS = ("jdoe", "provost", "rlane", "tford")
CLOSED = {"state": "closed"}
NOTED = "It is noted."
"""What the rules write when a submitter comments; once for all that one sync finds."""


def data() -> dict[str, Any]:
    """People and their queue, as the sandbox loads it."""
    return {
        "users": [{"id": 100 + place, "user_name": name, "full_name": name.title(),
                   "email": f"{name}@example.org"}
                  for place, name in enumerate((*STAFF, *SUBMITTERS))],
        "queues": [{"id": 1, "owners": list(STAFF)}],
    }  # fmt: skip


def write_config(folder: Path, smtp: str, hook: str, *, settle_s: float) -> Path:
    """``rules.yaml`` in *folder*: JSON is YAML too."""
    many = 1_000_000
    config = {
        "version": 1,
        "limits": {"changes_per_run": many, "messages_per_run": many,
                   "changes_per_ticket_per_day": many},
        "appliance": {
            "url": {"env": "KACE_URL"}, "username": {"env": "KACE_USERNAME"},
            "password": {"env": "KACE_PASSWORD"}, "timezone": "America/New_York",
            "queues": ["The K1000 Service Desk"], "settle": f"{settle_s:g}s",
            "request_timeout": "3s",
        },
        "calendars": {"always": {"timezone": "UTC", "week": {"mon-sun": ["00:00-24:00"]}}},
        "teams": {"desk": {"members": list(TEAM), "calendar": "always", "pick": "round_robin"}},
        "channels": {
            "mail": {"kind": "email", "smtp": smtp, "from": "Service Desk <desk@example.org>"},
            "ops": {"kind": "webhook", "url": hook, "allow_private": True},
        },
        "classify": [
            {"id": "noted", "event": {"commented": {"by": "submitter"}},
             "then": {"comment": {"text": NOTED, "public": False}}},
        ],
        "route": [
            {"id": "everything", "event": "created", "then": {"assign": {"team": "desk"}}},
        ],
        "notify": [
            {"id": "receipt", "event": "created",
             "then": {"notify": {"to": ["submitter"], "template": "receipt"}}},
            {"id": "wrote", "event": {"commented": {"by": "submitter"}},
             "then": {"notify": {"to": [STAFF[0]], "channel": "ops", "template": "generic"}}},
            {"id": "closed-mail", "event": ["closed", {"changed": {"status": {"to": CLOSED}}}],
             "then": {"notify": {"to": ["submitter"], "template": "closed"}}},
            {"id": "reopened", "event": "reopened",
             "then": {"notify": {"to": ["submitter"], "template": "reopened", "urgent": True}}},
        ],
    }  # fmt: skip
    path = folder / "rules.yaml"
    path.write_text(json.dumps(config, indent=1))
    return path

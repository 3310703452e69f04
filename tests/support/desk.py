"""A whole site for tests: an appliance, a configuration, a store, and a clock turned by hand."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from kace_bridge.clock import ManualClock
from kace_bridge.config.load import Site, load
from kace_bridge.sandbox import Appliance, Reply, Request, Settings
from kace_bridge.sandbox.faults import read_faults
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.report import SyncReport
from kace_bridge.sync.wire import Bridge, bridge

URL = "https://kace.example.org"
TICKETS = "/api/service_desk/tickets"
STAFF = ("adiaz", "bkim", "cwong", "dlee", "epark", "gcho")
EVERYBODY = (*STAFF, "jdoe", "provost")
MARK = re.compile(r"\[kb:[0-9a-f]{8}\]")

CONFIG: Mapping[str, Any] = {
    "version": 1,
    "appliance": {
        "url": {"env": "KACE_URL"}, "username": {"env": "KACE_USERNAME"},
        "password": {"env": "KACE_PASSWORD"}, "timezone": "America/New_York",
        "queues": ["The K1000 Service Desk"], "settle": "180s",
    },
    "calendars": {
        "office": {"timezone": "America/New_York",
                   "week": {"mon-fri": ["08:00-12:00", "13:00-17:00"]}},
    },
    "teams": {
        "desk": {"members": ["adiaz", "bkim", "cwong"], "calendar": "office",
                 "pick": "least_loaded"},
        "css": {"title": "Client Service Specialists", "members": ["dlee", "epark"],
                "calendar": "office", "pick": "round_robin"},
        "network": {"title": "LEAD Network", "lead": "gcho", "members": ["gcho"],
                    "calendar": "office", "pick": "round_robin"},
    },
    "channels": {"mail": {"kind": "folder", "path": "mail"}},
    "groups": {"vip": {"users": ["provost"]}},
    "clocks": {
        "respond": {"calendar": "office", "start": "created", "stop": "first_staff_reply",
                    "target": "1bd"},
    },
    "classify": [
        {"id": "vip-first", "if": {"submitter": {"in_group": "vip"}},
         "then": {"set": {"priority": "High"}}},
    ],
    "route": [
        {"id": "network-words", "event": ["created", "reopened"],
         "if": {"text": {"any_word": ["vpn", "wifi"]}}, "then": {"assign": {"team": "network"}}},
        {"id": "everything-else", "event": ["created", "reopened"],
         "then": {"assign": {"team": "desk"}}},
    ],
    "escalate": [
        {"id": "no-first-answer", "clock": "respond", "levels": [
            {"at": "50%", "then": {"notify": {"to": ["owner"], "template": "nudge"}}},
            {"at": "100%", "then": {"assign": {"team": "css"},
                                    "notify": {"to": ["owner"], "template": "escalated"}}},
        ]},
    ],
    "notify": [
        {"id": "receipt", "event": "created",
         "then": {"notify": {"to": ["submitter"], "template": "receipt"}}},
        {"id": "closed-mail", "event": {"changed": {"status": {"to": {"state": "closed"}}}},
         "then": {"notify": {"to": ["submitter"], "template": "closed"}}},
        {"id": "reopened", "event": "reopened",
         "then": {"notify": {"to": ["owner"], "template": "reopened"}}},
    ],
}  # fmt: skip

SITES: dict[str, Site] = {}
"""Configurations read in this process, by their text: reading one takes longer than a sync."""


class Desk:
    """One site in one folder; every sync opens and closes its own bridge, as the program does.

    ``clock`` is the bridge's machine: it moves only when told to, or when something sleeps.
    """

    def __init__(self, folder: Path, url: str = URL, **settings: Any) -> None:
        self.folder = folder
        self.app = Appliance(Settings(**settings))
        self.app.clock.set("2026-03-02 09:00:00", frozen=True)
        self.app.load({
            "users": [{"id": 100 + place, "user_name": name, "full_name": name.title(),
                       "email": f"{name}@example.org"} for place, name in enumerate(EVERYBODY)],
            "queues": [{"id": 1, "owners": list(STAFF)}],
        })  # fmt: skip
        self.clock = ManualClock(self.app.clock.now())
        self.environ = {
            "KACE_URL": url, "KACE_USERNAME": self.app.settings.username,
            "KACE_PASSWORD": self.app.settings.password,
        }  # fmt: skip
        self.config: dict[str, Any] = copy.deepcopy(dict(CONFIG))
        self.state = f"sqlite:///{folder / 's.db'}"

    # -- the bridge -------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The configuration, written anew: JSON is YAML too."""
        path = self.folder / "rules.yaml"
        path.write_text(json.dumps(self.config, indent=1))
        return path

    @property
    def site(self) -> Site:
        """The configuration, read; the same text is read once, whatever folder it stands in."""
        path = self.path
        text = path.read_text()
        if text not in SITES:
            SITES[text] = load(path, environ=self.environ)
        site = SITES[text]
        mail = site.channels["mail"].model_copy(update={"path": str(self.folder / "mail")})
        return replace(site, path=path, channels={"mail": mail})

    @contextmanager
    def bridge(self, **given: Any) -> Iterator[Bridge]:
        wanted = {"state": self.state, "environ": self.environ, "clock": self.clock}
        with bridge(self.site, **(wanted | given)) as made:
            yield made

    def sync(self, **given: Any) -> SyncReport:
        """One sync; ``requests`` tells afterwards what it asked of the appliance."""
        self.app.requests.clear()
        with self.bridge(shadow_ok=True) as made:
            return sync(made, **given)

    # -- the world --------------------------------------------------------------------------

    def later(self, **span: float) -> None:
        """Time passes for the appliance and for the bridge's machine."""
        self.app.clock.advance(timedelta(**span))
        self.clock.advance(timedelta(**span))

    def submit(self, user: str = "jdoe", **values: Any) -> int:
        """*user* logs a ticket at the portal; its number."""
        sent = {"hd_queue_id": 1, "title": "Mouse broken", "submitter": user, **values}
        return int(self._as(user, "POST", TICKETS, sent)["IDs"][0])

    def edit(self, user: str, ticket: int, comment: str = "", **values: Any) -> None:
        """*user* saves a ticket once: fields by name or id, and perhaps a comment."""
        if comment:
            values["change"] = {"comment": comment}
        self._as(user, "PUT", f"{TICKETS}/{ticket}", values)

    def delete(self, ticket: int) -> None:
        desk = self.app.desk
        del desk.tickets[ticket]
        desk.ids.remove(ticket)

    def _as(self, user: str, method: str, path: str, ticket: Mapping[str, Any]) -> Any:
        body = json.dumps({"Tickets": [ticket]}).encode()
        reply = self.app.act(user, Request(method, path, "", {}, body), path)
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def fail(self, method: str = "PUT", path: str = f"{TICKETS}/*", **fault: Any) -> None:
        """Script a fault; ``times`` and ``after`` as in the sandbox, everything else is done."""
        row: dict[str, Any] = {"match": {"method": method, "path": path}}
        for name in ("times", "after"):
            if name in fault:
                row[name] = fault.pop(name)
        self.app.faults.extend(read_faults([row | {"do": fault}]))

    def before(self, request: str, nth: int, do: Callable[[], object]) -> None:
        """Do something just before the *nth* such request (``PUT /api/...``) is answered."""
        answer, seen = self.app.handle, 0

        def meddle(asked: Request) -> Reply:
            nonlocal seen
            if f"{asked.method} {asked.path}" == request:
                seen += 1
                if seen == nth:
                    do()
            return answer(asked)

        self.app.handle = meddle  # type: ignore[method-assign]

    def answer_untruly(self, request: str, status: int) -> None:
        """Carry such a request out, once, and answer *status* all the same."""
        answer, told = self.app.handle, False

        def lie(asked: Request) -> Reply:
            nonlocal told
            reply = answer(asked)
            if told or f"{asked.method} {asked.path}" != request:
                return reply
            told = True
            return Reply(status, [("Content-Type", "application/json")], b'{"errorCode": -1}')

        self.app.handle = lie  # type: ignore[method-assign]

    def lose_comment(self) -> None:
        """Carry the next write out without its comment, and answer as if all were done."""
        answer, lost = self.app.handle, False

        def forget(asked: Request) -> Reply:
            nonlocal lost
            if lost or asked.method != "PUT":
                return answer(asked)
            lost = True
            row = json.loads(asked.body)["Tickets"][0]
            row.pop("change")
            return answer(replace(asked, body=json.dumps({"Tickets": [row]}).encode()))

        self.app.handle = forget  # type: ignore[method-assign]

    # -- what can be seen -------------------------------------------------------------------

    @property
    def requests(self) -> list[str]:
        """Method and path of every request since the last sync began."""
        return [f"{entry.method} {entry.path}" for entry in self.app.requests]

    @property
    def puts(self) -> list[int]:
        """The tickets written to since the last sync began, one entry per request."""
        return [int(name.rsplit("/", 1)[1]) for name in self.requests if name.startswith("PUT ")]

    def ticket(self, number: int) -> dict[str, Any]:
        """One ticket as the appliance holds it, names in place of ids."""
        row = next(row for row in self.app.dump()["tickets"] if row["id"] == number)
        return dict(row)

    def owner(self, number: int) -> str | None:
        return self.ticket(number).get("owner") or None

    def marks(self, number: int) -> list[str]:
        """Every mark of the bridge in a ticket's comments, repeats included."""
        rows = self.ticket(number)["changes"]
        return [mark for row in rows for mark in MARK.findall(row.get("comment") or "")]

    def owner_changes(self, number: int) -> int:
        """How many history rows of a ticket changed its owner."""
        rows = self.ticket(number)["changes"]
        return sum("owner" in (row.get("description") or "").lower() for row in rows)

    @property
    def mails(self) -> list[tuple[str, str]]:
        """Recipient and subject of every mail in the folder, in order of its file's name."""
        found = []
        for path in sorted((self.folder / "mail").glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=default)
            found.append((mail["To"].addresses[0].addr_spec, str(mail["Subject"])))
        return found

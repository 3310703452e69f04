"""The stage: a sandbox appliance over real HTTP, a desk of people, a bridge that syncs."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from kace_bridge.config.load import Site, load
from kace_bridge.config.starter import write_starter
from kace_bridge.errors import KaceBridgeError, UsageError
from kace_bridge.sandbox import Appliance, Server, Settings, generate, serve
from kace_bridge.state.rows import DecisionRow, EffectRow
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.report import SyncReport
from kace_bridge.sync.wire import Bridge, bridge, state_url

MARKER = ".kace-bridge-demo"
PORT = 8765
QUEUE = 1
ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class Step:
    """What one sync did: its figures, its decisions and their effects."""

    report: SyncReport
    decisions: tuple[DecisionRow, ...]
    effects: tuple[EffectRow, ...]


@dataclass(slots=True)
class Stage:
    """Acts of people and syncs of the bridge, in the order the story wants them."""

    server: Server
    site: Site
    folder: Path
    steps: list[Step] = field(default_factory=list)

    def at(self, stamp: str) -> None:
        """Set the appliance's clock; it stands still until the next act."""
        self._control("clock", {"now": stamp, "frozen": True})

    def submit(self, user: str, title: str, summary: str, category: str, *, via: str = "portal",
               on_behalf_of: str | None = None) -> int:  # fmt: skip
        """A ticket, logged by *user*; its number."""
        ticket = {
            "hd_queue_id": QUEUE, "title": title, "summary": summary,
            "category": self._id("categories", category), "via": via,
        }  # fmt: skip
        if on_behalf_of is not None:
            ticket["submitter"] = self._user(on_behalf_of)
        elif via != "phone":
            ticket["submitter"] = self._user(user)
        answer = self._as(user, "POST", "tickets", ticket)
        return int(answer["IDs"][0])

    def act(self, user: str, ticket: int, *, comment: str = "", status: str = "",
            resolution: str = "", via_email: bool = False) -> None:  # fmt: skip
        """Comment, change the status, or both in one save."""
        body: dict[str, Any] = {}
        if status:
            body["status"] = self._id("statuses", status)
        if resolution:
            body["resolution"] = resolution
        if comment:
            body["change"] = {"comment": comment} | ({"via_email": 1} if via_email else {})
        self._as(user, "PUT", f"tickets/{ticket}", body)

    def sync(self) -> Step:
        """One run of the bridge, as the scheduled job would do it."""
        with self.open() as running:
            report = sync(running)
            decisions = running.store.decisions(run=report.run)
            effects = running.store.effects(run=report.run)
        step = Step(report, tuple(decisions), tuple(effects))
        self.steps.append(step)
        return step

    @contextmanager
    def open(self) -> Iterator[Bridge]:
        """The bridge, for looking things up."""
        environ = environment(self.server)
        state = state_url(None, self.site.path)
        with bridge(self.site, state=state, environ=environ) as running:
            yield running

    def ticket(self, number: int) -> Mapping[str, Any]:
        """A ticket as the appliance holds it."""
        return next(row for row in self.dump()["tickets"] if row["id"] == number)

    def dump(self) -> dict[str, Any]:
        """The appliance's whole state."""
        found: dict[str, Any] = requests.get(f"{self.server.control}/dump", timeout=30).json()
        return found

    def _id(self, kind: str, name: str) -> int:
        queue = next(row for row in self.dump()["queues"] if row["id"] == QUEUE)
        for entry in queue[kind]:
            if isinstance(entry, Mapping) and entry["name"] == name:
                return int(entry["id"])
        raise KaceBridgeError(f"the sandbox has no {name} under {kind}")

    def _user(self, name: str) -> int:
        return next(int(row["id"]) for row in self.dump()["users"] if row["user_name"] == name)

    def _as(self, user: str, method: str, route: str, ticket: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{self.server.control}/as/{user}/api/service_desk/{route}"
        answer = requests.request(method, url, json={"Tickets": [ticket]}, timeout=30)
        found: dict[str, Any] = answer.json()
        if answer.status_code >= 400:
            raise KaceBridgeError(f"the sandbox refused {method} {route} by {user}: {found}")
        return found

    def _control(self, route: str, body: Mapping[str, object] | Sequence[object]) -> None:
        requests.post(f"{self.server.control}/{route}", json=body, timeout=30).raise_for_status()


def environment(server: Server) -> dict[str, str]:
    """What a configuration needs to reach this sandbox."""
    return {
        "KACE_URL": server.url, "KACE_USERNAME": server.username,
        "KACE_PASSWORD": server.password, "KACE_ORG": server.organization,
    }  # fmt: skip


@contextmanager
def set_stage(folder: Path, *, seed: int, tickets: int, start: str) -> Iterator[Stage]:
    """A fresh folder with the shipped rules, and a sandbox with a week behind it.

    Raises UsageError where *folder* holds something that is not an earlier demo.
    """
    _clear(folder)
    write_starter(folder)
    app = Appliance(Settings(seed=seed, timezone=ZONE))
    app.clock.set(start, frozen=True)
    app.load(generate(seed, tickets, start))
    with _serve(app) as server:
        site = load(folder / "rules.yaml", environ=environment(server))
        yield Stage(server, site, folder)


def _serve(app: Appliance) -> Server:
    """On the port the shipped rules expect, else on any free one."""
    try:
        return serve(app, port=PORT)
    except OSError:
        return serve(app, port=0)


def _clear(folder: Path) -> None:
    marker = folder / MARKER
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise UsageError(f"{folder} is not empty and no earlier demo: name another with --dir")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    marker.write_text(json.dumps({"made_by": "kace-bridge demo"}) + "\n", encoding="utf-8")

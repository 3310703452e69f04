"""Submitters and engineers at their work, one act after the other, each noted."""

import random
import threading
import time
from dataclasses import dataclass, field

import requests

from benchmarks.rig import Sandbox
from benchmarks.workers.desk import REOPENER, STAFF, SUBMITTERS
from benchmarks.workers.sinks import Notes

TICKETS = "api/service_desk/tickets"
CLOSED, REOPENED = "has been closed", "Re-opened"


@dataclass
class Known:
    """A ticket as people know it: what was done to it, and what they were told."""

    submitter: str
    state: str = "open"
    closings: int = 0
    reopenings: int = 0


@dataclass
class People:
    """Acts *rate* times a second until stopped.

    Nobody re-opens before the mail about the closing is there, nor closes again before the one
    about the re-opening: what happens and is undone between two syncs is not promised.
    """

    box: Sandbox
    notes: Notes
    mails: Notes
    rate: float
    seed: int
    tickets: dict[int, Known] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        chance = random.Random(self.seed)
        number = 0
        while not self.stopped.wait(chance.uniform(0.5, 1.5) / self.rate):
            number += 1
            free = [ticket for ticket, known in self.tickets.items() if known.state == "open"]
            told = [ticket for ticket in self.tickets if self._is_told(ticket)]
            act = chance.random()
            if act < 0.4 or not free:
                self._submit(chance.choice(SUBMITTERS), number)
            elif act < 0.75:
                self._comment(chance.choice(free[-40:]), number)
            elif act < 0.9 or not told:
                self._close(chance.choice(free), chance.choice(STAFF))
            else:
                self._reopen(chance.choice(told))

    def _is_told(self, ticket: int) -> bool:
        """Whether the mail about the last closing of *ticket* has come."""
        known = self.tickets[ticket]
        if known.state != "closed":
            return False
        return self._mailed(ticket, CLOSED) >= known.closings

    def _mailed(self, ticket: int, words: str) -> int:
        tag = f"[TICK:{ticket}]"
        return len({mail["id"] for mail in list(self.mails.entries)
                    if tag in mail["subject"] and words in mail["subject"]})  # fmt: skip

    def _submit(self, who: str, number: int) -> None:
        sent = {"hd_queue_id": 1, "title": f"Trouble {number}", "submitter": who}
        ticket = int(self._as(who, "POST", "", sent)["IDs"][0])
        self.tickets[ticket] = Known(who)
        self.notes.add(at=time.time(), act="submit", ticket=ticket, who=who)

    def _comment(self, ticket: int, number: int) -> None:
        who = self.tickets[ticket].submitter
        self._as(who, "PUT", f"/{ticket}", {"change": {"comment": f"More about it: {number}"}})
        self.notes.add(at=time.time(), act="comment", ticket=ticket, who=who)

    def _close(self, ticket: int, who: str) -> None:
        known = self.tickets[ticket]
        if self._mailed(ticket, REOPENED) < known.reopenings:
            return
        self._as(who, "PUT", f"/{ticket}", {"status": "Closed"})
        known.state, known.closings = "closed", known.closings + 1
        self.notes.add(at=time.time(), act="close", ticket=ticket, who=who)

    def _reopen(self, ticket: int) -> None:
        known = self.tickets[ticket]
        self._as(REOPENER, "PUT", f"/{ticket}", {"status": "Reopened"})
        known.state, known.reopenings = "open", known.reopenings + 1
        self.notes.add(at=time.time(), act="reopen", ticket=ticket, who=REOPENER)

    def _as(self, who: str, method: str, path: str, ticket: dict[str, object]) -> dict[str, list]:
        url = f"{self.box.control}/as/{who}/{TICKETS}{path}"
        answer = requests.request(method, url, json={"Tickets": [ticket]}, timeout=60)
        answer.raise_for_status()
        return answer.json()

"""Somebody is away and their mail program answers everything: the desk must not answer back.

    python -m benchmarks.mail_loop [--hours 8]

Wires automatic answering machines to the intake of a sandbox appliance that runs the shipped rules
(and, as appliances do, re-opens a closed ticket when its submitter writes): each mail the bridge
sends to somebody who is away comes back at once. As on the appliance, an answer whose subject
carries ``[TICK:n]`` becomes a comment on that ticket, any other a new ticket (contract section
7.4). Submitter and engineers are all away, with every kind of machine; a person submits, one asks
a question, one closes; the bridge syncs every five minutes.

Prints per machine the tickets and mails beyond those of a day without machines, and the mails of
the last hour. Exits 1 where a mail that was due anyway led to more than one extra ticket (three
for a machine that cannot be told from a person until it repeats itself), or where the desk was
still talking in the last hour.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from kace_bridge.config.load import load
from kace_bridge.config.starter import write_starter
from kace_bridge.demo.stage import Stage, environment
from kace_bridge.sandbox import Appliance, Settings, generate, serve

START = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 -- the appliance's wall clock
STEP = timedelta(minutes=5)
TAG = "[TICK:"


@dataclass(frozen=True, slots=True)
class Machine:
    """How a mail program answers in its owner's absence.

    ``heeds``: not what is marked as automatic (RFC 3834). ``once``: each sender once, as
    vacation(1) does. ``quotes``: the subject it answers, tag included, behind its own words.
    """

    words: str = "Automatic reply"
    heeds: bool = False
    once: bool = False
    quotes: bool = True

    def subject(self, mail: EmailMessage) -> str:
        return f"{self.words}: {mail['Subject']}" if self.quotes else self.words


MACHINES = {
    "nobody is away": None,
    "heeds the marks": Machine(heeds=True),
    "answers once, without the tag": Machine(once=True, quotes=False, words="I am away"),
    "answers everything, with the tag": Machine(),
    "answers everything, without the tag": Machine(quotes=False),
    "answers everything, in words of its own": Machine(quotes=False, words="Gone fishing"),
    "the same, with the tag": Machine(words="Gone fishing"),
}
EXTRA_TICKETS = {"answers everything, in words of its own": 3}
"""Extra tickets forgiven for each mail that was due anyway, where it is more than one."""


@dataclass(slots=True)
class Intake:
    """The queue's mailbox, with *machine* answering for those *away*; None: for everybody."""

    stage: Stage
    machine: Machine | None
    away: frozenset[str] | None = None
    read: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    mails: Counter[str] = field(default_factory=Counter)
    new_tickets: int = 0

    def collect(self) -> int:
        """Answer what was mailed since last time; how many mails that were."""
        fresh = 0
        for path in sorted((self.stage.folder / "mail").glob("*.eml")):
            if path.name not in self.read:
                self.read.add(path.name)
                mail = BytesParser(policy=default).parsebytes(path.read_bytes())
                fresh += 1
                self.mails[mail["To"].addresses[0].username] += 1
                self._answer(mail)
        return fresh

    def _answer(self, mail: EmailMessage) -> None:
        machine, user = self.machine, mail["To"].addresses[0].username
        marked = mail.get("Auto-Submitted", "no") != "no"
        if machine is None or (machine.heeds and marked):
            return
        if self.away is not None and user not in self.away:
            return
        if machine.once and user in self.answered:
            return
        self.answered.add(user)
        subject, text = machine.subject(mail), f"{machine.words}. I read this on Monday."
        if TAG in subject:
            number = int(subject.split(TAG)[1].split("]")[0])
            self.stage.act(user, number, comment=text, via_email=True)
        else:
            self.stage.submit(user, subject, text, "Other", via="email")
            self.new_tickets += 1


@contextmanager
def site(folder: Path) -> Iterator[Stage]:
    """A fresh appliance with the shipped rules, its first sync over."""
    write_starter(folder)
    app = Appliance(Settings(timezone="America/New_York", rule_reopen_on_reply=True))
    app.clock.set(str(START), frozen=True)
    app.load(generate(1, 0, str(START)))
    with serve(app, port=0) as server:
        found = load(folder / "rules.yaml", environ=environment(server))
        stage = Stage(server, found, folder)
        stage.sync()
        yield stage


@dataclass(frozen=True, slots=True)
class Day:
    """What came of one day: tickets made by machines, mails in all and in the last hour."""

    extra_tickets: int
    mails: int
    last_hour: int
    most_to_one: int


def live(
    folder: Path, machine: Machine | None, hours: float, away: frozenset[str] | None = None
) -> Day:
    """Hours at the desk: a request, a question, a closing, syncs, and the machine's answers."""
    with site(folder) as stage:
        intake = Intake(stage, machine, away)
        stage.at(str(START))
        ticket = stage.submit("jdoe", "Mouse broken", "It does not click.", "Hardware")
        last = 0
        for step in range(1, round(hours * 12) + 1):
            now = START + step * STEP
            stage.at(str(now))
            if step == 4:
                stage.act("cwong", ticket, comment="Which room?", status="Need More Info")
            if step == 10:
                stage.act("cwong", ticket, comment="Solved.", status="Closed", resolution="New.")
            stage.sync()
            # The machine answers some seconds after the mail.
            stage.at(str(now + timedelta(seconds=20)))
            fresh = intake.collect()
            last += fresh if step > round(hours * 12) - 12 else 0
        most = max(intake.mails.values(), default=0)
        return Day(intake.new_tickets, intake.mails.total(), last, most)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8)
    options = parser.parse_args()
    usual, bad = 0, []
    for name, machine in MACHINES.items():
        with tempfile.TemporaryDirectory() as place:
            day = live(Path(place) / "desk", machine, options.hours)
        usual = usual or day.mails
        print(json.dumps({
            "machine": name, "extra_tickets": day.extra_tickets, "mails": day.mails,
            "extra_mails": day.mails - usual, "mails_in_the_last_hour": day.last_hour,
            "most_to_one_person": day.most_to_one,
        }))  # fmt: skip
        if day.extra_tickets > usual * EXTRA_TICKETS.get(name, 1):
            bad.append(f"{name}: {day.extra_tickets} extra tickets")
        if day.last_hour:
            bad.append(f"{name}: {day.last_hour} mails in the last hour")
    for line in bad:
        print("PROBLEM:", line)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())

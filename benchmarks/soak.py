"""Weeks of a desk in half an hour: does anything grow that should not, is any message unaccounted?

    python -m benchmarks.soak [--minutes 30] [--speed 1200] [--restarts 6] [--known N]

``kace-bridge watch`` runs in a process of its own against a sandbox over HTTP whose clock goes
*speed* times as fast as the wall's: 30 minutes are 25 days. Meanwhile people log tickets, answer,
ask, close and re-open them in office hours, one request in a hundred fails in one of seven ways,
the watch is ended by SIGTERM or SIGKILL and started again now and then, and the store is pruned
once a simulated day. Samples of the watch's memory and handles and of the store's size are taken
every five seconds; slopes are those of a straight line through the samples after the first third.

At the end the desk falls quiet, and every mail is accounted for: one receipt per ticket, one
closing mail per closing, one alert per re-opening, by what was played and not by the program's
own books; every message of the outbox sent; no mail file without a message, no name twice.
Exits 1 where something is missing, doubled or growing.
"""

import argparse
import json
import math
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from typing import Any

import requests

from benchmarks.rig import PROGRAM, Sandbox, sandbox

STAFF = ("adiaz", "bkim", "cwong", "dlee", "epark", "gcho")
SUBMITTERS = tuple(f"user{number:02}" for number in range(40))
TITLES = ("VPN drops", "Printer jams", "Mouse broken", "Password forgotten", "Wifi is slow",
          "Cannot open the calendar", "Projector is dark", "Disk is full")  # fmt: skip
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 503}, {"status": 500}, {"html": 200}, {"delay_s": 1.0}, {"drop_before": True},
    {"drop_after": True}, {"truncate": 30},
)  # fmt: skip
EVERY_S = 1.0
GAP_S = 8.0
"""Between two acts on one ticket: several syncs, so that each act is seen by itself."""
RULES = Path(__file__).with_name("soak.yaml")


@dataclass
class Ticket:
    """What was played on one ticket."""

    number: int
    submitter: str
    state: str = "new"
    free_at: float = 0.0


@dataclass
class Sample:
    at_s: float
    rss_mib: float
    handles: int
    store_mib: float


@dataclass
class World:
    """The people, the appliance, the watch and what is measured of it."""

    box: Sandbox
    folder: Path
    dice: random.Random
    speed: float
    start: datetime
    began: float = field(default_factory=time.monotonic)
    tickets: list[Ticket] = field(default_factory=list)
    played: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    starts: int = 0
    watch: "subprocess.Popen[bytes] | None" = None
    web: requests.Session = field(default_factory=requests.Session)

    @property
    def now(self) -> datetime:
        """The desk's time."""
        return self.start + timedelta(seconds=(time.monotonic() - self.began) * self.speed)

    def tick(self) -> None:
        self.box.clock(now=f"{self.now:%Y-%m-%d %H:%M:%S}", frozen=True)

    def begin(self) -> None:
        with (self.folder / "watch.log").open("ab") as log:
            self.watch = subprocess.Popen(
                [*PROGRAM, "watch", "--every", f"{EVERY_S:g}s"], cwd=self.folder,
                env=self.box.environ, stdout=log, stderr=log,
            )  # fmt: skip
        self.starts += 1

    def end(self, how: signal.Signals) -> None:
        assert self.watch is not None
        self.watch.send_signal(how)
        self.watch.wait(60)

    def sample(self) -> None:
        assert self.watch is not None
        proc = Path(f"/proc/{self.watch.pid}")
        status = (proc / "status").read_text()
        rss = int(status.split("VmRSS:")[1].split()[0]) / 1024
        handles = len(list((proc / "fd").iterdir()))
        store = sum(f.stat().st_size for f in self.folder.glob("kace-bridge.db*")) / 2**20
        self.samples.append(Sample(time.monotonic() - self.began, rss, handles, store))

    # -- people -----------------------------------------------------------------------------

    def act(self) -> None:
        """One thing somebody does, if anybody is at work."""
        if not (self.now.weekday() < 5 and 8 <= self.now.hour < 17):
            return
        ready = [t for t in self.tickets[-400:] if t.free_at <= time.monotonic()]
        ticket = self.dice.choice(ready) if ready and self.dice.random() < 0.7 else None
        if ticket is None:
            self._log()
        else:
            self._go_on(ticket)

    def _log(self) -> None:
        who = self.dice.choice(SUBMITTERS)
        sent = {"hd_queue_id": 1, "title": self.dice.choice(TITLES), "submitter": who}
        made = self._as(who, "POST", "tickets", sent)
        self.played["created"] += 1
        self.tickets.append(Ticket(int(made["IDs"][0]), who, free_at=time.monotonic() + GAP_S))

    def _go_on(self, ticket: Ticket) -> None:
        engineer = self.dice.choice(STAFF)
        match ticket.state:
            case "new":
                self._save(ticket, engineer, "Looking into it.", status="Opened")
                ticket.state = "opened"
            case "opened" if self.dice.random() < 0.3:
                self._save(ticket, engineer, "Which one?", status="Need More Info")
                ticket.state = "asked"
            case "opened":
                self._save(ticket, engineer, "", status="Closed", resolution="Mended.")
                self.played["closed"] += 1
                ticket.state = "closed"
            case "asked":
                self._save(ticket, ticket.submitter, "The one upstairs.", status="Opened")
                ticket.state = "opened"
            case "closed" if self.dice.random() < 0.1:
                self._save(ticket, ticket.submitter, "It is back.", status="Opened")
                self.played["reopened"] += 1
                ticket.state = "opened"

    def _save(self, ticket: Ticket, who: str, comment: str, **values: Any) -> None:
        body = values | ({"change": {"comment": comment}} if comment else {})
        self._as(who, "PUT", f"tickets/{ticket.number}", body)
        ticket.free_at = time.monotonic() + GAP_S

    def _as(self, user: str, method: str, route: str, ticket: dict[str, Any]) -> Any:
        url = f"{self.box.control}/as/{user}/api/service_desk/{route}"
        answer = self.web.request(method, url, json={"Tickets": [ticket]}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def fault(self) -> None:
        """The next matching request of the bridge fails once."""
        what = self.dice.choice(FAULTS)
        method = self.dice.choice(("GET", "PUT"))
        row = {"match": {"method": method, "path": "/api/service_desk/tickets*"}, "times": 1}
        self.web.post(f"{self.box.control}/faults", json=[{**row, "do": what}], timeout=30)

    def prune(self) -> None:
        words = ["--at", f"{self.now:%Y-%m-%dT%H:%M}", "state", "prune", "--keep", "5d", "--yes"]
        done = subprocess.run(
            [*PROGRAM, "-q", *words], cwd=self.folder, env=self.box.environ, check=False
        )
        self.played["pruned" if done.returncode == 0 else "prune later"] += 1


def live(world: World, minutes: float, faults: float, restarts: int) -> None:
    """Play until the time is up."""
    end, sampled, pruned = world.began + minutes * 60, 0.0, world.now.date()
    restart = world.began + 90 if restarts else math.inf
    while time.monotonic() < end:
        world.tick()
        world.act()
        if world.dice.random() < faults * 5:
            world.fault()
        if time.monotonic() - sampled > 5:
            world.sample()
            sampled = time.monotonic()
        if world.now.date() != pruned:
            pruned = world.now.date()
            world.prune()
        if time.monotonic() > restart:
            world.end(world.dice.choice((signal.SIGTERM, signal.SIGKILL)))
            world.begin()
            restart = time.monotonic() + minutes * 60 / restarts
        time.sleep(0.1)


def settle(world: World, seconds: float) -> None:
    """Nobody does anything; what is open is written, looked at and sent."""
    world.web.delete(f"{world.box.control}/faults", timeout=30)
    # Still on the desk's time, at its own pace: nothing new falls due meanwhile.
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(1)
    world.end(signal.SIGTERM)


def slope(samples: list[Sample], name: str) -> float:
    """Units an hour of the wall's time, by least squares after the first third."""
    late = samples[len(samples) // 3 :]
    xs = [sample.at_s / 3600 for sample in late]
    ys = [float(getattr(sample, name)) for sample in late]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    rise = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return rise / spread if spread else 0.0


def account(world: World) -> tuple[Counter[str], list[str]]:
    """Mails by template, and everything that does not add up."""
    parser = BytesHeaderParser(policy=default)
    mails: Counter[str] = Counter()
    per_ticket: Counter[tuple[str, int]] = Counter()
    names: Counter[str] = Counter()
    for path in (world.folder / "mail").rglob("*.eml"):
        with path.open("rb") as file:
            mail = parser.parse(file)
        kind = path.parent.name
        mails[kind] += 1
        names[str(mail["Message-ID"])] += 1
        per_ticket[kind, int(mail["X-Ticket-ID"])] += 1
    told = [f"{kind}: {mails[kind]} mails for {count} played" for kind, count in
            (("receipt", world.played["created"]), ("closed", world.played["closed"]),
             ("reopened", world.played["reopened"])) if mails[kind] != count]  # fmt: skip
    told += [f"#{number}: {count} receipts" for (kind, number), count in per_ticket.items()
             if kind == "receipt" and count != 1]  # fmt: skip
    told += [f"{name}: {count} files" for name, count in names.items() if count != 1]
    for state in ("pending", "dead"):
        done = subprocess.run(
            [*PROGRAM, "outbox", "list", "--state", state, "--json"], cwd=world.folder,
            env=world.box.environ, capture_output=True, text=True, check=True,
        )  # fmt: skip
        told += [f"outbox: {state}: {row}" for row in json.loads(done.stdout)["messages"]]
    verified = subprocess.run(
        [*PROGRAM, "state", "verify"], cwd=world.folder, env=world.box.environ,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if verified.returncode:
        told.append(f"state verify: {verified.stdout[:300]}")
    return mails, told


def known(number: int, start: datetime) -> Iterator[dict[str, Any]]:
    """Tickets closed lately, that every look at the desk reads again: its pages are full ones."""
    created, closed = start - timedelta(days=12), start - timedelta(days=5)
    for place in range(number):
        who = SUBMITTERS[place % len(SUBMITTERS)]
        yield {
            "title": TITLES[place % len(TITLES)], "summary": "It did so all morning. " * 20,
            "submitter": who, "owner": STAFF[place % len(STAFF)], "status": "Closed",
            "created": f"{created:%Y-%m-%d %H:%M:%S}", "modified": f"{closed:%Y-%m-%d %H:%M:%S}",
            "changes": [{"timestamp": f"{closed:%Y-%m-%d %H:%M:%S}", "user": who,
                         "comment": "Thank you."}],
        }  # fmt: skip


def next_monday(now: datetime) -> datetime:
    """Just before the office opens: never before what the machine calls now."""
    day = now + timedelta(days=7 - now.weekday())
    return day.replace(hour=7, minute=50, second=0, microsecond=0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--speed", type=float, default=1200)
    parser.add_argument("--faults", type=float, default=0.01)
    parser.add_argument("--restarts", type=int, default=6, help="0: one process for all of it")
    parser.add_argument("--known", type=int, default=0, help="tickets closed before it begins")
    parser.add_argument("--quiet", type=float, default=60, help="seconds to settle at the end")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, sandbox("--timezone", "UTC") as box:
        folder = Path(place)
        (folder / "rules.yaml").write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
        start = next_monday(datetime.now(UTC).replace(tzinfo=None))
        world = World(box, folder, random.Random(options.seed), options.speed, start)
        world.tick()
        people = [*STAFF, *SUBMITTERS]
        box.load({
            "users": [{"id": 100 + place, "user_name": name, "full_name": name.title(),
                       "email": f"{name}@example.org"} for place, name in enumerate(people)],
            "queues": [{"id": 1, "name": "The K1000 Service Desk", "owners": list(STAFF)}],
            "tickets": list(known(options.known, start)),
        })  # fmt: skip
        world.begin()
        time.sleep(5)  # the first sync is the baseline: it must see an empty desk
        live(world, options.minutes, options.faults, options.restarts)
        days = (world.now - start) / timedelta(days=1)
        settle(world, options.quiet)
        mails, told = account(world)
        requests_made = len(box.requests())
        log = (folder / "watch.log").read_text(encoding="utf-8", errors="replace")
    step = max(len(world.samples) // 10, 1)
    result = {
        "minutes": options.minutes, "days": round(days, 1), **world.played, "mails": mails,
        "starts": world.starts, "requests": requests_made,
        "rss_mib": [round(s.rss_mib, 1) for s in world.samples][::step],
        "rss_mib_per_hour": round(slope(world.samples, "rss_mib"), 2),
        "handles": [min(s.handles for s in world.samples), max(s.handles for s in world.samples)],
        "store_mib": [round(s.store_mib, 2) for s in world.samples][::step],
        "store_kib_per_ticket": round(world.samples[-1].store_mib * 1024 / len(world.tickets), 1),
        "unexpected": log.count("unexpected error") + log.count("Traceback"), "problems": len(told),
    }  # fmt: skip
    print(json.dumps(result))
    for line in told[:50]:
        print("PROBLEM:", line)
    if options.json:
        options.json.write_text(json.dumps(result), encoding="utf-8")
    return int(bool(told) or result["unexpected"] > 0)


if __name__ == "__main__":
    sys.exit(main())

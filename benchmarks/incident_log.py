"""A real incident log through the sandbox and the bridge, against an oracle of the log alone.

    python -m benchmarks.incident_log DATA/incident_events.csv.gz [--incidents 500] [--weeks 3]

Replays incidents opened in the first weeks of the log, in their real order and spacing, with many
open at a time: every re-opened and every mailed one, filled up evenly to the number asked for.
The sandbox's clock stands at each act of the log in turn (incident_acts.py says how updates become
acts of submitters and engineers), and a sync runs every 15 minutes of every working day, none is
skipped. It goes on for four weeks after the last incident was opened; what the log tells later is
neither played nor expected.

The oracle (incident_oracle.py) says which messages there must be: kind, incident, recipient and
the one sync that may send it. Of several changes of a ticket between two syncs the appliance
shows only the outcome (a night is one such gap), so the oracle demands what follows from the
outcome and from the comments, which are all shown (incident_sight.py). Such cases are counted:

- detours: a closing undone, or a re-opening closed again, before any sync; owed to nobody.
- blurred: messages that would be due at another sync, or not at all, did the appliance tell when
  each field changed. They are demanded as the outcome dates them; their number is the price.

Prints expected, seen, missing, extra and late per kind (a message early is extra, and the
right one missing), then seconds, syncs and requests. Exits 1 unless the last three are all zero.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from benchmarks.incident_acts import ENGINEERS, Act, Incident, read_log
from benchmarks.incident_oracle import Clock, Expected, Process, expect, lead_of
from benchmarks.incident_sight import looks
from benchmarks.office_hours import DAY, Office
from kace_bridge.config.load import load
from kace_bridge.demo.stage import environment
from kace_bridge.sandbox import Appliance, Server, Settings, serve
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.wire import bridge, state_url

RULES = Path(__file__).with_name("incident_log.yaml")
ZONE = ZoneInfo("America/New_York")
TAIL = timedelta(days=28)
OFFICE = Office(((480, 720), (780, 1020)), closed=frozenset({date(2016, 3, 25), date(2016, 3, 28)}))
WORKDAY = 8 * 60
WAITING = frozenset({"Need More Info", "Waiting on Customer", "Waiting on Third Party"})
PROCESS = Process(
    OFFICE,
    (
        Clock("respond", "answer", {"respond-50": 0.5, "respond-100": 1.0, "respond-2bd": 960},
              targets=dict.fromkeys(("High", "Medium", "Low"), WORKDAY)),
        Clock("resolve", "closed", {"resolve-75": 0.75, "resolve-100": 1.0, "resolve-10bd": 4800},
              targets={"High": 2 * WORKDAY, "Medium": 5 * WORKDAY, "Low": 5 * WORKDAY},
              paused=WAITING, resumes=True),
        Clock("silent", "reply", {"silent-2bd": 960, "silent-5bd": 2400},
              asks=frozenset({"Need More Info"})),
    ),
    {
        "receipt": ("submitter",), "closed": ("submitter",), "reopened": ("owner",),
        "respond-50": ("owner",), "respond-100": ("owner", "lead"), "respond-2bd": ("lead",),
        "resolve-75": ("owner",), "resolve-100": ("owner", "lead"), "resolve-10bd": ("lead",),
        "silent-2bd": ("submitter",), "silent-5bd": ("submitter",),
    },
    raises=frozenset({"respond-2bd"}),
)  # fmt: skip
"""What incident_log.yaml promises, in the oracle's words."""


Key = tuple[str, str, str, datetime]
"""Kind, incident, recipient and the sync's wall-clock time: what makes a message the one."""


def choose(log: Sequence[Incident], count: int, weeks: int) -> list[Incident]:
    """*count* incidents of the first *weeks*: the re-opened and mailed, then every so-manieth."""
    end = log[0].acts[0].at + weeks * 7 * DAY
    window = [incident for incident in log if incident.acts[0].at < end]
    rare = {each.number for each in window if any(a.status == "Reopened" for a in each.acts)
            or each.acts[0].via == "email"}  # fmt: skip
    usual = [each for each in window if each.number not in rare]
    left = max(count - len(rare), 0)
    chosen = {usual[place * len(usual) // left].number for place in range(left)} if left else set()
    return [each for each in window if each.number in rare | chosen]


@dataclass
class Desk:
    """The sandbox with its people, and the bridge that syncs it."""

    server: Server
    folder: Path
    numbers: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    syncs: int = 0
    web: requests.Session = field(default_factory=requests.Session)
    moment: datetime | None = None

    def stand_at(self, moment: datetime) -> None:
        if moment != self.moment:
            self._post("clock", {"now": f"{moment:%Y-%m-%d %H:%M:%S}", "frozen": True})
            self.moment = moment

    def play(self, act: Act, submitter: str) -> None:
        """One save by one person."""
        self.stand_at(act.at)
        body: dict[str, Any] = {
            name: value
            for name in ("status", "owner", "priority")
            if (value := getattr(act, name)) is not None
        }
        if act.comment:
            private, mailed = int(act.private), int(act.by_mail)
            body["change"] = {"comment": act.comment, "owners_only": private, "via_email": mailed}
        if act.via:
            body |= {"hd_queue_id": 1, "title": f"Incident {act.incident}", "via": act.via,
                     "submitter": submitter}  # fmt: skip
            answer = self._as(act.who, "POST", "tickets", body)
            self.numbers[act.incident] = int(answer["IDs"][0])
        else:
            self._as(act.who, "PUT", f"tickets/{self.numbers[act.incident]}", body)

    def sync(self, run: Callable[[], Any], moment: datetime) -> None:
        self.stand_at(moment)
        report = run()
        self.syncs += 1
        self.asked += report.requests
        if report.exit_code:
            raise SystemExit(f"the sync of {moment} ended with {report.exit_code}: {report}")

    def mails(self) -> Iterator[tuple[str, int, str, datetime]]:
        """Kind, ticket, recipient and wall-clock time of every mail written."""
        parser = BytesHeaderParser(policy=default)
        for path in sorted((self.folder / "mail").glob("*/*.eml")):
            with path.open("rb") as file:
                mail = parser.parse(file)
            at = parsedate_to_datetime(str(mail["Date"])).astimezone(ZONE).replace(tzinfo=None)
            to = mail["To"].addresses[0].username
            yield path.parent.name, int(mail["X-Ticket-ID"]), to, at

    def _as(self, user: str, method: str, route: str, ticket: Mapping[str, Any]) -> Any:
        url = f"{self.server.control}/as/{user}/api/service_desk/{route}"
        answer = self.web.request(method, url, json={"Tickets": [ticket]}, timeout=30)
        if answer.status_code >= 400:
            raise SystemExit(f"the sandbox refused {method} {route} by {user}: {answer.text}")
        return answer.json()

    def _post(self, route: str, body: Mapping[str, object]) -> None:
        self.web.post(f"{self.server.control}/{route}", json=body, timeout=30).raise_for_status()


@contextmanager
def desk(folder: Path, submitters: Iterable[str], start: datetime) -> Iterator[Desk]:
    """A fresh appliance with forty engineers in eight teams, a desk of three, and submitters."""
    staff = [f"eng{number:02}" for number in range(ENGINEERS)] + ["desk1", "desk2", "desk3"]
    leads = [*sorted({str(lead_of(name)) for name in staff[:ENGINEERS]}), "lead-desk"]
    people = [*staff, *leads, *sorted(set(submitters))]
    app = Appliance(Settings(timezone=str(ZONE)))
    app.clock.set(f"{start}", frozen=True)
    app.load({
        "users": [{"id": 100 + place, "user_name": name, "full_name": name.title(),
                   "email": f"{name}@example.org"} for place, name in enumerate(people)],
        "queues": [{"id": 1, "name": "The K1000 Service Desk", "owners": [*staff, *leads]}],
    })  # fmt: skip
    (folder / "rules.yaml").write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
    with serve(app, port=0) as server:
        yield Desk(server, folder)


def replay(
    chosen: Sequence[Incident], syncs: Sequence[datetime], folder: Path
) -> tuple[Counter[Key], Desk]:
    """Play everything up to the last sync; what was mailed, by kind, incident, person, time."""
    acts = sorted(
        ((act, each.submitter) for each in chosen for act in each.acts if act.at <= syncs[-1]),
        key=lambda pair: pair[0].at,
    )
    people = [incident.submitter for incident in chosen]
    with desk(folder, people, syncs[0]) as stage:
        site = load(folder / "rules.yaml", environ=environment(stage.server))
        state = state_url(None, site.path)

        def run() -> Any:
            with bridge(site, state=state, environ=environment(stage.server)) as running:
                return sync(running)

        place = 0
        for moment in syncs:
            while place < len(acts) and acts[place][0].at <= moment:
                stage.play(*acts[place])
                place += 1
            stage.sync(run, moment)
        incidents = {number: name for name, number in stage.numbers.items()}
        mails = list(stage.mails())
    seen = Counter(
        (kind, incidents[ticket], "desk" if to in ("desk1", "desk2", "desk3") else to, at)
        for kind, ticket, to, at in mails
    )
    return seen, stage


Kinds = Mapping[str, Counter[str]]


def compare(expected: Sequence[Expected], seen: Counter[Key]) -> tuple[Kinds, list[str]]:
    """Counts per kind, and a line for each message that is missing, extra or late."""
    wanted = Counter((each.kind, each.incident, each.to, each.at) for each in expected)
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in PROCESS.to}
    for name, found in (("expected", wanted), ("seen", seen)):
        for key, times in found.items():
            counts[key[0]][name] += times
    missing, extra = wanted - seen, seen - wanted
    told = []
    for key in sorted(missing.elements()):
        rest = (key for key in sorted(extra) if extra[key] > 0)
        late = next((other for other in rest if _is_later(other, key)), None)
        if late:
            extra[late] -= 1
        name = "late" if late else "missing"
        counts[key[0]][name] += 1
        told.append(f"{name}: {' '.join(key[:3])} at {key[3]}{f', came {late[3]}' if late else ''}")
    for key in sorted(extra.elements()):
        counts[key[0]]["extra"] += 1
        told.append(f"extra: {' '.join(key[:3])} at {key[3]}")
    return counts, told


def _is_later(seen: Key, wanted: Key) -> bool:
    """Whether *seen* may be *wanted*, up to a day late."""
    return seen[:3] == wanted[:3] and wanted[3] < seen[3] <= wanted[3] + DAY


def detours(incident: Incident, syncs: Sequence[datetime]) -> int:
    """Closings and re-openings of the log that no sync could see."""
    status, crossings = "New", 0
    for act in incident.acts:
        if act.status and act.at <= syncs[-1]:
            crossings += (status == "Closed") != (act.status == "Closed")
            status = act.status
    return crossings - sum(bool(look.crossing) for look in looks(incident, syncs))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--incidents", type=int, default=500)
    parser.add_argument("--weeks", type=int, default=3)
    parser.add_argument("--keep", type=Path, metavar="FOLDER",
                        help="Keep rules, store and mails there, for 'rules replay'.")  # fmt: skip
    options = parser.parse_args()
    chosen = choose(read_log(options.data), options.incidents, options.weeks)
    first, last = chosen[0].acts[0].at, chosen[-1].acts[0].at
    # The first sync is the baseline; it must see an empty desk.
    syncs = OFFICE.syncs(first - 5 * DAY, last + TAIL)
    syncs = syncs[max(sum(moment < first for moment in syncs) - 1, 0) :]
    expected = [each for incident in chosen for each in expect(PROCESS, incident, syncs)]
    exact = [each for incident in chosen for each in expect(PROCESS, incident, syncs, exact=True)]
    shapes = [{(e.kind, e.incident, e.to, e.at) for e in each} for each in (expected, exact)]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        folder: Path = options.keep or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        seen, stage = replay(chosen, syncs, folder)
    seconds = time.perf_counter() - began
    counts, told = compare(expected, seen)
    for kind, row in counts.items():
        print(json.dumps({"kind": kind} | {name: row[name] for name in COLUMNS}))
    total = Counter({name: sum(row[name] for row in counts.values()) for name in COLUMNS})
    print(json.dumps({
        "incidents": len(chosen), "acts": sum(a.at <= syncs[-1] for i in chosen for a in i.acts),
        "from": str(syncs[0]), "to": str(syncs[-1]), **total,
        "detours": sum(detours(incident, syncs) for incident in chosen),
        "blurred": len(shapes[0] - shapes[1]), "blurred_away": len(shapes[1] - shapes[0]),
        "seconds": round(seconds, 1), "syncs": stage.syncs, "requests": stage.asked,
    }))  # fmt: skip
    for line in told[:200]:
        print("PROBLEM:", line)
    print("problems:", len(told))
    return bool(told)


COLUMNS = ("expected", "seen", "missing", "extra", "late")

if __name__ == "__main__":
    sys.exit(main())

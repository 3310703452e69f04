"""Real ticket texts routed by words alone: precision and recall on texts the rules never saw.

    python -m benchmarks.words_only DATA/ticket_texts.csv.gz [--replay 400] [--rules]

``words_only.yaml`` was written from the even rows of the file. Here it meets the odd ones: each
is made a ticket (the first words as title), judged by ``decide()``, the function that ``sync``
calls, and the team of the picked owner is compared with the row's ``topic_group``. A ticket left
to the desk is unrouted, and counts as wrong. The even half is judged too, as a measure of how
much the rules learned by heart.

Then the commands an admin would ask: ``rules diff`` between ``words_only_old.yaml`` and
``words_only.yaml`` over the odd half, and, after a sync of some of it with the old rules,
``rules replay`` of that recorded history under the new ones.
"""

import argparse
import csv
import gzip
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.rig import Sandbox, run, sandbox
from kace_bridge.config.load import Site, load
from kace_bridge.model.effect import UpdateTicket
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Picture, decide
from kace_bridge.rules.facts import Desk

NEW = Path(__file__).with_name("words_only.yaml")
OLD = Path(__file__).with_name("words_only_old.yaml")
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
UNROUTED = "Nobody yet"
WORDS_IN_TITLE = 8


@dataclass(frozen=True, slots=True)
class Text:
    """One row of the file."""

    words: str
    group: str

    def ticket(self, number: int) -> dict[str, Any]:
        """The row as a ticket that has just come in, with names for references."""
        return {
            "hd_queue_id": 1, "title": self.title(), "summary": self.words,
            "submitter": f"person{number % 400:03}",
        }  # fmt: skip

    def title(self) -> str:
        return " ".join(self.words.split()[:WORDS_IN_TITLE])[:250] or "Untitled"


@dataclass(slots=True)
class Measured:
    """What became of one half: pairs of true group and group routed to, and by which rule."""

    pairs: Counter[tuple[str, str]]
    rules: Counter[tuple[str, bool]]
    seconds: float

    @property
    def texts(self) -> int:
        return self.pairs.total()

    @property
    def accuracy(self) -> float:
        return sum(n for (group, to), n in self.pairs.items() if group == to) / self.texts

    def of(self, group: str) -> tuple[float, float, float, int]:
        """Precision, recall, F1 and the number of texts of one group."""
        right = self.pairs[group, group]
        routed = sum(n for (_, to), n in self.pairs.items() if to == group)
        texts = sum(n for (true, _), n in self.pairs.items() if true == group)
        precision, recall = right / max(routed, 1), right / max(texts, 1)
        return precision, recall, 2 * right / max(routed + texts, 1), texts

    def groups(self) -> list[str]:
        """The topic groups, the largest first."""
        sizes: Counter[str] = Counter()
        for (group, _), n in self.pairs.items():
            sizes[group] += n
        return [group for group, _ in sizes.most_common()]

    @property
    def macro_f1(self) -> float:
        groups = self.groups()
        return sum(self.of(group)[2] for group in groups) / len(groups)

    @property
    def unrouted(self) -> float:
        return sum(n for (_, to), n in self.pairs.items() if to == UNROUTED) / self.texts


def read_halves(path: Path) -> tuple[list[Text], list[Text]]:
    """The rows the rules were written from, and those they were not."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        texts = [Text(row["document"], row["topic_group"]) for row in csv.DictReader(file)]
    return texts[::2], texts[1::2]


def measure(site: Site, texts: Sequence[Text]) -> Measured:
    """Judge every text by itself, as a ticket that has just come in."""
    desk = Desk(teams=site.rules.teams)
    measured = Measured(Counter(), Counter(), 0.0)
    began = time.perf_counter()
    for number, text in enumerate(texts, start=1):
        rule, team = routed(site, desk, number, text)
        measured.pairs[text.group, team] += 1
        measured.rules[rule, text.group == team] += 1
    measured.seconds = time.perf_counter() - began
    return measured


def routed(site: Site, desk: Desk, number: int, text: Text) -> tuple[str, str]:
    """The rule that routed it, and the title of the team it went to."""
    record = {
        "id": number, "hd_queue_id": 1, "title": text.title(), "summary": text.words,
        "created": "2026-03-02 09:00:00", "modified": "2026-03-02 09:00:00",
        "status": {"name": "New", "state": "stalled"}, "submitter": {"user_name": "person001"},
    }  # fmt: skip
    ticket = Ticket.from_api(record, UTC)
    event = Event(EventKind.CREATED, ticket.id, NOW, "created")
    found = decide(site.rules, Picture(ticket, NOW, desk, events=[event], timeline=[event]))
    (decision,) = found.decisions
    (effect,) = (each for each in decision.effects if isinstance(each, UpdateTicket))
    team = desk.team_of(effect.values["owner"])
    assert team is not None
    return decision.rule, team.shown


def table(measured: Measured) -> Iterator[str]:
    """The figures per group, and overall."""
    yield f"{'topic group':24}{'texts':>7}{'precision':>11}{'recall':>8}{'F1':>7}"
    for group in measured.groups():
        precision, recall, f1, texts = measured.of(group)
        yield f"{group:24}{texts:>7}{precision:>11.3f}{recall:>8.3f}{f1:>7.3f}"
    yield (
        f"accuracy {measured.accuracy:.3f}, macro F1 {measured.macro_f1:.3f},"
        f" unrouted {measured.unrouted:.1%}, {measured.texts / measured.seconds:,.0f} texts/s"
    )


def confusions(measured: Measured, count: int = 8) -> Iterator[str]:
    """Where most mistakes are made."""
    wrong = Counter({pair: n for pair, n in measured.pairs.items() if pair[0] != pair[1]})
    for (group, to), times in wrong.most_common(count):
        share = times / measured.of(group)[3]
        yield f"{times:>6}  {group} -> {to}  ({share:.0%} of {group})"


def by_rule(measured: Measured, site: Site) -> Iterator[str]:
    """How often each rule routed, and was right."""
    for rule in site.rules.rules:
        right, wrong = measured.rules[rule.id, True], measured.rules[rule.id, False]
        if right + wrong:
            yield f"  {rule.id:22}{right + wrong:>6} routed{right / (right + wrong):>8.2f} right"


def show_diff(texts: Sequence[Text]) -> list[str]:
    """What ``rules diff`` of the two versions over *texts* prints."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        dump = folder / "tickets.json"
        dump.write_text(json.dumps([text.ticket(n) for n, text in enumerate(texts)]), "utf-8")
        box = Sandbox("", "", dict(os.environ))
        done = run(box, folder, "rules", "diff", str(OLD), str(NEW), "--against", str(dump),
                   "--limit", "3")  # fmt: skip
        if done.code not in (0, 10):
            raise SystemExit(f"rules diff ended with {done.code}: {done.err}")
        return done.out.splitlines()


def show_replay(texts: Sequence[Text]) -> list[str]:
    """Sync *texts* under the old rules, then ``rules replay`` that history under the new."""
    with sandbox() as box, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copy(OLD, folder / "rules.yaml")
        box.load(people(texts))
        for step in ({}, {"tickets": [text.ticket(n) for n, text in enumerate(texts)]}):
            if step:
                box.load(step)
            done = run(box, folder, "sync", "--json")
            if done.code:
                raise SystemExit(f"the sync ended with {done.code}: {done.err}")
        shutil.copy(NEW, folder / "new.yaml")
        done = run(box, folder, "-c", "new.yaml", "rules", "replay", "--limit", "3")
        if done.code:
            raise SystemExit(f"rules replay ended with {done.code}: {done.err}")
        return done.out.splitlines()


def people(texts: Sequence[Text]) -> dict[str, Any]:
    """The teams' members and the submitters of *texts*, with one queue."""
    site = load(NEW, environ={}, secrets=False)
    staff = sorted({name for team in site.rules.teams.values() for name in team.members})
    names = [*staff, *sorted({str(text.ticket(n)["submitter"]) for n, text in enumerate(texts)})]
    users = [
        {"id": 1000 + place, "user_name": name, "full_name": name.title(),
         "email": f"{name}@example.org"} for place, name in enumerate(names)
    ]  # fmt: skip
    return {"users": users,
            "queues": [{"id": 1, "name": "The K1000 Service Desk", "owners": staff}]}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="ticket_texts.csv.gz, or its folder")
    parser.add_argument("--replay", type=int, default=400, help="texts synced; 0 leaves it out")
    parser.add_argument("--rules", action="store_true", help="also how often each rule was right")
    options = parser.parse_args()
    data = options.data / "ticket_texts.csv.gz" if options.data.is_dir() else options.data
    written_on, unseen = read_halves(data)
    site = load(NEW, environ={}, secrets=False)
    lines = len(NEW.read_text("utf-8").splitlines())
    print(f"{NEW.name}: {lines} lines, {len(site.rules.rules)} rules\n")
    result = measure(site, unseen)
    print(f"On the {len(unseen)} texts it was not written on:")
    print("\n".join(table(result)))
    print("\nmost common mistakes:")
    print("\n".join(confusions(result)))
    if options.rules:
        print("\n".join(["\nby rule, in order:", *by_rule(result, site)]))
    for name, rules, half in (("the half it was written on", site, written_on),
                              ("the old version, unseen half",
                               load(OLD, environ={}, secrets=False), unseen)):  # fmt: skip
        other = measure(rules, half)
        print(f"\n{name}: accuracy {other.accuracy:.3f}, macro F1 {other.macro_f1:.3f},"
              f" unrouted {other.unrouted:.1%}")  # fmt: skip
    print(f"\n$ kace-bridge rules diff {OLD.name} {NEW.name} --against unseen.json --limit 3")
    print("\n".join(show_diff(unseen)))
    if options.replay:
        print(f"\n{options.replay} texts synced with {OLD.name}, then under {NEW.name}:")
        print("$ kace-bridge rules replay --limit 3")
        print("\n".join(show_replay(unseen[: options.replay])))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Was everything done once? Compares what people did with what is on the tickets and arrived.

    python -m benchmarks.workers.check FOLDER

Imports nothing of the program, on purpose: it reads ``acts.jsonl`` (people), ``dump.json`` (the
appliance), ``mails.jsonl`` and ``hooks.jsonl`` (every copy that arrived) and ``after.json`` (what
two idle syncs at the end did), and knows only what the desk's rules promise:

- a new ticket gets one owner and its submitter one receipt;
- comments of a submitter are noted on the ticket, once for all that one sync found; each of them
  is told to the web server once;
- each closing is mailed to the submitter once, and so is each re-opening;
- a mark is on a ticket once; a message has one id, and its copies are the same byte for byte;
- what one person is mailed about one ticket comes in order; an idle desk does nothing.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MARK = re.compile(r"\[kb:[^\]]+\]")
TAG = re.compile(r"\[TICK:(\d+)\]")
NOTED = "It is noted."
KINDS = {"receipt": "We have your request", "closed": "has been closed", "reopened": "Re-opened"}
ACCOUNT = "admin"


@dataclass
class Verdict:
    """What was found. ``repeats`` are further copies of a message, told by their id."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    repeats: int = 0
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def compare(self, what: str, expected: int, found: int) -> None:
        if found < expected:
            self.lost.append(f"{what}: {found} of {expected}")
        elif found > expected:
            self.doubled.append(f"{what}: {found} instead of {expected}")


def check(folder: Path) -> Verdict:
    """The verdict over what was recorded in *folder*."""
    verdict = Verdict()
    acts = _lines(folder / "acts.jsonl")
    tickets = {row["id"]: row for row in _read(folder / "dump.json")["tickets"]}
    mails, hooks = _lines(folder / "mails.jsonl"), _lines(folder / "hooks.jsonl")
    wanted: dict[int, Counter[str]] = defaultdict(Counter)
    for act in acts:
        wanted[act["ticket"]][act["act"]] += 1
    for ticket, counts in wanted.items():
        _check_ticket(verdict, tickets[ticket], counts)
    _check_mails(verdict, mails, wanted)
    _check_hooks(verdict, hooks, wanted)
    _check_rest(verdict, _read(folder / "after.json"))
    marks = sum(len(_marks(tickets[ticket])) for ticket in wanted)
    verdict.figures = {
        "tickets": len(wanted), "acts": len(acts), "marks": marks, "mails": len(mails),
        "webhooks": len(hooks), "repeats": verdict.repeats,
    }  # fmt: skip
    return verdict


def _check_ticket(verdict: Verdict, row: dict[str, Any], counts: "Counter[str]") -> None:
    name = f"ticket {row['id']}"
    own = [change for change in row["changes"] if change.get("user") == ACCOUNT]
    owners = sum("owner" in (change.get("description") or "").lower() for change in own)
    verdict.compare(f"{name}: owner given", 1, owners)
    noted = sum((change.get("comment") or "").count(NOTED) for change in own)
    verdict.compare(f"{name}: noted", counts["comment"], max(noted, counts["comment"]))
    verdict.compare(f"{name}: noted at all", min(counts["comment"], 1), min(noted, 1))
    for mark, times in Counter(_marks(row)).items():
        verdict.compare(f"{name}: mark {mark}", 1, times)


def _marks(row: dict[str, Any]) -> list[str]:
    return [mark for change in row["changes"] for mark in MARK.findall(change.get("comment") or "")]


def _check_mails(
    verdict: Verdict, mails: list[dict[str, Any]], wanted: dict[int, "Counter[str]"]
) -> None:
    first: dict[tuple[int, str], dict[str, None]] = defaultdict(dict)
    lines: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    for mail in mails:
        ticket, kind = _about(mail["subject"])
        first[ticket, kind][mail["id"]] = None
        lines[ticket, mail["to"]].setdefault(mail["id"], kind)
        if kind not in KINDS or ticket not in wanted:
            verdict.wrong.append(f"a mail nobody asked for: {mail['subject']}")
    for ticket, counts in wanted.items():
        expected = {"receipt": counts["submit"], "closed": counts["close"],
                    "reopened": counts["reopen"]}  # fmt: skip
        for kind, number in expected.items():
            verdict.compare(f"ticket {ticket}: mail {kind}", number, len(first[ticket, kind]))
    for (ticket, to), kinds in lines.items():
        if "receipt" in kinds.values() and next(iter(kinds.values())) != "receipt":
            verdict.wrong.append(f"ticket {ticket}: {to} got another mail before the receipt")
    _check_copies(verdict, ((mail["id"], mail["content"]) for mail in mails))


def _about(subject: str) -> tuple[int, str]:
    tag = TAG.search(subject)
    kind = next((kind for kind, words in KINDS.items() if words in subject), "")
    return (int(tag[1]) if tag else 0), kind


def _check_hooks(
    verdict: Verdict, hooks: list[dict[str, Any]], wanted: dict[int, "Counter[str]"]
) -> None:
    seen: dict[int, set[str]] = defaultdict(set)
    for hook in hooks:
        seen[_ticket_of(hook["body"])].add(hook["id"])
    for ticket in wanted.keys() | seen.keys():
        number = wanted[ticket]["comment"] if ticket in wanted else 0
        verdict.compare(f"ticket {ticket}: webhooks", number, len(seen[ticket]))
    _check_copies(verdict, ((hook["id"], hook["body"]) for hook in hooks))


def _ticket_of(body: str) -> int:
    """The ticket a webhook tells of, wherever in its JSON."""
    found = json.loads(body)
    for value in (found.get("ticket"), found.get("data", {}).get("ticket")):
        if isinstance(value, dict):
            return int(value["id"])
        if value is not None:
            return int(value)
    return 0


def _check_copies(verdict: Verdict, copies: Iterable[tuple[str, str]]) -> None:
    known: dict[str, str] = {}
    for id_, content in copies:
        if id_ in known:
            verdict.repeats += 1
            if known[id_] != content:
                verdict.wrong.append(f"message {id_}: a copy differs from the first")
        known.setdefault(id_, content)


def _check_rest(verdict: Verdict, after: dict[str, Any]) -> None:
    for fault in after.get("faults", []):
        verdict.wrong.append(f"state verify: {fault}")
    for problem in after.get("problems", []):
        verdict.wrong.append(problem)
    if after["writes"] or after["sent"]:
        did = f"{after['writes']} writes, {after['sent']} messages"
        verdict.wrong.append(f"an idle desk went on: {did}")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def tell(verdict: Verdict) -> Iterator[str]:
    """The verdict in lines."""
    yield ", ".join(f"{number} {name}" for name, number in verdict.figures.items())
    for name in ("lost", "doubled", "wrong"):
        found = getattr(verdict, name)
        yield f"{name}: {len(found)}"
        yield from (f"  {line}" for line in found[:10])


if __name__ == "__main__":
    found = check(Path(sys.argv[1]))
    print("\n".join(tell(found)))
    sys.exit(not found.clean)

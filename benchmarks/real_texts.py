"""Real ticket texts through the sandbox and the sync: exactly once, also when killed.

    python -m benchmarks.real_texts DATA/ticket_texts.csv.gz [--tickets 2000] [--kills 5]

Loads the texts after a baseline sync, syncs with rules by category and words
(``real_texts.yaml``), and demands: one owner from the right team, one receipt, one comment per
ticket, a second sync that does nothing, and an explanation naming the words that matched. Then
the same again, each time with ``kill -9`` at another moment of the sync. Prints its figures;
exits 1 where anything is missing or doubled.
"""

import argparse
import csv
import gzip
import itertools
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.rig import Sandbox, run, sandbox, start

RULES = Path(__file__).with_name("real_texts.yaml")
TEAMS = {
    "Hardware": {"hw1", "hw2", "hw3"}, "HR Support": {"hr1", "hr2"}, "Access": {"ac1", "ac2"},
    "Administrative rights": {"ac1", "ac2"}, "Storage": {"st1", "st2"},
    "Purchase": {"pu1", "pu2"}, "Internal Project": {"pj1", "pj2"},
    "Miscellaneous": {"de1", "de2", "de3", "st1", "st2"},
}  # fmt: skip
"""Who may own a ticket of each group; words alone send mailbox questions to storage."""


def read_texts(path: Path, count: int) -> list[tuple[str, str]]:
    """The first *count* texts with their topic group."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = itertools.islice(csv.DictReader(file), count)
        return [(row["document"], row["topic_group"]) for row in rows]


def desk() -> dict[str, Any]:
    """Engineers, 400 invented submitters, one queue with the groups as categories."""
    staff = sorted(set().union(*TEAMS.values()))
    people = [*staff, *(f"person{number:03}" for number in range(400))]
    users = [
        {
            "id": 1000 + n,
            "user_name": name,
            "full_name": name.title(),
            "email": f"{name}@example.org",
        }
        for n, name in enumerate(people)
    ]
    queue = {"id": 1, "name": "The K1000 Service Desk", "owners": staff, "categories": list(TEAMS)}
    return {"users": users, "queues": [queue]}


def tickets(texts: list[tuple[str, str]]) -> dict[str, Any]:
    """The texts as tickets: the first words as title, invented submitters."""
    return {
        "tickets": [
            {
                "hd_queue_id": 1, "title": " ".join(text.split()[:8])[:250] or "Untitled",
                "summary": text, "category": group, "submitter": f"person{number % 400:03}",
            }
            for number, (text, group) in enumerate(texts)
        ]
    }  # fmt: skip


def prepare(box: Sandbox, folder: Path) -> None:
    shutil.copy(RULES, folder / "rules.yaml")
    box.load(desk())
    done = run(box, folder, "sync", "--json")
    if done.code:
        raise SystemExit(f"the baseline sync failed: {done.err}")


def problems(box: Sandbox, folder: Path, count: int) -> list[str]:
    """Everything that is not exactly once."""
    found = []
    rows = box.dump()["tickets"]
    wrong = [row["id"] for row in rows if row.get("owner") not in TEAMS[row["category"]]]
    comments = Counter(
        sum(bool(change.get("comment")) for change in row["changes"]) for row in rows
    )
    owners = Counter(
        sum("Owner" in str(change.get("description")) for change in row["changes"]) for row in rows
    )
    receipts = Counter(mailed(folder))
    if len(rows) != count:
        found.append(f"{len(rows)} tickets instead of {count}")
    if wrong:
        found.append(f"{len(wrong)} tickets without an owner of the right team: {wrong[:5]}")
    if set(comments) != {1}:
        found.append(f"comments per ticket: {dict(comments)}")
    if set(owners) != {1}:
        found.append(f"owner changes per ticket: {dict(owners)}")
    if set(receipts.values()) != {1} or len(receipts) != count:
        found.append(f"receipts: {len(receipts)} tickets, {sum(receipts.values())} mails")
    return found


def mailed(folder: Path) -> list[str]:
    """The ticket of every mail in the folder."""
    names = []
    for path in (folder / "mail").glob("*.eml"):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.lower().startswith("x-ticket-id:"):
                names.append(line.split(":", 1)[1].strip())
                break
    return names


def whole(data: Path, count: int) -> tuple[dict[str, object], list[str]]:
    """Everything at once, undisturbed."""
    with sandbox() as box, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(box, folder)
        box.load(tickets(read_texts(data, count)))
        box.forget_requests()
        first = run(box, folder, "sync", "--json")
        report = first.json()
        writes = sum(row["method"] != "GET" for row in box.requests())
        found = problems(box, folder, count)
        box.forget_requests()
        again = run(box, folder, "sync", "--json").json()
        if again["applied"] or again["messages"] or again["sent"]:
            found.append(f"the second sync was not silent: {again}")
        if any(row["method"] in {"PUT", "DELETE"} for row in box.requests()):
            found.append("the second sync wrote")
        found += explained(box, folder)
        figures: dict[str, object] = {
            "tickets": count, "seconds": round(first.seconds, 2),
            "tickets_per_second": round(count / first.seconds, 1), "requests": report["requests"],
            "writes": writes, "messages": report["sent"], "peak_mib": round(first.peak_mib, 1),
            "second_sync_requests": again["requests"],
        }  # fmt: skip
        return figures, found


def explained(box: Sandbox, folder: Path) -> list[str]:
    """``explain`` names the rule and the words, for some tickets routed by words."""
    found = []
    rows = [row for row in box.dump()["tickets"] if "password" in row["summary"].split()
            and row["category"] == "Access"][:3]  # fmt: skip
    for row in rows:
        text = run(box, folder, "explain", str(row["id"])).out
        if "access-words" not in text or "password" not in text:
            found.append(f"explain {row['id']} does not name the rule and the word")
    return found if rows else ["no ticket to explain"]


def killed(data: Path, count: int, share: float) -> tuple[dict[str, object], list[str]]:
    """A sync killed after *share* of its writes, then syncs until nothing is left to do."""
    with sandbox() as box, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(box, folder)
        box.load(tickets(read_texts(data, count)))
        box.forget_requests()
        process = start(box, folder, "sync")
        while process.poll() is None:
            if sum(row["method"] == "PUT" for row in box.requests()) >= share * count:
                break
            time.sleep(0.02)
        alive = process.poll() is None
        process.kill()
        process.wait()
        runs = 0
        for runs in range(1, 31):  # noqa: B007 -- printed below
            report = run(box, folder, "sync", "--json").json()
            if not (report["waiting"] or report["unknown"] or report["applied"] or report["sent"]):
                break
            time.sleep(1 if report["waiting"] else 0)
        return {"killed_at": share, "alive_when_killed": alive, "syncs_until_done": runs}, problems(
            box, folder, count
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tickets", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    figures, found = whole(options.data, options.tickets)
    print(json.dumps(figures))
    for number in range(options.kills):
        share = 0.0 if number == 0 else round(number / options.kills, 2)
        fate, more = killed(options.data, options.tickets, share)
        print(json.dumps(fate))
        found += [f"killed at {share}: {problem}" for problem in more]
    for problem in found:
        print("PROBLEM:", problem)
    print("problems:", len(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())

"""Several workers on one store, for a moment; and the checker that judges them, judged itself."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.workers import check as checker
from tests.support.postgres import require

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.mark.catalogue("B12")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_workers_under_fire_lose_and_double_nothing(store: str, tmp_path: Path) -> None:
    """Fifteen seconds of kills, stops and failing requests; the long run is a command."""
    if store == "postgres":
        require()
    command = [sys.executable, "-m", "benchmarks.workers", "--workers", "3", "--minutes", "0.25",
               "--rate", "2", "--faults", "--mail-trouble", "0.05", "--store", store, "--json",
               "--keep", str(tmp_path)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert (told["lost"], told["doubled"], told["wrong"]) == ([], [], []), told
    assert told["tickets"] > 0
    assert done.returncode == 0


def test_the_checker_shares_nothing_with_the_program() -> None:
    """A belief of the program that is wrong must not be the checker's too."""
    tree = ast.parse(Path(checker.__file__).read_text("utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {each.name for node in ast.walk(tree) if isinstance(node, ast.Import)
              for each in node.names}  # fmt: skip
    assert not any(name.split(".")[0] in {"kace_bridge", "benchmarks"} for name in names)


def good() -> dict[str, Any]:
    """Records of a desk where all went well: one ticket, commented, closed."""
    own = [{"user": "admin", "description": 'Changed ticket Owner from "Unassigned" to "A".',
            "comment": "It is noted.\n[kb:0a0a0a0a] [kb:0b0b0b0b]"}]  # fmt: skip
    subjects = ("We have your request: a", "Ticket #1 has been closed.")
    mails = [{"id": f"<{n}>", "to": "jdoe@example.org", "content": "x",
              "subject": f"[TICK:1] {text}"} for n, text in enumerate(subjects)]  # fmt: skip
    return {
        "acts": [{"act": act, "ticket": 1} for act in ("submit", "comment", "close")],
        "mails": mails,
        "hooks": [{"id": "h1", "body": '{"ticket": 1}'}],
        "dump": {"tickets": [{"id": 1, "changes": own}]},
        "after": {"writes": 0, "sent": 0, "faults": [], "problems": []},
    }


def judge(folder: Path, records: dict[str, Any]) -> checker.Verdict:
    for name in ("acts", "mails", "hooks"):
        lines = "".join(json.dumps(entry) + "\n" for entry in records[name])
        (folder / f"{name}.jsonl").write_text(lines)
    for name in ("dump", "after"):
        (folder / f"{name}.json").write_text(json.dumps(records[name]))
    return checker.check(folder)


def test_a_desk_where_all_went_well_is_clean(tmp_path: Path) -> None:
    """A copy with the same id and bytes is a repeat, not a double."""
    records = good()
    records["mails"].append(records["mails"][1])
    verdict = judge(tmp_path, records)
    assert verdict.clean
    assert verdict.repeats == 1


def own(records: dict[str, Any]) -> dict[str, str]:
    row: dict[str, str] = records["dump"]["tickets"][0]["changes"][0]
    return row


def change(records: dict[str, Any], **values: str) -> None:
    own(records).update(values)


def add(records: dict[str, Any], name: str, **values: str) -> None:
    records[name].append({**records[name][0], **values})


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no owner": (lambda r: change(r, description=""), "lost"),
    "an owner twice": (lambda r: r["dump"]["tickets"][0]["changes"].append(
        {**own(r), "comment": ""}), "doubled"),
    "not noted": (lambda r: change(r, comment=""), "lost"),
    "a mark twice": (lambda r: change(r, comment=2 * own(r)["comment"]), "doubled"),
    "a mail missing": (lambda r: r["mails"].pop(), "lost"),
    "a mail under two ids": (lambda r: add(r, "mails", id="<9>"), "doubled"),
    "a copy that differs": (lambda r: add(r, "mails", content="y"), "wrong"),
    "out of order": (lambda r: r["mails"].reverse(), "wrong"),
    "a webhook missing": (lambda r: r["hooks"].pop(), "lost"),
    "a webhook under two ids": (lambda r: add(r, "hooks", id="h2"), "doubled"),
    "a desk that goes on": (lambda r: r["after"].update(writes=1), "wrong"),
    "a store that is tampered with": (lambda r: r["after"].update(faults=["x"]), "wrong"),
    "a crash": (lambda r: r["after"].update(problems=["x"]), "wrong"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_the_checker_notices(name: str, tmp_path: Path) -> None:
    """Each kind of fault, and only that kind is named."""
    records = good()
    spoil, kind = FAULTS[name]
    spoil(records)
    verdict = judge(tmp_path, records)
    assert [each for each in ("lost", "doubled", "wrong") if getattr(verdict, each)] == [kind]

"""Broken rule files: every one gets the message it deserves, and none gets a traceback.

The corpus is tests/golden/config_errors: cases of small files, each with the exact lines that
``rules check`` prints. KACE_BRIDGE_UPDATE_GOLDEN=1 writes them anew; read the difference.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kace_bridge.config.load import read_site

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "config_errors"
BASE = (GOLDEN / "base.yaml").read_text(encoding="utf-8")
UPDATE = os.environ.get("KACE_BRIDGE_UPDATE_GOLDEN") == "1"
EXPECTED = "expected"


@dataclass
class Broken:
    """One case: its files by name, and the lines expected of it."""

    name: str
    files: dict[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> list[str]:
        return self.files.get(EXPECTED, "").splitlines()

    def written(self) -> str:
        parts = [f"### {self.name}\n"]
        parts += [f"--- {name}\n{text}" for name, text in self.files.items()]
        return "".join(parts)


def read_cases(path: Path) -> list[Broken]:
    cases: list[Broken] = []
    current = ""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("### "):
            cases.append(Broken(line.removeprefix("### ").strip()))
        elif line.startswith("--- "):
            current = line.removeprefix("--- ").strip()
            cases[-1].files[current] = ""
        else:
            cases[-1].files[current] += line
    return cases


CORPUS = {path: read_cases(path) for path in sorted(GOLDEN.glob("*.txt"))}


def every_case() -> Iterator[object]:
    for path, cases in CORPUS.items():
        for case in cases:
            yield pytest.param(path, case, id=f"{path.stem}: {case.name}")


def check(folder: Path, case: Broken) -> list[str]:
    """What ``rules check`` says of the files of *case*, line by line."""
    for name, text in {"base.yaml": BASE, **case.files}.items():
        if name != EXPECTED:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    _, problems = read_site(folder / "rules.yaml", environ={}, secrets=False)
    return [str(problem).replace(str(folder), "FOLDER") for problem in problems]


@pytest.mark.catalogue("C01")
@pytest.mark.catalogue("C06")
@pytest.mark.catalogue("C14")
@pytest.mark.parametrize(("path", "case"), list(every_case()))
def test_a_broken_file_gets_its_message(path: Path, case: Broken, tmp_path: Path) -> None:
    """The lines printed are exactly those written beside the case."""
    found = check(tmp_path, case)
    if UPDATE:
        case.files[EXPECTED] = "".join(f"{line}\n" for line in found)
        path.write_text("".join(each.written() for each in CORPUS[path]), encoding="utf-8")
    assert found == case.expected


def test_the_corpus_is_large_enough() -> None:
    """At least 120 cases, each with a name of its own and something to say."""
    cases = [case for each in CORPUS.values() for case in each]
    assert len(cases) >= 120
    assert len({case.name for case in cases}) == len(cases)
    assert all(case.expected for case in cases)


def test_every_message_says_where() -> None:
    """A line names file and line; few speak of no single place."""
    lines = [line for each in CORPUS.values() for case in each for line in case.expected]
    placed = [line for line in lines if line.split(":", 2)[1].isdigit()]
    assert len(placed) >= 0.97 * len(lines)


def test_messages_do_not_repeat_secrets() -> None:
    """A password written by mistake is not printed."""
    lines = [line for each in CORPUS.values() for case in each for line in case.expected]
    assert not any("hunter2" in line for line in lines)

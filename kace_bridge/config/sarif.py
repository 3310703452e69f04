"""Problems for other programs: plain JSON, and SARIF 2.1.0 for code-scanning pages.

Source of the format: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from urllib.parse import quote

from kace_bridge.config.problems import Place, Problem
from kace_bridge.rules.analysis import Finding

_RULE = "kace-bridge"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PLACE = re.compile(r"(.+?):([0-9]+)(?::([0-9]+))?")
_KINDS = {
    "mistake": "The files cannot be used as they are.",
    "overlap": "Two rules of one phase set one field to different values.",
    "contradiction": "A condition, or an alternative in it, can never hold.",
    "unreachable": "A rule or a level that is never come to.",
    "loop": "Rules that set each other off.",
    "untested": "A rule that no test fires.",
    "review": "A rule whose day of review, or last day, has passed.",
    "mode": "A rule that is recorded only, or off.",
}


def problems_json(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """Each problem as plain data; ``file``, ``line`` and ``column`` are null without a place."""
    return [
        {
            "file": problem.place.file if problem.place else None,
            "line": problem.place.line if problem.place else None,
            "column": problem.place.column if problem.place else None,
            "severity": problem.severity,
            "message": problem.message,
            "fix": problem.fix,
        }
        for problem in problems
    ]


def findings_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Each finding as plain data, with the made-up ticket that shows it where there is one."""
    found: list[dict[str, object]] = []
    for finding in findings:
        place = read_place(finding.place)
        found.append({
            "kind": finding.kind, "severity": finding.severity, "rules": list(finding.rules),
            "file": place.file if place else None, "line": place.line if place else None,
            "message": finding.message, "fix": finding.fix,
            "sample": dict(finding.sample) if finding.sample else None,
        })  # fmt: skip
    return found


def as_problems(findings: Iterable[Finding]) -> list[Problem]:
    """The findings to act on as problems; notes ask for nothing, so they are left out."""
    return [
        Problem(read_place(each.place), each.message, each.fix, each.severity)
        for each in findings
        if each.severity != "note"
    ]


def read_place(text: str) -> Place | None:
    """The place written ``file:line`` or ``file:line:column``; None for any other text."""
    found = _PLACE.fullmatch(text)
    return Place(found[1], int(found[2]), int(found[3] or 1)) if found else None


def sarif(
    problems: Iterable[Problem], version: str, findings: Sequence[Finding] = ()
) -> dict[str, object]:
    """A SARIF 2.1.0 log of one run; file names stay relative to the folder checked."""
    listed = list(problems)
    results = [_result("mistake", p.severity, p.message, p.fix, p.place) for p in listed]
    for each in findings:
        place = read_place(each.place)
        result = _result(each.kind, each.severity, each.message, each.fix, place)
        if each.sample:
            result["properties"] = {"sample": dict(each.sample)}
        results.append(result)
    used = [kind for kind in _KINDS if any(r["ruleId"] == _id(kind) for r in results)]
    driver = {
        "name": "kace-bridge",
        "version": version,
        "rules": [{"id": _id(kind), "shortDescription": {"text": _KINDS[kind]}} for kind in used],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(
    kind: str, severity: str, message: str, fix: str, place: Place | None
) -> dict[str, object]:
    stop = "" if message.endswith((".", "!", "?")) else "."
    text = f"{message}{stop} {fix}" if fix else message
    result: dict[str, object] = {
        "ruleId": _id(kind), "level": severity, "message": {"text": text}
    }  # fmt: skip
    if place is not None:
        region = {"startLine": place.line, "startColumn": place.column}
        artifact = {"uri": quote(PurePath(place.file).as_posix())}
        result["locations"] = [
            {"physicalLocation": {"artifactLocation": artifact, "region": region}}
        ]
    return result


def _id(kind: str) -> str:
    return f"{_RULE}/{kind}"

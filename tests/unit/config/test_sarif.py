"""Problems and findings for other programs."""

import json
from pathlib import Path

from jsonschema import Draft7Validator

from kace_bridge.config.problems import Place, Problem
from kace_bridge.config.sarif import (
    as_problems,
    findings_json,
    problems_json,
    read_place,
    sarif,
)
from kace_bridge.rules.analysis import Finding

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0-subset.json").read_text(encoding="utf-8"))
PROBLEMS = [
    Problem(
        Place("rules/my route.yaml", 12, 5), "unknown team 'netwrk'", "Did you mean 'network'?"
    ),
    Problem(None, "no channel", "Name one", "warning"),
]
FINDINGS = [
    Finding("overlap", "error", ("a", "b"), "rules.yaml:4", "both set priority", "Exclude one",
            {"ticket": {"title": "vpn"}}),
    Finding("mode", "note", ("c",), "", "'c' is off"),
]  # fmt: skip


def test_the_log_obeys_the_format() -> None:
    """It passes the part of the SARIF 2.1.0 schema that is kept beside this test."""
    log = sarif(PROBLEMS, "1.2.3", FINDINGS)
    assert list(Draft7Validator(SCHEMA).iter_errors(log)) == []
    assert list(Draft7Validator(SCHEMA).iter_errors(sarif([], "1.2.3"))) == []


def test_the_format_is_really_asked_for() -> None:
    """The kept part of the schema refuses a log that leaves out what SARIF requires."""
    broken = {"version": "2.1.0", "runs": [{"results": [{"level": "fatal"}]}]}
    assert len(list(Draft7Validator(SCHEMA).iter_errors(broken))) >= 2


def test_a_problem_keeps_its_place_and_its_cure() -> None:
    """The file is a relative URI, the line and column are the editor's."""
    [run] = sarif(PROBLEMS, "1.2.3")["runs"]  # type: ignore[misc]
    first, second = run["results"]
    where = first["locations"][0]["physicalLocation"]
    assert where["artifactLocation"] == {"uri": "rules/my%20route.yaml"}
    assert where["region"] == {"startLine": 12, "startColumn": 5}
    assert first["message"] == {"text": "unknown team 'netwrk'. Did you mean 'network'?"}
    assert (first["level"], second["level"]) == ("error", "warning")
    assert "locations" not in second


def test_kinds_become_rules_and_samples_stay_at_hand() -> None:
    """Every result names a rule the tool declares; a made-up ticket travels with its finding."""
    [run] = sarif(PROBLEMS, "1.2.3", FINDINGS)["runs"]  # type: ignore[misc]
    declared = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert declared == ["kace-bridge/mistake", "kace-bridge/overlap", "kace-bridge/mode"]
    assert {result["ruleId"] for result in run["results"]} == set(declared)
    assert run["results"][2]["properties"] == {"sample": {"ticket": {"title": "vpn"}}}


def test_plain_json_says_the_same() -> None:
    """One object per problem and per finding; nothing is left out where it is not known."""
    assert problems_json(PROBLEMS)[0] == {
        "file": "rules/my route.yaml", "line": 12, "column": 5, "severity": "error",
        "message": "unknown team 'netwrk'", "fix": "Did you mean 'network'?",
    }  # fmt: skip
    assert problems_json(PROBLEMS)[1]["file"] is None
    assert findings_json(FINDINGS)[0]["sample"] == {"ticket": {"title": "vpn"}}
    assert json.loads(json.dumps(findings_json(FINDINGS)))[1]["line"] is None


def test_findings_to_act_on_become_problems() -> None:
    """Notes ask for nothing, so they are no problems."""
    assert as_problems(FINDINGS) == [
        Problem(Place("rules.yaml", 4, 1), "both set priority", "Exclude one", "error")
    ]


def test_places_are_read_back() -> None:
    """With and without a column, and from file names that hold colons."""
    assert read_place("C:/site/rules.yaml:4") == Place("C:/site/rules.yaml", 4, 1)
    assert read_place("a.yaml:4:7") == Place("a.yaml", 4, 7)
    assert read_place("") is None

"""Refusals of what rules say about themselves."""

from pathlib import Path

import pytest

from tests.unit.config.rulefile import problems_of

HEAD = "channels: {mail: {kind: folder, path: mail, from: d@example.org}}\n"
RULE = HEAD + "classify:\n  - {id: a, event: created, then: {set: {priority: High}}, %s}\n"
ROUTE = HEAD + "route:\n  - {id: a, event: created, then: {set: {priority: High}}, %s}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(RULE % 'review_by: "31.3.2026"', "is not a day", id="review_by, german"),
        pytest.param(RULE % 'review_by: "20260331"', "is not a day", id="review_by, no dashes"),
        pytest.param(RULE % 'review_by: "2026-02-30"', "is not a day", id="no such day"),
        pytest.param(RULE % 'valid_from: "soon"', "is not a day", id="valid_from"),
        pytest.param(
            RULE % 'valid_from: "2026-04-02", valid_until: "2026-04-01"',
            "'valid_until' lies before 'valid_from'", id="the wrong way round",
        ),
        pytest.param(RULE % "generation: 0", "generation", id="a generation before the first"),
        pytest.param(RULE % "hands_off: 4bh", "hands_off", id="hands_off where nobody routes"),
        pytest.param(ROUTE % "hands_off: long", "is not a duration", id="hands_off, no duration"),
        pytest.param(ROUTE % "hands_off: true", "hands_off", id="hands_off: true says nothing"),
        pytest.param(HEAD + "hands_off: soon", "is not a duration", id="the site's hands_off"),
        pytest.param(RULE % "moved_from: a", "'a' is the id of the rule at", id="from itself"),
        pytest.param(
            RULE % "moved_from: b" + "  - {id: b, event: created, then: {set: {impact: x}}}\n",
            "'b' is the id of the rule at", id="from a rule still there",
        ),
        pytest.param(
            RULE % "moved_from: old"
            + "  - {id: b, moved_from: old, event: created, then: {set: {impact: x}}}\n",
            "has already moved from 'old'", id="two from one",
        ),
        pytest.param(
            HEAD + "classify:\n  - {id: a, event: {changed: {owner: {to: {in_team: nope}}}},"
            " then: {set: {impact: x}}}\n",
            "unknown team 'nope'", id="a team named in an event",
        ),
    ],
)  # fmt: skip
def test_it_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Each mistake is one problem, with the line it stands on."""
    problems = problems_of(tmp_path, rules=text)
    assert len(problems) == 1, problems
    assert message in problems[0]
    assert problems[0].startswith("rules.yaml:")


def test_good_keys_are_taken(tmp_path: Path) -> None:
    """Every key together is no problem."""
    keys = (
        'owner: adiaz, review_by: "2027-01-31", valid_from: "2026-01-01",'
        ' valid_until: "2026-12-31", moved_from: was-a, generation: 3, hands_off: 4bh'
    )
    assert problems_of(tmp_path, rules=ROUTE % keys) == []

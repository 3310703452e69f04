"""What a clock in rules.yaml may say, and how mistakes are answered."""

import json

import pytest
from pydantic import ValidationError

from kace_bridge.sla.clock import ClockSpec
from kace_bridge.sla.duration import Duration

PLAIN: dict[str, object] = {"start": "created", "stop": "closed"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(
            {"start": "create"},
            "'create' is no start of a clock: write created, reopened, {status: [Closed]} or "
            "{state: stalled}. Did you mean created?",
            id="a misspelt start",
        ),
        pytest.param(
            {"stop": "first_reply"},
            "'first_reply' is no stop of a clock: write first_staff_reply, closed, "
            "submitter_reply, owner_assigned or {status: [Closed]}. "
            "Did you mean first_staff_reply?",
            id="a misspelt stop",
        ),
        pytest.param({"stop": None}, "None is no stop of a clock", id="no stop"),
        pytest.param(
            {"pause": "stalled"},
            "'stalled' is no pause of a clock: write {status: [Closed]} or {state: stalled}",
            id="a word where a condition belongs",
        ),
        pytest.param(
            {"pause": {"state": "waiting"}},
            "'waiting' is no state: write opened, closed or stalled.",
            id="an unknown state",
        ),
        pytest.param(
            {"pause": {"status": "Closed"}},
            "statuses are a list of names: write [Closed]",
            id="a status without brackets",
        ),
        pytest.param(
            {"pause": {"state": "stalled", "except": "New"}},
            "statuses are a list of names: write [New]",
            id="an exception without brackets",
        ),
        pytest.param({"start": {"status": []}}, "no status is named", id="an empty list"),
        pytest.param({"start": {"status": [7]}}, "statuses are a list of names", id="a number"),
        pytest.param(
            {"pause": {"status": ["New"], "except": ["Old"]}},
            "'except' does not belong here",
            id="an exception to a list of names",
        ),
        pytest.param(
            {"pause": {"state": "stalled", "but": ["New"]}},
            "'but' does not belong here",
            id="an unknown key",
        ),
        pytest.param(
            {"pause": {"state": "stalled", "status": ["New"]}},
            "pause asks for one condition",
            id="two conditions",
        ),
        pytest.param({"start": {}}, "start asks for one condition", id="no condition"),
        pytest.param({"stop": {"state": "closed"}}, "stop asks for one condition", id="a state"),
        pytest.param(
            {"on_reopen": "continue"},
            "'continue' is no on_reopen of a clock: write resume, restart or ignore",
            id="an unknown answer to re-opening",
        ),
        pytest.param({"on_reopen": {"a": 1}}, "is no on_reopen of a clock", id="a map"),
        pytest.param(
            {"target": "1 day"},
            "'1 day' is not a duration: write 1bd, 4bh, 30m, 2h or 2d",
            id="a target in words",
        ),
        pytest.param({"target": {"High": "soon"}}, "'soon' is not a duration", id="per priority"),
        pytest.param({"target": {}}, "a target names no priority", id="no priority"),
        pytest.param({"target": "0bd"}, "the target '0bd' is no time at all", id="zero"),
        pytest.param({"target": 8}, "'8' is not a duration", id="a bare number"),
        pytest.param({"ends": "closed"}, "Extra inputs", id="an unknown key of the clock"),
    ],
)
def test_refuses_a_wrong_clock(given: dict[str, object], words: str) -> None:
    """Every mistake is answered once, with what to write."""
    with pytest.raises(ValidationError) as caught:
        ClockSpec.model_validate_json(json.dumps(PLAIN | given))
    assert [words in error["msg"] for error in caught.value.errors()] == [True]


@pytest.mark.parametrize(
    ("target", "priority", "meant"),
    [
        pytest.param("1bd", "High", Duration("bd", 1), id="one target for all"),
        pytest.param({"High": "1bd", "*": "5bd"}, "High", Duration("bd", 1), id="by priority"),
        pytest.param({"High": "1bd", "*": "5bd"}, "HIGH", Duration("bd", 1), id="in any case"),
        pytest.param({"High": "1bd", "*": "5bd"}, "Low", Duration("bd", 5), id="the others"),
        pytest.param({"High": "1bd", "*": "5bd"}, None, Duration("bd", 5), id="no priority"),
        pytest.param({"High": "1bd"}, "Low", None, id="no target for this one"),
        pytest.param(None, "Low", None, id="no target at all"),
        pytest.param({"end_of": "1bd"}, "Low", Duration("bd", 1, True), id="a close of day"),
        pytest.param(
            {"*": {"end_of": "1bd"}}, "Low", Duration("bd", 1, True), id="a close by priority"
        ),
    ],
)
def test_target_by_priority(target: object, priority: str | None, meant: Duration | None) -> None:
    """The ticket's own priority wins over '*'."""
    spec = ClockSpec.model_validate_json(json.dumps(PLAIN | {"target": target}))
    assert spec.target_for(priority) == meant


def test_the_clocks_of_the_reference_are_read() -> None:
    """The three clocks every example uses are valid."""
    pause = {"state": "stalled", "except": ["New"]}
    for clock in (
        {"start": "created", "stop": "first_staff_reply", "target": "1bd"},
        PLAIN | {"on_reopen": "resume", "target": {"High": "1bd", "*": "5bd"}, "pause": pause},
        {"start": {"status": ["Need More Info"]}, "stop": "submitter_reply"},
    ):
        spec = ClockSpec.model_validate_json(json.dumps({"calendar": "office", **clock}))
        assert spec.calendar == "office"

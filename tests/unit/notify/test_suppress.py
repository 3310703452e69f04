"""Whether a message leaves now."""

from datetime import timedelta
from typing import Any

import pytest

from kace_bridge.notify.suppress import Circumstances, SendReason, send_reason
from tests.unit.notify.messages import DATE, make_message

LATER = DATE + timedelta(hours=3)
OWN = frozenset({"desk@example.org"})


@pytest.mark.parametrize(
    ("message", "around", "reason"),
    [
        pytest.param({}, {}, "FIRST", id="nothing against it"),
        pytest.param({}, {"attempts": 1}, "REPEAT_DUE", id="a second try"),
        pytest.param({}, {"seen": True}, "DUPLICATE", id="taken up already"),
        pytest.param({"to": ""}, {}, "NO_ADDRESS", id="no address"),
        pytest.param({"to": "x"}, {}, "NO_ADDRESS", id="not an address"),
        pytest.param({"to": ""}, {"personal": False}, "FIRST", id="a channel needs no address"),
        pytest.param({"to": "Desk@Example.ORG"}, {"denied": OWN}, "OWN_ADDRESS", id="our own"),
        pytest.param({}, {"denied": OWN}, "FIRST", id="somebody else's"),
        pytest.param({}, {"echo": True}, "ECHO", id="it would answer a machine"),
        pytest.param({"urgent": True}, {"echo": True, "silenced": True}, "ECHO", id="urgent too"),
        pytest.param({}, {"outdated": "closed since"}, "OUTDATED", id="no longer true"),
        pytest.param({}, {"silenced": True, "outdated": "closed"}, "OUTDATED",
                     id="untrue before unwanted"),
        pytest.param({}, {"silenced": True}, "SILENCED", id="silenced"),
        pytest.param({"urgent": True}, {"silenced": True}, "SILENCED", id="urgent, but silenced"),
        pytest.param({}, {"quiet_until": LATER}, "QUIET_HOURS", id="quiet hours"),
        pytest.param({"urgent": True}, {"quiet_until": LATER}, "FIRST", id="urgent beats quiet"),
        pytest.param({}, {"quiet_until": DATE}, "FIRST", id="quiet hours just ended"),
        pytest.param({}, {"cap": 3, "recent": 2}, "FIRST", id="below the cap"),
        pytest.param({}, {"cap": 3, "recent": 3}, "CAPPED", id="at the cap"),
        pytest.param({"urgent": True}, {"cap": 3, "recent": 3}, "CAPPED", id="urgent is capped"),
        pytest.param({}, {"cap": None, "recent": 99}, "FIRST", id="no cap"),
        pytest.param({"to": ""}, {"seen": True}, "DUPLICATE", id="a double before its address"),
        pytest.param(
            {"to": "desk@example.org"}, {"denied": OWN, "quiet_until": LATER}, "OWN_ADDRESS",
            id="never before later",
        ),
        pytest.param(
            {}, {"silenced": True, "quiet_until": LATER}, "SILENCED", id="silence before quiet"
        ),
    ],
)  # fmt: skip
def test_each_reason(message: dict[str, Any], around: dict[str, Any], reason: str) -> None:
    """The first reason that holds, in this order."""
    judgement = send_reason(make_message(**message), Circumstances(now=DATE, **around))
    assert judgement.reason.name == reason
    assert (judgement.until is not None) == judgement.reason.holds


def test_a_held_message_knows_until_when() -> None:
    """Quiet hours end when they end; a cap is looked at again soon."""
    quiet = send_reason(make_message(), Circumstances(now=DATE, quiet_until=LATER))
    capped = send_reason(make_message(), Circumstances(now=DATE, cap=0))
    assert quiet.until == LATER
    assert capped.until is not None
    assert DATE < capped.until < DATE + timedelta(hours=1)


def test_what_made_it_untrue_is_recorded() -> None:
    """The reason goes with its cause."""
    judgement = send_reason(make_message(), Circumstances(now=DATE, outdated="closed since"))
    assert judgement.words == "no longer true: closed since"


@pytest.mark.parametrize("reason", SendReason)
def test_every_reason_has_one_consequence(reason: SendReason) -> None:
    """Sent, held or dropped, and words that say why."""
    assert [reason.sends, reason.holds, reason.drops].count(True) == 1
    assert reason.value

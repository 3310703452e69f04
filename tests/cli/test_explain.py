"""explain: what was decided and why, what the rules say now and why not."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def routed(desk: Desk, cli: Cli) -> Desk:
    cli("sync")
    desk.later(minutes=1)
    desk.submit(title="VPN drops \x1b[31m every morning")
    cli("sync")
    return desk


def test_the_decision_is_told_with_its_reasons(routed: Desk, cli: Cli) -> None:
    """Rule, place, the words that matched, the effect."""
    text = cli("explain", "1").out
    decided = text[text.index("Decided") : text.index("What the rules say")]
    assert "network-words  [done]  rules.yaml:" in decided
    assert "yes text any_word: [vpn, wifi]" in decided
    assert "matched: vpn" in decided
    assert "owner: nobody -> gcho" in decided


def test_rules_that_did_not_fire_name_the_obstacle(routed: Desk, cli: Cli) -> None:
    """The nearest miss, with the value found beside the one wanted."""
    text = cli("explain", "1").out
    assert "no  submitter in_group: vip, is jdoe" in text
    assert "clock" in text or "no level is due" in text
    assert "\x1b" not in text


def test_one_rule_is_explained_in_full(routed: Desk, cli: Cli) -> None:
    """--rule leaves the others out and shows every step."""
    text = cli("explain", "1", "--rule", "vip-first").out
    assert "vip-first" in text
    assert "network-words" not in text


def test_the_nearest_miss_is_named(routed: Desk, cli: Cli) -> None:
    """One rule, and by which one condition it failed: value against expectation."""
    text = cli("explain", "1").out
    near = text[text.index("Nearest miss") :].splitlines()
    assert near[1].startswith("  vip-first, by 1 condition  (rules.yaml:")
    assert near[2] == "    no  submitter in_group: vip, is jdoe"
    data = cli("explain", "1", "--json").data["nearest_miss"]
    assert (data["rule"], [miss["actual"] for miss in data["misses"]]) == ("vip-first", ["jdoe"])


def test_a_rule_another_came_before_is_judged_on_its_own(routed: Desk, cli: Cli) -> None:
    """Routing stops at the first match; asked about a later rule, explain says so."""
    text = cli("explain", "1", "--rule", "everything-else").out
    assert "yes everything-else" in text
    assert "network-words comes before it and won; judged here on its own." in text


def test_an_unknown_rule_is_corrected(cli: Cli) -> None:
    """The name is checked before the appliance is asked."""
    outcome = cli("explain", "1", "--rule", "vip-frist")
    assert outcome.code == 2
    assert "no rule 'vip-frist'. Did you mean 'vip-first'?" in outcome.err


def test_json_is_the_whole_explanation(routed: Desk, cli: Cli) -> None:
    """Decisions with their traces and effects, and every rule's verdict."""
    data = cli("explain", "1", "--json").data
    assert (data["ticket"], data["known"]) == (1, True)
    assert [row["rule"] for row in data["decisions"]] == ["network-words", "receipt"]
    assert data["decisions"][0]["effects"][0]["set"] == {"owner": "gcho"}
    assert {"vip-first", "network-words", "receipt"} <= {row["rule"] for row in data["rules"]}


def test_a_ticket_no_sync_has_seen_is_judged_too(desk: Desk, cli: Cli) -> None:
    """Useful before the first sync; nothing is stored."""
    desk.submit(title="Wifi slow")
    text = cli("explain", "1").out
    assert "No sync has seen this ticket yet" in text
    assert "Nothing so far." in text
    assert "yes network-words" in text


def test_an_unknown_ticket(cli: Cli) -> None:
    """Exit code 1 and one line."""
    outcome = cli("explain", "4711")
    assert outcome.code == 1
    assert "no ticket 4711" in outcome.err

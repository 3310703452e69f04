"""How the rules are doing, from what syncs recorded."""

from datetime import date, datetime
from typing import Any

from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.sync.recorded import stored_desk
from kace_bridge.sync.rule_stats import RuleStat, RuleStats, people_gone, rule_stats
from tests.support.desk import Desk
from tests.sync.test_replay import ZONE, history

SINCE = datetime(2026, 3, 2, tzinfo=ZONE)


def stats(desk: Desk, **given: Any) -> RuleStats:
    with desk.bridge(read_only=True) as bridge:
        rules, store = bridge.site.rules, bridge.store
        wanted = {"people": stored_desk(rules, store).people, "since": SINCE,
                  "today": date(2026, 3, 4)} | given  # fmt: skip
        return rule_stats(rules, store, **wanted)


def by_id(found: RuleStats) -> dict[str, RuleStat]:
    return {one.rule.id: one for one in found.rules}


def test_uses_are_counted_and_dead_wood_is_named(desk: Desk):
    """What fired for how many tickets; what never did."""
    history(desk)
    found = stats(desk)
    rules = by_id(found)
    assert (rules["receipt"].use.matched, rules["receipt"].use.tickets) == (3, 3)
    assert rules["no-first-answer"].use.matched == 4
    assert [one.rule.id for one in found.unused] == ["closed-mail", "reopened"]


def test_only_the_time_asked_for_counts(desk: Desk):
    """A rule that fired long ago is unused now."""
    history(desk)
    found = stats(desk, since=datetime(2026, 3, 5, tzinfo=ZONE))
    assert len(found.unused) == len(found.rules)


def test_trials_say_how_often_people_agreed(desk: Desk):
    """A route on trial: one ticket given to its team by hand, one to another."""
    desk.config["route"][0]["mode"] = "shadow"
    desk.config["route"] = desk.config["route"][:1]
    right, wrong = desk.submit(title="vpn"), desk.submit(title="wifi")
    desk.sync()
    desk.later(minutes=5)
    desk.edit("adiaz", right, owner="gcho")
    desk.edit("adiaz", wrong, owner="epark")
    desk.sync()
    one = by_id(stats(desk))["network-words"]
    assert (one.use.matched, one.use.shadow) == (0, 2)
    assert one.agreed is not None
    assert (one.agreed.agreed, one.agreed.total) == (1, 2)


def test_reviews_and_last_days_that_are_past(desk: Desk):
    """Today is not overdue yet; yesterday is."""
    desk.config["route"][0] |= {"review_by": "2026-03-03", "valid_until": "2026-03-03"}
    desk.config["route"][1] |= {"review_by": "2026-03-04"}
    rules = by_id(stats(desk))
    assert rules["network-words"].overdue == rules["network-words"].expired == date(2026, 3, 3)
    assert rules["everything-else"].overdue is None


def test_a_renamed_rule_keeps_its_figures(desk: Desk):
    """moved_from carries them over; a rule taken out is listed as retired."""
    history(desk)
    desk.config["notify"][0] |= {"id": "thanks", "moved_from": "receipt"}
    desk.config["escalate"] = []
    found = stats(desk)
    assert by_id(found)["thanks"].use.matched == 3
    assert found.retired == {"no-first-answer": 4}


def test_people_who_left_are_named_with_where(desk: Desk):
    """Archived or unknown; in teams, as leads, in groups and in rules. Whatever the case."""
    desk.config["route"].append({"id": "to-boss", "then": {"assign": {"to": "boss"}}})
    people = {
        name: Person(UserName(name), archived=name == "gcho")
        for name in ("ADIAZ", "bkim", "cwong", "dlee", "epark", "gcho", "jdoe")
    }
    found = [(gone.user, gone.why, gone.named_in) for gone in people_gone(desk.site.rules, people)]
    assert found == [
        ("gcho", "archived", ("team network", "lead of network")),
        ("provost", "unknown", ("group vip",)),
        ("boss", "unknown", ("rule to-boss",)),
    ]


def test_where_nobody_is_known_nobody_is_gone(desk: Desk):
    """Before the first sync there is no list to compare with."""
    assert list(people_gone(desk.site.rules, {})) == []

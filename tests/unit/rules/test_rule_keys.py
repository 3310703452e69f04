"""What a rule says about itself: when it applies, what it was called, how far it goes."""
# ruff: noqa: E501 (a rule is read on one line)

from datetime import datetime, timedelta

import pytest

from kace_bridge.rules.validity import applies_from
from tests.unit.rules.rulebook import BASE, MONDAY, ZONE, ask, book, event, make_ticket

SET_HIGH = "classify: [{id: raise, event: created, then: {set: {priority: High}}, %s}]"
LADDER = """
escalate:
  - {id: slow, clock: respond, %s,
     levels: [{at: 50%%, then: {set: {priority: High}}}, {at: 100%%, then: {assign: {team: css}}}]}
"""


class TestIdentity:
    """A decision belongs to the rule that took it, whatever the rule is called now."""

    def done_as(self, keys: str) -> frozenset[str]:
        found = ask(
            book(f"classify: [{{{keys}, event: created, then: {{set: {{priority: High}}}}}}]")
        )
        return frozenset(decision.id for decision in found.found.decisions)  # fmt: skip

    @pytest.mark.catalogue("C13")
    def test_a_renamed_rule_does_not_fire_again(self) -> None:
        """With moved_from, what was decided under the old id is not decided again."""
        renamed = ask(
            book(SET_HIGH.replace("id: raise", "id: lift") % "moved_from: raise"),
            done=self.done_as("id: raise"),
        )
        assert renamed.fired() == []
        assert renamed.reason("lift") == "already decided"

    @pytest.mark.catalogue("C13")
    def test_a_new_name_without_moved_from_is_a_new_rule(self) -> None:
        """Without moved_from the rule fires where its twin has fired."""
        again = ask(book(SET_HIGH % "mode: enforce"), done=self.done_as("id: other"))
        assert again.fired() == ["raise"]

    def test_the_decision_carries_the_present_name(self) -> None:
        """People read the new id; only the identity keeps the old one."""
        found = ask(book(SET_HIGH % "moved_from: old"))
        assert found.fired() == ["raise"]
        assert {found.decision("raise").id} == self.done_as("id: old")

    @pytest.mark.catalogue("C12")
    def test_a_new_generation_fires_once_more(self) -> None:
        """Raising generation lets the rule fire again, once."""
        done = self.done_as("id: raise")
        assert self.done_as("id: raise, generation: 1") == done
        second = ask(book(SET_HIGH % "generation: 2"), done=done)
        assert second.fired() == ["raise"]
        done |= {decision.id for decision in second.found.decisions}
        assert ask(book(SET_HIGH % "generation: 2"), done=done).fired() == []

    def test_levels_keep_their_identity_too(self) -> None:
        """The levels of a renamed escalation are not climbed again, nor waited for."""
        now = MONDAY + timedelta(hours=6)
        made = [event()]
        first = ask(book(LADDER % "title: x"), events=[], timeline=made, now=now)
        assert first.fired() == ["slow#1"]
        done = frozenset(decision.id for decision in first.found.decisions)
        renamed = book(LADDER.replace("id: slow", "id: late") % "moved_from: slow")
        again = ask(renamed, events=[], timeline=made, now=now, done=done)
        assert again.fired() == []
        assert [(due.rule, due.level) for due in again.found.due] == [("late", 2)]


class TestValidity:
    """A rule applies on its days, in the zone of the site's calendar, both ends included."""

    @pytest.mark.parametrize(
        ("keys", "now", "reason"),
        [
            pytest.param('valid_from: "2026-03-03"', MONDAY, "valid from 2026-03-03 on", id="early"),
            pytest.param('valid_from: "2026-03-02"', MONDAY, "fired", id="on the first day"),
            pytest.param('valid_until: "2026-03-02"', MONDAY, "fired", id="on the last day"),
            pytest.param('valid_until: "2026-03-02"', datetime(2026, 3, 2, 23, 59, tzinfo=ZONE),
                         "fired", id="to the end of the last day"),
            pytest.param('valid_until: "2026-03-02"', datetime(2026, 3, 3, tzinfo=ZONE),
                         "was valid until 2026-03-02", id="over at midnight"),
        ],
    )  # fmt: skip
    def test_the_days_count(self, keys: str, now: datetime, reason: str) -> None:
        """Outside its days a rule does nothing, and its verdict says why."""
        assert ask(book(SET_HIGH % keys), now=now).reason("raise") == reason

    def test_days_begin_in_the_zone_of_the_calendar(self) -> None:
        """The site's calendar tells when a day begins; without one the appliance's zone does."""
        late = datetime(2026, 3, 2, 23, 30, tzinfo=ZONE)  # already the 3rd in Berlin
        rules = SET_HIGH % 'valid_from: "2026-03-03"'
        berlin = BASE.replace("timezone: America/New_York", "timezone: Europe/Berlin")
        assert ask(book(rules, berlin), now=late).fired() == ["raise"]
        assert ask(book(rules), now=late).fired() == []
        two = BASE.replace("teams:", '  late: {week: {mon-fri: ["12:00-20:00"]}}\nteams:', 1)
        assert ask(book(rules, two), now=late).fired() == []

    def test_a_level_waits_for_its_rule(self) -> None:
        """Before its first day an escalation is looked at when that day begins, after its last
        day not at all."""
        now = MONDAY + timedelta(hours=1)
        soon = book(LADDER % 'valid_from: "2026-03-05"')
        (due,) = ask(soon, events=[], timeline=[event()], now=now).found.due
        assert (due.level, due.at) == (1, datetime(2026, 3, 5, tzinfo=ZONE))
        over = book(LADDER % 'valid_until: "2026-03-01"')
        assert ask(over, events=[], timeline=[event()], now=now).found.due == ()

    def test_a_rule_without_days_applies_at_once(self) -> None:
        """No dates, no delay."""
        rules = book(LADDER % "title: x")
        assert applies_from(rules, rules.rules[0], MONDAY, ZONE) == MONDAY


class TestHandsOff:
    """A rule may respect people's choice for longer, shorter, or not at all."""

    CHOSEN = event("changed", ("owner", None, "cwong"), row=902, author="adiaz")
    AGAIN = event("commented", row=903, at=MONDAY + timedelta(hours=2))

    @pytest.mark.parametrize(
        ("keys", "hours", "fired"),
        [
            pytest.param("title: x", 2, False, id="the site's eight working hours"),
            pytest.param("hands_off: 1h", 2, True, id="shorter"),
            pytest.param("hands_off: 3h", 2, False, id="its own"),
            pytest.param("hands_off: false", 2, True, id="not at all"),
            pytest.param("hands_off: 2w", 300, False, id="longer than the site's"),
        ],
    )
    def test_the_rule_overrides_the_site(self, keys: str, hours: int, fired: bool) -> None:
        """The rule's own time counts where it names one."""
        rules = book(
            f"route: [{{id: back, event: commented, then: {{assign: {{team: css}}}}, {keys}}}]"
        )
        found = ask(
            rules, make_ticket(owner="cwong"), [self.AGAIN], timeline=[event(), self.CHOSEN, self.AGAIN],
            now=MONDAY + timedelta(hours=hours),
        )  # fmt: skip
        assert bool(found.fired()) is fired
        if not fired:
            assert found.reason("back") == "hands off: adiaz chose cwong"

    def test_false_takes_back_even_what_was_logged_with_an_owner(self) -> None:
        """A rule that is told not to mind does not mind the owner named at the start either."""
        rules = book(
            "route: [{id: back, event: created, hands_off: false, then: {assign: {team: css}}}]"
        )
        assert ask(rules, make_ticket(owner="cwong")).fired() == ["back"]

    def test_the_site_may_switch_it_off(self) -> None:
        """hands_off: false beside the rules is for all of them."""
        rules = book(
            "hands_off: false\nroute: [{id: back, event: commented, then: {assign: {team: css}}}]"
        )
        found = ask(
            rules, make_ticket(owner="cwong"), [self.AGAIN], timeline=[event(), self.CHOSEN, self.AGAIN]
        )  # fmt: skip
        assert found.fired() == ["back"]


@pytest.mark.catalogue("C15")
def test_a_higher_priority_is_the_named_exception_to_a_conflict() -> None:
    """Of two rules that set one field differently the higher wins, and that is no conflict."""
    rules = """
classify:
  - {id: all-low, event: created, then: {set: {priority: Low}}}
  - {id: vip-high, event: created, priority: %d, then: {set: {priority: High}}}
"""
    even = ask(book(rules % 0))
    assert even.values() == {}
    assert [conflict.rules for conflict in even.found.conflicts] == [("all-low", "vip-high")]
    named = ask(book(rules % 1))
    assert named.values() == {"priority": "High"}
    assert named.found.conflicts == ()
    assert named.decision("all-low").trace["refused"] == "conflict"

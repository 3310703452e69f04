"""What the rules decide: phases, first match, once, conflicts, trial, planned changes."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.rules.decide import messages_of
from kace_bridge.rules.ruleset import PHASES
from tests.unit.rules.rulebook import MONDAY, ask, book, event, make_ticket

CLOSING = ("status", "Opened", "Closed"), ("state", "opened", "closed")


class TestPhases:
    def test_rules_of_one_phase_see_the_same_ticket(self) -> None:
        """What one classify rule sets, another classify rule does not see."""
        rules = book("""
classify:
  - {id: raise, then: {set: {priority: High}}}
  - {id: high, if: {priority: {is: High}}, then: {set: {custom_1: seen}}}
""")
        assert ask(rules).fired() == ["raise"]

    def test_the_next_phase_sees_what_was_set(self) -> None:
        """Routing decides on the category that classify chose."""
        rules = book("""
classify: [{id: net, then: {set: {category: Network}}}]
route:
  - {id: to-network, if: {category: {is: Network}}, then: {assign: {team: network}}}
  - {id: rest, then: {assign: {team: desk}}}
""")
        assert ask(rules).values() == {"category": "Network", "owner": "fruiz"}

    def test_every_match_of_classify_applies_and_only_the_first_of_route(self) -> None:
        """Classify and notify are lists of all, route is a list of one."""
        rules = book("""
classify:
  - {id: one, then: {set: {custom_1: a}}}
  - {id: two, then: {set: {custom_2: b}}}
route:
  - {id: never, if: {priority: {is: Low}}, then: {assign: {to: epark}}}
  - {id: first, then: {assign: {to: dlee}}}
  - {id: second, then: {assign: {to: epark}}}
notify:
  - {id: told, event: created, then: {notify: {to: [submitter], template: receipt}}}
  - {id: told-too, event: created, then: {notify: {to: [owner], template: assigned}}}
""")
        assert ask(rules).fired() == ["one", "two", "first", "told", "told-too"]

    def test_messages_name_the_owner_that_is_about_to_be(self) -> None:
        """A message of the same run goes to the new owner, not to the one still on the ticket."""
        rules = book("""
route: [{id: r, then: {assign: {to: epark}}}]
notify: [{id: n, event: created, then: {notify: {to: [owner], template: assigned}}}]
""")
        assert ask(rules).mails() == [("assigned", "epark@example.org")]

    def test_nothing_new_fires_nothing(self) -> None:
        """Without a happening only clocks can fire."""
        rules = book("""
classify: [{id: c, then: {set: {priority: High}}}]
notify: [{id: n, event: created, then: {notify: {to: [submitter]}}}]
""")
        asked = ask(rules, events=[], timeline=[event()])
        assert asked.fired() == []
        assert asked.reason("c") == "nothing new happened"


class TestConflicts:
    TWO = """
classify:
  - {id: up, then: {set: {priority: High, custom_1: x}}}
  - {id: down, PRIORITY then: {set: {priority: Low}}}
  - {id: other, then: {set: {custom_2: y}}}
"""

    @pytest.mark.catalogue("C15")
    def test_contradicting_rules_of_one_phase_are_both_refused(self) -> None:
        """Neither value is planned, the rest is, and the conflict names rules and values."""
        asked = ask(book(self.TWO.replace("PRIORITY", "")))
        assert asked.values() == {"custom_2": "y"}
        (conflict,) = asked.found.conflicts
        assert str(conflict) == (
            "ticket 41: rules up and down set priority differently ('High', 'Low'):"
            " neither was applied"
        )
        assert asked.decision("up").trace["refused"] == "conflict"

    def test_a_higher_priority_wins_without_a_conflict(self) -> None:
        """``priority`` is the named exception."""
        asked = ask(book(self.TWO.replace("PRIORITY", "priority: 5,")))
        assert asked.values() == {"priority": "Low", "custom_2": "y"}
        assert asked.found.conflicts == ()

    def test_wanting_the_same_is_no_conflict(self) -> None:
        """Two rules may set one field to one value."""
        rules = book("""
classify:
  - {id: a, then: {set: {priority: High}}}
  - {id: b, then: {set: {priority: High}}}
""")
        asked = ask(rules)
        assert asked.values() == {"priority": "High"}
        assert asked.found.conflicts == ()

    def test_a_rule_on_trial_contradicts_nobody(self) -> None:
        """A shadow rule cannot stop an enforced one."""
        asked = ask(book(self.TWO.replace("PRIORITY", "mode: shadow,")))
        assert asked.found.conflicts == ()
        assert asked.decision("up").effects


class TestMode:
    def test_a_rule_on_trial_is_recorded_and_seen_by_nobody(self) -> None:
        """Its decision carries mode shadow; later phases do not see its values."""
        rules = book("""
classify: [{id: c, mode: shadow, then: {set: {category: Network}}}]
route:
  - {id: net, if: {category: {is: Network}}, then: {assign: {team: network}}}
  - {id: rest, then: {assign: {team: desk}}}
notify: [{id: n, event: {changed: category}, then: {notify: {to: [submitter]}}}]
""")
        asked = ask(rules)
        assert asked.fired() == ["c", "rest"]
        assert asked.decision("c").mode == "shadow"

    def test_a_route_on_trial_leaves_the_choice_to_the_rules_after_it(self) -> None:
        """Trying out a rule must not leave tickets lying."""
        rules = book("""
route:
  - {id: trial, mode: shadow, then: {assign: {team: css}}}
  - {id: rest, then: {assign: {team: desk}}}
  - {id: last, then: {assign: {team: network}}}
""")
        asked = ask(rules)
        assert asked.fired() == ["trial", "rest"]
        assert asked.decision("rest").mode == "enforce"

    def test_a_desk_in_shadow_still_takes_the_first_route(self) -> None:
        """The whole file in shadow decides as it would in earnest."""
        rules = book("""
mode: shadow
route:
  - {id: one, then: {assign: {team: css}}}
  - {id: two, then: {assign: {team: desk}}}
""")
        asked = ask(rules)
        assert [(d.rule, d.mode) for d in asked.found.decisions] == [("one", "shadow")]

    @pytest.mark.parametrize("where", ["mode: off", ""])
    def test_off_is_off(self, where: str) -> None:
        """A rule or a file switched off decides nothing, on no clock."""
        mode = "" if where else ", mode: off"
        rules = book(f"""
{where}
classify: [{{id: c{mode}, then: {{set: {{priority: High}}}}}}]
escalate:
  - {{id: e, clock: respond{mode}, levels: [{{at: 50%, then: {{comment: late}}}}]}}
""")
        asked = ask(rules, now=MONDAY + timedelta(days=2))
        assert asked.fired() == []
        assert asked.found.due == ()


class TestOnce:
    RULES = """
classify: [{id: c, then: {set: {priority: High}}}]
route: [{id: r, event: [created, reopened], then: {assign: {team: desk}}}]
notify: [{id: n, event: {commented: {by: submitter}}, then: {notify: {to: [submitter]}}}]
"""

    def test_one_cause_fires_once(self) -> None:
        """What is done is not done again, however often the same events come by."""
        rules = book(self.RULES)
        first = ask(rules)
        done = frozenset(decision.id for decision in first.found.decisions)
        again = ask(rules, done=done)
        assert again.fired() == []
        assert again.reason("c") == "already decided"

    def test_a_rule_without_event_fires_once_per_episode(self) -> None:
        """A re-opening begins a new episode; a comment does not."""
        rules = book(self.RULES)
        done = frozenset(decision.id for decision in ask(rules).found.decisions)
        comment = [event("commented", row=905, comment="hello")]
        assert "c" not in ask(rules, events=comment, done=done).fired()
        assert "c" in ask(rules, events=comment, done=done, episode=1).fired()

    def test_a_route_already_taken_still_wins(self) -> None:
        """A comment does not send a routed ticket on to the next rule that would match."""
        rules = book("""
route:
  - {id: first, then: {assign: {team: network}}}
  - {id: rest, then: {assign: {team: desk}}}
""")
        done = frozenset(decision.id for decision in ask(rules).found.decisions)
        assert ask(rules, events=[event("commented", comment="hello")], done=done).fired() == []

    def test_two_comments_are_told_twice_and_one_comment_once(self) -> None:
        """Each history row is a cause of its own."""
        rules = book(self.RULES)
        two = [event("commented", row=row, comment="x") for row in (905, 906)]
        asked = ask(rules, events=two)
        assert asked.fired().count("n") == 2
        done = frozenset(decision.id for decision in asked.found.decisions)
        three = [*two, event("commented", row=907, comment="x")]
        assert ask(rules, events=three, done=done).fired() == ["n"]

    @pytest.mark.catalogue("C12")
    def test_ids_are_made_of_appliance_data_alone(self) -> None:
        """Another worker at another time makes the same decision under the same id."""
        rules = book(self.RULES)
        late = ask(rules, now=MONDAY + timedelta(hours=3), desk={"loads": {"adiaz": 9}})
        assert [d.id for d in ask(rules).found.decisions] == [d.id for d in late.found.decisions]

    def test_own_changes_feed_neither_classify_nor_route(self) -> None:
        """What this bridge wrote comes back as an own event and starts nothing."""
        rules = book(self.RULES)
        own = event("changed", ("owner", None, "bkim"), own=True)
        assert ask(rules, events=[own], timeline=[event(), own]).fired() == []


class TestUnknown:
    @pytest.mark.catalogue("A09")
    @pytest.mark.parametrize(
        "condition",
        [
            pytest.param("{before.priority: {is: High}}", id="no earlier ticket"),
            pytest.param("{not: {before.priority: {is: High}}}", id="nor its opposite"),
            pytest.param("{custom_9: {is: x}}", id="a field the appliance did not send"),
        ],
    )
    def test_what_cannot_be_told_never_fires(self, condition: str) -> None:
        """Unknown is neither yes nor, under not, no; the trace says so."""
        rules = book(f"classify: [{{id: c, if: {condition}, then: {{set: {{priority: High}}}}}}]")
        asked = ask(rules)
        assert asked.fired() == []
        assert asked.reason("c") == "condition: unknown"


class TestPlannedChanges:
    NEW_OWNER = "notify: [{id: n, event: {changed: owner}, then: {notify: {to: [new_owner]}}}]"

    def test_notify_hears_of_what_is_planned(self) -> None:
        """A planned owner is an event of this very run."""
        rules = book("route: [{id: r, then: {assign: {to: epark}}}]\n" + self.NEW_OWNER)
        assert ask(rules).mails() == [("generic", "epark@example.org")]

    def test_a_planned_status_tells_its_state(self) -> None:
        """Rules that ask for the state see it behind a planned status name."""
        rules = book("""
classify: [{id: c, then: {set: {status: Closed}}}]
notify:
  - id: n
    event: {changed: {status: {to: {state: closed}}}}
    if: {state: {is: closed}}
    then: {notify: {to: [submitter], template: closed}}
""")
        assert ask(rules).mails() == [("closed", "jdoe@example.org")]

    def test_a_field_planned_twice_is_told_once(self) -> None:
        """After a break, routing and escalation may plan an owner in one run: the last counts."""
        rules = book(
            """
route: [{id: r, event: created, then: {assign: {to: bkim}}}]
escalate:
  - {id: e, clock: respond, levels: [{at: 100%, then: {assign: {to: epark}}}]}
"""
            + self.NEW_OWNER
        )
        asked = ask(rules, now=MONDAY + timedelta(days=2))
        assert asked.values()["owner"] == "epark"
        assert asked.mails() == [("generic", "epark@example.org")]

    def test_a_planned_value_that_is_there_already_is_no_change(self) -> None:
        """Routing to the present owner tells nobody."""
        rules = book("route: [{id: r, then: {assign: {to: last_owner}}}]\n" + self.NEW_OWNER)
        comment = [event("commented", comment="hello")]
        asked = ask(rules, make_ticket(owner="epark"), comment)
        assert asked.fired() == ["r"]
        assert asked.mails() == []

    def test_one_row_that_closes_is_told_once(self) -> None:
        """A closing is a change and an edge; a rule that waits for both fires for one of them."""
        rules = book("""
notify:
  - id: n
    event: [closed, {changed: {status: {to: {state: closed}}}}]
    then: {notify: {to: [submitter], template: closed}}
""")
        both = [event(kind, *CLOSING, author="bkim") for kind in ("changed", "closed")]
        asked = ask(rules, make_ticket(status="Closed", owner="bkim"), both)
        assert asked.mails() == [("closed", "jdoe@example.org")]


class TestEscalation:
    RULES = """
escalate:
  - id: e
    clock: respond
    levels:
      - {at: 50%, then: {notify: {to: [owner], template: nudge}}}
      - {at: 100%, then: {assign: {team: css}, notify: {to: [team], template: escalated}}}
      - {at: 2bd, then: {notify: {to: [lead], template: overdue}}}
"""
    TICKET = make_ticket(owner="bkim")

    def ask(self, hours: float, catch_up: str = "each", **more: Any) -> Any:
        rules = book(self.RULES.replace("clock:", f"catch_up: {catch_up}\n    clock:"))
        timeline = [event()]
        now = MONDAY + timedelta(hours=hours)
        return ask(rules, self.TICKET, [], timeline=timeline, now=now, **more)

    def test_a_level_fires_when_the_clock_says(self) -> None:
        """Half of a working day of eight hours, lunch left out, is at two in the afternoon."""
        assert self.ask(4.99).fired() == []
        assert self.ask(5).fired() == ["e#1"]
        assert self.ask(5).mails() == [("nudge", "bkim@example.org")]

    def test_the_next_level_is_announced(self) -> None:
        """Due names the earliest level still to come, and when."""
        (due,) = self.ask(5).found.due
        assert (due.level, due.at) == (2, MONDAY + timedelta(days=1))

    def test_levels_missed_fire_in_their_order(self) -> None:
        """After a break every level is taken, the later seeing what the earlier did."""
        asked = self.ask(72)
        assert asked.fired() == ["e#1", "e#2", "e#3"]
        assert asked.mails() == [
            ("nudge", "bkim@example.org"),
            ("escalated", "dlee@example.org"), ("escalated", "epark@example.org"),
            ("overdue", "dlee@example.org"),
        ]  # fmt: skip

    def test_latest_takes_the_last_level_only(self) -> None:
        """The levels passed over are marked done and do nothing."""
        asked = self.ask(72, "latest")
        assert asked.fired() == ["e#1", "e#2", "e#3"]
        assert asked.mails() == [("overdue", "adiaz@example.org")]
        assert asked.found.due == ()

    def test_none_drops_what_was_missed(self) -> None:
        """Several levels missed: all are marked done; a single one still fires."""
        assert self.ask(72, "none").mails() == []
        assert self.ask(5, "none").mails() == [("nudge", "bkim@example.org")]

    def test_a_level_fires_once_in_an_episode(self) -> None:
        """A second look at the same moment finds nothing to do."""
        done = frozenset(decision.id for decision in self.ask(5).found.decisions)
        assert self.ask(5, done=done).fired() == []

    def test_lateness_is_told(self) -> None:
        """How long after its due time a level was taken, in seconds."""
        (decision,) = self.ask(6).found.decisions
        assert decision.late_s == 3600.0

    def test_a_condition_that_does_not_hold_keeps_a_level_for_later(self) -> None:
        """The level stays due; it fires as soon as the condition holds."""
        rules = book(self.RULES.replace("clock:", "if: {priority: {is: High}}\n    clock:"))
        now = MONDAY + timedelta(hours=5)
        waiting = ask(rules, self.TICKET, [], timeline=[event()], now=now)
        assert waiting.fired() == []
        assert [due.level for due in waiting.found.due] == [1]
        high = make_ticket(owner="bkim", priority="High")
        assert ask(rules, high, [], timeline=[event()], now=now).fired() == ["e#1"]

    def test_an_answer_stops_the_levels(self) -> None:
        """A public comment by staff is the first answer."""
        reply = event("commented", at=MONDAY + timedelta(hours=1), author="bkim", staff=True)
        rules = book(self.RULES)
        now = MONDAY + timedelta(days=3)
        asked = ask(rules, self.TICKET, [], timeline=[event(), reply], now=now)
        assert (asked.fired(), asked.found.due) == ([], ())


def test_messages_of_lists_every_message() -> None:
    """Messages are found among the other effects, in order."""
    rules = book("""
classify: [{id: c, then: {set: {priority: High}, comment: hello, notify: {to: [submitter]}}}]
""")
    assert [message.to for message in messages_of(ask(rules).found.decisions)] == [
        "jdoe@example.org"
    ]


CONDITIONS = st.sampled_from(
    ["", "if: {priority: {is: Medium}}, ", "if: {owner: {empty: true}}, ",
     "if: {text: {any_word: [mouse, vpn]}}, ", "if: {before.status: {is: New}}, "]
)  # fmt: skip
EVENTS = st.sampled_from(["", "event: created, ", "event: [created, commented], ",
                          "event: {changed: owner}, "])  # fmt: skip
ACTIONS = st.sampled_from(
    ["set: {priority: High}", "set: {priority: Low}", "set: {status: Closed}",
     "assign: {team: desk}", "assign: {team: css}", "comment: hello",
     "notify: {to: [submitter, owner, lead]}"]
)  # fmt: skip


@st.composite
def rule_files(draw: st.DrawFn, phases: tuple[str, ...] = PHASES) -> str:
    """Small rule files, contradictions welcome."""
    lines = []
    for phase in [phase for phase in phases if phase != "escalate"]:
        lines.append(f"{phase}:")
        for number in range(draw(st.integers(1, 3))):
            waits = draw(EVENTS) if phase != "notify" else draw(EVENTS.filter(bool))
            body = f"{waits}{draw(CONDITIONS)}then: {{{draw(ACTIONS)}}}"
            lines.append(f"  - {{id: {phase}-{number}, {body}}}")
    if "escalate" not in phases:
        return "\n".join(lines)
    levels = ", ".join(
        f"{{at: {at}, then: {{{draw(ACTIONS)}}}}}"
        for at in ("50%", "100%")[: draw(st.integers(1, 2))]
    )
    catch_up = draw(st.sampled_from(["each", "latest", "none"]))
    lines.append(f"escalate: [{{id: e, clock: respond, catch_up: {catch_up}, levels: [{levels}]}}]")
    return "\n".join(lines)


HOURS = st.integers(0, 60)
HAPPENED = st.sets(
    st.sampled_from(
        [
            event(),
            event("commented", row=905, comment="hello"),
            event("changed", ("owner", None, "bkim"), row=906, author="adiaz", staff=True),
        ]
    )
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PHASES).flatmap(lambda phase: rule_files((phase,))), HAPPENED, HOURS)
def test_planning_twice_with_one_ledger_yields_nothing_new(
    text: str, happened: set[Any], hours: int
) -> None:
    """Whatever the rules of a phase: once decided, the same picture has nothing to ask for."""
    rules = book(text)
    events = sorted(happened, key=lambda each: each.cause)
    now = MONDAY + timedelta(hours=hours)
    first = ask(rules, None, events, timeline=[event(), *events], now=now)
    done = frozenset(decision.id for decision in first.found.decisions)
    assert ask(rules, None, events, timeline=[event(), *events], now=now, done=done).fired() == []


@settings(max_examples=60, deadline=None)
@given(rule_files(), HAPPENED, HOURS)
def test_no_decision_is_ever_taken_twice(text: str, happened: set[Any], hours: int) -> None:
    """All phases together: however often it is asked, a decision's id comes up once."""
    rules = book(text)
    events = sorted(happened, key=lambda each: each.cause)
    now = MONDAY + timedelta(hours=hours)
    taken: list[str] = []
    for _ in range(4):
        done = frozenset(taken)
        asked = ask(rules, None, events, timeline=[event(), *events], now=now, done=done)
        taken += [decision.id for decision in asked.found.decisions]
    assert len(taken) == len(set(taken))


@settings(max_examples=40, deadline=None)
@given(rule_files(), HOURS)
def test_deciding_is_a_function(text: str, hours: int) -> None:
    """The same rules and the same picture give the same decisions, trace and all."""
    rules = book(text)
    now = MONDAY + timedelta(hours=hours)
    assert ask(rules, now=now).found == ask(rules, now=now).found

"""The runner of rule tests: time passes, expectations are judged, slips are named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kace_bridge.config.yaml_source import read_text
from kace_bridge.model.event import Event
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, TicketId, UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest import TestResult, coverage, run_tests
from kace_bridge.rules.selftest_case import read_case
from kace_bridge.rules.selftest_expect import CHECKS
from kace_bridge.rules.selftest_walk import Walk
from kace_bridge.sync.detect import Known, Watcher, detect
from tests.unit.rules.rulebook import BASE, book

RULES = """
classify: [{id: vip, if: {submitter: {in_group: vip}}, then: {set: {priority: High}}}]
route:
  - {id: back, event: reopened, then: {assign: {to: last_owner, else: {team: desk}}}}
  - {id: net, event: created, if: {category: {is: Network}}, then: {assign: {team: network}}}
  - {id: rest, event: [created, reopened], then: {assign: {team: desk}}}
escalate:
  - id: late
    clock: respond
    levels:
      - {at: 50%, then: {notify: {to: [owner], template: nudge}}}
      - {at: 100%, then: {assign: {team: css}, notify: {to: [team], template: escalated}}}
notify:
  - {id: receipt, event: created, then: {notify: {to: [submitter], template: receipt}}}
  - {id: phone, event: created, if: {channel: {is: phone}}, then: {notify: {to: [cwong]}}}
  - {id: closed, event: closed, then: {notify: {to: [submitter], template: closed}}}
"""


@dataclass(frozen=True)
class Written:
    """A test as a file holds it."""

    data: Mapping[str, object]
    place: str = "rules.yaml:7"


def read(text: str) -> Mapping[str, object]:
    """A test written in YAML."""
    document, problems = read_text(text, "test.yaml")
    assert document is not None, problems
    assert isinstance(document.data, dict)
    return document.data


def run(text: str, rules: RuleSet | None = None) -> TestResult:
    """The result of one test."""
    (result,) = run_tests(rules or book(RULES), [Written(read(text))])
    return result


def passes(text: str, rules: RuleSet | None = None) -> bool:
    """Whether the test passes; its failures and trace are shown where it does not."""
    result = run(text, rules)
    assert result.passed, "\n".join([*result.failures, result.trace])
    return True


class TestTheWorldOfATest:
    def test_a_ticket_needs_nothing_but_a_title(self) -> None:
        """What is left out is as a fresh appliance would have it."""
        assert passes("""
ticket: {title: Mouse broken}
expect: {fields: {status: New, state: stalled, priority: Medium, category: Other, submitter: jdoe}}
""")

    @pytest.mark.parametrize(
        ("via", "rules"),
        [
            pytest.param("portal", "[rest, receipt]", id="portal"),
            pytest.param("email", "[rest, receipt]", id="e-mail"),
            pytest.param("phone", "[rest, receipt, phone]", id="phone: somebody else wrote it"),
        ],
    )
    def test_it_comes_in_by_a_channel(self, via: str, rules: str) -> None:
        """The creation event looks as that channel leaves it."""
        assert passes(f"{{ticket: {{title: x}}, via: {via}, expect: {{rules: {rules}}}}}")

    def test_the_desk_can_be_set_up(self) -> None:
        """Absences, loads, turns and people are fixtures."""
        assert passes("""
ticket: {title: x, submitter: {user_name: boss, email: boss@example.org, full_name: The Boss}}
fixtures:
  away: [cwong]
  open_tickets: {adiaz: 2, bkim: 2}
  turns: {desk: adiaz}
expect: {owner: bkim, messages: [{to: boss@example.org, template: receipt}]}
""")

    def test_an_absence_has_an_end(self) -> None:
        """Both days of a span are included."""
        for day, owner in (("05", "adiaz"), ("06", "bkim"), ("07", "bkim"), ("08", "adiaz")):
            assert passes(f"""
ticket: {{title: x, created: 2026-04-{day}T10:00}}
fixtures: {{away: {{adiaz: 2026-04-06/2026-04-07}}}}
expect: {{owner: {owner}}}
""")

    def test_times_are_in_the_zone_of_the_calendar(self) -> None:
        """Half of the day is reached at two in New York, unless the test names another zone."""
        early = "timeline: [{at: 2026-03-02T13:59, expect: {messages: []}}]"
        late = "timeline: [{at: 2026-03-02T14:00, expect: {messages: [nudge]}}]"
        ticket = "ticket: {title: x, created: 2026-03-02T09:00}\nexpect: {rule: rest}\n"
        assert passes(ticket + early)
        assert passes(ticket + late)
        assert not run("timezone: Europe/Berlin\n" + ticket + late).passed

    def test_a_file_in_shadow_is_tested_as_if_in_earnest(self) -> None:
        """Tests say what the rules would do; a single rule on trial stays on trial."""
        shadow = replace(book(RULES), mode="shadow")
        assert passes("{ticket: {title: x}, expect: {messages: [receipt]}}", shadow)
        trial = book(RULES.replace("{id: receipt,", "{id: receipt, mode: shadow,"))
        assert passes("{ticket: {title: x}, expect: {rule: receipt, messages: []}}", trial)


class TestTime:
    def test_levels_fire_between_entries_when_they_are_due(self) -> None:
        """Every level on the way is judged at its own moment; the trace says when."""
        result = run("""
ticket: {title: x, created: 2026-03-06T16:00}
timeline: [{at: 2026-03-20T09:00, expect: {rule: late, level: 2, team: css}}]
""")
        assert result.passed, result.failures
        assert "Mon 2026-03-09 11:00    late level 1: nudge to adiaz@example.org" in result.trace
        assert "Mon 2026-03-09 16:00    late level 2: owner = dlee" in result.trace

    def test_expectations_count_from_the_last_one(self) -> None:
        """What an entry without expectations causes is seen by the next that has some."""
        assert passes("""
ticket: {title: x, created: 2026-03-02T09:00}
expect: {rules: [rest, receipt]}
timeline:
  - {at: 2026-03-02T15:00, comment: {by: adiaz, text: On my way.}}
  - {at: 2026-03-02T16:00, close: {by: adiaz, resolution: New mouse.}}
  - {at: 2026-03-04T09:00, expect: {rules: [late, closed], messages: [nudge, closed]}}
  - {at: 2026-03-05T09:00, expect: {fired: none, messages: []}}
""")

    def test_one_entry_is_one_save_per_person(self) -> None:
        """A comment and a field of one person make one row; of two people, two."""
        walk = play("""
ticket: {title: x, owner: adiaz}
timeline:
  - {at: 2026-03-02T10:00, set: {status: Opened}, comment: Looking.}
  - {at: 2026-03-02T11:00, set: {priority: Low}, by: bkim, reply: Thanks}
""")
        rows = [(e.cause, str(e.kind), e.author) for e in walk if not e.own][1:]
        assert rows == [
            ("row:901", "commented", "adiaz"), ("row:901", "changed", "adiaz"),
            ("row:902", "changed", "bkim"), ("row:903", "commented", "jdoe"),
        ]  # fmt: skip

    def test_what_rules_plan_is_on_the_ticket_at_once(self) -> None:
        """A closing by a rule stops the clocks and can be re-opened."""
        assert passes(
            """
ticket: {title: x, created: 2026-03-02T09:00}
timeline:
  - {at: 2026-03-02T09:30, reply: all good, expect: {fields: {status: Closed, state: closed}}}
  - {at: 2026-03-04T09:00, expect: {fired: none}}
  - {at: 2026-03-04T10:00, reopen: {note: no}, expect: {fields: {status: Reopened}, rules: [r]}}
""",
            book("""
classify:
  - id: c
    event: {commented: {by: submitter}}
    if: {comment: {any_word: good}}
    then: {set: {status: Closed}}
route: [{id: r, event: reopened, then: {assign: {team: desk}}}]
escalate: [{id: e, clock: respond, levels: [{at: 50%, then: {comment: late}}]}]
"""),
        )

    def test_rules_that_never_settle_are_stopped(self) -> None:
        """A clock driven by the rule it drives ends in a failure, not in a hang."""
        text = """
clocks:
  respond: {start: {status: [New]}, stop: {status: [Opened]}}
  back: {start: {status: [Opened]}, stop: {status: [New]}}
escalate:
  - {id: a, clock: respond, levels: [{at: 0m, then: {set: {status: Opened}}}]}
  - {id: b, clock: back, levels: [{at: 0m, then: {set: {status: New}}}]}
"""
        result = run("{ticket: {title: x}}", book(text, base=""))
        assert "keep changing the ticket" in result.failures[0]

    def test_a_conflict_fails_the_test(self) -> None:
        """Contradicting rules are named, whatever was expected."""
        rules = book("""
classify:
  - {id: a, then: {set: {priority: High}}}
  - {id: b, then: {set: {priority: Low}}}
""")
        result = run("{ticket: {title: x}, expect: {fields: {priority: Medium}}}", rules)
        assert "rules a and b set priority differently" in result.failures[0]


WALKED = """
ticket: {title: x, created: 2026-03-02T09:00}
timeline:
  - {at: 2026-03-02T09:30, reply: Any news?}
  - at: 2026-03-03T09:30
    expect: EXPECT
"""
# By then level 1 nudged adiaz and level 2 gave it to dlee.


class TestExpectations:
    @pytest.mark.parametrize(
        ("expect", "failure"),
        [
            pytest.param("{owner: dlee, team: css}", None, id="owner and team"),
            pytest.param("{assigned: dlee}", None, id="assigned is owner"),
            pytest.param("{owner: bkim}", "expected owner bkim, found dlee", id="another owner"),
            pytest.param("{owner: nobody}", "expected owner nobody, found dlee", id="an owner"),
            pytest.param("{team: desk}", "expected team desk, found css", id="another team"),
            pytest.param("{rule: late}", None, id="a rule among others"),
            pytest.param("{rule: [late, rest]}", None, id="several rules"),
            pytest.param("{rule: net}", "expected rule net to fire, fired: rest, receipt, late",
                         id="a rule that did not fire"),
            pytest.param("{rules: [receipt, late, rest]}", None, id="exactly these, in any order"),
            pytest.param("{rules: [late]}", "expected rules late, fired: rest, receipt, late",
                         id="more fired"),
            pytest.param("{level: 2}", None, id="a level"),
            pytest.param("{rule: rest, level: 2}",
                         "expected level 2 of rest, fired: late level 1, late level 2",
                         id="a level of another rule"),
            pytest.param("{fields: {priority: Medium, resolution: null}}", None, id="fields"),
            pytest.param("{fields: {priority: High}}", "expected priority High, found Medium",
                         id="another value"),
            pytest.param("{fired: none}", "expected no rule to fire, fired: rest, receipt, late",
                         id="silence of rules"),
            pytest.param("{comments: []}", None, id="no comments"),
            pytest.param("{comments: [hello]}", "expected comments hello, found: none",
                         id="a comment"),
            pytest.param(
                "{messages: [receipt, {to: owner, template: nudge}, {to: dlee}, {to: epark}]}",
                None, id="messages in any order, by role and by name",
            ),
            pytest.param(
                "{messages: [receipt, nudge, escalated, {subject: 'Escalated (level 2)'}]}",
                None, id="a part of the subject",
            ),
            pytest.param(
                "{messages: [receipt, escalated, escalated, closed]}",
                "messages not sent: closed; messages not expected: nudge to adiaz@example.org"
                " (owner), subject '[TICK:101] A reminder: x'",
                id="one missing, one too many",
            ),
            pytest.param("{messages: []}", "messages not expected: receipt to jdoe@example.org",
                         id="silence"),
        ],
    )  # fmt: skip
    def test_they_are_met_or_say_how_not(self, expect: str, failure: str | None) -> None:
        """Expected against actual, at the moment asked."""
        result = run(WALKED.replace("EXPECT", expect))
        if failure is None:
            assert result.failures == ()
        else:
            (told,) = result.failures
            assert told.startswith(f"at 2026-03-03 09:30 {failure}")

    def test_a_message_counts_once(self) -> None:
        """Two expected messages need two sent ones, the vague one leaving the exact one its own."""
        rules = book(RULES)
        assert passes("{ticket: {title: x}, expect: {messages: [{template: receipt}]}}", rules)
        twice = run("{ticket: {title: x}, expect: {messages: [receipt, receipt]}}", rules)
        assert twice.failures == ("at 2026-03-02 09:00 messages not sent: receipt",)


class TestSlips:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            pytest.param("{tickte: {}}", "unknown key 'tickte' in a test. Did you mean 'ticket'?",
                         id="a key of the test"),
            pytest.param("{ticket: {titel: x}}", "'titel' of the ticket. Did you mean 'title'?",
                         id="a key of the ticket"),
            pytest.param("{fixtures: {awaay: []}}", "Did you mean 'away'?", id="a fixture"),
            pytest.param("{expect: {ruel: net}}", "Did you mean 'rule'?", id="an expectation"),
            pytest.param("{expect: {rule: reciept}}", "no rule 'reciept'. Did you mean 'receipt'?",
                         id="a rule that does not exist"),
            pytest.param("{expect: {team: csss}}", "no team 'csss'. Did you mean 'css'?",
                         id="a team that does not exist"),
            pytest.param("{expect: {messages: [{too: x}]}}", "unknown key 'too' of a message.",
                         id="a key of a message"),
            pytest.param("{expect: {messages: receipt}}", "'messages' is a list.", id="no list"),
            pytest.param("{expect: {level: two}}", "'level' is a number", id="no number"),
            pytest.param("{expect: {fired: 3}}", "'fired' knows only 'none'", id="fired what"),
            pytest.param("{expect: {fields: High}}", "'fields' is a map.", id="no map"),
            pytest.param("{expect: {rules: net}}", "'rules' is a list", id="rules is a list"),
            pytest.param("{expect: {comments: x}}", "'comments' is a list", id="comments too"),
            pytest.param("{ticket: {status: Frozen}}", "state of status 'Frozen' is not known",
                         id="a status nobody knows"),
            pytest.param("{ticket: {id: -3}}", "'-3' is not a ticket number", id="a bad number"),
            pytest.param("{ticket: {created: yesterday}}", "'yesterday' is not a time",
                         id="a time"),
            pytest.param("{timezone: Newyork}", "timezone: 'Newyork' is not one", id="a zone"),
            pytest.param("{via: fax}", "unknown via 'fax'", id="a channel"),
            pytest.param("{fixtures: {open_tickets: {adiaz: many}}}", "not a number of tickets",
                         id="a load"),
            pytest.param("{fixtures: {people: {x: {mail: y}}}}", "Did you mean 'email'?",
                         id="a person's key"),
            pytest.param("{timeline: [{expect: {}}]}", "timeline entry 1 has no 'at'", id="no at"),
            pytest.param("{timeline: soon}", "'timeline' is a list", id="no list of entries"),
            pytest.param("{timeline: [{at: 2026-03-03, comment: {by: adiaz}}]}", "needs a text",
                         id="an empty comment"),
            pytest.param("{timeline: [{at: 2026-03-03, set: {}, by: x}]}", "names no field",
                         id="set nothing"),
            pytest.param("{timeline: [{at: 2026-03-03, set: {prioriy: x}, by: x}]}",
                         "Did you mean 'priority'?", id="set a field that is none"),
            pytest.param("{timeline: [{at: 2026-03-03, set: {status: Gone}, by: x}]}",
                         "state of status 'Gone' is not known", id="set an unknown status"),
            pytest.param("{timeline: [{at: 2026-03-03, close: {bye: x}}]}", "unknown key 'bye'",
                         id="a key of an act"),
            pytest.param("{timeline: [{at: 2026-03-03, close: [x]}]}", "is a map", id="an act"),
            pytest.param("{timeline: [{at: 2026-03-01}]}", "is before what precedes it",
                         id="before the ticket"),
        ],
    )  # fmt: skip
    def test_each_is_named_in_one_line(self, text: str, said: str) -> None:
        """A test that cannot be read fails with what is wrong and what to do, and does not run."""
        result = run(text)
        assert not result.passed
        assert any(said in failure for failure in result.failures), result.failures
        assert not any("Traceback" in failure for failure in result.failures)

    def test_a_status_of_the_site_can_be_told(self) -> None:
        """Beside the ticket, in the fixtures, or where it is set."""
        assert passes(
            "{ticket: {status: Parked, state: opened}, expect: {fields: {state: opened}}}"
        )
        assert passes("""
fixtures: {statuses: {Parked: stalled}}
ticket: {title: x}
timeline:
  - {at: 2026-03-02T10:00, set: {status: Parked}, by: bkim, expect: {fields: {state: stalled}}}
""")

    def test_nobody_to_act_is_a_failure(self) -> None:
        """An act by the owner of an unowned ticket asks who it was."""
        rules = book("", base=BASE)
        result = run("{timeline: [{at: 2026-03-03, comment: Hello}]}", rules)
        assert "nobody owns the ticket: write 'by'" in result.failures[0]

    def test_a_name_can_be_left_out(self) -> None:
        """A nameless test goes by its number, and every result by its place."""
        result = run("{ticket: {title: x}}")
        assert (result.name, result.place, result.passed) == ("test 1", "rules.yaml:7", True)

    JUNK = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["at", "by", "set", "text", "to", "rule", "status", "title", *CHECKS]),
            inner, max_size=3,
        ),
        max_leaves=8,
    )  # fmt: skip

    @example({"expect": {"team": []}})
    @example({"ticket": {"owner": [], "status": {}, "submitter": {"user_name": None}}})
    @given(
        st.dictionaries(
            st.sampled_from(
                ["name", "ticket", "via", "timezone", "fixtures", "timeline", "expect"]
            ),
            JUNK,
        )
    )
    def test_nothing_written_brings_it_down(self, data: dict[str, object]) -> None:
        """Whatever stands in a test, there is a result with words."""
        (result,) = run_tests(book(RULES), [Written(data)])
        assert result.passed or result.failures


class TestCoverage:
    def test_it_lists_rules_and_levels_nobody_tested(self) -> None:
        """Names in file order; levels count one by one, rules switched off not at all."""
        rules = book(RULES.replace("{id: phone,", "{id: phone, mode: off,"))
        found = coverage(rules, run_tests(rules, [Written(read("{ticket: {title: x}}"))]))
        assert found.fired == ("rest", "receipt")
        assert found.missing == ("vip", "back", "net", "late level 1", "late level 2", "closed")

    def test_a_failing_test_still_reaches_rules(self) -> None:
        """Coverage tells what fired, not what was right."""
        rules = book(RULES)
        results = run_tests(rules, [Written(read("{ticket: {title: x}, expect: {owner: bkim}}"))])
        assert "rest" in coverage(rules, results).fired


def play(text: str) -> Sequence[Event]:
    """Every event of a played test."""
    rules = book(RULES)
    case, problems = read_case(rules, read(text))
    assert case is not None, problems
    walk = Walk(rules, case)
    walk.create()
    for entry in case.entries:
        walk.advance(entry.at)
        for save in entry.saves:
            walk.save(entry.at, save)
    return walk.timeline


class TestEventsAreThoseOfTheSync:
    """Acts of a test make the events that the sync would detect from the same rows."""

    ACTS = (
        ("comment: {by: bkim, text: Looking.}", "bkim", {}, "Looking.", False),
        ("comment: {by: bkim, text: Odd., public: false}", "bkim", {}, "Odd.", True),
        ("reply: {text: Any news?}", "jdoe", {}, "Any news?", False),
        ("set: {priority: High}, by: adiaz", "adiaz", {"priority": {"name": "High"}}, "", False),
        ("close: {by: adiaz, resolution: Done., text: Bye.}", "adiaz",
         {"status": {"name": "Closed", "state": "closed"}, "resolution": "Done."}, "Bye.", False),
    )  # fmt: skip

    @pytest.mark.parametrize(("act", "author", "record", "comment", "hidden"), ACTS)
    def test_one_act(
        self, act: str, author: str, record: dict[str, object], comment: str, hidden: bool
    ) -> None:
        """Kinds, order, cause, author, staff, visibility, words and changes agree."""
        text = f"""
ticket: {{title: x, owner: adiaz, created: 2026-03-02T09:00}}
timeline: [{{at: 2026-03-02T10:00, {act}}}]
"""
        rules = book(RULES)
        case, problems = read_case(rules, read(text))
        assert case is not None, problems
        walk = Walk(rules, case)
        walk.create()
        before = walk.ticket
        at: datetime = case.entries[0].at
        walk.advance(at)
        walk.save(at, case.entries[0].saves[0])
        made = [event for event in walk.timeline if event.cause == "row:901"]
        after = Ticket({**before.record, **record}, before.zone)
        row = HistoryEntry(
            ChangeId(901), TicketId(101), at, None, Person(UserName(author)), comment, hidden, "",
        )  # fmt: skip
        desk = walk.desk
        watcher = Watcher(
            desk.is_staff, lambda row: row.author.user_name if row.author else None, {}
        )
        found = detect(Known(before, ChangeId(900), 0), after, [row], watcher)
        assert made == list(found.events)

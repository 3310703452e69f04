"""The shipped rules decide the same made ready as asked one by one, trace for trace."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kace_bridge.config.load import read_site
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.compiled.matcher import Matcher
from kace_bridge.rules.compiled.traces import trace_of
from kace_bridge.rules.condition import comparisons
from kace_bridge.rules.decide import Picture, decide
from kace_bridge.rules.evaluate import evaluate
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.ruleset import RuleSet
from tests.unit.rules.picture import NOW, ZONE, make_event

ROOT = Path(__file__).resolve().parents[4]
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_NAMES = ("status", "priority", "category", "impact", "queue")


@cache
def shipped() -> RuleSet:
    site, _ = read_site(ROOT / "rules.yaml", environ={}, secrets=False)
    assert site is not None
    return site.rules


@cache
def words() -> dict[str, list[str]]:
    """Per field what the shipped rules compare it with: tickets are made of that."""
    found: dict[str, list[str]] = {}
    for rule in shipped().rules:
        for test in comparisons(rule.condition):
            given_values = test.expected if isinstance(test.expected, tuple) else (test.expected,)
            some = [value for value in given_values if isinstance(value, str)]
            found.setdefault(test.field.name.removeprefix("before."), []).extend(some)
    return found


def tickets() -> st.SearchStrategy[Ticket]:
    """Tickets in the words of the rules; anything may be missing."""
    known = words()
    named = {
        name: st.sampled_from([*known.get(name, []), "Other"]).map(lambda name: {"name": name})
        for name in _NAMES
    }
    states = st.sampled_from(["opened", "stalled", "closed"])
    named["status"] = st.builds(
        lambda part, state: {**part, "state": state}, named["status"], states
    )
    people = [name for team in shipped().teams.values() for name in team.members]
    person = st.sampled_from([*people, "jdoe"]).map(lambda name: {"user_name": name})
    said = st.lists(st.sampled_from([*known.get("text", []), *known.get("title", []), "and"]))
    text = said.map(" ".join)
    record = {**named, "owner": person, "submitter": person, "title": text, "summary": text}
    moment = st.sampled_from(["2026-03-01 09:00:00", "2026-03-10 11:00:00"])
    record |= {"created": moment, "modified": moment, "hd_queue_id": st.integers(1, 3)}
    return st.fixed_dictionaries({"id": st.just(41)}, optional=record).map(
        lambda values: Ticket(values, ZONE)
    )


EVENTS = (
    make_event("created", author="jdoe", hours_ago=200),
    make_event("commented", author="jdoe", hours_ago=9, comment="again"),
    make_event("changed", ("owner", None, "adiaz"), hours_ago=5),
    make_event("closed", hours_ago=2),
    make_event("reopened", hours_ago=1, author="jdoe"),
)


@SLOW
@given(st.lists(tickets(), min_size=1, max_size=3), st.none() | tickets())
def test_conditions_and_traces(seen: list[Ticket], before: Ticket | None) -> None:
    """What matches, and every reason why or why not."""
    rules = shipped()
    asked = [rule.condition for rule in rules.rules]
    matcher, traces = Matcher(asked), [trace_of(condition) for condition in asked]
    clocks = dict.fromkeys(rules.clocks, timedelta(hours=5))
    for ticket in seen:
        desk = Desk(teams=rules.teams)
        facts = Facts(ticket, NOW, desk, before, EVENTS[0], EVENTS, clocks, rules.calendars)
        wanted = [evaluate(condition, facts) for condition in asked]
        assert matcher.verdicts(facts) == [each.verdict for each in wanted]
        assert [trace(facts) for trace in traces] == wanted


@SLOW
@given(tickets(), st.none() | tickets(), st.integers(1, len(EVENTS)), st.booleans())
def test_decisions(ticket: Ticket, before: Ticket | None, count: int, fresh: bool) -> None:
    """Whatever happened to whatever ticket: the same decisions, kept with the same trace."""
    past = EVENTS[:count]
    picture = Picture(
        ticket, NOW, Desk(teams=shipped().teams), before,
        events=past[-1:] if fresh else (), timeline=past,
    )  # fmt: skip
    quick, whole = decide(shipped(), picture), decide(shipped(), picture, traced=True)
    assert quick.decisions == whole.decisions
    assert [each.trace for each in quick.decisions] == [each.trace for each in whole.decisions]
    assert (quick.due, quick.conflicts) == (whole.due, whole.conflicts)

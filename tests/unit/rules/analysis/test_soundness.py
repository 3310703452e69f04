"""What the analysis claims, held against the engine on tickets nobody chose."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.actions.set import SetFields
from kace_bridge.rules.analysis.branches import claims
from kace_bridge.rules.analysis.logic import implies, why_never
from kace_bridge.rules.analysis.overlap import overlaps
from kace_bridge.rules.analysis.reach import unreachable
from kace_bridge.rules.analysis.suggest import Appliance
from kace_bridge.rules.condition import Condition, Issue, parse_condition
from kace_bridge.rules.decide import decide
from kace_bridge.rules.evaluate import verdict_of
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.picture import Picture
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.rules.verdict import Verdict
from tests.unit.rules.picture import DESK, KNOWN, NOW, RECORD, ZONE

RULES = RuleSet(teams=DESK.teams, groups=DESK.groups)
WORDS = st.sampled_from(["a", "b", "A b", "a::b", "A::C", "b ", ""])
NAMES = WORDS.filter(str.strip)
LISTS = st.lists(NAMES, min_size=1, max_size=3)
USERS = st.sampled_from(["adiaz", "fruiz", "GCHO", "jdoe"])
TEAMS = st.lists(st.sampled_from(["desk", "network"]), min_size=1, max_size=2)
GROUPS = st.sampled_from(["vip", "execs", "annex"])


def keyed(operators: dict[str, st.SearchStrategy[object]]) -> st.SearchStrategy[object]:
    return st.one_of(*(st.fixed_dictionaries({key: value}) for key, value in operators.items()))


EMPTY = {"empty": st.booleans()}
TEXT = keyed({"is": NAMES, "is_not": NAMES, "in": LISTS, "not_in": LISTS, "contains": LISTS,
              "any_word": LISTS, "all_words": LISTS, "starts_with": LISTS, "ends_with": LISTS,
              "under": LISTS, **EMPTY})  # fmt: skip
PERSON = keyed({"is": USERS, "is_not": USERS, "in": st.lists(USERS, min_size=1, max_size=2),
                "in_team": TEAMS, "not_in_team": TEAMS, "in_group": GROUPS,
                "not_in_group": GROUPS, **EMPTY})  # fmt: skip
SMALL = st.integers(0, 5)
NUMBER = keyed({"at_least": SMALL, "at_most": SMALL, "more_than": SMALL, "less_than": SMALL,
                "is": SMALL, "is_not": SMALL, "in": st.lists(SMALL, min_size=1, max_size=3),
                "between": st.lists(SMALL, min_size=2, max_size=2).map(sorted)})  # fmt: skip
STATE = keyed({name: st.sampled_from(["opened", "closed", "stalled"]) for name in ("is", "is_not")})
COMPARISON = st.one_of(
    st.fixed_dictionaries({"category": TEXT}), st.fixed_dictionaries({"title": TEXT}),
    st.fixed_dictionaries({"owner": PERSON}), st.fixed_dictionaries({"id": NUMBER}),
    st.fixed_dictionaries({"state": STATE}),
)  # fmt: skip
CONDITIONS = st.recursive(
    COMPARISON,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)
TICKETS = st.lists(
    st.fixed_dictionaries({
        "id": st.integers(1, 6), "title": WORDS,
        "category": st.one_of(st.none(), NAMES.map(lambda name: {"id": 1, "name": name})),
        "owner": st.one_of(st.none(), USERS.map(lambda user: {"id": 1, "user_name": user})),
        "status": st.sampled_from(["opened", "closed", "stalled"]).map(
            lambda state: {"id": 1, "name": "S", "state": state}
        ),
    }),
    min_size=12, max_size=12,
)  # fmt: skip


def parse(data: object) -> Condition:
    problems: list[Issue] = []
    found = parse_condition(data, (), problems, KNOWN)
    assert found is not None, problems
    return found


def facts(record: dict[str, object]) -> Facts:
    return Facts(Ticket({**RECORD, **record}, ZONE), NOW, DESK)


def rule(name: str, condition: Condition, phase: str = "route", value: str = "x") -> Rule:
    return Rule(name, phase, f"r:{name}", condition=condition,
                actions=(SetFields(values={"custom_1": value}),))  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, TICKETS)
def test_what_can_never_hold_never_does(data: object, tickets: list[dict[str, object]]) -> None:
    """No ticket meets an alternative that was called contradictory."""
    for claim in claims(rule("one", parse(data))):
        if why_never(claim, RULES):
            for record in tickets:
                verdicts = [
                    verdict_of(term.test, facts(record))
                    is (Verdict.YES if term.holds else Verdict.NO)
                    for term in claim.terms
                ]
                assert not all(verdicts), (claim.terms, record)


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, CONDITIONS, TICKETS)
def test_what_is_implied_holds(
    one: object, other: object, tickets: list[dict[str, object]]
) -> None:
    """Wherever a condition said to imply another holds, the other does."""
    condition, implied = parse(one), parse(other)
    if not all(implies(claim.terms, implied, RULES) for claim in claims(rule("one", condition))):
        return
    for record in tickets:
        if verdict_of(condition, facts(record)) is Verdict.YES:
            assert verdict_of(implied, facts(record)) is Verdict.YES, record


@settings(max_examples=200, deadline=None)
@given(st.lists(CONDITIONS, min_size=2, max_size=4), TICKETS)
def test_a_route_called_unreachable_is_never_taken(
    conditions: list[object], tickets: list[dict[str, object]]
) -> None:
    """The engine never takes a route that was reported as never reached."""
    routes = [rule(f"r{n}", parse(data)) for n, data in enumerate(conditions)]
    rules = RuleSet(rules=tuple(routes), teams=DESK.teams, groups=DESK.groups)
    dead = {found.rules[0] for found in unreachable(rules) if found.kind == "unreachable"}
    for record in tickets if dead else []:
        ticket = Ticket({**RECORD, **record}, ZONE)
        event = Event(EventKind.COMMENTED, TicketId(41), NOW - timedelta(hours=1), "row:1",
                      UserName("jdoe"))  # fmt: skip
        made = decide(rules, Picture(ticket, NOW, DESK, events=(event,), timeline=(event,)))
        assert not dead & {decision.rule for decision in made.decisions}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(CONDITIONS, CONDITIONS, TICKETS)
def test_an_overlap_on_any_ticket_at_hand_is_also_found(
    one: object, other: object, tickets: list[dict[str, object]]
) -> None:
    """Where an arbitrary ticket meets both conditions, the search does not call them apart.

    Silence is no proof, but over these fields it had better be found.
    """
    pair = [rule("one", parse(one), "classify", "x"), rule("two", parse(other), "classify", "y")]
    met = any(
        verdict_of(pair[0].condition, facts(record)) is Verdict.YES
        and verdict_of(pair[1].condition, facts(record)) is Verdict.YES
        for record in tickets
    )
    found = list(overlaps(RuleSet(rules=tuple(pair), teams=DESK.teams, groups=DESK.groups),
                          Appliance()))  # fmt: skip
    assert found or not met

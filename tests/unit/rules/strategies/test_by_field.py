"""by_field: the map says who."""

from pathlib import Path

import pytest

from tests.unit.config.rulefile import problems_of
from tests.unit.rules.rulebook import BASE, ask, book, event, make_ticket

MAP = 'map: {field: category, values: {"Network::VPN": fruiz, Network: GCHO}, else: round_robin}'
ROUTE = "route: [{id: net, event: created, then: {assign: {team: network}}}]"
OLD = """pick: on_call,
            rotation: {every: 1w, from: "2026-01-05"}"""
RULES = book(ROUTE, BASE.replace(OLD, f"pick: by_field, {MAP}"))


@pytest.mark.parametrize(
    ("category", "absent", "person", "reason"),
    [
        pytest.param("Network::VPN", (), "fruiz", "is named for category Network::VPN", id="exact"),
        pytest.param("network::vpn", (), "fruiz", "is named for", id="case does not matter"),
        pytest.param("Network::VPN::Client", (), "fruiz", "category Network::VPN", id="below"),
        pytest.param("Network::Wifi", (), "gcho", "category Network", id="a branch above"),
        pytest.param("Networking", (), "gcho", "the map says nothing for category Networking: it",
                     id="half a word is no branch: the other strategy"),
        pytest.param(None, (), "gcho", "the map says nothing for category nothing", id="no value"),
        pytest.param("Network::VPN", ("fruiz",), "gcho", "fruiz is away: it is gcho's turn",
                     id="the person is away: the other strategy"),
        pytest.param("Network", ("GCHO",), "fruiz", "GCHO is away", id="away, in any case"),
    ],
)  # fmt: skip
def test_the_map_decides(
    category: str | None, absent: tuple[str, ...], person: str, reason: str
) -> None:
    """The entry's person where present, else the other strategy; the trace says why."""
    found = ask(
        RULES, make_ticket(category=category),
        desk={"absent": frozenset(absent), "turns": {"network": "fruiz"}},
    )  # fmt: skip
    assert found.values() == {"owner": person}
    (note,) = found.decision("net").trace["notes"]  # type: ignore[misc]
    assert reason in note["assign"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("field", "entry", "ticket"),
    [
        pytest.param("submitter", "provost", make_ticket(submitter="provost"), id="a person"),
        pytest.param("title", "mouse broken", make_ticket(), id="a text"),
        pytest.param("id", "41", make_ticket(), id="a number"),
        pytest.param("custom_3", "Annex", make_ticket(custom_3="annex"), id="a custom field"),
    ],
)
def test_any_field_will_do(field: str, entry: str, ticket: object) -> None:
    """The map's field may hold a name, a person, a text or a number."""
    mapped = f'map: {{field: {field}, values: {{"{entry}": gcho}}}}'
    rules = book(ROUTE, BASE.replace(OLD, f"pick: by_field, {mapped}"))
    assert ask(rules, ticket).values() == {"owner": "gcho"}  # type: ignore[arg-type]


def test_a_value_nobody_has_told_falls_back() -> None:
    """A field that was not sent is not the same as an empty one, and falls back as well."""
    mapped = "map: {field: custom_3, values: {a: gcho}}"
    rules = book(ROUTE, BASE.replace(OLD, f"pick: by_field, {mapped}"))
    found = ask(rules)
    (note,) = found.decision("net").trace["notes"]  # type: ignore[misc]
    assert "the map says nothing for custom_3 not known" in note["assign"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("team", "message"),
    [
        pytest.param("pick: by_field", "'by_field' needs a 'map'", id="no map"),
        pytest.param("map: {field: category, values: {a: dlee}}", "of no use to 'least_loaded'",
                     id="a map nobody reads"),
        pytest.param("pick: by_field, map: {field: category, values: {a: dle}}",
                     "'dle' is no member of the team", id="a stranger in the map"),
        pytest.param("pick: by_field, map: {field: categry, values: {a: dlee}}",
                     "unknown field 'categry'", id="an unknown field"),
        pytest.param("pick: by_field, map: {field: category, values: {a: dlee}, else: by_field}",
                     "unknown strategy 'by_field'", id="falling back to itself"),
        pytest.param("pick: by_field, map: {field: category, values: {}}", "values", id="empty"),
        pytest.param("pick: by_filed", "unknown strategy 'by_filed'", id="an unknown strategy"),
        pytest.param("weights: {epark: 2, dle: 1}", "'dle' is no member", id="a stranger's weight"),
        pytest.param('pick: on_call, rotation: {from: "2026-01-05", overrides: {"2026-01-06": nn}}',
                     "'nn' is no member", id="a stranger on call"),
        pytest.param("calendar: offise", "unknown calendar 'offise'", id="an unknown calendar"),
    ],
)  # fmt: skip
def test_teams_that_cannot_pick_are_refused(tmp_path: Path, team: str, message: str) -> None:
    """Each mistake is one problem on its line."""
    head = "channels: {mail: {kind: folder, path: mail, from: d@example.org}}\n"
    text = f"{head}teams:\n  css: {{members: [dlee, epark], {team}}}\n"
    problems = problems_of(tmp_path, rules=text)
    assert len(problems) == 1, problems
    assert problems[0].startswith("rules.yaml:3:")
    assert message in problems[0]


def test_every_pick_is_kept_for_the_fairness_ledger() -> None:
    """Candidates, loads, absences and the picked person are in the trace."""
    found = ask(RULES, make_ticket(), [event()], desk={"loads": {"fruiz": 3, "gcho": 1}})
    (note,) = found.decision("net").trace["notes"]  # type: ignore[misc]
    assert {key: note[key] for key in ("picked", "candidates", "loads", "absent")} == {  # type: ignore[index]
        "picked": "fruiz", "candidates": ["fruiz", "gcho"], "loads": {"fruiz": 3, "gcho": 1},
        "absent": [],
    }  # fmt: skip

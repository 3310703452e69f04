"""Names held against a practice appliance."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses

from kace_bridge.clock import ManualClock
from kace_bridge.config.load import load
from kace_bridge.config.online import check_online
from kace_bridge.errors import KaceBridgeError
from kace_bridge.sandbox import Appliance, Settings
from kace_bridge.sandbox.faults import Fault
from kace_bridge.sma import Sma
from tests.support.mount import mount

URL = "https://kace.example.org"
DESK: dict[str, Any] = {
    "users": [
        {"id": 12, "user_name": "jdoe", "full_name": "Jane Doe", "email": "jdoe@example.org"},
        {"id": 20, "user_name": "adiaz", "full_name": "Ana Diaz", "email": "adiaz@example.org"},
        {"id": 22, "user_name": "gone", "full_name": "Gone Long", "is_archived": 1},
    ],
    "queues": [{"id": 1, "name": "The K1000 Service Desk", "owners": ["adiaz"],
                "categories": ["Network", "Network::VPN", "Level 1"],
                "fields": {"CUSTOM_3": {"visible": "uservisible", "label": "Asset tag"}}}],
    "tickets": [
        {"id": n, "hd_queue_id": 1, "title": "t", "submitter": "jdoe", "status": status,
         "category": category, "created": "2026-03-02 09:00:00", "modified": "2026-03-02 09:00:00"}
        for n, (status, category) in enumerate(
            [("New", "Network::VPN"), ("Opened", "Level 1"), ("Closed", "Level 1")], 1
        )
    ],
}  # fmt: skip
HEAD = """
appliance: {queues: [The K1000 Service Desk]}
teams: {desk: {members: [adiaz], lead: jdoe}}
"""
Check = Callable[..., list[str]]


@pytest.fixture
def app() -> Appliance:
    made = Appliance(Settings())
    made.clock.set("2026-03-02 10:00:00", frozen=True)
    made.load(DESK)
    return made


@pytest.fixture
def check(app: Appliance, tmp_path: Path) -> Iterator[Check]:
    """Checks a text; HEAD stands before it unless told otherwise."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mount(mock, app, URL)

        def run(text: str, head: str = HEAD) -> list[str]:
            path = tmp_path / "rules.yaml"
            path.write_text(head + text, encoding="utf-8")
            site = load(path, environ={}, secrets=False)
            with Sma(
                URL, username=app.settings.username, password=app.settings.password,
                timezone="America/New_York", clock=ManualClock(app.clock.now()),
            ) as sma:  # fmt: skip
                return [str(problem) for problem in check_online(site, sma)]

        yield run


def rule(condition: str = "", *, event: str = "", then: str = "set: {impact: x}") -> str:
    keys = [f"if: {{{condition}}}" if condition else "", f"event: {event}" if event else ""]
    inner = ", ".join(["id: a", *(key for key in keys if key), f"then: {{{then}}}"])
    return f"classify:\n  - {{{inner}}}\n"


KNOWN = [
    pytest.param("status: {in: [new, Opened]}", id="statuses in use, whatever the case"),
    pytest.param("category: {under: network}", id="a category with others below it"),
    pytest.param('category: {is: "Network::VPN"}', id="a category in use"),
    pytest.param("owner: {is: ADIAZ}", id="a person, whatever the case"),
    pytest.param('queue: {is: "the k1000 service desk"}', id="the queue"),
    pytest.param("priority: {at_least: Medium}", id="a rank"),
    pytest.param("text: {any_word: Nonsense}", id="words are not names"),
    pytest.param('custom_3: {is: x}, "custom.asset TAG": {is: x}', id="a custom field, both ways"),
    pytest.param("owner: {in_team: desk}", id="teams are ours"),
]


@pytest.mark.parametrize("condition", KNOWN)
def test_what_the_appliance_knows_is_no_problem(check: Check, condition: str) -> None:
    """Names that tickets, the queue or the directory show pass in silence."""
    assert check(rule(condition, then="set: {priority: Medium}")) == []


UNKNOWN = [
    pytest.param(
        rule("status: {is: Opend}", then="set: {priority: Medium}"),
        "rules.yaml:5:31: unknown status 'Opend' in queue 'The K1000 Service Desk'."
        " Did you mean 'Opened'?",
        id="a status mistyped",
    ),
    pytest.param(
        rule("status: {is: Parked}", then="set: {priority: Medium}"),
        "rules.yaml:5:31: warning: no ticket in queue 'The K1000 Service Desk' has the status"
        " 'Parked', so it cannot be proved to exist. Seen: Closed, New, Opened",
        id="a status nobody uses",
    ),
    pytest.param(
        rule('category: {is: "Level 2"}', then="set: {priority: Medium}"),
        "rules.yaml:5:33: warning: no ticket in queue 'The K1000 Service Desk' has the category"
        " 'Level 2', so it cannot be proved to exist. Seen: Level 1, Network::VPN",
        id="a name that differs in its number is meant to differ",
    ),
    pytest.param(
        rule("owner: {is: adias}", then="set: {priority: Medium}"),
        "rules.yaml:5:30: unknown user 'adias'. Did you mean 'adiaz'?",
        id="a person mistyped",
    ),
    pytest.param(
        rule("owner: {is: gone}", then="set: {priority: Medium}"),
        "rules.yaml:5:30: warning: user 'gone' is archived on the appliance."
        " Nothing is assigned to them; name somebody who works here",
        id="a person who left",
    ),
    pytest.param(
        rule("queue: {is: Facilities}", then="set: {priority: Medium}"),
        "rules.yaml:5:30: unknown queue 'Facilities'. Known: The K1000 Service Desk.",
        id="a queue",
    ),
    pytest.param(
        rule("custom_4: {is: x}", then="set: {priority: Medium}"),
        "rules.yaml:5:33: warning: 'custom_4' is not shown in queue 'The K1000 Service Desk', so it"
        " stays empty. Show it in the queue's settings, or correct the number",
        id="a custom field that is hidden or not there",
    ),
    pytest.param(
        rule('"custom.Aset tag": {is: x}', then="set: {priority: Medium}"),
        "rules.yaml:5:42: unknown custom field 'Aset tag' in queue 'The K1000 Service Desk'."
        " Did you mean 'Asset tag'?",
        id="a label",
    ),
    pytest.param(
        rule(event="{commented: {by: [staff, adias]}}", then="set: {priority: Medium}"),
        "rules.yaml:5:32: unknown user 'adias'. Did you mean 'adiaz'?",
        id="a person who comments",
    ),
    pytest.param(
        rule(event="{changed: {status: {to: Closd}}}", then="set: {priority: Medium}"),
        "rules.yaml:5:30: unknown status 'Closd' in queue 'The K1000 Service Desk'."
        " Did you mean 'Closed'?",
        id="a change to a status",
    ),
    pytest.param(
        rule(then="set: {status: Closd}"),
        "rules.yaml:5:34: unknown status 'Closd' in queue 'The K1000 Service Desk'."
        " Did you mean 'Closed'?",
        id="a status that is set",
    ),
    pytest.param(
        rule(then="notify: {to: [owner, desk, adias]}"),
        "rules.yaml:5:47: unknown user 'adias'. Did you mean 'adiaz'?",
        id="a person who is told, beside a role and a team",
    ),
    pytest.param(
        rule(then="assign: {to: adias}"),
        "rules.yaml:5:33: unknown user 'adias'. Did you mean 'adiaz'?",
        id="a person who is assigned",
    ),
    pytest.param(
        rule(then="close: {resolution: done, status: Closd}"),
        "rules.yaml:5:54: unknown status 'Closd' in queue 'The K1000 Service Desk'."
        " Did you mean 'Closed'?",
        id="a status of an action that knows it by name",
    ),
    pytest.param(
        "groups: {vip: {users: [provst]}}\n",
        "rules.yaml:4:24: unknown user 'provst'. Known: admin, jdoe, adiaz, gone.",
        id="a person of a group",
    ),
    pytest.param(
        "clocks:\n  c: {start: created, stop: closed, pause: {state: stalled, except: [Neww]}}\n",
        "rules.yaml:5:70: unknown status 'Neww' in queue 'The K1000 Service Desk'."
        " Did you mean 'New'?",
        id="a status of a clock",
    ),
    pytest.param(
        'clocks:\n  c: {start: created, stop: closed, target: {Mediun: 1d, "*": 2d}}\n',
        "rules.yaml:5:46: unknown priority 'Mediun' in queue 'The K1000 Service Desk'."
        " Did you mean 'Medium'?",
        id="a priority of a target",
    ),
]  # fmt: skip


@pytest.mark.catalogue("C05")
@pytest.mark.parametrize(("text", "said"), UNKNOWN)
def test_what_it_does_not_know_is_told_with_its_place(check: Check, text: str, said: str) -> None:
    """Errors for what is surely wrong, warnings for what nobody can prove."""
    problems = check(text)
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_teams_and_queues_of_the_site_are_looked_up(check: Check) -> None:
    """Each member where it is written; queues by name and by number."""
    head = """
appliance: {queues: [Facilities, 9]}
teams:
  desk:
    lead: boss
    members:
      - adiaz
      - bkim
"""
    assert check("", head) == [
        "there is no queue number 9. Known: 1 (The K1000 Service Desk)",
        "rules.yaml:2:22: unknown queue 'Facilities'. Known: The K1000 Service Desk.",
        "rules.yaml:5:11: unknown user 'boss'. Known: admin, jdoe, adiaz, gone.",
        "rules.yaml:8:9: unknown user 'bkim'. Known: admin, jdoe, adiaz, gone.",
    ]


def test_one_name_costs_one_question(check: Check, app: Appliance) -> None:
    """A person named in many places is looked up once."""
    rules = "\n".join(
        f"  - {{id: r{n}, if: {{owner: {{is: adiaz}}}}, then: {{set: {{priority: Medium}}}}}}"
        for n in range(9)
    )
    assert check(f"classify:\n{rules}\n") == []
    asked = [each for each in app.requests if "adiaz" in each.query]
    assert len(asked) == 1


def test_an_appliance_that_is_down_is_no_list_of_problems(check: Check, app: Appliance) -> None:
    """Nothing is blamed on the files when nobody could be asked."""
    app.faults.append(Fault("GET", "", "", 0, None, {"status": 503}))
    with pytest.raises(KaceBridgeError):
        check(rule("status: {is: New}"))

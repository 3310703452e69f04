"""The probe reports what an appliance does, whichever way it does it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import responses

from kace_bridge.clock import ManualClock
from kace_bridge.config.light import Account
from kace_bridge.doctor.probe.measure import measure
from kace_bridge.doctor.probe.report import Report
from kace_bridge.errors import LoginRefused, UsageError
from kace_bridge.sandbox import Appliance, Settings
from kace_bridge.sandbox.faults import read_faults
from tests.sma.data import DESK
from tests.support.mount import mount

URL = "https://kace-canary.example.org"
QUEUE = "The K1000 Service Desk"
SEED = "JBSWY3DPEHPK3PXP"
CANARIES = (
    "admin", "sandbox-password", SEED, "kace-canary", "canary-summary", "canary-title",
    "canary-queue", "canary-label", "canary-person", "canary-comment", "canary-org",
    "canary-custom", "canary-category", "VPN", "jdoe", "Jane", "example.org",
)  # fmt: skip


class WallClock(ManualClock):
    """Time passes for the appliance as well when the probe waits."""

    app: Appliance

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.app.clock.advance(timedelta(seconds=seconds))


def make_app(**settings: Any) -> Appliance:
    app = Appliance(Settings(**settings))
    app.clock.set("2026-03-02 12:00:00", frozen=True)
    app.load(DESK)
    return app


def probe(app: Appliance, queue: str | None = QUEUE, **changes: Any) -> Report:
    clock = WallClock(app.clock.now())
    clock.app = app
    given: dict[str, Any] = {
        "url": URL, "organization": app.settings.organization,
        "username": app.settings.username, "password": app.settings.password,
        "totp": SEED if app.settings.two_factor else None, "ca_bundle": None,
        "insecure_host": None, "timezone": "America/New_York", "queues": (),
    }  # fmt: skip
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mount(mock, app, URL)
        return measure(Account(**(given | changes)), {}, clock, queue=queue)


def answers(report: Report) -> dict[str, Any]:
    """By id; what was measured last wins, as a writing fact does over a reading one."""
    return {fact.id: fact.answer for fact in report.facts}


def test_an_appliance_with_every_default_is_measured_whole():
    """Everything but what cannot be measured has an answer, in the assumed way."""
    report = probe(make_app())
    told = answers(report)
    unmeasured = {fact.id for fact in report.facts if fact.answer is None}
    assert unmeasured == {"U3", "U15", "U16", "U17", "U18", "Q13"}
    assert told["U6"] == {"measured": -300, "configured": -300, "agrees": True}
    assert told["U7"] is True
    assert told["U8"]["status"] == 404
    assert told["U13"] is True
    assert told["U10"]["refused"] is True
    assert told["U11"]["rest_is_saved"] is True
    assert told["4.4"] == {"PUT": 200, "POST": 200}
    assert told["4.5"]["one_row_has_both"] is True
    assert told["3.1"] == {"filter": True, "sorting": True, "same_rows": True}
    assert told["3.5"]["use_count=false drops it"] is True
    assert told["4.6"]["tickets_with"] is True
    assert told["4.16"] == {"made": 1, "closed": 1}
    assert "summary" in told["3.4"]["all"]
    assert "summary" not in told["3.4"]["standard"]


Want = Callable[[dict[str, Any]], bool]
QUIRKS: list[tuple[dict[str, Any], Want]] = [
    ({"generation": "A"}, lambda t: t["U1"]["missing"]["status"] == 403),
    ({"generation": "A"}, lambda t: t["U5"]["csrf_header"] == "x-dell-csrf-token"),
    ({"generation": "B"}, lambda t: t["U5"]["csrf_header"] == "x-kace-csrf-token"),
    ({"generation": "B", "csrf_status": 401}, lambda t: t["U1"]["wrong"]["status"] == 401),
    ({"generation": "C"}, lambda t: t["U1"] == "no token is used"),
    ({"generation": "C"}, lambda t: t["1.2"] == 200),
    ({"generation": "B"}, lambda t: t["1.2"] == 400),
    ({"require_version_header": True}, lambda t: t["1.2"] == 400),
    ({"kace_authorization": "answered"}, lambda t: t["U5"]["x-kace-authorization"] is True),
    ({"kace_authorization": "required"}, lambda t: t["U5"]["x-kace-authorization"] is True),
    ({"two_factor": True}, lambda t: t["U4"] == "verify_2factor"),
    ({"two_factor": True, "two_factor_routes": ("verify_2fa",)}, lambda t: t["U4"] == "verify_2fa"),
    ({"timezone": "Asia/Kolkata"}, lambda t: t["U6"]["measured"] == 330),
    ({"timezone": "Asia/Kolkata"}, lambda t: t["U6"]["agrees"] is False),
    ({"offset_ignored_on": ("Tickets",)}, lambda t: t["3.3"] is False),
    ({}, lambda t: t["3.3"] is True),
    ({"related_shaping_500": True}, lambda t: t["Q12"] == 500),
    ({}, lambda t: t["Q12"] == 200),
    ({"page_limit": 3}, lambda t: t["U12"]["limit 500"] == t["U12"]["limit ALL"] == 3),
    ({}, lambda t: t["U12"]["limit 500"] == t["U12"]["limit 0"] == t["U12"]["there"]),
    ({"unknown_ticket": "empty"}, lambda t: (t["U8"]["status"], t["U8"]["rows"]) == (200, 0)),
    ({"times_shown": True}, lambda t: "time_closed" in t["U14"]),
    ({}, lambda t: t["U14"] == []),
    ({"errors_in_200": True}, lambda t: t["U9"]["unknown field"]["status"] == 200),
    ({"errors_in_200": True}, lambda t: "errorCode" in t["U9"]["wrong kind"]["body"]),
    ({}, lambda t: t["U9"]["unknown operator"]["status"] == 400),
    ({"update_verbs": "POST"}, lambda t: t["4.4"] == {"PUT": 405, "POST": 200}),
    ({"update_verbs": "POST"}, lambda t: t["U7"] is True),
    ({"update_verbs": "PUT"}, lambda t: t["4.4"] == {"PUT": 200, "POST": 405}),
    ({"submitter_required": True}, lambda t: t["4.3"]["without_submitter"]["status"] == 400),
    ({"submitter_required": True}, lambda t: t["4.3"]["made"] is True),
    ({"foreign_reference": "ignore"}, lambda t: t["U10"]["refused"] is False),
    ({"foreign_reference": "ignore"}, lambda t: t["U10"]["unchanged"] is True),
    ({"owners_only_stored": False}, lambda t: t["U7"] is False),
    ({"owner_label_enforced": True}, lambda t: t["U20"]["is_owner"] is False),
    ({}, lambda t: t["U20"]["is_owner"] is True),
    ({"due_date_lost_on_update": True}, lambda t: t["Q26"] is False),
    ({}, lambda t: t["Q26"] is True),
    ({"modified_moves_on_comment": False}, lambda t: t["U13"] is False),
    ({"role": "readonly"}, lambda t: t["U19"]["helpdesk"] == "READ"),
    ({"role": "readonly"}, lambda t: t["4.3"]["without_submitter"]["status"] == 403),
    ({"helpdesk": "HIDE"}, lambda t: t["U19"]["helpdesk"] == "HIDE"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "want"),
    [pytest.param(*row, id=f"{number} {row[0]}") for number, row in enumerate(QUIRKS)],
)
def test_each_way_an_appliance_may_be_is_reported(settings, want):
    """Whatever is uncertain in the contract, the report says which it is here."""
    app = make_app(**settings)
    told = answers(probe(app))
    assert want(told), told
    open_tests = [
        row for row in app.dump()["tickets"]
        if row["title"].startswith("kace-bridge") and row["status"] != "Closed"
    ]  # fmt: skip
    assert open_tests == []


@pytest.mark.parametrize(("shown", "listed"), [(True, True), (False, False)])
def test_custom_fields_left_out_of_lists_are_noticed(shown, listed):
    """As 10.0 did."""
    app = make_app(custom_fields_in_lists=shown)
    app.load({"tickets": [{"id": 50, "custom_3": "x"}]})
    assert answers(probe(app, None))["Q13"] is listed


@pytest.mark.parametrize(("enforced", "refused"), [(True, True), (False, False)])
def test_fields_required_on_closing_are_tried(enforced, refused):
    """First without a resolution, at last with one."""
    app = make_app(required_fields_enforced=enforced)
    app.load({"queues": [{"id": 1, "fields": {"RESOLUTION": {"required": "closed"}}}]})
    told = answers(probe(app))
    assert told["Q29"]["fields_required_on_closing"] == 1
    assert told["Q29"]["refused"] is refused
    assert told["4.16"] == {"made": 1, "closed": 1}


def test_reading_writes_nothing():
    """Without a queue not one request but the login and the farewell is more than a GET."""
    app = make_app()
    before = app.dump()
    told = answers(probe(app, None))
    assert app.dump() == before
    assert {e.path.rpartition("/")[2] for e in app.requests if e.method != "GET"} == {"login"}
    assert told["U6"]["configured"] == -300
    assert "U7" not in told


@pytest.mark.parametrize("generation", ["A", "B", "C"])
def test_the_password_is_judged_once(generation):
    """A refused login is the end of it."""
    app = make_app(generation=generation)
    with pytest.raises(LoginRefused):
        probe(app, password="wrong")
    judged = [e for e in app.requests if e.path.endswith("/login") and e.status == 401]
    assert len(judged) == 1
    probe(app, None)
    assert sum(e.path.endswith("/login") and e.status == 200 for e in app.requests) == 1


def test_a_queue_that_is_not_there_stops_before_any_writing():
    """The queues there are get named."""
    app = make_app()
    with pytest.raises(UsageError, match="'Facilities'"):
        probe(app, "Test queue")
    assert len(app.dump()["tickets"]) == len(DESK["tickets"])


def test_a_queue_can_be_named_by_its_number():
    """Test tickets go there and nowhere else."""
    app = make_app()
    probe(app, "2")
    made = [row for row in app.dump()["tickets"] if row["title"].startswith("kace-bridge")]
    assert [row["hd_queue_id"] for row in made] == [2]


def test_a_test_ticket_whose_creation_was_not_answered_is_closed_all_the_same():
    """It is found by the mark in its title."""
    app = make_app()
    lost = {"match": {"method": "POST", "path": "/api/service_desk/tickets"}}
    app.faults.extend(read_faults([lost | {"do": {"drop_after": True}}]))
    report = probe(app)
    assert answers(report)["4.16"] == {"made": 1, "closed": 1}
    assert next(f for f in report.facts if f.id == "4.3").note.startswith("OutcomeUnknown")


def test_an_empty_desk_leaves_questions_open():
    """No ticket, no claim."""
    app = Appliance(Settings())
    told = answers(probe(app, None))
    assert [told[name] for name in ("3.3", "3.1", "U12", "4.6", "Q13", "U6")] == [None] * 6
    assert told["U8"]["status"] == 404


def test_an_appliance_that_falls_silent_leaves_a_report():
    """What could be measured is told, the rest is marked."""
    app = make_app()
    silent = {"match": {"path": "/api/service_desk/*"}, "times": None, "do": {"drop_before": True}}
    app.faults.extend(read_faults([silent]))
    report = probe(app, None)
    notes = {fact.note for fact in report.facts if fact.id.startswith(("3", "U8", "U9"))}
    assert notes == {"RetryLater while measuring"}
    assert answers(report)["U5"]


def secretive_app(**settings: Any) -> Appliance:
    """Every text an appliance could hold is a canary."""
    app = make_app(organization="canary-org", **settings)
    app.load({
        "organization": "canary-org",
        "users": [{"id": 77, "user_name": "canary-person", "email": "canary-person@example.org"}],
        "queues": [{"id": 1, "fields": {"custom_1": {"visible": "uservisible",
                                                     "label": "canary-label"}}},
                   {"id": 3, "name": "canary-queue", "categories": ["canary-category"]}],
        "tickets": [{"id": 987654, "title": "canary-title", "summary": "canary-summary",
                     "custom_1": "canary-custom", "submitter": "canary-person",
                     "owner": "canary-person",
                     "changes": [{"timestamp": "2026-03-02 11:00:00", "user": "canary-person",
                                  "comment": "canary-comment"}]}],
    })  # fmt: skip
    return app


@pytest.mark.parametrize("generation", ["A", "B", "C"])
@pytest.mark.parametrize("more", [{}, {"errors_in_200": True}, {"two_factor": True}], ids=str)
def test_a_report_holds_nothing_of_anybody(generation, more):
    """No account, host, person, text, token, or number of a ticket or a person."""
    app = secretive_app(generation=generation, **more)
    report = probe(app, "canary-queue", organization="canary-org")
    text = report.as_text()
    tokens = list(app.security.sessions.opened)
    for canary in (*CANARIES, *tokens):
        assert canary.casefold() not in text.casefold(), canary
    numbers = [row["id"] for row in app.dump("canary-org")["tickets"]]
    assert "987654" not in text
    assert str(max(numbers)) not in text
    assert report.measured > 20


def test_keys_that_are_data_are_left_out_or_withheld():
    """An appliance that uses names as keys does not get them into the report."""
    app = make_app()
    body = {
        "Admin": 1,
        "jane.doe@example.org": 2,
        "x" * 90: 3,
        "my sandbox-password": 4,
        "custom_17": 5,
    }
    answer = {"match": {"path": "*/organizations"}, "times": None, "do": {"status": 200}}
    app.faults.extend(read_faults([answer, {
        "match": {"path": "/api/service_desk/tickets", "query": "no_such_field"},
        "times": None, "do": {"status": 422, "body": body},
    }]))  # fmt: skip
    told = answers(probe(app, None))["U9"]["unknown field"]
    assert told == {"status": 422, "body": {"(withheld)": "number", "custom_N": "number"}}


def test_the_report_says_what_it_is():
    """A reader, and a program, can tell."""
    data = json.loads(probe(make_app(), None).as_text())
    assert data["report"] == "kace-bridge probe"
    assert data["format"] == 1
    assert data["generation"] == "C"
    assert data["day"] == "2026-03-02"
    assert all(set(fact) <= {"id", "question", "answer", "note"} for fact in data["facts"])

"""What is told of a site, sound or not."""

import json
from pathlib import Path

import pytest

from kace_bridge.doctor.check import exit_code
from kace_bridge.sandbox.faults import read_faults
from kace_bridge.state import open_store
from tests.doctor.conftest import logins, look, only
from tests.notify.conftest import Post, mail_server
from tests.support.desk import Desk


def test_a_sound_site_has_no_errors(desk):
    """Every part is looked at, one login is made, nothing is written anywhere."""
    desk.submit()
    before = desk.app.dump()
    checks = look(desk)
    assert [check for check in checks if check.verdict == "error"] == []
    assert exit_code(checks) == 0
    assert {check.name for check in checks} == {
        "configuration", "rules", "name", "tls", "login", "version", "organization", "role",
        "reach", "clock", "zone", "queues", "queue 1", "people", "doubles", "channel mail",
        "disk", "state",
    }  # fmt: skip
    assert logins(desk) == 1
    assert desk.app.dump() == before
    assert {path.name for path in desk.folder.iterdir()} == {"rules.yaml"}


@pytest.mark.catalogue("S28")
@pytest.mark.parametrize("generation", ["A", "B", "C"])
def test_the_header_family_is_named(make, generation):
    """As far as an appliance shows its age; an old one with where to look for fixes."""
    check = only(make(generation=generation), "version")
    assert f"generation {generation}" in check.what
    assert ("support.quest.com" in check.cure) == (generation != "C")


def test_every_mistake_of_the_configuration_is_an_error(desk):
    """All of them with their place, and the appliance is looked at all the same."""
    desk.config["route"][0]["then"] = {"asign": {"team": "network"}}
    desk.config["notify"][0]["event"] = "creatd"
    checks = look(desk)
    mistakes = [check for check in checks if check.name == "configuration"]
    assert {check.verdict for check in mistakes} == {"error"}
    assert len(mistakes) == 2
    assert "rules.yaml:" in mistakes[0].what
    assert exit_code(checks) == 78
    assert "login" in {check.name for check in checks}


def test_a_missing_password_is_told_by_its_variable(desk):
    """Nothing is sent without one."""
    del desk.environ["KACE_PASSWORD"]
    checks = look(desk)
    (missing,) = [check for check in checks if check.verdict == "error"]
    assert "KACE_PASSWORD" in missing.what
    assert exit_code(checks) == 78
    assert desk.app.requests == type(desk.app.requests)()


def test_warnings_of_the_rules_are_counted(desk):
    """The command that lists them is named."""
    del desk.config["route"][-1]
    check = only(desk, "rules")
    assert (check.verdict, "1 warning" in check.what) == ("warning", True)
    assert "rules check" in check.cure


def test_a_trial_run_is_said(desk):
    """With mode shadow nothing is written, and somebody may have forgotten it."""
    desk.config["mode"] = "shadow"
    assert "mode shadow" in only(desk, "rules").what


def test_a_refused_login_is_tried_once_and_ends_the_appliance_part(desk):
    """77, and what needs no appliance is still looked at."""
    desk.environ["KACE_PASSWORD"] = "wrong-password-canary"
    checks = look(desk)
    assert exit_code(checks) == 77
    assert logins(desk) == 1
    assert {"clock", "queues", "people"}.isdisjoint(check.name for check in checks)
    assert {"doubles", "state"} <= {check.name for check in checks}
    assert "wrong-password-canary" not in str(checks)


def test_an_appliance_that_is_not_there_is_for_later(desk):
    """75: nothing is wrong with the configuration."""
    desk.environ["KACE_URL"] = "http://127.0.0.1:1"
    checks = look(desk)
    assert exit_code(checks) == 75
    assert only(desk, "tls").verdict == "error"


def test_an_appliance_that_fails_meanwhile_costs_one_part(desk):
    """The other parts are still told."""
    rows = [{"match": {"path": "/api/service_desk/queues"}, "times": None, "do": {"status": 503}}]
    desk.app.faults.extend(read_faults(rows))
    check = only(desk, "queues")
    assert (check.verdict, check.code) == ("error", 75)
    assert only(desk, "people").verdict == "ok"


@pytest.mark.catalogue("S01")
@pytest.mark.parametrize(
    ("settings", "mode", "verdict"),
    [
        pytest.param({"helpdesk": "READ"}, "enforce", "error", id="cannot write what rules want"),
        pytest.param({"helpdesk": "READ"}, "shadow", "warning", id="reads enough for a trial"),
        pytest.param({"helpdesk": "HIDE"}, "shadow", "error", id="sees nothing"),
        pytest.param({"helpdesk": "WRITE"}, "enforce", "ok", id="may write"),
    ],
)
def test_the_role_is_held_against_what_rules_want(make, settings, mode, verdict):
    """READ, WRITE and HIDE."""
    desk = make(**settings)
    desk.config["mode"] = mode
    assert only(desk, "role").verdict == verdict


@pytest.mark.catalogue("S01")
def test_an_account_that_reaches_too_much_is_told(make, tmp_path):
    """An administrator reads the inventory, which the bridge never asks for."""
    desk = make()
    assert only(desk, "reach").verdict == "warning"
    rows = [{"match": {"path": "/api/inventory/machines"}, "times": None, "do": {"status": 403}}]
    desk.app.faults.extend(read_faults(rows))
    assert only(desk, "reach").verdict == "ok"


@pytest.mark.catalogue("S29")
def test_another_organization_is_an_error(make):
    """An empty desk without any error is the worst answer."""
    desk = make(generation="A", more_organizations=("Sales",))
    desk.app.faults.extend(read_faults([{
        "match": {"path": "*/security/login"},
        "times": None,
        "do": {"headers": {"Set-Cookie": "KACE_LAST_ORG_SECURE=Sales; path=/"}},
    }]))  # fmt: skip
    check = only(desk, "organization")
    assert (check.verdict, "selected Sales, not Default" in check.what) == ("error", True)


def test_queues_are_held_against_those_that_are_visible(desk):
    """A misspelt one is named with those there are."""
    desk.config["appliance"]["queues"] = ["The K1000 Service Desk", "Facilities"]
    good, bad = look(desk, "queues")
    assert (good.verdict, bad.verdict) == ("ok", "error")
    assert "'Facilities'" in bad.what
    assert "'The K1000 Service Desk'" in bad.cure
    desk.config["appliance"]["queues"] = []
    assert only(desk, "queues").verdict == "ok"


def close_at_last(desk: Desk, **also: str) -> None:
    desk.config["escalate"][0]["levels"][1]["then"] = {"set": {"status": "Closed", **also}}


def test_a_closing_rule_must_give_what_closing_needs(desk):
    """The appliance would refuse it, ticket by ticket."""
    fields = {"RESOLUTION": {"required": "closed"}}
    desk.app.load({"queues": [{"id": 1, "fields": fields}]})
    desk.submit()
    assert "Resolution when closed" in only(desk, "queue 1").what
    close_at_last(desk)
    check = only(desk, "queue 1")
    assert check.verdict == "warning"
    assert "rule 'no-first-answer' sets status Closed" in check.what
    assert "Resolution" in check.what
    close_at_last(desk, resolution="No answer")
    assert only(desk, "queue 1").verdict == "ok"


def test_a_name_the_queue_does_not_know_is_told(desk):
    """With the nearest ones."""
    desk.submit()
    desk.config["classify"][0]["then"] = {"set": {"priority": "Hihg", "category": "Network"}}
    _, odd = look(desk, "queue 1")
    assert odd.verdict == "warning"
    assert "rule 'vip-first'" in odd.what


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param({"is_archived": 1}, "error", "archived (team 'network')", id="archived"),
        pytest.param({"email": ""}, "warning", "no e-mail address", id="cannot be written to"),
    ],
)
def test_people_of_teams_are_looked_up(desk, change, verdict, words):
    """They exist, work here, and can be reached."""
    desk.app.load({"users": [{"user_name": "gcho", **change}]})
    check = only(desk, "people")
    assert check.verdict == verdict
    assert words in check.what


def test_people_that_do_not_exist_are_errors_in_teams_and_warnings_in_groups(desk):
    """The nearest name is offered."""
    desk.config["teams"]["css"]["members"] = ["dlee", "epakr"]
    desk.config["groups"]["vip"]["users"] = ["president"]
    team, group = look(desk, "people")
    assert (team.verdict, group.verdict) == ("error", "warning")
    assert "'epark'" in team.cure


def test_a_team_with_a_mailbox_needs_no_addresses(desk):
    """Its messages go to the mailbox."""
    desk.app.load({"users": [{"user_name": "dlee", "email": ""}]})
    desk.config["teams"]["css"]["email"] = "css@example.org"
    assert only(desk, "people").verdict == "ok"


@pytest.mark.catalogue("D23")
def test_rules_that_double_the_appliance_are_named(desk):
    """Receipt, closing and reopening; which events are on, the API does not tell."""
    first, *doubles = look(desk, "doubles")
    assert "cannot be read over its API" in first.what
    told = " ".join(check.what for check in doubles)
    assert {check.verdict for check in doubles} == {"warning"}
    assert "'receipt' (rules.yaml:" in told
    assert "email_ticket_ack mail to the submitter" in told
    assert "'closed-mail'" in told
    assert "'everything-else'" not in told
    desk.config["notify"] = []
    (check,) = look(desk, "doubles")
    assert check.verdict == "ok"


def test_a_mail_server_is_tried_and_gets_no_mail(desk):
    """Greeting and login only."""
    post = Post()
    mail = {"kind": "email", "from": "desk@example.org"}
    with mail_server(post) as host:
        desk.config["channels"] = {"mail": {**mail, "smtp": {"env": "SMTP_URL"}}}
        desk.environ["SMTP_URL"] = f"smtp://{host}"
        assert only(desk, "channel mail").verdict == "ok"
    assert post.accepted == []
    desk.environ["SMTP_URL"] = "smtp://svc:canary-secret@127.0.0.1:1"
    check = only(desk, "channel mail")
    assert (check.verdict, "cannot be reached" in check.what) == ("error", True)
    assert "canary-secret" not in str(check)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("https://host.invalid/x?canary", "host.invalid cannot be found", id="no name"),
        pytest.param("https://127.0.0.1/canary", "not public", id="private"),
        pytest.param("http://example.org/canary", "https only", id="plain http"),
    ],
)
def test_a_webhook_that_cannot_be_posted_to_is_an_error(desk, url, words):
    """Its address, which is a secret, is not shown."""
    desk.config["channels"]["ops"] = {"kind": "webhook", "url": {"env": "OPS_URL"}}
    desk.environ["OPS_URL"] = url
    check = only(desk, "channel ops")
    assert (check.verdict, words in check.what) == ("error", True)
    assert "canary" not in str(check)


def test_a_webhook_on_a_private_network_is_fine_where_allowed(desk):
    """Nothing is posted."""
    desk.config["channels"]["ops"] = {
        "kind": "webhook", "url": {"env": "OPS_URL"}, "allow_private": True,
    }  # fmt: skip
    desk.environ["OPS_URL"] = "http://127.0.0.1:9/"
    assert only(desk, "channel ops").verdict == "ok"


def test_a_store_is_read_and_verified(desk):
    """What was changed behind its back is told; what is sound stays as it is."""
    with open_store(desk.state) as store:
        store.start_run("sync", "c0ffee", desk.clock.now())
    path = Path(desk.state.removeprefix("sqlite:///"))
    assert "holds what was recorded" in only(desk, "state").what
    import sqlite3

    with sqlite3.connect(path) as raw:
        raw.execute("DELETE FROM run")
    raw.close()
    assert only(desk, "state").verdict == "error"


def test_a_store_that_is_none_is_an_error(desk):
    """Told in one line, with the cure."""
    path = Path(desk.state.removeprefix("sqlite:///"))
    path.write_text("not a database, " * 1000)
    path.chmod(0o600)
    check = only(desk, "state")
    assert check.verdict == "error"
    assert check.code == 78


def test_a_store_in_memory_forgets(desk):
    """Fine for a try, and nothing else."""
    desk.state = "sqlite://:memory:"
    assert only(desk, "state").verdict == "warning"


def test_checks_are_values_of_plain_text(desk):
    """They can be printed and sent on."""
    for check in look(desk):
        assert json.dumps([check.name, check.verdict, check.what, check.cure])
        assert check.what
        assert check.cure or check.verdict == "ok"

"""Users, names, inventory, organizations."""

import pytest

from kace_bridge.errors import LoginRefused, NotFound
from kace_bridge.sma import UnknownName, clause
from tests.sma.data import QUEUE, SECOND


def test_me_tells_who_and_what_it_may(sma):
    """The account, its id and its right in the service desk."""
    me = sma.users.me()
    assert (me.user_id, me.user_name, me.helpdesk) == (10, "admin", "WRITE")
    assert sma.users.permissions(10)["permissions"]["helpdesk"] == "WRITE"


def test_the_selected_organization_is_known_to_every_generation(sma):
    """By its cookie, else by what users/me says: a wrong one would look like an empty desk."""
    assert sma.selected_organization == "Default"


def test_users_are_listed_read_and_found(sma):
    """Location and archive mark included; names in any case."""
    people = {person.user_name: person for person in sma.users.list()}
    assert people["jdoe"].location == "Annex"
    assert people["gone"].archived
    assert sma.users.get(12).full_name == "Jane Doe"
    assert sma.users.find("JDoe").id == 12
    with pytest.raises(NotFound):
        sma.users.get(999)
    with pytest.raises(NotFound, match="no user named 'nobody'"):
        sma.users.find("nobody")
    assert [person.id for person in sma.users.list(clause("user_name", "st", "b"))] == [21]


def test_authors_are_remembered_and_unknown_ones_have_a_number(sma):
    """One request for all; a deleted user is user-77."""
    found = sma.users.authors([12, 77])
    before = sma.requests_made
    assert found[12].user_name == "jdoe"
    assert found[77].user_name == "user-77"
    assert sma.users.authors([12, 77]) == found
    assert sma.requests_made == before


def test_names_are_learnt_from_tickets(sma):
    """Per queue, whatever the case of the name."""
    opened = sma.names.resolve(QUEUE, "status", "Opened")
    assert opened == 1
    assert sma.names.resolve(QUEUE, "status", "opened") == opened
    assert sma.names.resolve(SECOND, "status", "Opened") != opened
    assert sma.names.resolve(QUEUE, "category", "Network") == 1
    assert sma.names.status_state(QUEUE, "Opened") == "opened"
    assert sma.names.status_state(QUEUE, "New") == "stalled"
    assert sma.names.status_state(QUEUE, "Nowhere") is None
    assert sma.names.known(QUEUE, "status") == {"Closed": 2, "New": 4, "Opened": 1}


def test_names_are_learnt_once(sma):
    """A hundred questions, one crawl."""
    sma.names.resolve(QUEUE, "status", "Opened")
    before = sma.requests_made
    for name in ("Closed", "New", "Opened"):
        sma.names.resolve(QUEUE, "status", name)
    assert sma.requests_made == before


def test_an_unknown_name_is_told_with_its_nearest(sma):
    """Did you mean ...; and what cannot be seen can be mapped."""
    with pytest.raises(
        UnknownName, match="no status named 'Clsed' in queue 1; nearest: 'Closed'"
    ) as caught:
        sma.names.resolve(QUEUE, "status", "Clsed")
    assert caught.value.nearest == ("Closed",)
    with pytest.raises(UnknownName, match="nearest: 'adiaz'"):
        sma.names.resolve(QUEUE, "owner", "adiazz")
    with pytest.raises(UnknownName, match="'gone' is archived"):
        sma.names.resolve(QUEUE, "owner", "gone")
    with pytest.raises(ValueError, match="not resolved by name"):
        sma.names.resolve(QUEUE, "colour", "red")


def test_a_name_that_appears_later_is_found_after_a_while(sma, app):
    """A miss is looked up again, but not on every question."""
    with pytest.raises(UnknownName):
        sma.names.resolve(QUEUE, "category", "Telephones")
    app.load({
        "queues": [{"id": QUEUE, "categories": ["Network", "Other", "Telephones"]}],
        "tickets": [{"id": 60, "hd_queue_id": QUEUE, "category": "Telephones"}],
    })  # fmt: skip
    with pytest.raises(UnknownName):
        sma.names.resolve(QUEUE, "category", "Telephones")
    sma._session.clock.sleep(60)
    assert sma.names.resolve(QUEUE, "category", "Telephones") > 0


def test_an_unused_queue_still_resolves_its_defaults(sma, app):
    """With no ticket to learn from, the template names the defaults."""
    app.load({"queues": [{"id": 9, "name": "Empty"}]})
    assert sma.names.resolve(9, "priority", "Medium") > 0


def test_the_operator_map_comes_first(make):
    """By queue id or name; it names what tickets do not show, and settles doubles."""
    names = {
        "Facilities": {"status": {"On Hold": {"id": 77, "state": "stalled"}}},
        QUEUE: {"status": {"Opened": 88}},
    }
    with make(names=names) as sma:
        assert sma.names.resolve(SECOND, "status", "on hold") == 77
        assert sma.names.status_state(SECOND, "On Hold") == "stalled"
        assert sma.names.resolve(QUEUE, "status", "Opened") == 88
        assert sma.names.resolve(QUEUE, "status", "New") == 4


@pytest.mark.catalogue("A19")
def test_a_name_with_several_ids_is_refused(make, app):
    """Two categories of one name: nobody can know which is meant."""
    categories = [{"id": 501, "name": "Printer"}, {"id": 502, "name": "Printer"}]
    app.load(
        {
            "queues": [{"id": 9, "name": "Twins", "categories": categories}],
            "tickets": [
                {"id": 61, "hd_queue_id": 9, "category": 501},
                {"id": 62, "hd_queue_id": 9, "category": 502},
            ],
        }
    )
    with make() as sma, pytest.raises(UnknownName, match=r"several ids in queue 9 \(501, 502\)"):
        sma.names.resolve(9, "category", "Printer")
    with make(names={9: {"category": {"Printer": 502}}}) as sma:
        assert sma.names.resolve(9, "category", "Printer") == 502


def test_machines_and_assets_read_alike(sma, app):
    """Text ids and mixed key casing of the inventory become numbers and lower-case keys."""
    app.load(
        {
            "machines": [{"id": 77, "name": "HOST-7"}],
            "assets": [{"id": 501, "name": "HOST-7", "machine": 77}],
        }
    )
    (machine,) = sma.machines.list(clause("machine.name", "eq", "HOST-7"))
    assert (machine.id, machine.name) == (77, "HOST-7")
    assert sma.machines.get(77).name == "HOST-7"
    asset = sma.assets.get(501)
    assert (asset.id, asset.machine_id) == (501, 77)
    with pytest.raises(NotFound):
        sma.machines.get(999)


def test_a_switched_organization_survives_a_new_login(sma, app):
    """A session that expires must not fall back to the first organization."""
    sales = next(found for found in sma.organizations.list() if found.name == "Sales")
    assert [found.id for found in sma.tickets.list()] == [41, 42, 43, 44]
    sma.organizations.switch(sales.id)
    assert list(sma.tickets.list()) == []
    sma._session.clock.sleep(3000)
    assert list(sma.tickets.list()) == []
    with pytest.raises(NotFound):
        sma.organizations.switch(99)


def test_a_wrong_organization_is_refused_at_login(make):
    """With the account and the organization named."""
    with pytest.raises(LoginRefused, match="in organization 'Nowhere'"):
        make(organization="Nowhere").login()


@pytest.mark.catalogue("A03")
def test_a_wrong_password_costs_one_login(make, app):
    """Whatever the generation: one refused password, no lock-out."""
    sma = make(password="wrong")
    for _ in range(3):
        with pytest.raises(LoginRefused, match="check KACE_USERNAME"):
            sma.tickets.get(41)
    refused = [entry for entry in app.requests if entry.status == 401]
    assert len(refused) == 1

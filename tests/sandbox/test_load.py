"""Bulk data: names or ids, defaults for the rest, all or nothing, and back again."""

import json
import re
from typing import Any

import pytest

from kace_bridge.sandbox import Appliance, Settings, generate
from tests.support.sandbox_calls import log_in, make_appliance

DESIGN_EXAMPLE: dict[str, Any] = {
    "users": [
        {
            "id": 12,
            "user_name": "jdoe",
            "full_name": "Jane Doe",
            "email": "jdoe@example.org",
            "location": "Annex",
        },
        {"user_name": "adiaz"},
        {"user_name": "bkim"},
    ],
    "queues": [
        {
            "id": 1,
            "name": "The K1000 Service Desk",
            "owners": ["adiaz", "bkim"],
            "categories": ["Network", "Hardware"],
        }
    ],
    "tickets": [
        {
            "id": 41,
            "hd_queue_id": 1,
            "title": "VPN drops",
            "summary": "<p>...</p>",
            "submitter": "jdoe",
            "owner": "adiaz",
            "status": "New",
            "priority": "Medium",
            "category": "Network",
            "created": "2026-03-02 09:01:13",
            "modified": "2026-03-02 09:31:02",
            "changes": [
                {
                    "timestamp": "2026-03-02 09:31:02",
                    "user": "adiaz",
                    "comment": "Looking",
                    "owners_only": 0,
                }
            ],
        }
    ],
}


def test_names_become_references_and_a_creation_row_is_added() -> None:
    """Names are found whatever their case; a history starts with the creation, ids rising."""
    app = make_appliance()
    assert app.load(DESIGN_EXAMPLE) == {"users": 3, "queues": 1, "tickets": 1}
    row = log_in(app).ticket(41, "hd_ticket all,owner limited,submitter all,changes all")
    assert row["owner"]["user_name"] == "adiaz"
    assert row["submitter"]["location"]["name"] == "Annex"
    first, second = row["changes"]
    assert (first["description"], first["timestamp"]) == ("Ticket Created", row["created"])
    assert second["comment"] == "Looking"
    assert first["id"] < second["id"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(DESIGN_EXAMPLE, id="the example of the plan"),
        pytest.param(generate(7, 60, "2026-03-09 09:00:00"), id="a generated week"),
        pytest.param(
            {
                "queues": [
                    {
                        "id": 2,
                        "name": "HR",
                        "statuses": [
                            {"name": "Offen", "state": "opened"},
                            {"name": "Zu", "state": "closed"},
                        ],
                        "default_status": "Offen",
                        "fields": {"custom_1": {"visible": "uservisible", "required": "closed"}},
                        "email_events": [["owner", "comment"]],
                    }
                ],
                "machines": [{"id": 77, "name": "HOST-7"}],
                "assets": [{"id": 501, "name": "HOST-7", "machine": 77}],
                "tickets": [
                    {"id": 5, "queue": "HR", "status": "Zu", "category": None, "custom_1": "x"},
                    {"id": 6, "machine": 77, "asset": 501, "related_tickets": [5], "priority": 2},
                ],
            },
            id="own statuses, inventory, gaps",
        ),
    ],
)
def test_a_dump_loads_into_the_same_state(data: dict[str, Any]) -> None:
    """dump is the form load takes: a fresh appliance given it dumps the same."""
    app = make_appliance()
    app.load(data)
    dumped = json.loads(json.dumps(app.dump()))
    other = make_appliance()
    other.load(dumped)
    assert json.loads(json.dumps(other.dump())) == dumped


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param({"ticket": []}, "unknown ticket", id="a misspelt part"),
        pytest.param({"tickets": {}}, "tickets: must be a list", id="no list"),
        pytest.param({"users": [{}]}, "users[0]: 'user_name' is missing", id="no name"),
        pytest.param(
            {"tickets": [{"owner": "nobody"}]},
            "tickets[0]: Invalid owner: 'nobody' does not exist",
            id="an unknown person",
        ),
        pytest.param(
            {"tickets": [{"id": 1}, {"status": "Weird"}]},
            "tickets[1]: Invalid status: 'Weird' does not exist in queue 1",
            id="an unknown status",
        ),
        pytest.param({"tickets": [{"titel": "x"}]}, "unknown titel", id="a misspelt key"),
        pytest.param({"tickets": [{"created": "soon"}]}, "no date", id="a date that is none"),
        pytest.param({"tickets": [{"created": "2026-02-30"}]}, "no date", id="30 February"),
        pytest.param(
            {"queues": [{"id": 2, "name": "x", "statuses": [{"name": "y", "state": "z"}]}]},
            "state must be one of",
            id="a state that is none",
        ),
        pytest.param({"tickets": [{"queue": "HR"}]}, "hd_queue_id 'HR'", id="an unknown queue"),
    ],
)
def test_data_that_does_not_fit_is_refused_as_a_whole(data: dict[str, Any], said: str) -> None:
    """The error names the place, and nothing was loaded."""
    app = make_appliance()
    before = app.dump()
    with pytest.raises(ValueError, match=re.escape(said)):
        app.load({"queues": [{"name": "Extra"}]} | data)
    assert app.dump() == before


def test_choices_given_replace_the_fresh_ones_and_keep_known_ids() -> None:
    """A queue's own list is its list; fresh names keep ids, the default follows."""
    app = make_appliance()
    app.load({"queues": [{"id": 1, "categories": ["Network", "Network::VPN", "Hardware"]}]})
    desk = app.desk
    assert {c.name: c.id for c in desk.categories.values()} == {
        "Network": 1,
        "Network::VPN": 5,
        "Hardware": 3,
    }
    assert desk.queues[1].default_category_id == 1


def test_loading_again_replaces_by_id() -> None:
    """The same id is the same ticket; its place in the order of changes moves along."""
    app = make_appliance()
    app.load({"tickets": [{"id": 1, "related_tickets": [2]}, {"id": 2}]})
    app.load({"tickets": [{"id": 1, "title": "again", "modified": "2026-02-01 00:00:00"}]})
    caller = log_in(app)
    assert caller.ids(sorting="modified") == [1, 2]
    assert caller.ids(filtering="modified lt 2026-02-02") == [1]
    assert caller.ticket(2, "referring_tickets limited")["referring_tickets"] == []


def test_data_goes_to_the_organization_named() -> None:
    """Other organisations stay as they are; an unknown one is refused."""
    app = Appliance(Settings(more_organizations=("Clinic",)))
    app.load({"organization": "Clinic", "tickets": [{"id": 7}]})
    assert [row["id"] for row in app.dump("Clinic")["tickets"]] == [7]
    assert app.dump()["tickets"] == []

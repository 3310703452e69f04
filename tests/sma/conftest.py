"""The client before a sandbox appliance, in every generation, with and without two-factor."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import responses

from kace_bridge.clock import ManualClock
from kace_bridge.sandbox import Appliance, Settings
from kace_bridge.sma import Sma
from tests.sma.data import DESK
from tests.support.mount import mount

URL = "https://kace.example.org"
ZONE = "America/New_York"
SEED = "JBSWY3DPEHPK3PXP"

Make = Callable[..., Sma]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unless(quirk): leave a test out for such an appliance")


class Kind(NamedTuple):
    """Header generation, whether two-factor is on, and an oddity the client must cope with."""

    generation: str
    two_factor: bool
    quirk: dict[str, Any]

    @property
    def name(self) -> str:
        odd = " ".join(f"{key}={value}" for key, value in self.quirk.items())
        return f"{self.generation}{' with a code' if self.two_factor else ''} {odd}".strip()


QUIRKS: list[dict[str, Any]] = [
    {"offset_ignored_on": ("Tickets", "Changes", "Queues", "Users", "Machines", "Assets")},
    {"related_shaping_500": True},
    {"custom_fields_in_lists": False},
    {"update_verbs": "PUT"},
    {"update_verbs": "POST"},
    {"page_limit": 2},
    {"unknown_ticket": "empty"},
    {"times_shown": True},
    {"errors_in_200": True},
    {"kace_authorization": "required"},
    {"require_version_header": True},
    {"session_slides": False},
    {"modified_moves_on_comment": False},
    {"due_date_lost_on_update": True},
    {"rules_write_history": True, "rule_reopen_on_reply": True},
    {"locale": "pt"},
]
"""Where the truth about real appliances is not known, either answer must serve."""
KINDS = [
    *(Kind(generation, code, {}) for generation in "ABC" for code in (False, True)),
    *(Kind("C", False, quirk) for quirk in QUIRKS),
    Kind("A", False, {"csrf_status": 401}),
    Kind("C", True, {"two_factor_routes": ("verify_2fa",)}),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of appliance in turn; ``unless("page_limit")`` leaves out what a test counts."""
    for marker in request.node.iter_markers("unless"):
        if request.param.quirk.keys() & set(marker.args):
            pytest.skip(f"counts what {request.param.name} changes")
    return request.param


@pytest.fixture
def settings() -> dict[str, Any]:
    """What a test wants of the appliance beyond its kind; parametrise to change it."""
    return {}


@pytest.fixture
def app(kind: Kind, settings: dict[str, Any]) -> Appliance:
    given = {
        "generation": kind.generation, "two_factor": kind.two_factor, "totp_seed": SEED,
        "more_organizations": ("Sales",),
    }  # fmt: skip
    made = Appliance(Settings(**(given | kind.quirk | settings)))
    made.load(DESK)
    return made


@pytest.fixture
def rsps(app: Appliance) -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mount(mock, app, URL)
        yield mock


@pytest.fixture
def make(app: Appliance, rsps: responses.RequestsMock) -> Make:
    """Makes a client of the appliance; settings can be changed."""

    def make_client(**changes: Any) -> Sma:
        given: dict[str, Any] = {
            "username": app.settings.username,
            "password": app.settings.password,
            "organization": app.settings.organization,
            "timezone": ZONE,
            "totp_seed": SEED if app.settings.two_factor else None,
            "clock": ManualClock(app.clock.now()),
        }
        return Sma(URL, **(given | changes))

    return make_client


@pytest.fixture
def sma(make: Make) -> Iterator[Sma]:
    with make() as client:
        yield client

"""The client before a sandbox appliance, in every generation, with and without two-factor."""

from collections.abc import Callable, Iterator
from typing import Any

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


@pytest.fixture(
    params=[(g, f) for g in "ABC" for f in (False, True)], ids=lambda p: f"{p[0]}{p[1]}"
)
def kind(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """Header generation, and whether two-factor is on."""
    return request.param


@pytest.fixture
def settings() -> dict[str, Any]:
    """What a test wants of the appliance beyond its kind; parametrise to change it."""
    return {}


@pytest.fixture
def app(kind: tuple[str, bool], settings: dict[str, Any]) -> Appliance:
    generation, two_factor = kind
    made = Appliance(
        Settings(
            generation=generation,
            two_factor=two_factor,
            totp_seed=SEED,
            more_organizations=("Sales",),
            **settings,
        )
    )
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

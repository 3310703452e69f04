"""The client and the sandbox over real connections, several threads at once."""

import threading
from collections.abc import Iterator

import pytest

from kace_bridge.errors import OutcomeUnknown
from kace_bridge.sandbox import Appliance, Server, Settings, serve
from kace_bridge.sma import Sma
from tests.sma.conftest import KINDS, SEED, ZONE
from tests.sma.data import DESK, QUEUE
from tests.sma.test_faults import break_next


@pytest.fixture(params=[kind for kind in KINDS if not kind.quirk], ids=lambda kind: kind.name)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    kind = request.param
    app = Appliance(
        Settings(generation=kind.generation, two_factor=kind.two_factor, totp_seed=SEED)
    )
    app.load(DESK)
    with serve(app) as running:
        yield running


def connect(server: Server, **changes: object) -> Sma:
    given = {
        "username": server.username,
        "password": server.password,
        "timezone": ZONE,
        "totp_seed": SEED if server.app.settings.two_factor else None,
    }
    return Sma(server.url, **(given | changes))


def count(app: Appliance, ending: str) -> int:
    return sum(entry.path.endswith(ending) for entry in app.requests)


def test_threads_share_a_session_that_expires(server):
    """Six threads read while sessions end under them: all succeed, logins stay few."""
    app = server.app
    with connect(server) as sma:
        sma.login()
        logins = count(app, "/security/login")
        break_next(app, "GET", "/api/service_desk/tickets/41", expire_session=True)
        found: list[str] = []
        threads = [
            threading.Thread(target=lambda: found.append(sma.tickets.get(41).title))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == ["VPN drops"] * 6
    assert count(app, "/security/login") - logins <= 2


def test_a_write_applied_with_its_answer_lost_is_unknown_and_done(server):
    """The connection breaks after the appliance did it: once, and the client does not know."""
    with connect(server) as sma:
        sma.login()
        break_next(server.app, "PUT", "/api/service_desk/tickets/43", drop_after=True)
        with pytest.raises(OutcomeUnknown, match="may have been carried out"):
            sma.tickets.update(43, {"title": "changed"})
        assert sma.tickets.get(43).title == "changed"
    assert [entry.method for entry in server.app.requests].count("PUT") == 1


def test_a_slow_appliance_meets_the_read_limit(server):
    """A page too slow is asked for in smaller ones; here the second attempt is quick."""
    with connect(server, read_s=0.2) as sma:
        sma.login()
        break_next(server.app, "GET", "/api/service_desk/tickets", delay_s=0.5)
        assert [found.id for found in sma.tickets.list(queue=QUEUE)] == [41, 42, 43]

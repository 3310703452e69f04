"""One process's work: what the program puts together for itself, watched at every point."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kace_bridge.clock import Clock, ManualClock
from kace_bridge.config.load import Site, load
from kace_bridge.errors import KaceBridgeError
from kace_bridge.model.message import Delivery, File, Outcome
from kace_bridge.notify.deliver import Courier
from kace_bridge.rules.compiled.programs import program_of
from kace_bridge.sma import Sma
from kace_bridge.sma.address import check_address
from kace_bridge.sma.transport import Limits, Sends, Transport
from kace_bridge.state import Store
from kace_bridge.state.database import SqliteDatabase
from kace_bridge.state.schema import load_migrations, migrate
from kace_bridge.sync.wire import Bridge
from tests.crash.ablations import CursorFirst, NoIntent
from tests.crash.jobs import do
from tests.crash.points import WatchedCourier, WatchedDatabase, WatchedTransport

ZONE = ZoneInfo("America/New_York")
STORES: Mapping[str, type[Store]] = {"no intent": NoIntent, "cursor first": CursorFirst}
"""Weakened stores, by the name of what is missing."""


@dataclass(slots=True)
class Killer:
    """Counts the points reached and kills this process, without warning, at the *nth* of one."""

    point: str = ""
    nth: int = 0
    sign: int = signal.SIGKILL
    reached: Counter[str] = field(default_factory=Counter)

    def __call__(self, name: str) -> None:
        self.reached[name] += 1
        if name == self.point and self.reached[name] == self.nth:
            os.kill(os.getpid(), self.sign)


@dataclass(frozen=True, slots=True)
class Noting:
    """A courier that notes what it has delivered in a file, as the far end would see it."""

    courier: Courier
    log: Path

    def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
        outcome = self.courier.deliver(delivery, private=private)
        if outcome.kind == "sent":
            assert isinstance(delivery, File)
            line = json.dumps([delivery.name, delivery.content.decode()]) + "\n"
            handle = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(handle, line.encode())
            os.close(handle)
        return outcome


class Repeating(Transport):
    """A transport that repeats writes, as HTTP libraries do unless told not to."""

    def send(self, request: Any, jar: Any, **given: Any) -> Any:
        for _ in range(2):
            try:
                return super().send(request, jar, **given)
            except KaceBridgeError:
                if request.method != "PUT":
                    raise
        return super().send(request, jar, **given)


class Wiring:
    """What reaches the disk and the network; fault injection has its own."""

    def database(self, path: Path) -> SqliteDatabase:
        return SqliteDatabase(str(path))

    def transport(self, url: str, clock: Clock, variant: str) -> Sends:
        kind = Repeating if variant == "repeats" else Transport
        return kind(check_address(url), clock, Limits(read_s=5, total_s=10), "crash")


PLAIN = Wiring()
PHASES = ("classify", "route", "escalate", "notify")
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
"""When the desks of these tests are at work."""


@cache
def read_site(config: str, text: str, environ: tuple[tuple[str, str], ...]) -> Site:
    """The configuration, read and made ready once per text: that takes longer than a sync."""
    del text
    site = load(Path(config), environ=dict(environ))
    for phase in PHASES:
        program_of(site.rules, phase)
    site.rules.templates.samples()
    for calendar in site.rules.calendars.values():
        calendar.open_time(*YEAR)
    return site


@contextmanager
def open_bridge(
    order: Mapping[str, Any], site: Site, killer: Killer, wiring: Wiring
) -> Iterator[Bridge]:
    """What the program would put together for itself, watched."""
    folder, environ = Path(order["folder"]), order["environ"]
    clock = ManualClock(datetime.fromisoformat(order["now"]))
    mail = site.channels["mail"].model_copy(update={"path": str(folder / "mail")})
    database = WatchedDatabase(wiring.database(folder / "s.db"), killer)
    migrate(database, load_migrations(), clock.now())
    store = STORES.get(order["variant"], Store)(database, clock)
    transport = wiring.transport(environ["KACE_URL"], clock, order["variant"])
    courier = partial(WatchedCourier, killer, Noting(Courier(), folder / "deliveries.log"))
    with (
        Sma(
            environ["KACE_URL"], username=environ["KACE_USERNAME"],
            password=environ["KACE_PASSWORD"], timezone=ZONE, clock=clock, name_authors=False,
            transport=WatchedTransport(transport, killer),
        ) as sma,
        store,
    ):  # fmt: skip
        yield Bridge(
            replace(site, channels={"mail": mail}), sma, store, clock, ZONE, courier=courier
        )


def work(order: Mapping[str, Any], killer: Killer, wiring: Wiring = PLAIN) -> dict[str, Any]:
    """Do what is asked for; what it told, or the error."""
    site = read_site(order["config"], order["text"], tuple(order["environ"].items()))
    try:
        with open_bridge(order, site, killer, wiring) as bridge:
            return do(order, bridge)
    except KaceBridgeError as error:
        return {"error": str(error), "code": error.exit_code}

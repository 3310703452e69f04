"""Where the parts are put together: settings in, a bridge out that can be run."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kace_bridge.clock import Clock, SystemClock
from kace_bridge.config.light import account_of
from kace_bridge.config.load import Site
from kace_bridge.config.problems import Problem
from kace_bridge.errors import ConfigError, SafeMode, UsageError
from kace_bridge.model.ids import QueueId
from kace_bridge.notify.deliver import Courier
from kace_bridge.notify.dispatch import Delivers
from kace_bridge.sla.duration import parse_duration
from kace_bridge.sma import Sma
from kace_bridge.state import Store, open_store
from kace_bridge.sync.account import open_client, parse_at, state_url

_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(slots=True)
class Bridge:
    """Everything a run needs. ``at`` overrides the appliance's clock, for rehearsals.

    ``courier`` makes the one through whom messages leave.
    """

    site: Site
    sma: Sma
    store: Store
    clock: Clock
    zone: ZoneInfo
    at: datetime | None = None
    courier: Callable[[], AbstractContextManager[Delivers]] = Courier

    def now(self) -> datetime:
        """The present as the appliance sees it: its ``Date`` header, else this machine's clock."""
        return self.at or self.sma.server_time or self.clock.now()

    def queues(self) -> tuple[QueueId, ...]:
        """The configured queues by number; all of them where none is named.

        The numbers are remembered, so that a sync that finds nothing new asks nothing more.
        Raises ConfigError naming each queue the appliance does not have.
        """
        wanted = self.site.settings.appliance.queues
        key = "queues:" + repr(wanted)
        known = self.store.meta(key)
        if known and wanted:
            return tuple(QueueId(int(number)) for number in known.split(","))
        found = self.sma.queues.list()
        if not wanted:
            return tuple(queue.id for queue in found)
        numbers, problems = [], []
        for name in wanted:
            match = [q for q in found if q.name == name or str(q.id) == str(name)]
            if len(match) == 1:
                numbers.append(match[0].id)
                continue
            names = ", ".join(f"'{queue.name}'" for queue in found) or "none that this account sees"
            problems.append(
                Problem(None, f"appliance.queues: no queue '{name}'", f"It has: {names}")
            )
        if problems:
            raise ConfigError(problems)
        return tuple(numbers)


def seconds(text: str) -> timedelta:
    """A wait as configured (``30s``, ``3m``) as a timedelta."""
    duration = parse_duration(text)
    return timedelta(seconds=float(duration.amount) * _SECONDS[duration.kind])


@contextmanager
def bridge(
    site: Site,
    *,
    state: str,
    environ: Mapping[str, str] | None = None,
    at: datetime | None = None,
    clock: Clock | None = None,
    read_only: bool = False,
    shadow_ok: bool = False,
    safe_ok: bool = False,
) -> Iterator[Bridge]:
    """Open the store and the client, and close both.

    With *read_only* neither can change anything. Where the configuration says
    ``appliance.read_only``, a caller that can go on in shadow says *shadow_ok* and everybody else
    who would write is refused (UsageError).
    """
    clock = clock or SystemClock()
    environ = os.environ if environ is None else environ
    barred = site.settings.appliance.read_only
    if barred and not (read_only or shadow_ok):
        raise UsageError(
            f"nothing was done: {site.path.name} says appliance.read_only; take it out to write"
        )
    with (
        client(site, environ, clock, read_only=read_only or barred) as sma,
        open_store(state, clock, read_only=read_only) as store,
    ):
        if not (read_only or safe_ok):
            require_trust(store)
        zone = ZoneInfo(site.settings.appliance.timezone)
        named = {"url": sma.url, "instance": store.meta("instance") or "kace-bridge"}
        rules = replace(site.rules, site={**site.rules.site, **named})
        rules = rules.in_epoch(store.appliance_epoch())
        if barred and rules.mode == "enforce":
            rules = replace(rules, mode="shadow")
        yield Bridge(replace(site, rules=rules), sma, store, clock, zone, at)


def require_trust(store: Store) -> None:
    """Raises SafeMode while the appliance is not trusted (see sync/trust.py)."""
    if doubt := store.doubt():
        raise SafeMode(f"safe mode since run {doubt['run']}: {doubt['reason']}")


@contextmanager
def client(
    site: Site, environ: Mapping[str, str], clock: Clock, *, read_only: bool = False
) -> Iterator[Sma]:
    """The client for the configured account. Raises ConfigError for every value not set."""
    spec = site.settings.appliance
    account = account_of(spec, file=site.path.name, folder=site.folder, environ=environ)
    # Authors are found by number in the stored list of users (sync/desk.py).
    with open_client(
        account, environ, clock, name_authors=False, read_only=read_only,
        parallel=spec.parallel_requests,
    ) as sma:  # fmt: skip
        yield sma


__all__ = ["Bridge", "bridge", "client", "parse_at", "seconds", "state_url"]

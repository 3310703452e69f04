"""Everything looked at, in the order in which one thing needs the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kace_bridge.clock import Clock
from kace_bridge.config.light import Account
from kace_bridge.config.load import Site
from kace_bridge.doctor.account import check_login, check_organization, check_reach, check_role
from kace_bridge.doctor.channels import check_channels
from kace_bridge.doctor.check import Check, guarded
from kace_bridge.doctor.clocks import check_clocks
from kace_bridge.doctor.configuration import check_account, check_configuration
from kace_bridge.doctor.doubles import check_doubles
from kace_bridge.doctor.network import check_network
from kace_bridge.doctor.people import check_people
from kace_bridge.doctor.queues import check_queue, find_queues
from kace_bridge.doctor.store import check_store
from kace_bridge.sma import Sma
from kace_bridge.sync.account import open_client


@dataclass(frozen=True, slots=True)
class Case:
    """What to examine: the main file, the state's URL, and the surroundings."""

    config: Path
    state: str
    environ: Mapping[str, str]
    clock: Clock


def examine(case: Case) -> Iterator[Check]:
    """One check after the other. Raises nothing a check can say; logs in once at most."""
    site, checks = check_configuration(case.config, case.environ)
    yield from checks
    told = {check.what for check in checks}
    account, checks = check_account(site, case.config, case.environ)
    yield from (check for check in checks if check.what not in told)
    if account is not None:
        yield from guarded("appliance", lambda: _examine_appliance(case, account, site))
    if site is not None:
        yield from check_doubles(site.rules)
        yield from check_channels(site.channels)
    yield from guarded("state", lambda: check_store(case.state, case.clock))


def _examine_appliance(case: Case, account: Account, site: Site | None) -> Iterator[Check]:
    for check in check_network(account, case.environ, case.clock.now()):
        yield check
        if check.verdict == "error":
            return
    with open_client(account, case.environ, case.clock) as sma:
        for check in check_login(sma):
            yield check
            if check.verdict == "error":
                return
        yield from guarded("role", lambda: _examine_account(sma, site))
        yield from guarded("clock", lambda: check_clocks(sma, case.clock))
        yield from guarded("queues", lambda: _examine_queues(sma, account, site))
        if site is not None:
            yield from guarded("people", lambda: check_people(sma, site.rules))


def _examine_account(sma: Sma, site: Site | None) -> Iterator[Check]:
    me = sma.users.me()
    yield check_organization(sma, me)
    yield check_role(me, writes=site is None or site.settings.mode == "enforce")
    yield from check_reach(sma, me)


def _examine_queues(sma: Sma, account: Account, site: Site | None) -> Iterator[Check]:
    queues, checks = find_queues(sma, account.queues)
    yield from checks
    if site is not None:
        for queue in queues:
            yield from check_queue(sma, queue, site.rules)

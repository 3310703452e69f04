"""The client: one object, one attribute per family of routes."""

import logging
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from kace_bridge import __version__
from kace_bridge.clock import Clock, SystemClock
from kace_bridge.errors import ConfigError
from kace_bridge.sma.address import check_address
from kace_bridge.sma.auth import Account, Generation
from kace_bridge.sma.endpoints.tickets import Tickets
from kace_bridge.sma.endpoints.users import Users
from kace_bridge.sma.secret import Secret
from kace_bridge.sma.session import Session
from kace_bridge.sma.totp import decode_seed
from kace_bridge.sma.transport import Limits, Sends, Transport

if TYPE_CHECKING:
    from kace_bridge.sma.endpoints.inventory import Inventory
    from kace_bridge.sma.endpoints.organizations import Organizations
    from kace_bridge.sma.endpoints.queues import Queues
    from kace_bridge.sma.names import Names, OperatorMap

log = logging.getLogger(__name__)


class Sma:
    """A client of one organization of one appliance; use it as a context manager.

    Nothing is sent before the first question; ``login`` asks for it explicitly. ``timezone``
    is the appliance's own (contract section 3.7: its dates carry no zone). ``legacy_headers``
    is for appliances before 12.0 that answer 401 to a login without the old header names.
    With *name_authors* false, history rows that carry only a user's number stay so, and no
    request is spent on looking people up. With *read_only*, whatever would change the appliance
    raises UsageError before anything is sent. *parallel* bounds the requests under way at once:
    with 2 or more, the next pages of a list are under way while one is looked at.
    Safe to share between threads.

    Raises ConfigError for a URL, bundle, zone or seed that cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str,
        password: str | Secret,
        organization: str = "Default",
        timezone: str | tzinfo = "UTC",
        totp_seed: str | Secret | None = None,
        ca_bundle: str | Path | None = None,
        insecure_host: str | None = None,
        clock: Clock | None = None,
        connect_s: float = 10,
        read_s: float = 30,
        total_s: float = 60,
        user_agent: str = f"kace-bridge/{__version__}",
        names: "OperatorMap | None" = None,
        legacy_headers: bool = False,
        name_authors: bool = True,
        read_only: bool = False,
        transport: Sends | None = None,
        parallel: int = 1,
    ) -> None:
        clock = clock or SystemClock()
        address = check_address(url, ca_bundle=ca_bundle, insecure_host=insecure_host)
        seed = Secret.of(totp_seed) if totp_seed else None
        self.url = address.url
        self.timezone = read_zone(timezone)
        account = Account(self.url, username, Secret.of(password), organization, _check_seed(seed))
        limits = Limits(connect_s, read_s, total_s)
        self._transport: Sends = transport or Transport(address, clock, limits, user_agent)
        self._session = Session(
            self._transport, account, clock, dell=legacy_headers, read_only=read_only,
            parallel=parallel,
        )  # fmt: skip
        self.users = Users(self._session, self.timezone)
        self.tickets = Tickets(self._session, self.users, self.timezone, name_authors=name_authors)
        self._given_names = names

    # Families of routes that few programs ask are loaded with the first question to them.

    @cached_property
    def queues(self) -> "Queues":
        """The queues."""
        from kace_bridge.sma.endpoints.queues import Queues

        return Queues(self._session, self.timezone)

    @cached_property
    def machines(self) -> "Inventory":
        """The devices of the inventory."""
        from kace_bridge.sma.endpoints.inventory import MACHINES, Inventory

        return Inventory(self._session, self.timezone, *MACHINES)

    @cached_property
    def assets(self) -> "Inventory":
        """The assets."""
        from kace_bridge.sma.endpoints.inventory import ASSETS, Inventory

        return Inventory(self._session, self.timezone, *ASSETS)

    @cached_property
    def names(self) -> "Names":
        """Names to ids, and what each queue has."""
        from kace_bridge.sma.names import Names

        return Names(
            self._session, self.tickets, self.queues, self.users, self.timezone, self._given_names
        )

    @cached_property
    def organizations(self) -> "Organizations":
        """The organizations, and switching between them."""
        from kace_bridge.sma.endpoints.organizations import Organizations

        return Organizations(self._session, self._forget)

    @property
    def server_time(self) -> datetime | None:
        """The appliance's clock at its latest answer, aware; None before the first."""
        return self._transport.server_time

    @property
    def requests_made(self) -> int:
        """Requests since this client was made, logins included."""
        return self._transport.requests_made

    @property
    def read_only(self) -> bool:
        """Whether this client refuses to change anything."""
        return self._session.read_only

    @property
    def generation(self) -> Generation:
        """The header family: A up to 11.x, B for 12.0, C from 12.1 (contract section 1.1)."""
        return self._session.generation

    @property
    def organization(self) -> str:
        return self._session.account.organization

    @property
    def selected_organization(self) -> str | None:
        """What the appliance says is selected, in its own words; None where it does not say."""
        return self._session.organization

    def login(self) -> None:
        """Log in now rather than at the first question.

        Raises LoginRefused (never retried), RetryLater, UnexpectedReply.
        """
        self._session.login()

    def logout(self) -> None:
        """End the session, best effort. A later question logs in again."""
        self._session.logout()

    @property
    def account_name(self) -> str:
        """The login name this client works as."""
        return self._session.account.username

    def _forget(self) -> None:
        self.users.forget()
        self.names.forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.logout()

    def __repr__(self) -> str:
        account = self._session.account
        return f"Sma({self.url!r}, {account.username!r}, organization={account.organization!r})"


def read_zone(zone: str | tzinfo) -> tzinfo:
    """The zone of that IANA name. Raises ConfigError."""
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        problem = f"{zone!r} is not a time zone: write one such as America/New_York"
    raise ConfigError([problem])


def _check_seed(seed: Secret | None) -> Secret | None:
    if seed is not None:
        try:
            decode_seed(seed)
        except ValueError as error:
            problem = f"KACE_TOTP_SEED: {error}"
        else:
            return seed
        raise ConfigError([problem])
    return None

"""The appliance's clock: it can be set, moved on and stopped."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

STAMP = "%Y-%m-%d %H:%M:%S"


class Clock:
    """Appliance time. Ticks with real time from where it was set, unless frozen."""

    __slots__ = ("_state", "zone")

    def __init__(self, timezone: str) -> None:
        self.zone = ZoneInfo(timezone)
        # One tuple, so a reader in another thread never sees half of a change.
        self._state: tuple[datetime, float | None] = (datetime.now(UTC), time.monotonic())

    def now(self) -> datetime:
        """The moment it is on the appliance, aware, in the appliance's zone."""
        base, since = self._state
        if since is None:
            return base.astimezone(self.zone)
        return (base + timedelta(seconds=time.monotonic() - since)).astimezone(self.zone)

    @property
    def frozen(self) -> bool:
        return self._state[1] is None

    def set(self, moment: str | datetime, frozen: bool = False) -> None:
        """Make it *moment* now; text and naive values are appliance-local."""
        self._state = (self.parse(moment).astimezone(UTC), None if frozen else time.monotonic())

    def advance(self, by: timedelta) -> None:
        """Move on by *by*; a frozen clock stays frozen."""
        frozen = self.frozen
        self._state = (self.now().astimezone(UTC) + by, None if frozen else time.monotonic())

    def freeze(self, frozen: bool) -> None:
        self.set(self.now(), frozen)

    def parse(self, moment: str | datetime) -> datetime:
        """An aware moment; raises ValueError for text that is no date."""
        value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return value if value.tzinfo else value.replace(tzinfo=self.zone)

    def stamp(self, moment: datetime | None = None) -> str:
        """Appliance-local ``YYYY-MM-DD HH:MM:SS``, as bodies carry it."""
        return (moment or self.now()).astimezone(self.zone).strftime(STAMP)

    def http_date(self) -> str:
        return format_datetime(self.now().astimezone(UTC), usegmt=True)

"""The way to the appliance and to the present moment, at little cost: no store, no rules."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kace_bridge.clock import Clock
from kace_bridge.config.light import Account
from kace_bridge.errors import UsageError
from kace_bridge.sma import Secret, Sma


@contextmanager
def open_client(
    account: Account,
    environ: Mapping[str, str],
    clock: Clock,
    *,
    name_authors: bool = True,
    read_only: bool = False,
    parallel: int = 1,
) -> Iterator[Sma]:
    """A client that works as *account*; logged out at the end. ``KACE_CA_BUNDLE`` counts."""
    with Sma(
        account.url,
        username=account.username,
        password=Secret(account.password),
        organization=account.organization,
        timezone=account.timezone,
        totp_seed=Secret(account.totp) if account.totp else None,
        ca_bundle=account.ca_bundle or environ.get("KACE_CA_BUNDLE"),
        insecure_host=account.insecure_host,
        clock=clock,
        name_authors=name_authors,
        read_only=read_only,
        parallel=parallel,
    ) as sma:
        yield sma


def state_url(given: str | None, config: Path) -> str:
    """Where state lives: as asked for, else ``kace-bridge.db`` beside the configuration."""
    if given:
        return given
    return f"sqlite:///{(config.parent / 'kace-bridge.db').resolve()}"


def parse_at(text: str | None, zone: str) -> datetime | None:
    """``--at`` as an instant: ISO 8601, in the appliance's zone where it names none.

    Raises UsageError for anything else.
    """
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--at {text!r} is not a time; write it like 2026-03-02T09:00") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

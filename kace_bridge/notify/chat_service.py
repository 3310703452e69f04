"""Which service an apprise URL means. apprise is imported when a chat channel is, not before."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

MISSING = "chat needs the package apprise: pip install 'kace-bridge[chat]'"
_EXAMPLES = "write the https:// address that the service shows, or slack://..., mmosts://..."


class NoService(Exception):
    """Nothing can be sent to this address; says what to write, without quoting it."""


def service_at(url: str) -> Any:
    """apprise's object for the one receiver *url* names, ready to send. Raises NoService."""
    try:
        apprise = import_module("apprise")
    except ModuleNotFoundError:
        raise NoService(MISSING) from None
    # No pictures: they would be fetched from elsewhere by everybody who reads.
    asset = apprise.AppriseAsset(
        app_id="kace-bridge", async_mode=False, image_url_mask="", image_url_logo=""
    )
    with silent():
        service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        raise NoService(f"apprise knows no service for this address; {_EXAMPLES}")
    if not hasattr(import_module(type(service).__module__), "requests"):
        name = str(service.service_name)
        raise NoService(f"{name} is not sent over the web; for mail write kind: email")
    if len(service) != 1:
        raise NoService("this address names several receivers; write one channel for each")
    return service


def service_fault(url: str) -> str:
    """Why *url* names no service to send to; empty where it does."""
    try:
        service_at(url)
    except NoService as fault:
        return str(fault)
    return ""


@contextmanager
def silent() -> Iterator[None]:
    """Keep apprise's own log out of ours: it quotes addresses, and those are secrets."""
    log = logging.getLogger("apprise")
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before

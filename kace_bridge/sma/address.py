"""Where the appliance is, checked before any password goes there."""

import ipaddress
import logging
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kace_bridge.errors import ConfigError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Base URL without a trailing slash, and how its identity is proven.

    ``insecure``: the certificate is not checked, or there is none. ``ca_bundle``: the only
    authorities trusted, None for those of the machine.
    """

    url: str
    insecure: bool = False
    ca_bundle: str | None = None


def check_address(
    url: str, *, ca_bundle: str | Path | None = None, insecure_host: str | None = None
) -> Address:
    """The address *url* names.

    *insecure_host* must repeat the host name of *url* to switch certificate checks off: a
    setting left behind then cannot weaken another appliance. Plain http is accepted for this
    machine and for the insecure host. Raises ConfigError.
    """
    parts = urlsplit(url.strip())
    host = _read_host(url, parts.scheme, parts.hostname)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError([f"{host}: the appliance URL must be scheme, host and port alone"])
    if insecure_host is not None and insecure_host.lower() != host:
        raise ConfigError(
            [f"insecure_host is {insecure_host!r} but the appliance is {host!r}: remove or fix it"]
        )
    if parts.scheme == "http" and insecure_host is None and not _is_loopback(host):
        raise ConfigError(
            [f"http://{host} would send the password in the clear: use https, or insecure_host"]
        )
    if insecure_host is not None:
        log.warning("certificate checks are OFF for %s: anybody between can read and change", host)
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return Address(base, insecure_host is not None, _check_bundle(ca_bundle))


def _read_host(url: str, scheme: str, host: str | None) -> str:
    if scheme not in ("http", "https") or not host:
        shown = url.rpartition("@")[2]
        raise ConfigError([f"{shown!r} is not an appliance URL: write https://host"])
    return host


def _check_bundle(path: str | Path | None) -> str | None:
    if path is None or not str(path):
        return None
    if not Path(path).exists():
        raise ConfigError([f"{path}: no such CA bundle (KACE_CA_BUNDLE)"])
    return str(path)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""The way to the appliance: its name, and the certificate that proves who answers."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kace_bridge.config.light import Account
from kace_bridge.doctor.check import Check, error, ok, warning
from kace_bridge.doctor.configuration import BROKEN
from kace_bridge.errors import ConfigError, RetryLater
from kace_bridge.sma.address import Address, check_address

TIMEOUT_S = 10.0
SOON = timedelta(days=30)
UNREACHABLE = RetryLater.exit_code
_CURES = {
    10: "renew the certificate on the appliance (Settings, Security)",
    18: "give its certificate as KACE_CA_BUNDLE, or one by an authority this machine trusts",
    19: "give the certificate of its authority as KACE_CA_BUNDLE",
    20: "give the certificate of its authority as KACE_CA_BUNDLE",
    62: "use the name in the certificate as KACE_URL, or have one made for this name",
    64: "use the name in the certificate as KACE_URL, or have one made for this address",
}
"""By OpenSSL's verification result: expired, self-signed, unknown authority, other name."""


def check_network(account: Account, environ: Mapping[str, str], now: datetime) -> Iterator[Check]:
    """Name, connection and certificate; stops at the first that fails."""
    bundle = account.ca_bundle or environ.get("KACE_CA_BUNDLE")
    try:
        address = check_address(account.url, ca_bundle=bundle, insecure_host=account.insecure_host)
    except ConfigError as fault:
        yield from (error("appliance", str(each), "", BROKEN) for each in fault.problems)
        return
    parts = urlsplit(address.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    name = check_name(host, port)
    yield name
    if name.verdict == "error":
        return
    yield (
        check_plain(address, host, port)
        if parts.scheme == "http"
        else check_tls(address, host, port, now)
    )


def check_name(host: str, port: int) -> Check:
    """Whether *host* has an address."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        cure = "check KACE_URL and this machine's name service"
        return error("name", f"{host} cannot be found", cure, UNREACHABLE)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if addresses == [host]:
        return ok("name", f"{host} is an address: no name to look up")
    return ok("name", f"{host} is {', '.join(addresses)}")


def check_plain(address: Address, host: str, port: int) -> Check:
    """An appliance without TLS: for practice on this machine, or switched on by hand."""
    try:
        socket.create_connection((host, port), TIMEOUT_S).close()
    except OSError as fault:
        return _unreachable(address, fault)
    if address.insecure:
        cure = "use https and remove insecure_host"
        return warning("tls", "plain http: anybody between can read the password", cure)
    return ok("tls", "plain http, on this machine alone")


def check_tls(address: Address, host: str, port: int, now: datetime) -> Check:
    """TLS 1.2 or later, and a certificate that this machine trusts for *host*."""
    try:
        context = _context(address)
    except OSError:
        what = f"{address.ca_bundle} is not a readable CA bundle in PEM form"
        return error("tls", what, "check KACE_CA_BUNDLE", BROKEN)
    try:
        with (
            socket.create_connection((host, port), TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            version, certificate = secured.version() or "TLS", secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as fault:
        what = f"the certificate of {host} is not trusted: {fault.verify_message}"
        cure = _CURES.get(fault.verify_code, "give the right authority as KACE_CA_BUNDLE")
        return error("tls", what, cure, UNREACHABLE)
    except ssl.SSLError:
        cure = "allow TLS 1.2 or later on the appliance; is the port right?"
        return error("tls", f"{host} makes no TLS 1.2 connection", cure, UNREACHABLE)
    except OSError as fault:
        return _unreachable(address, fault)
    if address.insecure:
        cure = "give its certificate as ca_bundle and remove insecure_host"
        return warning("tls", f"{version}, certificate checks are OFF for {host}", cure)
    return _judge(certificate, version, host, now)


def _judge(certificate: Mapping[str, Any], version: str, host: str, now: datetime) -> Check:
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    issuer = _name(certificate.get("issuer", ()))
    what = f"{version}, certificate for {host} by {issuer}, valid until {ends:%Y-%m-%d}"
    if ends - now < SOON:
        days = max(0, (ends - now).days)
        return warning("tls", f"{what}: {days} days left", "renew it on the appliance")
    return ok("tls", what)


def _name(issuer: Any) -> str:
    fields = {key: value for group in issuer for key, value in group}
    return str(fields.get("commonName") or fields.get("organizationName") or "an unnamed authority")


def _context(address: Address) -> ssl.SSLContext:
    """As the client makes its own (sma/wire.py)."""
    bundle = address.ca_bundle
    folder = bundle is not None and Path(bundle).is_dir()
    context = ssl.create_default_context(
        cafile=None if folder else bundle, capath=bundle if folder else None
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if address.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _unreachable(address: Address, fault: OSError) -> Check:
    reason = "no answer in time" if isinstance(fault, TimeoutError) else fault.strerror
    what = f"{address.url} cannot be reached ({reason or 'the connection failed'})"
    return error("tls", what, "is the appliance up, KACE_URL right, a firewall between?", 75)

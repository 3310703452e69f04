"""Where a webhook may go, pure: public https addresses, unless private ones were allowed."""

import ipaddress
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Cloud machines answer with credentials here; these two are not link-local.
_METADATA = frozenset({"100.100.100.200", "fd00:ec2::254"})
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def url_fault(url: str, *, private: bool) -> str:
    """Why *url* is not requested, without quoting it; empty where it is fine."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the configured address is not a web address"
    if any(character <= " " or character == "\x7f" for character in url) or "\\" in url:
        return "the configured address contains characters that no web address has"
    if not parts.hostname or port == 0:
        return "the configured address names no host"
    if "%" in parts.hostname:
        return "the configured address has an escape or a zone in its host name"
    if parts.username is not None or parts.password is not None:
        return "the configured address contains a user name; use a token in its path"
    if parts.scheme == "http" and private and parts.hostname in _LOOPBACK_NAMES:
        return ""
    return "" if parts.scheme == "https" else "webhooks and chat go over https only"


def address_fault(text: str, *, private: bool) -> str:
    """Why the resolved address *text* is not connected to; empty where it is fine."""
    address = _innermost(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_multicast or address.is_unspecified:
        return f"{text}, which is no single machine"
    if address.is_link_local or str(address) in _METADATA:
        return f"{text}, a link-local or metadata address"
    if not address.is_global and not private:
        return f"{text}, not public; set 'allow_private: true' if this is meant"
    return ""


def _innermost(address: IPAddress) -> IPAddress:
    """The IPv4 address an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and 1 < int(address) <= 0xFFFFFFFF:
        inner = ipaddress.IPv4Address(int(address))
    return address if inner is None else inner

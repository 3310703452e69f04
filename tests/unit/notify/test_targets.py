"""Where webhooks may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.notify.targets import address_fault, url_fault


@pytest.mark.catalogue("S07")
@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        pytest.param("93.184.216.34", True, True, id="public"),
        pytest.param("2606:4700::1111", True, True, id="public, v6"),
        pytest.param("127.0.0.1", False, True, id="loopback"),
        pytest.param("127.255.0.9", False, True, id="loopback, far end"),
        pytest.param("::1", False, True, id="loopback, v6"),
        pytest.param("10.1.2.3", False, True, id="private"),
        pytest.param("172.16.0.1", False, True, id="private, 172"),
        pytest.param("192.168.1.1", False, True, id="private, 192"),
        pytest.param("fd12::1", False, True, id="private, v6"),
        pytest.param("100.64.0.1", False, True, id="carrier"),
        pytest.param("169.254.169.254", False, False, id="metadata"),
        pytest.param("169.254.0.1", False, False, id="link-local"),
        pytest.param("fe80::1%eth0", False, False, id="link-local, v6, with a zone"),
        pytest.param("fd00:ec2::254", False, False, id="metadata, v6"),
        pytest.param("100.100.100.200", False, False, id="metadata, elsewhere"),
        pytest.param("224.0.0.1", False, False, id="multicast"),
        pytest.param("ff02::1", False, False, id="multicast, v6"),
        pytest.param("0.0.0.0", False, False, id="unspecified"),
        pytest.param("::", False, False, id="unspecified, v6"),
        pytest.param("::ffff:127.0.0.1", False, True, id="v4-mapped loopback"),
        pytest.param("::ffff:169.254.169.254", False, False, id="v4-mapped metadata"),
        pytest.param("::ffff:93.184.216.34", True, True, id="v4-mapped public"),
        pytest.param("64:ff9b::7f00:1", False, True, id="NAT64 loopback"),
        pytest.param("64:ff9b::a9fe:a9fe", False, False, id="NAT64 metadata"),
        pytest.param("2002:7f00:1::", False, True, id="6to4 loopback"),
        pytest.param("2002:a9fe:a9fe::", False, False, id="6to4 metadata"),
        pytest.param("::169.254.169.254", False, False, id="v4-compatible metadata"),
        pytest.param("240.0.0.1", False, True, id="reserved"),
        pytest.param("255.255.255.255", False, True, id="broadcast"),
    ],
)
def test_addresses(address: str, public: bool, private: bool) -> None:
    """Public ones always; private ones when allowed; metadata and crowds never."""
    assert (address_fault(address, private=False) == "") == public
    assert (address_fault(address, private=True) == "") == private


@pytest.mark.catalogue("S07")
@pytest.mark.parametrize(
    ("url", "public", "private"),
    [
        pytest.param("https://ops.example.org/hook?k=1", True, True, id="https"),
        pytest.param("https://ops.example.org:8443/hook", True, True, id="a port"),
        pytest.param("http://ops.example.org/", False, False, id="plain http"),
        pytest.param("http://127.0.0.1:8080/", False, True, id="http to this machine"),
        pytest.param("http://localhost/", False, True, id="http to localhost"),
        pytest.param("http://localhost.example.org/", False, False, id="only looks local"),
        pytest.param("https://user:pw@ops.example.org/", False, False, id="user and password"),
        pytest.param("https://a@ops.example.org/", False, False, id="user"),
        pytest.param("https:///x", False, False, id="no host"),
        pytest.param("ftp://ops.example.org/", False, False, id="another scheme"),
        pytest.param("file:///etc/passwd", False, False, id="a file"),
        pytest.param("gopher://127.0.0.1/", False, False, id="gopher"),
        pytest.param("https://ops.example.org:0/", False, False, id="port 0"),
        pytest.param("https://ops.example.org:99999/", False, False, id="no such port"),
        pytest.param("https://ops.example.org/\r\nX: y", False, False, id="line end"),
        pytest.param("https://ops.example.org/a b", False, False, id="blank"),
        pytest.param("https://ops.example.org\\@evil.example/", False, False, id="backslash"),
        pytest.param("https://[::1/", False, False, id="half a bracket"),
        pytest.param("", False, False, id="empty"),
    ],
)
def test_urls(url: str, public: bool, private: bool) -> None:
    """https, one host, nothing clever."""
    assert (url_fault(url, private=False) == "") == public
    assert (url_fault(url, private=True) == "") == private


@given(st.ip_addresses().map(str))
def test_any_address_is_judged(address: str) -> None:
    """What is refused privately is refused publicly, and no address is too odd to judge."""
    assert not address_fault(address, private=True) or address_fault(address, private=False)

"""Where the password may go."""

import pytest

from kace_bridge.errors import ConfigError
from kace_bridge.sma.address import Address, check_address
from tests.unit.sma.stub import make_client


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://kace.example.org", "https://kace.example.org"),
        ("https://kace.example.org/", "https://kace.example.org"),
        (" https://kace.example.org:8443 ", "https://kace.example.org:8443"),
        ("https://proxy.example.org/kace/", "https://proxy.example.org/kace"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_good_addresses_are_tidied(url, base):
    """No trailing slash; plain http on this machine only."""
    assert check_address(url) == Address(base)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("kace.example.org", "write https://host", id="no scheme"),
        pytest.param("ftp://kace", "write https://host", id="another scheme"),
        pytest.param("https://", "write https://host", id="no host"),
        pytest.param("http://kace.example.org", "in the clear", id="plain http"),
        pytest.param("https://u:canary-pw@kace", "alone", id="password in the URL"),
        pytest.param("u:canary-pw@kace", "write https://host", id="password, no scheme"),
        pytest.param("https://kace?x=1", "alone", id="query"),
    ],
)
def test_bad_addresses_are_refused_before_anything_is_sent(url, words):
    """One line that says what to write instead, and no password of the URL in it."""
    with pytest.raises(ConfigError, match=words) as caught:
        check_address(url)
    assert "canary-pw" not in str(caught.value)


def test_certificate_checks_go_off_for_the_named_host_only_and_loudly(caplog):
    """insecure_host must repeat the host; then a warning is logged."""
    with pytest.raises(ConfigError, match="insecure_host is 'old' but the appliance is 'kace'"):
        check_address("https://kace", insecure_host="old")
    assert check_address("https://KACE", insecure_host="kace").insecure
    assert "certificate checks are OFF for kace" in caplog.text


def test_a_missing_bundle_is_told_by_name(tmp_path):
    """No quiet fall back to the machine's authorities."""
    with pytest.raises(ConfigError, match=r"nothing\.pem: no such CA bundle"):
        check_address("https://kace", ca_bundle=tmp_path / "nothing.pem")


def test_a_bundle_that_is_no_bundle_is_told_when_the_client_is_made(tmp_path):
    """A file of something else is a line to read, not a TLS traceback."""
    bundle = tmp_path / "notes.pem"
    bundle.write_text("not a certificate", encoding="ascii")
    with pytest.raises(ConfigError, match=r"notes\.pem: not a readable CA bundle"):
        make_client(ca_bundle=bundle)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"timezone": "Mars/Base"}, "'Mars/Base' is not a time zone"),
        ({"totp_seed": "!!"}, "KACE_TOTP_SEED: the two-factor seed is not base32"),
    ],
)
def test_settings_that_cannot_work_are_refused_when_the_client_is_made(settings, words):
    """Not at the first request, an hour later."""
    with pytest.raises(ConfigError, match=words):
        make_client(**settings)

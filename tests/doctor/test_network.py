"""The way to the appliance: name, TLS, certificate."""

import socket
from datetime import UTC, datetime

import pytest

from tests.doctor.conftest import TLS, look, only


@pytest.fixture
def pem(tmp_path_factory):
    """Certificate and key in one file, as the sandbox takes them."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    parts = [TLS / "localhost.pem", TLS / "localhost.key"]
    path.write_text("".join(part.read_text() for part in parts))
    return path


def test_a_trusted_certificate_is_described(make, pem):
    """Version, host, authority and end."""
    desk = make(tls=pem)
    desk.environ["KACE_CA_BUNDLE"] = str(TLS / "localhost.pem")
    check = only(desk, "tls")
    assert check.verdict == "ok"
    assert check.what.startswith("TLSv1.")
    assert "by localhost, valid until 2126-10-30" in check.what
    assert only(desk, "login").verdict == "ok"


def test_a_certificate_that_ends_soon_is_a_warning(make, pem):
    """Two weeks before, somebody has to know."""
    desk = make(tls=pem)
    desk.environ["KACE_CA_BUNDLE"] = str(TLS / "localhost.pem")
    desk.clock.at = datetime(2126, 10, 15, tzinfo=UTC)
    check = only(desk, "tls")
    assert (check.verdict, "days left" in check.what) == ("warning", True)


def test_an_unknown_authority_is_an_error_before_any_login(make, pem):
    """The setting that cures it is named; the password did not leave."""
    desk = make(tls=pem)
    check = only(desk, "tls")
    assert (check.verdict, check.code) == ("error", 75)
    assert "KACE_CA_BUNDLE" in check.cure
    assert not desk.app.requests


def test_a_certificate_for_another_name_is_an_error(make, pem, monkeypatch):
    """Trusted, but not this host."""
    real = socket.getaddrinfo
    here = "127.0.0.1"
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **more: real(here, *a[1:], **more))
    desk = make(tls=pem)
    desk.environ["KACE_CA_BUNDLE"] = str(TLS / "localhost.pem")
    port = desk.environ["KACE_URL"].rpartition(":")[2]
    desk.environ["KACE_URL"] = f"https://kace.example.org:{port}"
    check = only(desk, "tls")
    assert check.verdict == "error"
    assert "name in the certificate" in check.cure


def test_switched_off_checks_are_a_warning(make, pem):
    """Loud, every time."""
    desk = make(tls=pem)
    desk.config["appliance"]["insecure_host"] = "127.0.0.1"
    check = only(desk, "tls")
    assert (check.verdict, "OFF" in check.what) == ("warning", True)
    assert only(desk, "login").verdict == "ok"


def test_a_server_without_tls_behind_https_is_an_error(make):
    """The port is another's, or TLS is off."""
    desk = make()
    desk.environ["KACE_URL"] = desk.environ["KACE_URL"].replace("http:", "https:")
    assert "makes no TLS 1.2 connection" in only(desk, "tls").what


@pytest.mark.parametrize(
    ("url", "name", "words"),
    [
        pytest.param("https://kace.invalid", "name", "kace.invalid cannot be found", id="no name"),
        pytest.param("http://kace.invalid", "appliance", "in the clear", id="plain http elsewhere"),
        pytest.param("kace", "appliance", "not an appliance URL", id="no url"),
    ],
)
def test_an_address_that_leads_nowhere_is_an_error(desk, url, name, words):
    """And nothing after it is tried."""
    desk.environ["KACE_URL"] = url
    check = only(desk, name)
    assert (check.verdict, words in check.what) == ("error", True)
    assert not look(desk, "login")


def test_a_bundle_that_is_none_is_told_by_name(make, pem, tmp_path):
    """Not as a TLS traceback."""
    desk = make(tls=pem)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")
    desk.environ["KACE_CA_BUNDLE"] = str(bundle)
    check = only(desk, "tls")
    assert (check.verdict, check.code) == ("error", 78)
    assert str(bundle) in check.what

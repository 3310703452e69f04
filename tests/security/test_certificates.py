"""S05: a certificate that is not right stops the client before a byte of a request is sent."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from kace_bridge.errors import NotSent
from tests.unit.sma.server import GOOD, WRITE, answer, listening, send

pytestmark = pytest.mark.catalogue("S05")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
OURS, STRANGERS = trustme.CA(), trustme.CA()


def context(made: trustme.LeafCert) -> ssl.SSLContext:
    """What a server with that certificate uses."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.configure_cert(found)
    return found


def expired() -> ssl.SSLContext:
    return context(OURS.issue_cert("localhost", not_before=NOW - 3 * DAY, not_after=NOW - DAY))


def not_yet() -> ssl.SSLContext:
    return context(OURS.issue_cert("localhost", not_before=NOW + DAY, not_after=NOW + 3 * DAY))


def of_another_host() -> ssl.SSLContext:
    return context(OURS.issue_cert("kace.example.org"))


def of_an_unknown_authority() -> ssl.SSLContext:
    return context(STRANGERS.issue_cert("localhost"))


def with_a_name_only_in_its_subject() -> ssl.SSLContext:
    return context(OURS.issue_cert("other.example.org", common_name="localhost"))


def of_an_old_protocol() -> ssl.SSLContext:
    made = context(OURS.issue_cert("localhost"))
    made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


def of_a_child_authority_that_may_not_sign() -> ssl.SSLContext:
    leaf = OURS.issue_cert("localhost")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(made)
    rogue = trustme.CA.from_pem(
        leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()
    ).issue_cert("localhost")
    rogue.configure_cert(made)
    return made


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    """The authority the site trusts, as a file."""
    path = tmp_path / "ca.pem"
    OURS.cert_pem.write_to_path(path)
    return str(path)


def test_the_sites_own_authority_is_trusted(bundle: str) -> None:
    """The rig itself is right: with a good certificate the request goes through."""
    with listening(answer(GOOD), tls=context(OURS.issue_cert("localhost"))) as port:
        assert send(port, WRITE, scheme="https", host="localhost", ca_bundle=bundle).status == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    "bad",
    [expired, not_yet, of_another_host, of_an_unknown_authority, with_a_name_only_in_its_subject,
     of_an_old_protocol, of_a_child_authority_that_may_not_sign],
    ids=lambda make: make.__name__,
)  # fmt: skip
def test_a_bad_certificate_stops_before_anything_is_sent(
    bad: Callable[[], ssl.SSLContext], bundle: str
) -> None:
    """Seven ways to be wrong; none lets a request out."""
    got: list[bytes] = []
    with (
        listening(lambda connection: got.append(connection.recv(10)), tls=bad()) as port,
        pytest.raises(NotSent),
    ):
        send(port, WRITE, scheme="https", host="localhost", ca_bundle=bundle)
    assert b"PUT" not in b"".join(got)

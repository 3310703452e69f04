"""Mail through a real SMTP server on loopback, with every kind of answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kace_bridge.model.message import Mail
from kace_bridge.notify.channels import Sending, channel_adapter
from kace_bridge.notify.deliver import Courier, Timeouts, deliver
from tests.notify.conftest import HANG_UP, Post, mail_server, refuse_everybody
from tests.unit.notify.messages import make_message

CONTENT = b"From: desk@example.org\r\nSubject: x\r\n\r\n.\r\n..\r\n.x\r\nlast\r\n"


def mail(host: str, to: str = "jdoe@example.org", user: str = "") -> Mail:
    return Mail(f"smtp://{user}{host}", "desk@example.org", to, CONTENT)


def test_a_mail_arrives_byte_for_byte() -> None:
    """Lines of dots included."""
    post = Post()
    with mail_server(post) as host:
        assert deliver(mail(host)).kind == "sent"
    assert post.accepted == [("desk@example.org", ["jdoe@example.org"], CONTENT)]


def test_a_message_goes_from_channel_to_server() -> None:
    """The whole way, text in any alphabet, a subject that is no header."""
    post = Post()
    with mail_server(post) as host:
        channel = channel_adapter().validate_python(
            {"kind": "email", "smtp": f"smtp://{host}", "from": "Désk <desk@example.org>"}
        )
        message = make_message(name="Jürgen", subject="[TICK:41] ü\r\nBcc: x@y.z", text="ü" * 5000)
        delivery = channel.delivery(message, Sending("kb"))
        assert deliver(delivery).kind == "sent"
    ((_, recipients, content),) = post.accepted
    assert recipients == ["jdoe@example.org"]
    assert content == delivery.content


def test_one_connection_serves_a_run() -> None:
    """Twenty mails, one session, and a good-bye."""
    post = Post()
    with mail_server(post) as host, Courier() as courier:
        outcomes = {courier.deliver(mail(host)).kind for _ in range(20)}
    assert outcomes == {"sent"}
    assert len(post.sessions) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param("250 OK", "sent", id="accepted"),
        pytest.param("251 will forward", "sent", id="forwarded"),
        pytest.param("450 greylisted, come back", "retry", id="greylisted"),
        pytest.param("451 local error", "retry", id="local error"),
        pytest.param("452 too many", "retry", id="full"),
        pytest.param("421 closing", "retry", id="closing"),
        pytest.param("550 no such user", "dead", id="no such user"),
        pytest.param("553 not allowed", "dead", id="not allowed"),
        pytest.param(HANG_UP, "retry", id="hangs up before the mail"),
    ],
)
@pytest.mark.catalogue("D02")
def test_answers_to_the_recipient(answer: str, kind: str) -> None:
    """4xx is repeated, 5xx is final for this recipient, and the next mail goes on."""
    post = Post(recipients={"jdoe@example.org": answer})
    with mail_server(post) as host, Courier() as courier:
        outcome = courier.deliver(mail(host))
        assert outcome.kind == kind
        assert courier.deliver(mail(host, "other@example.org")).kind == "sent"
    if kind == "dead":
        assert outcome.reason == answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param("250 OK", "sent", id="accepted"),
        pytest.param("451 later", "retry", id="later"),
        pytest.param("554 spam", "dead", id="refused content"),
        pytest.param("552 too big", "dead", id="too big"),
        pytest.param(HANG_UP, "unknown", id="lost after the final dot"),
    ],
)
@pytest.mark.catalogue("D02")
def test_answers_to_the_mail(answer: str, kind: str) -> None:
    """What happens after the final dot decides; a lost answer is an unknown."""
    post = Post(data=[answer])
    with mail_server(post) as host, Courier() as courier:
        assert courier.deliver(mail(host)).kind == kind
        assert courier.deliver(mail(host)).kind == "sent"
    assert post.seen == [CONTENT, CONTENT]


def test_a_refused_sender_is_no_fault_of_the_message() -> None:
    """The operator mends it; nothing is thrown away."""
    with mail_server(Post(sender="550 who are you")) as host:
        outcome = deliver(mail(host))
    assert outcome.kind == "retry"
    assert outcome.reason == "the sender was refused: 550 who are you"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.catalogue("D05")
def test_refused_credentials_are_told_apart_and_never_shown() -> None:
    """535: the account is at fault, and the password stays out of the reason."""
    options = {"authenticator": refuse_everybody, "auth_require_tls": False, "auth_required": True}
    with mail_server(Post(), **options) as host:
        outcome = deliver(mail(host, user="mailer:s3kr1t-pw@"))
    assert outcome.kind == "retry"
    assert outcome.channel_wide
    assert outcome.reason.startswith("credentials refused: 535")
    assert "s3kr1t" not in outcome.reason
    assert "mailer" not in outcome.reason


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_missing_login_is_a_matter_of_credentials() -> None:
    """530: the server wants one and none is configured."""
    options = {"authenticator": refuse_everybody, "auth_require_tls": False, "auth_required": True}
    with mail_server(Post(), **options) as host:
        outcome = deliver(mail(host))
    assert outcome.kind == "retry"
    assert outcome.reason.startswith("credentials refused: 530")


def test_a_server_without_encryption_gets_nothing_unless_told() -> None:
    """No password and no mail in the clear by accident; the reason says what to write."""
    post = Post()
    with mail_server(post) as host:
        refused = deliver(Mail(f"smtp://{host}?tls=starttls", "d@e.org", "j@e.org", CONTENT))
        allowed = deliver(Mail(f"smtp://{host}?tls=none", "d@e.org", "j@e.org", CONTENT))
    assert (refused.kind, allowed.kind, len(post.accepted)) == ("retry", "sent", 1)
    assert "offers no STARTTLS; use smtps://, or ?tls=none" in refused.reason


def test_a_server_that_is_not_there_is_tried_later() -> None:
    """Connection refused."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = deliver(mail(f"127.0.0.1:{port}"))
    assert outcome.kind == "retry"
    assert "cannot be reached" in outcome.reason


@contextmanager
def babbler(reply: bytes) -> Iterator[str]:
    """A server that greets with *reply* and says no more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            connection, _ = server.accept()
            held.append(connection)
            connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)
        for connection in held:
            connection.close()


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(b"", id="silence"),
        pytest.param(b"220 hello\r\n", id="a greeting and silence"),
        pytest.param(b"554 go away\r\n", id="no service"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="another protocol"),
        pytest.param(b"\xff\xfe\x00\r\n", id="noise"),
    ],
)
def test_a_server_that_makes_no_sense_is_tried_later(greeting: bytes) -> None:
    """A reason, never an exception."""
    timeouts = Timeouts(connect_s=0.2, answer_s=0.2, accept_s=0.2)
    with babbler(greeting) as host, Courier(timeouts) as courier:
        outcome = courier.deliver(mail(host))
    assert outcome.kind == "retry"
    assert outcome.reason


def test_a_connection_lost_between_two_mails_is_made_anew() -> None:
    """Servers close idle connections."""
    post = Post()
    with mail_server(post) as host, Courier() as courier:
        assert courier.deliver(mail(host)).kind == "sent"
        post.recipients["x@example.org"] = HANG_UP
        assert courier.deliver(mail(host, "x@example.org")).kind == "retry"
        assert courier.deliver(mail(host)).kind == "sent"
    assert len(post.accepted) == 2

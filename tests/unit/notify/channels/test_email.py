"""The e-mail channel."""

import pytest
from pydantic import ValidationError

from kace_bridge.model.message import Mail
from kace_bridge.notify.address import Unsendable
from kace_bridge.notify.channels import Sending, channel_adapter
from tests.unit.notify.messages import make_message

SENDING = Sending("kb.example.org", "https://kace.example.org/ticket?ID={id}")
URL = "smtp://mailer:s3kr1t-pw@mail.example.org:587"
CONFIG = {"kind": "email", "smtp": URL, "from": "Service Desk <desk@example.org>"}


def test_a_message_becomes_one_mail_for_one_recipient() -> None:
    """Server, envelope and content, complete."""
    channel = channel_adapter().validate_python({**CONFIG, "reply_to": "queue@example.org"})
    mail = channel.delivery(
        make_message(text="See https://kace.example.org/ticket?ID=41\n"), SENDING
    )
    assert isinstance(mail, Mail)
    assert (mail.server, mail.sender, mail.recipient) == (
        URL, "desk@example.org", "jdoe@example.org",
    )  # fmt: skip
    assert b"Reply-To: queue@example.org" in mail.content
    assert b"<a href" in mail.content
    assert channel.personal


def test_its_own_addresses_are_known() -> None:
    """So that it is never written to."""
    channel = channel_adapter().validate_python({**CONFIG, "reply_to": "Queue@Example.org"})
    assert channel.own_addresses == {"desk@example.org", "queue@example.org"}


def test_no_password_in_any_representation() -> None:
    """Neither the channel nor what it hands over shows it."""
    channel = channel_adapter().validate_python(CONFIG)
    shown = repr(channel) + str(channel) + repr(channel.delivery(make_message(), SENDING))
    assert "s3kr1t" not in shown


def test_a_recipient_without_address_cannot_be_written_to() -> None:
    """Said as a sentence."""
    with pytest.raises(Unsendable):
        channel_adapter().validate_python(CONFIG).delivery(make_message(to=""), SENDING)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"from": "nobody"}, id="sender is no address"),
        pytest.param({"from": "a@b.c, d@e.f"}, id="two senders"),
        pytest.param({"reply_to": "x"}, id="reply_to is no address"),
        pytest.param({"smtp": "mail.s3kr1t.example"}, id="no scheme"),
        pytest.param({"smtp": "http://s3kr1t@mail"}, id="another scheme"),
        pytest.param({"smtp": "smtp://:s3kr1t@"}, id="no host"),
        pytest.param({"smtp": "smtp://h:s3kr1t"}, id="port is no number"),
        pytest.param({"smtp": "smtp://h?tls=s3kr1t"}, id="unknown tls"),
        pytest.param({"smtp": "smtp://h?s3kr1t=1"}, id="unknown option"),
        pytest.param({"smtp": 25}, id="a number"),
        pytest.param({"sender": "a@b.c"}, id="unknown key"),
    ],
)
def test_mistakes_are_refused_without_showing_the_secret(changes: dict[str, object]) -> None:
    """What is wrong and where, never the value."""
    with pytest.raises(ValidationError) as caught:
        channel_adapter().validate_python({**CONFIG, **changes})
    assert "s3kr1t" not in str(caught.value)

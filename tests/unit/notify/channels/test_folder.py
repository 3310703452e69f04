"""The folder channel."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kace_bridge.model.message import File
from kace_bridge.notify.channels import Sending, channel_adapter
from tests.unit.notify.messages import make_message

SENDING = Sending("kb.example.org")


def test_kind_and_nothing_else_is_enough() -> None:
    """The embedded default."""
    file = channel_adapter().validate_python({"kind": "folder"}).delivery(make_message(), SENDING)
    assert isinstance(file, File)
    assert (file.folder, file.name) == ("mail", "20260302T140113Z-41-receipt-64eab07053.eml")
    assert file.content.startswith(b"From: Service Desk\r\n <desk@kace-bridge.invalid>\r\n")


@given(key=st.text(), template=st.text())
def test_the_file_name_is_safe_whatever_the_message_says(key: str, template: str) -> None:
    """A fixed alphabet, one component, never hidden."""
    channel = channel_adapter().validate_python({"kind": "folder"})
    file = channel.delivery(make_message(key=key, template=template), SENDING)
    assert re.fullmatch(r"[0-9][A-Za-z0-9-]+\.eml", file.name)


def test_a_repeat_replaces_and_another_message_does_not() -> None:
    """The name follows the key."""
    channel = channel_adapter().validate_python({"kind": "folder"})
    names = [channel.delivery(make_message(key=key), SENDING).name for key in ("a", "a", "b")]
    assert names[0] == names[1] != names[2]


def test_its_own_address_is_known() -> None:
    """As for real mail."""
    channel = channel_adapter().validate_python({"kind": "folder", "from": "D <D@e.org>"})
    assert channel.own_addresses == {"d@e.org"}


@pytest.mark.parametrize("changes", [{"path": ""}, {"path": 3}, {"from": "x"}, {"file": "x"}])
def test_mistakes_are_refused(changes: dict[str, object]) -> None:
    """Strictly."""
    with pytest.raises(ValidationError):
        channel_adapter().validate_python({"kind": "folder", **changes})

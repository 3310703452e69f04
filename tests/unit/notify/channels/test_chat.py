"""Chat rooms as channels."""

import subprocess
import sys

import pytest

from kace_bridge.model.message import ChatPost
from kace_bridge.notify.channels import Sending, channel_adapter
from tests.unit.notify.messages import make_message

SENDING = Sending("kb", "https://kace.example.org/t?ID={id}")


def test_a_message_names_its_ticket_and_links_it() -> None:
    """The mail's tag is for mail programs."""
    pytest.importorskip("apprise")
    channel = channel_adapter().validate_python(
        {"kind": "chat", "service": "jsons://c.example.org"}
    )
    link = "https://kace.example.org/t?ID=41"
    found = channel.delivery(make_message(to=""), SENDING)
    text = "Hello Jane,\n\nwe have it."
    assert found == ChatPost("jsons://c.example.org", "[41] VPN drops", text, link)
    assert "c.example.org" not in repr(found)
    assert not channel.personal


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, when the configuration is read."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ValueError, match=r"pip install 'kace-bridge\[chat\]'"):
        channel_adapter().validate_python({"kind": "chat", "service": "jsons://c.example.org"})


def test_nobody_without_a_chat_room_loads_apprise() -> None:
    """It takes longer to load than all the rest."""
    code = (
        "import sys; from kace_bridge.notify.channels import channel_adapter;"
        "import kace_bridge.notify.deliver; channel_adapter().validate_python({'kind': 'folder'});"
        "sys.exit('apprise' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

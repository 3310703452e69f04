"""Teams, Slack, Mattermost, ntfy and whatever else apprise knows."""

from typing import ClassVar, Literal

from pydantic import SecretStr, field_validator

from kace_bridge.model.message import ChatPost, Message
from kace_bridge.model.text import clean_text
from kace_bridge.notify.channel import Channel, Sending
from kace_bridge.notify.chat_service import service_fault
from kace_bridge.notify.chat_text import disarm
from kace_bridge.notify.compose import subject_words
from kace_bridge.notify.secret import Secret


class ChatChannel(Channel):
    """Post each message to one chat room. Needs ``pip install 'kace-bridge[chat]'``.

    Example:
        {kind: chat, service: {env: TEAMS_URL}}

    ``service`` is the webhook address as Slack or a Teams workflow shows it, or an apprise URL
    (``mmosts://host/token``, ``ntfys://host/topic``). Only public https addresses are reached.
    ``allow_private: true`` permits private networks, and plain http to this machine.
    """

    kind: Literal["chat"]
    service: SecretStr
    allow_private: bool = False
    personal: ClassVar[bool] = False

    @field_validator("service")
    @classmethod
    def _is_service(cls, value: SecretStr) -> SecretStr:
        if fault := service_fault(value.get_secret_value()):
            raise ValueError(fault)
        return value

    @property
    def reaches_private(self) -> bool:
        return self.allow_private

    def delivery(self, message: Message, sending: Sending) -> ChatPost:
        number = f"[{message.ticket}] " if message.ticket else ""
        return ChatPost(
            Secret(self.service.get_secret_value()),
            disarm(number + subject_words(message)),
            disarm(clean_text(message.text)).strip(),
            sending.link(message.ticket) if message.ticket else "",
        )

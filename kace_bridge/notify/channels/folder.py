"""Mails as files in a folder: no server needed."""

import re
from datetime import UTC
from hashlib import sha256
from typing import Literal

from pydantic import Field, field_validator

from kace_bridge.model.message import File, Message
from kace_bridge.notify.address import read_address, same_address
from kace_bridge.notify.channel import Channel, Sending
from kace_bridge.notify.compose import compose


class FolderChannel(Channel):
    """Write each message as one ``.eml`` file, which any mail program opens.

    Example:
        {kind: folder, path: mail}
    """

    kind: Literal["folder"]
    path: str = Field(default="mail", min_length=1)
    sender: str = Field(default="Service Desk <desk@kace-bridge.invalid>", alias="from")

    @field_validator("sender")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if read_address(value) is None:
            raise ValueError('write one address, such as "Service Desk <desk@example.org>"')
        return value

    @property
    def own_addresses(self) -> frozenset[str]:
        address = read_address(self.sender)
        return frozenset({same_address(address.email)} if address else ())

    def delivery(self, message: Message, sending: Sending) -> File:
        link = sending.link(message.ticket)
        content = compose(message, self.sender, None, sending.instance, link=link)
        return File(self.path, _file_name(message), content)


def _file_name(message: Message) -> str:
    """In order of time when sorted by name; of a fixed alphabet, whatever the ticket says."""
    digest = sha256(message.key.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    template = re.sub(r"[^a-z0-9-]+", "-", message.template.lower()).strip("-")[:40]
    parts = (
        f"{message.date.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        str(message.ticket),
        template,
        digest,
    )
    return "-".join(part for part in parts if part) + ".eml"

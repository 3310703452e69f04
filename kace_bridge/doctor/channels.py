"""The ways out: can each be used? Nothing is sent."""

import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from kace_bridge.doctor.check import Check, error, ok
from kace_bridge.notify.channel import Channel
from kace_bridge.notify.channels.email import EmailChannel
from kace_bridge.notify.channels.folder import FolderChannel
from kace_bridge.notify.channels.webhook import WebhookChannel
from kace_bridge.notify.outcome import Timeouts
from kace_bridge.notify.smtp import try_server
from kace_bridge.notify.targets import address_fault, url_fault

_TIMEOUTS = Timeouts(connect_s=10.0, answer_s=10.0)


def check_channels(channels: Mapping[str, Channel]) -> Iterator[Check]:
    """One check for each configured channel."""
    for name, channel in channels.items():
        place = f"channel {name}"
        match channel:
            case EmailChannel():
                yield check_mail(place, channel)
            case WebhookChannel():
                yield check_webhook(place, channel)
            case FolderChannel():
                yield check_folder(place, Path(channel.path))
            case _:
                yield ok(place, "nothing to look at before it sends")


def check_mail(place: str, channel: EmailChannel) -> Check:
    """Greeting, encryption and login of the SMTP server."""
    url = channel.smtp.get_secret_value()
    parts = urlsplit(url)
    fault = try_server(url, _TIMEOUTS)
    if fault:
        return error(place, fault, "check the smtp address, its account and the way there")
    account = "logs us in" if parts.username else "takes us without an account"
    return ok(place, f"{parts.hostname} answers and {account}; no mail was sent")


def check_webhook(place: str, channel: WebhookChannel) -> Check:
    """The host has addresses, and ones that may be posted to. Nothing is posted."""
    url, private = channel.url.get_secret_value(), channel.allow_private
    fault = url_fault(url, private=private)
    if fault:
        return error(place, fault, "correct its url")
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        cure = "check its url and this machine's name service"
        return error(place, f"{parts.hostname} cannot be found", cure)
    for entry in found:
        fault = address_fault(str(entry[4][0]), private=private)
        if fault:
            return error(place, f"{parts.hostname} is {fault}", "correct its url")
    return ok(place, f"{parts.hostname} has an address; nothing was posted")


def check_folder(place: str, path: Path) -> Check:
    """The folder, or the one it would be made in, takes files."""
    there = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return ok(place, f"mails are written into {path}")
    return error(place, f"{there} takes no files", f"make {path} writable for this account")

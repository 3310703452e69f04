"""E-mail addresses, read strictly: one address, plain ASCII on the wire, or none at all."""

import re
from dataclasses import dataclass

from kace_bridge.errors import KaceBridgeError
from kace_bridge.model.text import clean_line

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>")
_LONGEST_LOCAL = 64
_LONGEST_NAME = 80
_LONGEST = 254


class Unsendable(KaceBridgeError):
    """This message cannot be put into any valid form; sending it again would not help."""


@dataclass(frozen=True, slots=True)
class Address:
    """A name to show (may be empty) and an address that is surely one address."""

    name: str
    email: str


def read_email(text: str) -> str | None:
    """The address *text* is, its domain in ASCII form; None where it is not exactly one.

    Quoted local parts, comments, routes and lists are refused: nobody is registered with one,
    and each is a way to smuggle in a second recipient.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or len(text) > _LONGEST or not _LOCAL.fullmatch(local):
        return None
    try:
        plain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = plain.split(".")
    if len(local) > _LONGEST_LOCAL or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    found = f"{local}@{plain}"
    return found if len(found) <= _LONGEST else None


def read_address(text: str) -> Address | None:
    """``Service Desk <desk@example.org>`` or a bare address; None for anything else."""
    named = _NAMED.fullmatch(text.strip())
    email = read_email(named["email"] if named else text)
    if email is None:
        return None
    name = named["name"].strip() if named else ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"')
    return Address(clean_name(name), email)


def clean_name(name: str) -> str:
    """*name* as it may stand before an address."""
    return clean_line(name, _LONGEST_NAME)


def same_address(email: str) -> str:
    """*email* in the form in which two addresses are compared: domains and case do not differ."""
    return (read_email(email) or email.strip()).casefold()

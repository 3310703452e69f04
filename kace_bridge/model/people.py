"""People as tickets name them."""

from collections.abc import Mapping
from dataclasses import dataclass

from kace_bridge.model.ids import UserId, UserName


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the appliance. ``email`` may be empty and is not unique.

    Source: contract section 5.1.
    """

    user_name: UserName
    full_name: str = ""
    email: str = ""
    location: str = ""
    id: UserId | None = None
    archived: bool = False

    @property
    def shown(self) -> str:
        """What a reader should see: the full name, else the login name."""
        return self.full_name or self.user_name

    @staticmethod
    def from_api(record: Mapping[str, object]) -> "Person | None":
        """The person of an API *record* (any shaping level); None where none is named."""
        if "user_name" in record and all(map(str.islower, record)):
            fields = record  # as the appliance usually writes it
        else:
            fields = {str(key).lower(): value for key, value in record.items()} | {
                key: value for key, value in record.items() if key == "user_name"
            }
        number = to_int(fields.get("id"))
        name = _text(fields.get("user_name"))
        if not name and not number:
            return None
        return Person(
            user_name=UserName(name or f"user-{number}"),
            full_name=_text(fields.get("full_name")),
            email=_text(fields.get("email")),
            location=_text(fields.get("location")),
            id=UserId(number) if number else None,
            archived=_text(fields.get("is_archived")).lower() in {"1", "true"},
        )


def to_int(value: object) -> int | None:
    """The integer the appliance means by ``7``, ``"7"`` or ``7.0``; None for anything else.

    Source: contract section 8, Q1.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value.strip())
        except ValueError:
            return None
    return None


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("name")
    return str(value).strip() if isinstance(value, str | int) else ""

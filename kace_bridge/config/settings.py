"""The site's settings: what ``rules.yaml`` holds besides rules.

Secrets and site values are named by ``env:`` or ``file:``; a password is never written here.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from kace_bridge.notify.address import read_email
from kace_bridge.rules.language import Languages
from kace_bridge.rules.schema import BouncedSpec, LimitSpec, Mode, RuleFile, Strict
from kace_bridge.sla.duration import parse_duration

_HOUR = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class FromEnv(Strict):
    """A value taken from an environment variable, or ``default`` where that is not set."""

    env: str = Field(min_length=1)
    default: str | None = None


class FromFile(Strict):
    """A value taken from a file's first line, for example a mounted secret."""

    file: str = Field(min_length=1)


Given = str | FromEnv | FromFile
Secretly = FromEnv | FromFile


class ApplianceSpec(Strict):
    """The appliance and the account that works there.

    ``mails`` are the events of which it tells people itself. With ``read_only`` nothing on it can
    be changed, neither by rules nor by commands: what rules decide is recorded, as in shadow.
    ``parallel_requests`` bounds the readings under way at once; a browser makes up to six, so two
    are less than one more person with a page open. Writes go one by one, whatever it says.
    """

    url: Given = FromEnv(env="KACE_URL")
    organization: Given = FromEnv(env="KACE_ORG", default="Default")
    username: Given = FromEnv(env="KACE_USERNAME")
    password: Secretly = FromEnv(env="KACE_PASSWORD")
    totp: Secretly | None = None
    ca_bundle: Given | None = None
    insecure_host: str | None = None
    timezone: str = "UTC"
    queues: list[str | int] = Field(default=[])
    mails: list[Literal["receipt", "closed", "comment", "owner_change"]] = Field(default=[])
    page_size: int = Field(default=500, ge=1, le=5000)
    parallel_requests: int = Field(default=2, ge=1, le=8)
    settle: str = "180s"
    read_only: bool = False
    request_timeout: str = "30s"

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"'{value}' is not a time zone; write it like America/New_York"
            ) from error
        return value

    @field_validator("settle", "request_timeout")
    @classmethod
    def _seconds(cls, value: str) -> str:
        if parse_duration(value).kind not in {"s", "m", "h"}:
            raise ValueError(f"'{value}' is no wait: write 30s, 3m or 1h")
        return value


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


class LanguageSpec(Strict):
    """Submitters read the language that a field of their ticket names, all others ``default``.

    ``values`` say what the field's values mean: ``{German: de, English: en}``.
    """

    field: str = Field(min_length=1)
    values: dict[str, Language] = Field(min_length=1)
    default: Language = "en"


class DeskSpec(Strict):
    """How messages name the desk, where replies to them go, and in which language they are."""

    name: str = "Service Desk"
    reply_to: str = ""
    language: Language | LanguageSpec = "en"


def languages_of(given: str | LanguageSpec) -> Languages:
    """The choice of language as the rules see it: templates in English are in no folder."""
    if isinstance(given, str):
        return Languages(_folder(given))
    values = {name: _folder(language) for name, language in given.values.items()}
    return Languages(_folder(given.default), given.field, values)


def _folder(language: str) -> str:
    return "" if language == "en" else language


class MessagesSpec(Strict):
    """How many messages people get, and when. Nothing is held back unless asked for.

    ``group``: after a mail to somebody of the staff the next follows no sooner, and what leaves
    together is one mail. ``digest``: staff by role, team or login name, and when their daily
    summary leaves. ``quiet``: a calendar; staff mail waits for its opening. ``cap_per_hour``: more
    than so many to one recipient go into a summary. ``never_to``: addresses never written to.
    ``doubles``: what happens to mails that the appliance sends too (see ``appliance.mails``).
    """

    group: str | None = None
    digest: dict[str, str] = Field(default={})
    quiet: str | None = None
    cap_per_hour: int | None = Field(default=None, ge=1)
    never_to: list[str] = Field(default=[])
    doubles: Literal["warn", "skip"] = "warn"

    @field_validator("group")
    @classmethod
    def _wait(cls, value: str | None) -> str | None:
        if value is not None and parse_duration(value).kind not in {"s", "m", "h"}:
            raise ValueError(f"'{value}' is no wait: write 30s, 2m or 1h")
        return value

    @field_validator("digest")
    @classmethod
    def _hours(cls, value: dict[str, str]) -> dict[str, str]:
        for name, hour in value.items():
            if not _HOUR.fullmatch(hour):
                raise ValueError(f"'{hour}' for '{name}' is no time of day: write 08:15")
        return value

    @field_validator("never_to")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        for address in value:
            if read_email(address) is None:
                raise ValueError(f"'{address}' is not an e-mail address")
        return value


class SettingsFile(RuleFile):
    """The main file: settings and, if wanted, rules."""

    mode: Mode = "enforce"
    appliance: ApplianceSpec = ApplianceSpec()
    desk: DeskSpec = DeskSpec()
    limits: LimitSpec = LimitSpec()
    messages: MessagesSpec = MessagesSpec()
    channels: dict[str, dict[str, Any]] = Field(default={})
    channel: str | None = None
    calendar: str | None = None
    hands_off: str | Literal[False] = "8bh"
    bounced: BouncedSpec | None = None
    parent: str | None = Field(default=None, pattern=r"^(parent|custom_[1-9][0-9]{0,2})$")
    templates: str | None = None
    include: list[str] = Field(default=[])

    @field_validator("hands_off")
    @classmethod
    def _hands_off(cls, value: str | Literal[False]) -> str | Literal[False]:
        if value is not False:
            parse_duration(value)
        return value


class Unset(LookupError):
    """A value named by ``env:`` or ``file:`` that is not there; the text says what to do."""


def resolve(given: Given | None, environ: Mapping[str, str], folder: Path) -> str | None:
    """The value behind a reference.

    Raises Unset where the variable is missing or the file cannot be read. A file that others
    may read is refused on POSIX: a secret in it is no secret.
    """
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, FromEnv):
        value = environ.get(given.env, given.default)
        if value is None:
            raise Unset(f"the environment variable {given.env} is not set. {hint(given.env)}")
        return value
    path = folder / given.file
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise Unset(f"{given.file} can be read by others. Run: chmod 600 {given.file}")
        return path.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise Unset(f"cannot read {given.file}. Check that it exists and has one line") from error


def hint(variable: str) -> str:
    """What to do about a variable that is not set."""
    if variable.startswith("KACE_"):
        return (
            f"Export it (export {variable}=...), or start a practice appliance with"
            " 'kace-bridge sandbox serve' and export the lines it prints"
        )
    return f"Export it: export {variable}=..."

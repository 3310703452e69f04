"""The account alone, read without the rules: what ``list`` and ``show`` need to start quickly.

What is written plainly is taken at once. Anything else (another shape, a file, a value that is
not set) goes the long way through the models, which say what is wrong and where.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kace_bridge.config.problems import Problem
from kace_bridge.config.yaml_source import Document, read_file
from kace_bridge.errors import ConfigError

if TYPE_CHECKING:
    from kace_bridge.config.settings import ApplianceSpec

_DEFAULTS: Mapping[str, object] = {
    "url": {"env": "KACE_URL"},
    "organization": {"env": "KACE_ORG", "default": "Default"},
    "username": {"env": "KACE_USERNAME"},
    "password": {"env": "KACE_PASSWORD"},
    "totp": None, "ca_bundle": None, "insecure_host": None, "timezone": "UTC", "queues": [],
}  # fmt: skip
_SECRET = frozenset({"password", "totp"})
_NOT_NEEDED = frozenset(
    {"page_size", "parallel_requests", "settle", "request_timeout", "read_only"}
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who works where; every reference resolved."""

    url: str
    organization: str
    username: str
    password: str = field(repr=False)
    totp: str | None = field(repr=False)
    ca_bundle: str | None
    insecure_host: str | None
    timezone: str
    queues: tuple[str | int, ...]


def read_account(path: Path, environ: Mapping[str, str]) -> Account:
    """The account of the main file *path*. Mistakes elsewhere in the file do not matter.

    Raises ConfigError with every problem of the ``appliance`` section.
    """
    if not path.exists():
        fix = "Name your site's with -c FILE or KACE_BRIDGE_CONFIG"
        raise ConfigError([Problem(None, f"{path}: no such configuration file", fix)])
    document, problems = read_file(path, path.name)
    if document is None or not isinstance(document.data, dict):
        raise ConfigError(problems or [f"{path.name}: must be a mapping of keys to values"])
    return _read_plainly(document.data.get("appliance", {}), environ) or _read_strictly(
        document, path, environ
    )


def environment_account(environ: Mapping[str, str], folder: Path) -> Account:
    """The account of the environment alone, for who only looks. Dates are read in
    ``KACE_TIMEZONE``, else in this machine's zone. Raises ConfigError for what is not set.
    """
    from kace_bridge.config.settings import ApplianceSpec, FromEnv

    zone = environ.get("KACE_TIMEZONE") or machine_zone()
    if not _is_zone(zone):
        fix = "Write it like America/New_York"
        raise ConfigError([Problem(None, f"KACE_TIMEZONE: '{zone}' is not a time zone", fix)])
    totp = FromEnv(env="KACE_TOTP_SEED") if "KACE_TOTP_SEED" in environ else None
    spec = ApplianceSpec(timezone=zone, totp=totp)
    return account_of(spec, file="environment", folder=folder, environ=environ)


def account_of(
    spec: "ApplianceSpec", *, file: str, folder: Path, environ: Mapping[str, str]
) -> Account:
    """The account *spec* describes. Raises ConfigError for every value that is not set."""
    from kace_bridge.config.settings import Unset, resolve

    given = {
        "url": spec.url, "organization": spec.organization, "username": spec.username,
        "password": spec.password, "totp": spec.totp, "ca_bundle": spec.ca_bundle,
    }  # fmt: skip
    values: dict[str, str | None] = {}
    problems = []
    for name, reference in given.items():
        try:
            values[name] = resolve(reference, environ, folder)
        except Unset as missing:
            problems.append(Problem(None, f"{file}: appliance.{name}: {missing}"))
    if problems:
        raise ConfigError(problems)
    return Account(
        url=values["url"] or "",
        organization=values["organization"] or "Default",
        username=values["username"] or "",
        password=values["password"] or "",
        totp=values["totp"],
        ca_bundle=values["ca_bundle"],
        insecure_host=spec.insecure_host,
        timezone=spec.timezone,
        queues=tuple(spec.queues),
    )


def machine_zone(link: Path = Path("/etc/localtime")) -> str:
    """The name of this machine's time zone; UTC where it does not tell."""
    name = str(link.resolve()).rpartition("zoneinfo/")[2]
    return name if _is_zone(name) else "UTC"


def _read_plainly(data: object, environ: Mapping[str, str]) -> Account | None:
    """The account, where nothing about it is out of the ordinary."""
    if not isinstance(data, dict) or not data.keys() <= _DEFAULTS.keys() | _NOT_NEEDED:
        return None
    given = {name: data.get(name, default) for name, default in _DEFAULTS.items()}
    zone, queues = given.pop("timezone"), given.pop("queues")
    if not _is_zone(zone) or not _are_queues(queues):
        return None
    if isinstance(given["insecure_host"], dict):
        return None
    values = {}
    for name, reference in given.items():
        known, values[name] = _value(reference, environ, secret=name in _SECRET)
        if not known or (values[name] is None and _DEFAULTS[name] is not None):
            return None
    return Account(**values, timezone=zone, queues=tuple(queues))  # type: ignore[arg-type]


def _value(given: object, environ: Mapping[str, str], *, secret: bool) -> tuple[bool, str | None]:
    if isinstance(given, dict) and given.keys() <= {"env", "default"}:
        variable, default = given.get("env"), given.get("default")
        if isinstance(variable, str) and variable and isinstance(default, str | None):
            value = environ.get(variable, default)
            return value is not None, value
        return False, None
    return given is None or (isinstance(given, str) and not secret), given  # type: ignore[return-value]


def _is_zone(name: object) -> bool:
    try:
        return isinstance(name, str) and bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _are_queues(data: object) -> bool:
    return isinstance(data, list) and all(type(queue) in (str, int) for queue in data)


def _read_strictly(document: Document, path: Path, environ: Mapping[str, str]) -> Account:
    from kace_bridge.config.settings import ApplianceSpec
    from kace_bridge.config.validate import validate

    spec: ApplianceSpec | None = ApplianceSpec()
    if isinstance(document.data, dict) and "appliance" in document.data:
        spec, problems = validate(ApplianceSpec, document, at=("appliance",))
        if spec is None:
            raise ConfigError(problems)
    assert spec is not None
    return account_of(spec, file=path.name, folder=path.parent, environ=environ)

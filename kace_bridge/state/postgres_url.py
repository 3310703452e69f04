"""What a ``postgresql://`` URL names: where to connect, and which schema holds the store."""

import re
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from kace_bridge.errors import ConfigError

SCHEMES = ("postgresql", "postgres")
USUAL_SCHEMA = "kace_bridge"
_SHOWN = ("host", "port", "schema")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Address:
    """``conninfo`` is for libpq and may hold a password; ``name`` is for people and never does.

    ``lock`` is a number of the schema's own, for advisory locks: those count per database.
    """

    conninfo: str
    name: str
    schema: str
    lock: int

    @property
    def quoted(self) -> str:
        """The schema as SQL takes it."""
        return f'"{self.schema}"'


def is_postgres(url: str) -> bool:
    return url.partition(":")[0] in SCHEMES


def parse_address(url: str) -> Address:
    """Take ``?schema=`` out of *url*; the rest of the query is libpq's. Raises ConfigError."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    schema = dict(query).get("schema", USUAL_SCHEMA)
    if not _SCHEMA.fullmatch(schema):
        raise ConfigError(
            [f"state: {schema!r} is no name for a schema; use small letters, digits and _"]
        )
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    netloc = f"{user}@{host}" if user else host
    shown = "&".join(f"{key}={value}" for key, value in query if key in _SHOWN)
    name = f"postgresql://{netloc}{parts.path}" + (f"?{shown}" if shown else "")
    kept = urlencode([pair for pair in query if pair[0] != "schema"])
    conninfo = urlunsplit(("postgresql", parts.netloc, parts.path, kept, ""))
    number = int.from_bytes(sha256(schema.encode()).digest()[:4], "big", signed=True)
    return Address(conninfo, name, schema, number)

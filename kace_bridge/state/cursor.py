"""Small facts by name, and how far each source has been read."""

from kace_bridge.state.codec import from_us_or_none, to_us_or_none
from kace_bridge.state.database import Connection
from kace_bridge.state.rows import Cursor

_READ = (
    "SELECT source, watermark, sweep_low, sweep_start, last_id, newest, "
    "is_full, baselined, full_sweep_at FROM cursor WHERE source = ?"
)
_WRITE = (
    "INSERT INTO cursor (source, watermark, sweep_low, sweep_start, last_id, newest, "
    "is_full, baselined, full_sweep_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def read_meta(c: Connection, name: str) -> str | None:
    row = c.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def read_metas(c: Connection, prefix: str) -> dict[str, str]:
    """Every fact whose name starts so, by name."""
    rows = c.execute("SELECT name, value FROM meta WHERE substr(name, 1, ?) = ? ORDER BY name",
                     (len(prefix), prefix))  # fmt: skip
    return {str(name): str(value) for name, value in rows}


def write_meta(c: Connection, name: str, value: str) -> None:
    c.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def read_cursor(c: Connection, source: str) -> Cursor | None:
    row = c.execute(_READ, (source,)).fetchone()
    if row is None:
        return None
    *plain, is_full, baselined, full_sweep_at = row
    return Cursor(*(*plain, bool(is_full), bool(baselined), from_us_or_none(full_sweep_at)))


def write_cursor(c: Connection, cursor: Cursor) -> None:
    c.execute("DELETE FROM cursor WHERE source = ?", (cursor.source,))
    c.execute(
        _WRITE,
        (
            cursor.source,
            cursor.watermark,
            cursor.sweep_low,
            cursor.sweep_start,
            cursor.last_id,
            cursor.newest,
            int(cursor.full),
            int(cursor.baselined),
            to_us_or_none(cursor.full_sweep_at),
        ),
    )

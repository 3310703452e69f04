"""What people tell the program: who is away, what is silenced; and whose turn it was."""

from collections.abc import Mapping
from datetime import datetime

from kace_bridge.model.ids import UserName
from kace_bridge.state.codec import dump, from_us, load, storable, to_us
from kace_bridge.state.database import Connection
from kace_bridge.state.rows import Absence, Silence


def read_turns(c: Connection) -> dict[str, UserName]:
    return dict(c.execute("SELECT team, person FROM turn").fetchall())


def add_absence(c: Connection, absence: Absence) -> int:
    number = 1 + int(c.execute("SELECT COALESCE(MAX(id), 0) FROM absence").fetchone()[0])
    c.execute(
        "INSERT INTO absence VALUES (?, ?, ?, ?, ?, ?)",
        (
            number,
            storable(absence.user),
            to_us(absence.start),
            to_us(absence.until),
            storable(absence.by),
            storable(absence.reason),
        ),
    )
    return number


def read_absences(c: Connection, now: datetime | None) -> list[Absence]:
    """All, or those not over at *now*; by start."""
    sql = (
        "SELECT id, person, start, until, author, reason FROM absence "
        "WHERE until > ? ORDER BY start, id"
    )
    return [
        Absence(id_, user, from_us(start), from_us(until), by, reason)
        for id_, user, start, until, by, reason in c.execute(sql, (_later_than(now),))
    ]


def read_absent(c: Connection, now: datetime) -> frozenset[UserName]:
    at = to_us(now)
    rows = c.execute("SELECT person FROM absence WHERE start <= ? AND until > ?", (at, at))
    return frozenset(UserName(person) for (person,) in rows)


def end_absence(c: Connection, number: int, at: datetime) -> bool:
    sql = "UPDATE absence SET until = ? WHERE id = ? AND until > ?"
    return c.execute(sql, (to_us(at), number, to_us(at))).rowcount == 1


def add_silence(c: Connection, silence: Silence) -> int:
    number = 1 + int(c.execute("SELECT COALESCE(MAX(id), 0) FROM silence").fetchone()[0])
    c.execute(
        "INSERT INTO silence VALUES (?, ?, ?, ?, ?, ?)",
        (
            number,
            dump(silence.match),
            to_us(silence.start),
            to_us(silence.until),
            storable(silence.by),
            storable(silence.reason),
        ),
    )
    return number


def read_silences(c: Connection, now: datetime | None) -> list[Silence]:
    """All, or those not over at *now*; by start."""
    sql = (
        "SELECT id, match_json, start, until, author, reason FROM silence "
        "WHERE until > ? ORDER BY start, id"
    )
    rows = c.execute(sql, (_later_than(now),))
    return [
        Silence(id_, _match(match), from_us(start), from_us(until), by, reason)
        for id_, match, start, until, by, reason in rows
    ]


def end_silence(c: Connection, number: int, at: datetime) -> bool:
    sql = "UPDATE silence SET until = ? WHERE id = ? AND until > ?"
    return c.execute(sql, (to_us(at), number, to_us(at))).rowcount == 1


def _match(text: str) -> Mapping[str, str]:
    match: dict[str, str] = load(text)
    return match


def _later_than(now: datetime | None) -> int:
    return -(2**62) if now is None else to_us(now)

"""Lists of effects that wait for a person: sealed when held, compared before they go ahead."""

from dataclasses import dataclass
from datetime import datetime

from kace_bridge.state.codec import digest, dump, from_us, load, to_us
from kace_bridge.state.cursor import read_meta, read_metas, write_meta
from kace_bridge.state.database import Connection
from kace_bridge.state.ledger import finish_parts
from kace_bridge.state.rows import Part

_KEY = "held:"
_HELD = (
    "SELECT e.decision, e.part, e.ticket, e.detail_json FROM effect e "
    "JOIN decision d ON d.id = e.decision WHERE d.run = ? AND e.state = 'held' "
    "ORDER BY e.decision, e.part"
)


@dataclass(frozen=True, slots=True)
class HeldList:
    """What a run holds now, and the seal of what it held ``at`` that moment."""

    effects: int
    tickets: int
    seal: str
    sealed: str
    at: datetime | None

    @property
    def changed(self) -> bool:
        """Whether it is not the list that was held."""
        return bool(self.sealed) and self.seal != self.sealed


def note_held(c: Connection, run: str, at: datetime) -> None:
    """Remember what *run* holds now."""
    write_meta(c, _KEY + run, dump({"seal": _seal(_rows(c, run)), "at": to_us(at)}))


def read_held(c: Connection, run: str) -> HeldList | None:
    rows = _rows(c, run)
    if not rows:
        return None
    noted = load(read_meta(c, _KEY + run) or "{}")
    at = from_us(noted["at"]) if noted else None
    tickets = len({ticket for _, _, ticket, _ in rows})
    return HeldList(len(rows), tickets, _seal(rows), noted.get("seal", ""), at)


def read_expired(c: Connection, before: datetime) -> list[str]:
    """The runs that still hold what was held before *before*."""
    noted = {key.removeprefix(_KEY): load(text)["at"] for key, text in read_metas(c, _KEY).items()}
    limit = to_us(before)
    return [run for run, at in noted.items() if at < limit and _rows(c, run)]


def withdraw(c: Connection, run: str) -> list[Part]:
    """Give up what *run* holds; the parts."""
    parts: list[Part] = [(decision, part) for decision, part, _, _ in _rows(c, run)]
    finish_parts(c, parts, "withdrawn", "not approved within a day", None)
    c.execute("DELETE FROM meta WHERE name = ?", (_KEY + run,))
    return parts


def _rows(c: Connection, run: str) -> list[tuple[str, int, int, str]]:
    return [(row[0], row[1], row[2], row[3]) for row in c.execute(_HELD, (run,))]


def _seal(rows: list[tuple[str, int, int, str]]) -> str:
    return digest(dump(rows))

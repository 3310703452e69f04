"""Twelve ways the store fails: the sync ends with one line, and the next good one goes on."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from kace_bridge.errors import ConfigError, KaceBridgeError, RetryLater
from kace_bridge.state import database
from tests.support.desk import Desk
from tests.sync.test_faults import done_once, until_idle

Trouble = Callable[[Desk, Path, pytest.MonkeyPatch], Callable[[], object]]
"""Breaks the store; gives what mends it again."""


def locked(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    patch.setattr(database, "_BUSY_S", 0.01)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def full(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    """The disk has no room for another page, as SQLite itself reports it."""
    connect = database._connect

    def small(path: str) -> sqlite3.Connection:
        made = connect(path)
        pages = made.execute("PRAGMA page_count").fetchone()[0]
        made.execute(f"PRAGMA max_page_count={pages}")
        return made

    patch.setattr(database, "_connect", small)
    return lambda: patch.setattr(database, "_connect", connect)


def held(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    """Another sync is at work."""
    stack = ExitStack()
    other = stack.enter_context(desk.bridge())
    stack.enter_context(other.store.lease("sync", timedelta(minutes=5)))
    return stack.close


def swapped(file: Path, content: bytes | None) -> Callable[[], object]:
    """Another file stands in its place for a while."""
    kept = file.with_name("kept")
    shutil.copy2(file, kept)
    if content is None:
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(content)

    def mend() -> None:
        if file.is_dir():
            file.rmdir()
        kept.replace(file)

    return mend


def no_database(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    return swapped(file, b"this is no database" * 400)


def cut_short(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    return swapped(file, file.read_bytes()[:5000])


def flipped(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    content = bytearray(file.read_bytes())
    for place in range(4096, len(content), 512):
        content[place] ^= 0xFF
    return swapped(file, bytes(content))


def a_folder(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    return swapped(file, None)


def newer(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    return edited(file, "UPDATE meta SET value = '9999' WHERE name = 'schema_version'")


def of_another_program(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    return edited(file, "ALTER TABLE meta RENAME TO other")


def edited(file: Path, sql: str) -> Callable[[], object]:
    kept = file.with_name("kept")
    shutil.copy2(file, kept)
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute(sql)
    return lambda: kept.replace(file)


def read_by_others(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    file.chmod(0o644)
    return lambda: file.chmod(0o600)


def folder_gone(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    state = desk.state
    desk.state = f"sqlite:///{file.parent / 'nowhere' / 's.db'}"

    def mend() -> None:
        desk.state = state

    return mend


def no_handles(desk: Desk, file: Path, patch: pytest.MonkeyPatch) -> Callable[[], object]:
    """What SQLite says where the process may open nothing more."""
    connect = database._connect

    def refuse(path: str) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    patch.setattr(database, "_connect", refuse)
    return lambda: patch.setattr(database, "_connect", connect)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        pytest.param(locked, RetryLater, marks=pytest.mark.catalogue("B04")),
        pytest.param(full, RetryLater, marks=pytest.mark.catalogue("B03")),
        pytest.param(held, RetryLater, marks=pytest.mark.catalogue("B11")),
        pytest.param(no_database, ConfigError, marks=pytest.mark.catalogue("B05")),
        pytest.param(cut_short, ConfigError, marks=pytest.mark.catalogue("B05")),
        pytest.param(flipped, ConfigError, marks=pytest.mark.catalogue("B05")),
        pytest.param(a_folder, ConfigError),
        pytest.param(newer, ConfigError, marks=pytest.mark.catalogue("B07")),
        pytest.param(of_another_program, ConfigError),
        pytest.param(read_by_others, ConfigError, marks=pytest.mark.catalogue("B23")),
        pytest.param(folder_gone, ConfigError),
        pytest.param(no_handles, KaceBridgeError, marks=pytest.mark.catalogue("B19")),
    ],
)
def test_a_store_that_fails_loses_and_doubles_nothing(
    desk: Desk, trouble: Trouble, error: type[KaceBridgeError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error of ours, one line; once mended, the ticket gets its one effect."""
    ticket = desk.submit(summary="long " * 12_000)
    mend = trouble(desk, desk.folder / "s.db", monkeypatch)
    try:
        with pytest.raises(error) as caught:
            desk.sync()
    finally:
        mend()
    assert "\n" not in str(caught.value)
    until_idle(desk)
    assert done_once(desk, ticket)
    until_idle(desk)
    assert done_once(desk, ticket)

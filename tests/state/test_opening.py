"""Opening a store: from nothing, for reading, after an upgrade, and refusing what is unsafe."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.errors import ConfigError, KaceBridgeError, RetryLater
from kace_bridge.state import PageCommit, database, open_store, opening, schema
from kace_bridge.state.outbox import content_of
from kace_bridge.state.schema import Migration, load_migrations
from tests.state.conftest import Behind
from tests.state.samples import (
    MINUTE,
    NINE,
    TTL,
    make_decision,
    make_message,
    make_snapshot,
    make_update,
    record,
)  # fmt: skip

NOW = load_migrations()[-1].number
"""The schema this program brings."""
LATER = Migration(
    NOW + 1, "later", "CREATE TABLE later (id INTEGER);\nINSERT INTO later VALUES (7);\n"
)
posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes")


def refusal(url: str, **options: bool) -> str:
    """The one line an unusable store is refused with."""
    with pytest.raises(ConfigError) as caught:
        open_store(url, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert caught.value.exit_code == 78
    return text


def run_sql(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as raw, raw:
        return raw.execute(sql).fetchall()


@pytest.mark.catalogue("S18")
@pytest.mark.catalogue("S19")
@posix_only
def test_every_file_is_private_whatever_the_umask(
    tmp_path: Path, path: Path, file_url: str
) -> None:
    """The store, its companions, its lock and its backups are readable by their owner only."""
    old = os.umask(0)
    try:
        with open_store(file_url) as store:
            record(store, make_decision(41, make_update(41)))
            store.backup(tmp_path / "copy.db")
            with store.lease("sync", TTL):
                modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    finally:
        os.umask(old)
    assert len(modes) >= 5
    assert set(modes.values()) == {0o600}


@pytest.mark.catalogue("S19")
@pytest.mark.catalogue("B23")
@posix_only
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_others_can_read_is_refused(
    path: Path, file_url: str, mode: int, read_only: bool
) -> None:
    """A mode that lets anybody else in is refused, and the line says how to mend it."""
    open_store(file_url).close()
    path.chmod(mode)
    assert f"chmod 600 {path}" in refusal(file_url, read_only=read_only)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("postgresql://db/kace?schema=a-b", "'a-b'", id="a schema by a bad name"),
        pytest.param("postgresql://db/kace?colour=red", "colour", id="an option libpq lacks"),
        pytest.param("mysql://db/kace", "'mysql'", id="an unknown scheme is named"),
        pytest.param("sqlite:///", "sqlite:///FILE", id="a URL without a file"),
        pytest.param("kace.db", "sqlite:///FILE", id="a path is not a URL"),
    ],
)
def test_a_url_that_names_no_store_is_refused(url: str, words: str) -> None:
    """The line shows the form that works."""
    assert words in refusal(url)


def test_relative_and_absolute_urls_name_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three slashes are relative to the working directory, four are absolute."""
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///one.db") as store:
        store.set_meta("colour", "blue")
    with open_store(f"sqlite:////{str(tmp_path).lstrip('/')}/one.db") as store:
        assert store.meta("colour") == "blue"


def test_a_missing_folder_is_refused_with_the_command_that_makes_it(tmp_path: Path) -> None:
    """No folder is made behind the user's back."""
    assert f"mkdir -p {tmp_path}/none" in refusal(f"sqlite:///{tmp_path}/none/kace.db")


def test_a_folder_is_not_a_store(tmp_path: Path) -> None:
    """Naming a folder says so."""
    assert "is not a file" in refusal(f"sqlite:///{tmp_path}")


def test_another_programs_database_is_left_alone(path: Path, file_url: str) -> None:
    """A SQLite file with foreign tables is neither migrated nor changed."""
    path.touch(0o600)
    run_sql(path, "CREATE TABLE songs (id INTEGER)")
    assert "is not a kace-bridge state store" in refusal(file_url)
    assert run_sql(path, "SELECT name FROM sqlite_master") == [("songs",)]


@pytest.mark.catalogue("B07")
@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_schema_is_refused_untouched(url: str, behind: Behind, read_only: bool) -> None:
    """A program rolled back does not write into a store it does not understand."""
    with open_store(url) as store:
        store.set_meta("schema_version", "99")
    before = behind.ask("SELECT name, value FROM meta ORDER BY name")
    assert "has schema 99" in refusal(url, read_only=read_only)
    assert behind.ask("SELECT name, value FROM meta ORDER BY name") == before
    assert behind.ask("SELECT COUNT(*) FROM audit") == [(0,)]


@pytest.mark.catalogue("B05")
@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"x" * 100 + data[100:], id="the header is overwritten"),
        pytest.param(lambda data: data[: len(data) // 2], id="half of the file is missing"),
        pytest.param(lambda data: data[:4096] + b"\xff" * 8192 + data[12288:], id="pages are lost"),
        pytest.param(lambda _: b"PK\x03\x04 not a database at all" * 99, id="another format"),
    ],
)
def test_a_damaged_file_is_refused_with_the_cure(
    path: Path, file_url: str, damage, read_only: bool
) -> None:
    """Damage found at the start ends in one line that says what to do."""
    with open_store(file_url) as store:
        store.commit_page(PageCommit("r1", snapshots=[make_snapshot(n) for n in range(1, 99)]))
    path.write_bytes(damage(path.read_bytes()))
    assert "is damaged" in refusal(file_url, read_only=read_only)


@pytest.mark.catalogue("B05")
def test_flipped_bytes_never_end_in_a_foreign_error(path: Path, file_url: str) -> None:
    """Wherever a byte is wrong, opening and verifying tell it in the program's own words."""
    with open_store(file_url) as store:
        record(store, *(make_decision(n, make_update(n)) for n in range(1, 60)))
    sound = path.read_bytes()
    noticed = 0
    for offset in range(0, len(sound), len(sound) // 97):
        broken = bytearray(sound)
        broken[offset] ^= 0x55
        path.write_bytes(broken)
        try:
            with open_store(file_url) as store:
                noticed += bool(store.verify())
        except KaceBridgeError:
            noticed += 1
    assert noticed > 10


def test_reading_a_missing_store_creates_nothing(path: Path, file_url: str) -> None:
    """Before the first sync, listing shows an empty store and leaves the disk as it was."""
    with open_store(file_url, read_only=True) as store:
        assert store.runs() == []
        assert store.cursor("1") is None
        with pytest.raises(ConfigError, match="reading only"):
            store.set_meta("colour", "blue")
    assert not path.exists()


def test_a_read_only_store_shows_the_newest_and_refuses_writing(url: str) -> None:
    """A reader beside a writer sees each commit, and cannot commit itself."""
    with open_store(url) as writer, open_store(url, read_only=True) as reader:
        record(writer, make_decision(41, make_update(41)))
        assert len(reader.decisions()) == 1
        with pytest.raises(ConfigError, match="reading only"):
            record(reader, make_decision(42, make_update(42)))


def test_every_store_has_its_own_instance_name(tmp_path: Path) -> None:
    """Two stores never share the name that marks their comments; it survives re-opening."""
    names = set()
    for file in ("a.db", "b.db", "a.db"):
        with open_store(f"sqlite:///{tmp_path}/{file}") as store:
            names.add(store.meta("instance"))
            assert store.meta("schema_version") == str(load_migrations()[-1].number)
    assert len(names) == 2


def test_migrations_are_numbered_without_gaps() -> None:
    """Number n leads from schema n-1 to n."""
    numbers = [migration.number for migration in load_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def upgrade(monkeypatch: pytest.MonkeyPatch, *more: Migration) -> None:
    """Act as a later program that brings *more* migrations."""
    monkeypatch.setattr(opening, "load_migrations", lambda: (*load_migrations(), *more))


@pytest.mark.catalogue("B06")
def test_an_upgrade_keeps_the_data_and_leaves_a_backup(
    tmp_path: Path, url: str, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a migration everything is there, and the old form lies beside it."""
    with open_store(url) as store:
        record(store, make_decision(41, make_update(41)))
    upgrade(monkeypatch, LATER)
    with open_store(url) as store:
        assert len(store.decisions()) == 1
        assert store.meta("schema_version") == str(NOW + 1)
        assert store.verify() == []
    ask = old_form(tmp_path, behind)
    assert ask("SELECT value FROM meta WHERE name = 'schema_version'") == [(str(NOW),)]
    assert ask("SELECT COUNT(*) FROM decision") == [(1,)]


def old_form(folder: Path, behind: Behind) -> Callable[[str], list[tuple[Any, ...]]]:
    """A way to ask the one copy made before the upgrade."""
    if behind.server is None:
        (copy,) = folder.glob(f"*.schema{NOW}-*.bak")
        return Behind(f"sqlite:///{copy}", None).ask
    own = behind.url.rpartition("=")[2]
    ((schema,),) = behind.ask(
        f"SELECT nspname FROM pg_namespace WHERE nspname LIKE '{own}_schema{NOW}-%'"
    )
    return Behind(f"schema={schema}", behind.server).ask


def test_messages_of_the_first_schema_leave_under_this_one(
    url: str, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store made before messages could carry others is upgraded with its outbox."""
    monkeypatch.setattr(opening, "load_migrations", lambda: load_migrations()[:1])
    open_store(url).close()
    content = content_of(make_message("k1"))
    behind.change(
        "INSERT INTO outbox VALUES ('k1', 1, NULL, 41, 'mail', 'bkim@example.org', "
        f"'{content}', 'pending', 0, 0, 0, NULL, NULL, '')"
    )
    monkeypatch.undo()
    with open_store(url) as store:
        (row,) = store.claim(NINE, 9, MINUTE)
        assert (row.message, row.bundle) == (make_message("k1"), "")


@pytest.mark.catalogue("B06")
def test_a_failed_migration_changes_nothing(
    url: str, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration is one transaction: its first statement goes with its second."""
    open_store(url).close()
    upgrade(monkeypatch, Migration(NOW + 1, "bad", "CREATE TABLE half (id INTEGER);\nNONSENSE;\n"))
    with pytest.raises(KaceBridgeError):
        open_store(url)
    with pytest.raises(Exception, match="half"):
        behind.ask("SELECT id FROM half")
    monkeypatch.undo()
    with open_store(url) as store:
        assert store.meta("schema_version") == str(NOW)


def test_an_older_store_is_read_through_a_migrated_copy(
    url: str, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading after an upgrade works and leaves the migration to the next sync."""
    with open_store(url) as store:
        record(store, make_decision(41, make_update(41)))
    upgrade(monkeypatch, LATER)
    with open_store(url, read_only=True) as store:
        assert len(store.decisions()) == 1
        assert store.meta("schema_version") == str(NOW + 1)
    assert behind.ask("SELECT value FROM meta WHERE name = 'schema_version'") == [(str(NOW),)]


def test_two_programs_may_create_the_store_at_once(path: Path, clock: ManualClock) -> None:
    """The second to migrate finds the work done and does it no second time."""
    path.touch(0o600)
    first, second = (database.SqliteDatabase(str(path)) for _ in range(2))
    for one in (first, second):
        for migration in load_migrations():
            with one.transaction() as c:
                schema.apply_migration(c, migration, clock.now())
    assert second.problems() == []
    first.close()
    second.close()


@pytest.mark.catalogue("B04")
def test_a_store_held_by_another_writer_is_busy(
    path: Path, file_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that does not let go in time is 'try later', and nothing is half done."""
    monkeypatch.setattr(database, "_BUSY_S", 0.01)
    with (
        open_store(file_url) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RetryLater, match="is busy"):
            record(store, make_decision(41, make_update(41)))
        other.execute("ROLLBACK")
        assert store.decisions() == []
        assert len(record(store, make_decision(41, make_update(41)))) == 1


def test_a_backup_is_a_whole_store_and_never_overwrites(tmp_path: Path, url: str) -> None:
    """The copy opens by itself, says the same, and a second copy needs its own name."""
    copy = tmp_path / "copy.db"
    with open_store(url) as store:
        record(store, make_decision(41, make_update(41)))
        store.backup(copy)
        with pytest.raises(ConfigError, match="exists already"):
            store.backup(copy)
        with open_store(f"sqlite:///{copy}") as restored:
            assert restored.decisions() == store.decisions()
            assert restored.verify() == []

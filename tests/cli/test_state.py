"""state: copied, checked and kept small from the command line."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture(autouse=True)
def _history(desk: Desk) -> None:
    desk.sync()
    desk.submit()
    desk.sync()


def test_a_backup_is_a_private_store_of_its_own(desk: Desk, cli: Cli, tmp_path: Path) -> None:
    """It holds the same, and nobody else can read it."""
    copy = tmp_path / "copy.db"
    outcome = cli("state", "backup", str(copy))
    assert outcome.code == 0
    assert str(copy) in outcome.out
    assert copy.stat().st_mode & 0o077 == 0
    desk.state = f"sqlite:///{copy}"
    assert cli("state", "verify").code == 0
    assert len(cli("outbox", "list", "--state", "sent", "--json").data["messages"]) == 1


def test_a_backup_replaces_nothing_unless_told(cli: Cli, tmp_path: Path) -> None:
    """Nor is a half-written copy left in its place."""
    old = tmp_path / "old.db"
    old.write_text("precious")
    outcome = cli("state", "backup", str(old))
    assert outcome.code == 2
    assert "add --yes to replace it" in outcome.err
    assert old.read_text() == "precious"
    assert cli("state", "backup", str(old), "--yes").code == 0
    assert list(tmp_path.glob("*.new")) == []
    assert cli("state", "backup", str(tmp_path / "no" / "x.db")).code == 2


def test_verify_names_what_was_meddled_with(desk: Desk, cli: Cli) -> None:
    """Exit code 1 and a line per fault; 0 and a word where there is none."""
    assert cli("state", "verify").out.endswith("no fault\n")
    with sqlite3.connect(desk.folder / "s.db") as connection:
        connection.execute("UPDATE outbox SET state = 'dropped'")
    outcome = cli("state", "verify")
    assert outcome.code == 1
    assert "the audit says sent" in outcome.out
    assert len(cli("state", "verify", "--json").data["faults"]) == 1


@pytest.mark.catalogue("S19")
def test_forget_leaves_no_word_in_the_file(desk: Desk, cli: Cli) -> None:
    """Not even in pages the database no longer uses; the next sync does nothing old again."""
    store = desk.folder / "s.db"
    assert b"Mouse broken" in b"".join(f.read_bytes() for f in desk.folder.glob("s.db*"))
    desk.delete(1)
    outcome = cli("state", "forget", "1", "2")
    assert outcome.code == 0
    assert "#1: 1 snapshot" in outcome.out
    assert "#2: nothing was known" in outcome.out
    assert b"Mouse broken" not in b"".join(f.read_bytes() for f in desk.folder.glob("s.db*"))
    assert store.stat().st_mode & 0o077 == 0
    assert cli("state", "verify").code == 0


def test_prune_removes_old_messages_and_runs(desk: Desk, cli: Cli) -> None:
    """A rehearsal counts the same and removes nothing; the ticket is not greeted again."""
    at = ("--at", "2026-09-01T00:00")
    counted = cli(*at, "state", "prune", "--dry-run", "--json").data["removed"]
    assert (counted["outbox"], counted["run"]) == (1, 2)
    assert len(cli("runs", "list", "--json").data["runs"]) == 2
    outcome = cli(*at, "state", "prune", "--yes")
    assert "1 outbox" in outcome.out
    assert cli("state", "verify").code == 0
    desk.later(minutes=1)
    desk.sync(full=True)
    assert len(desk.mails) == 1


def test_prune_waits_for_a_word(cli: Cli) -> None:
    """On a terminal."""
    outcome = cli("--at", "2026-09-01T00:00", "state", "prune", answers="n\n", asks=True)
    assert outcome.code == 1
    assert len(cli("runs", "list", "--json").data["runs"]) == 2


@pytest.mark.parametrize("keep", ["soon", "5bd"])
def test_lengths_that_are_none_are_refused(cli: Cli, keep: str) -> None:
    """Working days mean nothing to a store."""
    outcome = cli("state", "prune", "--keep", keep)
    assert outcome.code == 2
    assert "--keep" in outcome.err


@pytest.mark.parametrize("args", ["backup x.db", "verify", "prune"])
def test_no_store_is_told(desk: Desk, cli: Cli, tmp_path: Path, args: str) -> None:
    """A slip in --state is not answered with an empty store."""
    desk.state = f"sqlite:///{tmp_path / 'slip.db'}"
    outcome = cli("state", *args.split())
    assert outcome.code == 2
    assert "there is no store" in outcome.err
    assert not (tmp_path / "slip.db").exists()

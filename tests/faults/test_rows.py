"""Rows of the catalogue that no other part of the tests has a natural place for."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kace_bridge.errors import ConfigError
from kace_bridge.state import database
from tests.support.desk import Desk
from tests.sync.test_faults import done_once, until_idle

ROOT = Path(__file__).parents[2]


@pytest.mark.catalogue("A15")
def test_a_ticket_archived_before_the_write_fails_alone(desk: Desk) -> None:
    """Gone from the live list: said, not sent again, and the others go on."""
    first, second = desk.submit(), desk.submit(title="VPN drops")
    desk.before(f"PUT /api/service_desk/tickets/{first}", 1, lambda: desk.delete(first))
    report = desk.sync()
    assert report.failed == 1
    assert "gone" in report.reasons[first]
    until_idle(desk)
    assert done_once(desk, second)


@pytest.mark.catalogue("A18")
def test_an_owner_the_queue_does_not_allow_is_a_failure_on_record(fresh: Desk) -> None:
    """The appliance refuses the owner: told with its words, once; the rest goes on."""
    fresh.config["teams"]["network"]["members"] = ["jdoe"]
    fresh.config["teams"]["network"]["lead"] = "adiaz"
    fresh.app.settings = type(fresh.app.settings)(owner_label_enforced=True)
    fresh.sync()
    stuck, fine = fresh.submit(title="vpn drops"), fresh.submit()
    report = fresh.sync()
    assert (report.failed, report.exit_code) == (1, 1)
    assert report.reasons[stuck]
    fresh.later(minutes=5)
    fresh.sync()
    assert fresh.puts == []
    assert done_once(fresh, fine)


@pytest.mark.catalogue("B02")
@pytest.mark.catalogue("B09")
def test_a_store_put_back_from_an_old_copy_repeats_nothing(desk: Desk) -> None:
    """What the ledger lost the ticket still knows: our mark stops a second write, and the mail
    that goes out again is the same mail."""
    store, copy = desk.folder / "s.db", desk.folder / "copy.db"
    ticket = desk.submit()
    shutil.copy2(store, copy)
    desk.sync()
    assert done_once(desk, ticket)
    for companion in desk.folder.glob("s.db-*"):
        companion.unlink()
    copy.replace(store)
    until_idle(desk)
    assert (desk.owner_changes(ticket), len(desk.marks(ticket))) == (1, 1)
    mails = [path.read_bytes() for path in (desk.folder / "mail").glob("*.eml")]
    assert len({re.search(rb"Message-ID: *(\S+)", mail).group(1) for mail in mails}) == 1  # type: ignore[union-attr]


@pytest.mark.catalogue("B02")
def test_an_intent_is_on_the_disk_before_it_counts(desk: Desk) -> None:
    """Every commit waits for the disk: FULL, with a write-ahead log."""
    with desk.bridge() as bridge:
        raw = bridge.store._database._raw
        assert raw.execute("PRAGMA synchronous").fetchone() == (2,)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


class _Share(sqlite3.Connection):
    """A file on a network share: no shared memory, so no write-ahead log."""

    def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:  # type: ignore[override]
        return super().execute(sql.replace("journal_mode=WAL", "journal_mode=DELETE"), *rest)


@pytest.mark.catalogue("B10")
def test_a_network_share_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do instead."""
    monkeypatch.setattr(
        database, "_connect",
        lambda path: sqlite3.connect(path, isolation_level=None, factory=_Share),
    )  # fmt: skip
    desk.state = f"sqlite:///{desk.folder / 'share.db'}"
    with pytest.raises(ConfigError, match=r"network share.*PostgreSQL"):
        desk.sync()


def program(folder: Path, *words: str, **given: object) -> "subprocess.CompletedProcess[bytes]":
    """The program as a scheduler starts it; nothing listens where it looks for the appliance."""
    environ = {
        **os.environ, "KACE_URL": "http://127.0.0.1:9", "KACE_USERNAME": "a",
        "KACE_PASSWORD": "b", **given.pop("environ", {}),  # type: ignore[dict-item]
    }  # fmt: skip
    command = [sys.executable, "-m", "kace_bridge", *words]
    return subprocess.run(command, cwd=folder, env=environ, check=False, **given)  # type: ignore[call-overload, no-any-return]


@pytest.mark.catalogue("B18")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_log_disk_stops_no_work(tmp_path: Path) -> None:
    """What cannot be said on stderr is not said; the exit code still tells."""
    with Path("/dev/full").open("wb") as nowhere:
        assert program(tmp_path, "init", stderr=nowhere, stdout=subprocess.PIPE).returncode == 0
        checked = program(tmp_path, "-vv", "rules", "check", stderr=nowhere, stdout=subprocess.PIPE)
    assert checked.returncode == 0
    assert b"ok" in checked.stdout


@pytest.mark.catalogue("B18")
def test_a_reader_that_went_away_is_no_error(tmp_path: Path) -> None:
    """As in ``kace-bridge rules docs | head -1``: no traceback."""
    program(tmp_path, "init", capture_output=True)
    command = f"{sys.executable} -m kace_bridge rules docs | head -1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=os.environ, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.catalogue("B20")
@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=["C", "Turkish", "a Windows console", "ASCII"],
)
def test_any_locale_reads_and_prints(tmp_path: Path, environ: dict[str, str]) -> None:
    """Files are UTF-8, keywords are compared without the locale, and no letter ends the program."""
    (tmp_path / "rules.yaml").write_text(
        "version: 1\nteams: {desk: {title: 'Störung İstanbul ✓ 漢字', members: [adiaz]}}\n"
        "route: [{id: r, if: {text: {any_word: [DİSK, ISLAND]}}, then: {assign: {team: desk}}},"
        " {id: rest, then: {assign: {team: desk}}}]\n",
        encoding="utf-8",
    )
    done = program(tmp_path, "rules", "docs", capture_output=True, environ=environ)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"St" in done.stdout

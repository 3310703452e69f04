"""What only a server can do: be away, be a replica, lose an answer, be shared by several hosts."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.errors import ConfigError, RetryLater
from kace_bridge.state import Store, copy_to, open_store
from tests.state.samples import (
    MINUTE,
    NINE,
    TTL,
    make_decision,
    make_message,
    make_send,
    make_snapshot,
    make_update,
    queue,
    record,
)
from tests.support.postgres import Server, serve
from tests.support.proxy import Proxy


@pytest.fixture
def pg(server: Server) -> str:
    return server.url()


def refusal(url: str) -> str:
    """The one line an unusable store is refused with."""
    with pytest.raises(ConfigError) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_the_driver_one_line_names_the_cure(tmp_path: Path) -> None:
    """Nobody who stays with SQLite needs psycopg, and whoever needs it is told its name."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from kace_bridge.errors import ConfigError\nfrom kace_bridge.state import open_store\n"
        "try: open_store('postgresql://db/kace')\nexcept ConfigError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True, cwd=tmp_path)  # fmt: skip
    assert said.stdout == (
        "PostgreSQL needs one package more: pip install 'kace-bridge[postgres]'\n"
    )


def test_a_store_in_a_file_never_loads_the_driver(tmp_path: Path) -> None:
    """Starting costs nobody what he does not use."""
    program = (
        f"import sys\nfrom kace_bridge.state import open_store\n"
        f"open_store('sqlite:///{tmp_path}/s.db').close()\nprint('psycopg' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert said.stdout == "False\n"


def test_a_server_that_is_down_is_try_later(server: Server) -> None:
    """Waiting helps; the line names the store, never its password."""
    url = server.tcp_url(port=1)
    with pytest.raises(RetryLater) as caught:
        open_store(url)
    assert "does not answer" in str(caught.value)
    assert server.password not in str(caught.value)


def test_a_wrong_password_is_a_matter_of_settings(server: Server) -> None:
    """Waiting would not help, and neither the wrong password nor the right one is told."""
    said = refusal(server.tcp_url(password="wrong-one"))
    assert "password authentication failed" in said
    assert "wrong-one" not in said


def test_a_database_that_cannot_hold_every_text_is_refused(server: Server) -> None:
    """The line shows how to make one that can."""
    server.run("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' "
               "TEMPLATE template0")  # fmt: skip
    assert "createdb --encoding=UTF8" in refusal(server.url().replace("/postgres?", "/latin?"))


def test_another_programs_schema_is_left_alone(server: Server, pg: str) -> None:
    """Foreign tables under our schema's name are neither migrated nor changed."""
    schema = pg.rpartition("=")[2]
    server.run(f"CREATE SCHEMA {schema}")
    server.run("CREATE TABLE songs (id INTEGER)", pg)
    assert "is not a kace-bridge state store" in refusal(pg)


@pytest.mark.catalogue("B22")
def test_a_read_only_replica_is_refused_and_can_be_read(server: Server) -> None:
    """Nothing is planned that could not be recorded; looking is allowed."""
    with serve() as other:
        url = other.url("desk")
        with open_store(url) as store:
            record(store, make_decision(41, make_update(41)))
        other.run("ALTER SYSTEM SET default_transaction_read_only = on")
        other.run("SELECT pg_reload_conf()")
        _until(lambda: other.run("SHOW default_transaction_read_only") == [("on",)])
        assert "is a read-only replica; name the primary" in refusal(url)
        with open_store(url, read_only=True) as store:
            assert len(store.decisions()) == 1


@pytest.mark.catalogue("B22")
def test_a_store_whose_server_went_away_goes_on_with_a_new_connection(
    server: Server, pg: str, clock: ManualClock
) -> None:
    """After a failover the next transaction connects anew; the lease decides what it may do."""
    with open_store(pg, clock) as store, store.lease("sync", TTL) as lease:
        kill_sessions(server)
        with pytest.raises(RetryLater):
            store.set_meta("colour", "blue")
        store.set_meta("colour", "green")
        lease.renew()
        assert store.meta("colour") == "green"


@pytest.mark.catalogue("B22")
def test_whoever_lost_the_session_may_be_overtaken_and_is_fenced(
    server: Server, pg: str, clock: ManualClock
) -> None:
    """A dead session means a free lease; its former holder writes nothing more."""
    with open_store(pg, clock) as old, open_store(pg, clock) as new, old.lease("sync", TTL):
        kill_sessions(server)
        for store in (old, new):
            with pytest.raises(RetryLater):
                store.meta("colour")
        with new.lease("sync", TTL) as lease:
            assert lease.epoch == 2
            with pytest.raises(RetryLater, match="lost the lease"):
                old.set_meta("colour", "blue")


@pytest.mark.catalogue("B21")
@pytest.mark.parametrize("reached", [True, False])
def test_a_commit_without_an_answer_is_looked_up(server: Server, reached: bool) -> None:
    """The link breaks at COMMIT: the server is asked what became of the transaction."""
    with Proxy(server.port) as proxy, open_store(server.tcp_url(port=proxy.port)) as store:
        record(store, make_decision(41, make_update(41)))
        proxy.cut_at(b"COMMIT", deliver=reached)
        if reached:
            record(store, make_decision(42, make_update(42)))
        else:
            with pytest.raises(RetryLater, match="nothing of it was written"):
                record(store, make_decision(42, make_update(42)))
        assert proxy.cuts == 1
        assert [row.ticket for row in store.decisions()] == ([41, 42] if reached else [41])
        record(store, make_decision(42, make_update(42)))
        assert len(store.decisions()) == 2
        assert store.verify() == []


@pytest.mark.catalogue("B21")
def test_a_commit_that_nobody_can_be_asked_about_is_unknown(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the server gone for good the line says that the outcome is not known."""
    monkeypatch.setattr("kace_bridge.state.postgres._RECHECK_S", 0.01)
    with Proxy(server.port) as proxy, open_store(server.tcp_url(port=proxy.port)) as store:
        proxy.cut_at(b"COMMIT", deliver=True, close=True)
        with pytest.raises(RetryLater, match="is not known: the next run reads what is there"):
            store.set_meta("colour", "blue")


@pytest.mark.catalogue("B04")
def test_a_writer_that_does_not_let_go_is_try_later(
    server: Server, pg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is half done, and the next try works."""
    monkeypatch.setattr("kace_bridge.state.postgres_session._SETTINGS", ("SET lock_timeout = 50",))
    busy = pytest.raises(RetryLater, match="is busy: another process is writing")
    with open_store(pg) as store, held_by_another(server, store), busy:
        record(store, make_decision(41, make_update(41)))
    with open_store(pg) as store:
        assert store.decisions() == []
        assert len(record(store, make_decision(41, make_update(41)))) == 1


@pytest.mark.catalogue("B14")
def test_a_worker_that_stands_still_in_a_transaction_stops_nobody(
    server: Server, pg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends its transaction; others go on, and it writes nothing when it wakes."""
    monkeypatch.setattr(
        "kace_bridge.state.postgres_session._SETTINGS",
        ("SET idle_in_transaction_session_timeout = 100",),
    )
    with open_store(pg) as asleep, open_store(pg) as awake:
        with pytest.raises(RetryLater, match="stood still"):
            stand_still(asleep, lambda: awake.set_meta("colour", "green"))
        assert (awake.meta("colour"), awake.meta("shape")) == ("green", None)


def test_two_schemas_are_two_stores(server: Server) -> None:
    """Several desks share one database: nothing of the one is seen in the other."""
    with open_store(server.url()) as one, open_store(server.url()) as two:
        record(one, make_decision(41, make_update(41)))
        assert two.decisions() == []
        assert one.meta("instance") != two.meta("instance")
        with one.lease("sync", TTL), two.lease("sync", TTL):
            pass


def fill(store: Store) -> None:
    made = make_decision(41, make_update(41), make_send(41), cause="row:\u00e9\u4e2d")
    record(store, made)
    store.mark_intent([(made.id, 0)], epoch=None, send_by=NINE, settle_until=NINE)
    store.finish([(made.id, 0)], "applied", messages=[make_message("k1")],
                 snapshot=make_snapshot(41))  # fmt: skip
    store.end_run(store.start_run("sync", "c0", NINE), "done", {"applied": 1}, NINE)


def test_a_store_moves_to_a_server_and_back_unchanged(pg: str, tmp_path: Path) -> None:
    """Everything comes along, the chain of the audit too; a backup is a store in a file."""
    here, back = f"sqlite:///{tmp_path}/here.db", f"sqlite:///{tmp_path}/back.db"
    with open_store(here) as store:
        fill(store)
    assert copy_to(here, pg) == (str(tmp_path / "here.db"), pg)
    with open_store(pg) as moved:
        assert moved.verify() == []
        moved.backup(tmp_path / "back.db")
        record(moved, make_decision(50, make_update(50)))
    with open_store(here) as one, open_store(back) as two:
        assert two.verify() == []
        assert two.decisions() == one.decisions()
        assert two.outbox() == one.outbox()
        assert two.meta("instance") == one.meta("instance")


def test_a_store_is_never_copied_over_another(pg: str, tmp_path: Path) -> None:
    """What is there stays."""
    open_store(pg).close()
    open_store(f"sqlite:///{tmp_path}/here.db").close()
    with pytest.raises(ConfigError, match="name another place"):
        copy_to(f"sqlite:///{tmp_path}/here.db", pg)


@pytest.mark.catalogue("B12")
def test_a_message_another_transaction_looks_at_is_not_waited_for(
    server: Server, pg: str, clock: ManualClock
) -> None:
    """A claim passes over rows that somebody holds, and keeps each line in order."""
    with open_store(pg, clock) as store:
        queue(store, [make_message("k1"), make_message("k2"), make_message("k3", ticket=9)])
        with holding(server, pg, "SELECT 1 FROM outbox WHERE message_key = 'k1' FOR UPDATE"):
            assert [row.key for row in store.claim(NINE, 9, MINUTE)] == ["k3"]
        assert [row.key for row in store.claim(NINE, 9, MINUTE)] == ["k1"]


# -- tools ----------------------------------------------------------------------------------------


def _until(condition) -> None:
    for _ in range(10_000):
        if condition():
            return
    raise AssertionError("it does not become so")


def stand_still(store: Store, meanwhile: Callable[[], None]) -> None:
    with store.together():
        store.set_meta("colour", "blue")
        meanwhile()
        store.set_meta("shape", "round")


def kill_sessions(server: Server) -> None:
    """Every session of the program ends, as when a server fails over."""
    server.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
               "WHERE application_name = 'kace-bridge'")  # fmt: skip


@contextmanager
def holding(server: Server, url: str, sql: str) -> Iterator[None]:
    """Somebody else's open transaction that has run *sql*."""
    conninfo = f"host={server.folder} port={server.port} user=postgres dbname=postgres"
    with closing(psycopg.connect(conninfo)) as raw:
        raw.execute(f'SET search_path TO "{url.rpartition("=")[2]}"')
        raw.execute(sql)
        yield
        raw.rollback()


@contextmanager
def held_by_another(server: Server, store: Store) -> Iterator[None]:
    number = store._database._address.lock
    with holding(server, store.name, f"SELECT pg_advisory_xact_lock({number}, 0)"):
        yield

"""An upgrade killed at any step: the next start has the whole store, in the newest schema."""

import signal
from pathlib import Path

import pytest

from kace_bridge.clock import SystemClock
from kace_bridge.state import open_store
from kace_bridge.state.database import SqliteDatabase
from kace_bridge.state.schema import load_migrations, migrate
from tests.crash.forking import Zygote
from tests.crash.jobs import Job
from tests.crash.kills import Kill, Scene

NEWEST = len(load_migrations())
QUEUED = """{"channel": "mail", "date": 1772463600000000, "html": "", "key": "k1", "name": "B Kim",
 "role": "", "subject": "Subject", "template": "nudge", "text": "Text", "ticket": 41,
 "to": "bkim@example.org", "urgent": false}"""


def make_old(path: Path, schema: int) -> None:
    """A store as a program of that schema left it, with a message that waits."""
    path.touch(0o600)
    database = SqliteDatabase(str(path))
    migrate(database, load_migrations()[:schema], SystemClock().now())
    with database.transaction() as c:
        c.execute(
            "INSERT INTO outbox (message_key, seq, ticket, channel, recipient, message_json, "
            "state, attempts, ambiguous, next_at, last_error) VALUES "
            "('k1', 1, 41, 'mail', 'bkim@example.org', ?, 'pending', 0, 0, 0, '')",
            (QUEUED,),
        )
        c.execute("INSERT INTO meta VALUES ('learnt', '1')")
    database.close()


@pytest.mark.catalogue("B06")
@pytest.mark.parametrize("schema", range(1, NEWEST))
def test_a_killed_upgrade_is_done_by_the_next_start(tmp_path: Path, schema: int):
    """Killed before and after each commit and file of it: nothing of the old store is missing."""
    with Zygote() as zygote:
        scene = Scene(tmp_path, 1, zygote)
        with scene.served():
            make_old(tmp_path / "s.db", schema)
            old = scene.save()
            reached = scene.run(Job("open"))["reached"]
            assert reached["store: migrate, committed"] == NEWEST - schema
            for point, times in reached.items():
                for nth in range(1, times + 1):
                    scene.restore(old)
                    assert scene.run(Job("open"), Kill(point, nth))["killed"] == signal.SIGKILL
                    with open_store(scene.world.desk.state) as store:
                        assert store.meta("schema_version") == str(NEWEST)
                        assert (store.meta("learnt"), len(store.outbox())) == ("1", 1)

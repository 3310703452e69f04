"""The whole content of one store in another, whatever databases the two are in."""

from datetime import datetime

from kace_bridge.state.codec import chunked
from kace_bridge.state.database import Database
from kace_bridge.state.schema import load_migrations, migrate, schema_version

_FIRST = {"meta": 0, "decision": 1}
"""Tables other tables refer to."""
_AT_ONCE = 1_000


def copy_store(source: Database, target: Database, now: datetime) -> None:
    """Fill *target*, which must be empty, with all of *source* as it is at one moment.

    *target* gets the schema of *source*, and is empty again after an error.
    """
    version, names = schema_version(source), source.tables()
    with target.together():
        migrate(target, load_migrations()[:version], now)
        with source.reading() as old, target.transaction() as new:
            new.execute("DELETE FROM meta")
            for name in sorted(names, key=lambda each: (_FIRST.get(each, 2), each)):
                for rows in chunked(source.rows(old, name), _AT_ONCE):
                    marks = ",".join("?" * len(rows[0]))
                    sql = f"INSERT INTO {name} VALUES ({marks})"  # noqa: S608 -- names of ours
                    new.executemany(sql, rows)

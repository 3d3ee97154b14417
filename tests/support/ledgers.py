"""Ledgers whose tables are made in a millisecond: the migrations run once a process.

A new ledger takes a twentieth of a second of CPU and many syncs of the disk, and a thousand tests
want one. Their tables are copied from one that the migrations made; tests of the migrations
themselves (``tests/unit/ledger/database``) go without this.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, create_engine

from pressrun.ledger.database import migrations

_run_migrations = migrations.upgrade


def copy_tables(connection: Connection) -> None:
    """In place of ``migrations.upgrade``: an empty SQLite file gets its tables at once."""
    if connection.dialect.name != "sqlite" or migrations.revision(connection) is not None:
        _run_migrations(connection)
        return
    for statement in _statements():
        connection.exec_driver_sql(statement)


@lru_cache
def _statements() -> tuple[str, ...]:
    """What makes the tables, and writes down their revision."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _run_migrations(connection)
        driver: Any = connection.connection.driver_connection
        said = tuple(line for line in driver.iterdump() if not _is_frame(line))
    engine.dispose()
    return said


def _is_frame(statement: str) -> bool:
    return statement in {"BEGIN TRANSACTION;", "COMMIT;"}

"""SQLAlchemy's engine for a ledger: how its connections are made, kept and begun.

A SQLite ledger is a private file that waits while others write; a PostgreSQL server may restart,
and its connections are sorted out before anybody asks something over them.
"""

import logging
import select
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from pressrun.boundary.files import make_private

#: How long another process may lock a SQLite ledger, and after what time each wait is said.
_BUSY_S, _TOLD_S = 60, 4.0
#: What is said then.
LOCKED = "The ledger is locked by another process."
#: A connection that was not used for so long is asked whether it still reaches the server.
_REST_S = 30.0
logger = logging.getLogger(__name__)


def make_engine(parsed: URL) -> Engine:
    """Makes the engine; nothing is connected yet."""
    if not parsed.drivername.startswith("sqlite"):
        # A server takes a hundred connections in all: threads wait here rather than be refused
        # there. A use lasts about a millisecond.
        engine = create_engine(
            parsed,
            pool_size=8,
            max_overflow=8,
            pool_timeout=_BUSY_S,
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
        )
        _notice_ended(engine)
        event.listen(engine, "reset", _roll_back)
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    if (file := str(parsed.database)) and not file.startswith("file:"):
        _make_private_file(Path(file))
    engine = create_engine(parsed, connect_args={"timeout": _TOLD_S}, pool_size=8, max_overflow=-1)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private_file(ledger: Path) -> None:
    """Makes a missing ledger for this user alone; SQLite gives its other files the same mode."""
    make_private(ledger.parent)
    if not ledger.exists():
        ledger.touch(0o600)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        _unlocked(connection, f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes can be refused at once in WAL mode,
    # whatever the time-out; one that takes the write lock first waits for it.
    reading = connection.get_execution_options().get("pressrun_read")
    # Past SQLAlchemy, whose bookkeeping for one statement costs more than the statement.
    _unlocked(driver_of(connection), "BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    # Not by the driver, which would begin a transaction for a statement alone, too.
    if not connection.get_execution_options().get("pressrun_begun"):
        driver_of(connection).execute("BEGIN")


def _roll_back(driver: Any, _record: object, _state: object) -> None:
    # After an error alone is anything open: to ask the driver each time costs as much as the pool.
    if driver.info.transaction_status:
        driver.rollback()


def driver_of(connection: Connection) -> Any:
    """Gives the driver's own connection."""
    return connection.connection.driver_connection


def _notice_ended(engine: Engine) -> None:
    """Lets no pooled connection out that its server has ended, as one does that restarts.

    Such a connection has something to be read, so that this needs no trip to the server. It is
    asked only then, and after a long rest, in which a network may have forgotten the connection.
    """

    def require_open(driver: Any, record: Any, _fairy: object) -> None:
        rested_s = time.monotonic() - record.info.get("used_at", time.monotonic())
        try:
            if driver.closed or rested_s > _REST_S or _is_readable(driver.fileno()):
                engine.dialect.do_ping(driver)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the others are no better

    def note_use(_driver: object, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    event.listen(engine, "checkout", require_open)
    event.listen(engine, "checkin", note_use)


def _is_readable(file: int) -> bool:
    poll = select.poll()  # one call of the system; a selector makes four
    poll.register(file, select.POLLIN)
    return bool(poll.poll(0))


def _unlocked(driver: Any, statement: str) -> None:
    """Executes a statement once other processes leave the ledger; says soon that it waits."""
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            driver.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            left_s = deadline - time.monotonic()
            logger.warning("%s It is waited for, up to %.0f s more.", LOCKED, left_s)

"""One database, SQLite by default, PostgreSQL by URL: connections, transactions, migrations.

A caller that can wait repeats its call while the database is unavailable. A SQLite ledger is
copied before its tables are changed.
"""

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from tenacity import stop_after_delay, wait_fixed

from pressrun.errors import LedgerError, retry
from pressrun.ledger.database import migrations
from pressrun.ledger.database.engine import LOCKED, driver_of, make_engine
from pressrun.ledger.database.prepared import Statement, pipelined
from pressrun.ledger.database.writer import Writer

#: How long a PostgreSQL server that restarts is waited for, and the pause between two attempts.
_AWAY_S, _ASK_S = 60.0, 0.5
_SERVER_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::float8"
_MIGRATION_LOCK = 7370726573737275  # any number, the same for every process on PostgreSQL
_COPY = (
    " Put a copy of it in its place (your backup, or ledger.db.NNNN beside it, from before an "
    "update), or point PRESSRUN_LEDGER_URL at another ledger."
)
_WRITABLE = " See that its folder is there and can be written (PRESSRUN_DATA, PRESSRUN_LEDGER_URL)."
#: What to do, by what the database says.
_ADVICE = {
    "malformed": _COPY,
    "not a database": _COPY,
    "unable to open": _WRITABLE,
    "readonly": _WRITABLE,
    "is full": " Free some space on its disk.",
}
logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

#: How long a call to an unavailable ledger is repeated, and the pause between two attempts.
PATIENCE_S, PAUSE_S = 90.0, 2.0


class Database:
    """Connections to the ledger's database.

    Args:
        url: ``sqlite:///path`` or ``postgresql+psycopg://…`` as SQLAlchemy writes them.

    Attributes:
        engine: SQLAlchemy's, for what neither :meth:`read` nor :meth:`write` does.
        writer: What all writes of this process go through; None for PostgreSQL.

    Raises:
        LedgerError: The URL is wrong, the database cannot be reached, or its tables are newer.
    """

    def __init__(self, url: str):
        try:
            self.engine = make_engine(_parsed(url))
            self.is_sqlite = self.engine.dialect.name == "sqlite"
            with self._disposed_if_unusable():
                self._migrate()
        except (NoSuchModuleError, ImportError) as error:
            raise LedgerError(f"PRESSRUN_LEDGER_URL cannot be used: {error}.") from error
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise LedgerError(_sentence(error)) from error
        self._reader = self.engine.execution_options(pressrun_read=True)
        self._piped = self.engine.execution_options(pressrun_begun=True)
        self.writer = Writer(self.engine) if self.is_sqlite else None

    @contextmanager
    def _disposed_if_unusable(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.engine.dispose()
            raise

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Opens a transaction that takes its lock at once and commits at the end."""
        with _told():
            mine = self.writer.transaction() if self.writer else self._begun(self.engine)
            with mine as connection:
                yield connection

    @contextmanager
    def write_at_once(self) -> Iterator[Connection]:
        """Opens a transaction of prepared statements, for few trips to a server.

        Those that give no rows are sent with the next one that does, or at the end, and begin and
        commit with them. An error may come with a later statement than its own; the transaction is
        lost either way.
        """
        if self.is_sqlite:
            with self.write() as connection:
                yield connection
            return
        with _told(), self._reached(self._piped) as connection, pipelined(connection):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Opens a transaction for reading; on SQLite all that it reads is of one moment."""
        with _told(), self._begun(self._reader) as connection:
            yield connection

    def run(self, statement: Statement, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Runs a statement as a transaction of its own, in one trip to a server; gives its rows."""
        if self.is_sqlite:
            with self.read() if statement.reads else self.write() as connection:
                return statement.run(connection, values)
        with _told(), self._reached(self._piped) as connection:
            return statement.run(connection, values)

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        with self._reached(engine) as connection, connection.begin():
            yield connection

    @contextmanager
    def _reached(self, engine: Engine) -> Iterator[Connection]:
        """Takes a connection; waits for an unavailable server, since nothing was asked yet."""
        deadline = time.monotonic() + _AWAY_S
        while True:
            try:
                connection = engine.connect()
                break
            except OperationalError:
                if self.is_sqlite or time.monotonic() > deadline:
                    raise
                time.sleep(_ASK_S)
        with connection:
            try:
                yield connection
            except DBAPIError:
                # What the driver itself was asked, SQLAlchemy has not heard the answer of.
                if not (connection.invalidated or self.is_sqlite) and driver_of(connection).closed:
                    connection.invalidate()
                raise

    def close(self) -> None:
        """Closes all connections."""
        if self.writer:
            self.writer.close()
        self.engine.dispose()

    def _migrate(self) -> None:
        # Whoever only looks does not wait for those who write.
        with self.engine.execution_options(pressrun_read=True).connect() as connection:
            if migrations.revision(connection) == migrations.HEAD:
                return
        with self.engine.begin() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            # Checked again under the lock: another process may have migrated meanwhile.
            found = migrations.revision(connection)
            if found == migrations.HEAD:
                return
            if found and (file := self.engine.url.database) and self.is_sqlite:
                save_copy(Path(file), found)
            migrations.upgrade(connection)


@dataclass(frozen=True, slots=True)
class DatabaseLook:
    """What a ledger is like, seen without changing it.

    Attributes:
        revision: Of its tables; None if there are none.
        newest: The revision that this Pressrun makes.
        clock_ahead_s: How far its server's clock is ahead of this machine's; 0 for a file.
    """

    revision: str | None
    newest: str
    clock_ahead_s: float = 0.0

    @property
    def current(self) -> bool:
        """Whether its tables are those that this Pressrun works with."""
        return self.revision == self.newest


def look(url: str) -> DatabaseLook | None:
    """Looks at a ledger; None for a file that is not there yet.

    Raises:
        LedgerError: It cannot be reached, or its tables are newer.
    """
    parsed = _parsed(url)
    if parsed.drivername.startswith("sqlite") and not Path(str(parsed.database)).exists():
        return None
    engine = create_engine(parsed)
    try:
        with engine.connect() as connection:
            found, ahead_s = migrations.revision(connection), 0.0
            if engine.dialect.name != "sqlite":
                begun = time.time()
                there = connection.exec_driver_sql(_SERVER_CLOCK).scalar_one()
                ahead_s = float(there) - (begun + time.time()) / 2
            return DatabaseLook(found, migrations.HEAD, ahead_s)
    except (SQLAlchemyError, OSError) as error:
        raise LedgerError(_sentence(error)) from error
    finally:
        engine.dispose()


def _parsed(url: str) -> URL:
    """Reads the URL of a database that is the same for every process.

    Raises:
        LedgerError: It is none, or says too little to be that.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without the cause, whose words may have the password in them.
        raise LedgerError(
            "PRESSRUN_LEDGER_URL cannot be used: it is no URL. Write sqlite:////path/of/ledger.db, "
            "or postgresql://user:password@host:5432/database with %40 for an @ in the password."
        ) from None
    if parsed.drivername.startswith("sqlite"):
        if parsed.database in (None, "", ":memory:"):
            raise LedgerError(
                "PRESSRUN_LEDGER_URL names no file, so the ledger would be lost with the process. "
                "Write sqlite:////path/of/ledger.db."
            )
        return parsed
    if not (parsed.database and (parsed.host or "host" in parsed.query)):
        raise LedgerError(
            "PRESSRUN_LEDGER_URL names no host or no database, so some other one could be taken. "
            "Write postgresql://user:password@host/database."
        )
    plain = parsed.drivername == "postgresql"
    return parsed.set(drivername="postgresql+psycopg") if plain else parsed


@contextmanager
def _told() -> Iterator[None]:
    """Makes a sentence of what the database says, but for an answer to the caller's question.

    Raises:
        LedgerError: In place of it.
    """
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, sqlite3.Error) as error:
        raise LedgerError(_sentence(error), retryable=True) from error


def _sentence(error: Exception) -> str:
    reason = str(getattr(error, "orig", error) or error).strip().splitlines()[0]
    if reason == "database is locked":
        return f"{LOCKED} Wait until that one has finished, or end it; then try again."
    advice = next((told for sign, told in _ADVICE.items() if sign in reason), "")
    return f"The ledger cannot be used: {reason}.{advice}"


def retry_while_unavailable(ask: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Repeats a call while the ledger is unavailable; returns its answer.

    Args:
        ask: A query, or a write that may be made twice without harm: it may have been made
            although its answer was lost.
        *arguments: Passed to it,
        **named: also by name.

    Raises:
        LedgerError: No waiting helps, or it has lasted too long.
    """
    return retry(
        lambda: ask(*arguments, **named),
        wait=wait_fixed(PAUSE_S),
        stop=stop_after_delay(PATIENCE_S),
    )


def save_copy(ledger: Path, revision: str) -> Path:
    """Copies the ledger beside itself, as it was at that revision; an existing copy stays.

    The copy is whole also while others use the ledger, unlike a copy of its file.
    """
    copy = ledger.with_name(f"{ledger.name}.{revision}")
    if copy.exists():
        return copy
    part = copy.with_name(f"{copy.name}.part")
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    shutil.copymode(ledger, part)
    part.replace(copy)
    return copy

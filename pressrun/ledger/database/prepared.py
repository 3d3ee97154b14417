"""A statement of the hot path: written in SQLAlchemy, compiled once, run on the driver itself.

SQLAlchemy's way from a statement to the driver and back takes several times as long as SQLite
takes to answer. What runs for every item therefore runs here; everything else does not need it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect, SelectBase, UpdateBase
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from pressrun.ledger.database.engine import driver_of

# Both drivers take values by name then; psycopg's own style does already.
_SQLITE = sqlite.dialect(paramstyle="named")


class Statement:
    """One statement for SQLite and PostgreSQL.

    Values reach the driver as they are, and rows come back as the driver gives them: a column
    whose type converts either (JSON) is the caller's to convert.

    Args:
        clause: As SQLAlchemy writes it.
        columns: What an ``insert`` fills. None for the others, which name their values themselves.

    Attributes:
        reads: Whether it changes nothing.
    """

    def __init__(self, clause: SelectBase | UpdateBase, columns: Sequence[str] | None = None):
        self._clause, self._columns = clause, columns
        self.reads = isinstance(clause, SelectBase)
        self._gives_rows = bool(clause.exported_columns)  # of a SELECT, or of RETURNING
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def run(self, connection: Connection, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Runs it in the connection's transaction; gives its rows, if it has any.

        Raises:
            DBAPIError: As SQLAlchemy would.
        """
        sql, fixed = self._text(connection.dialect)
        driver = driver_of(connection)
        try:
            cursor = driver.execute(sql, {**fixed, **values})
            return cursor.fetchall() if self._gives_rows else []
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy(connection, sql, error) from error

    def run_each(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Runs it for each row, like :meth:`run` but without results; in one trip to a server."""
        if not rows:
            return
        sql, fixed = self._text(connection.dialect)
        driver = driver_of(connection)
        try:
            driver.cursor().executemany(sql, [{**fixed, **row} for row in rows])
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy(connection, sql, error) from error

    def _text(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """Compiles the SQL, once for a database; gives it with the values that are part of it."""
        if dialect.name not in self._compiled:
            target = _SQLITE if dialect.name == "sqlite" else dialect
            compiled = self._clause.compile(dialect=target, column_keys=self._columns)
            self._compiled[dialect.name] = str(compiled), dict(compiled.params)
        return self._compiled[dialect.name]


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Begins a transaction on PostgreSQL and commits it, all in as few trips as its rows allow.

    Raises:
        DBAPIError: As SQLAlchemy would; the transaction is open or lost then.
    """
    driver = driver_of(connection)
    try:
        with driver.pipeline():
            driver.execute("BEGIN")
            yield
            # Not the driver's own, which may think that there is nothing to commit yet.
            driver.execute("COMMIT")
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, "", error) from error


def _as_sqlalchemy(connection: Connection, sql: str, error: Exception) -> BaseException:
    base = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, None, error, base, dialect=connection.dialect)

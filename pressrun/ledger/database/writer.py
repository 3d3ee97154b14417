"""SQLite's one writer: threads queue for it, and those that wait share a commit.

To make a commit durable takes longer than the statements in it. A thread that sees others waiting
leaves the commit to them, and goes on when one of them has made it: no thread goes on before what
it wrote is on the disk. PostgreSQL does the same by itself.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

#: The longest delay of a shared commit, so that other processes can use the database.
_OPEN_S = 0.02
#: How long a thread waits for another's commit before it commits itself: the other may have been
#: interrupted while it waited.
_LEFT_S = 0.1


class _Group:
    """Transactions that are committed together.

    Attributes:
        parts: How many of them were done.
        error: Why none of them is kept, if that is so.
    """

    def __init__(self, connection: Connection):
        self.connection = connection
        self.driver: Any = connection.connection.driver_connection
        self.parts = 0
        self.ended = threading.Event()
        self.error: BaseException | None = None
        self._begun = time.monotonic()

    @property
    def is_old(self) -> bool:
        """Whether it has kept other processes waiting for long enough."""
        return time.monotonic() - self._begun > _OPEN_S

    def take_back_part(self) -> bool:
        """Rolls the last part back, if it can be rolled back alone.

        On some errors (such as a full disk) SQLite rolls back everything that is open.
        """
        try:
            if self.driver.in_transaction:
                self.driver.execute("ROLLBACK TO part")
                self.driver.execute("RELEASE part")
                return True
        except sqlite3.Error:
            pass
        return False

    def take_back(self) -> bool:
        """Rolls everything back; False if the connection cannot be used any more."""
        try:
            self.connection.rollback()
        except (DBAPIError, sqlite3.Error):
            return False
        return not self.driver.in_transaction  # SQLAlchemy forgets what could not be committed


class Writer:
    """The connection through which this process writes.

    Args:
        engine: Begins its transactions with the write lock taken.
    """

    def __init__(self, engine: Engine):
        self._engine = engine
        self._turn = threading.Lock()
        self._connection: Connection | None = None
        self._group: _Group | None = None
        self._door = threading.Lock()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """Threads that wait to write."""
        return self._waiting

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Writes all that the block writes, or nothing; it is on the disk when the block is left.

        Raises:
            sqlite3.Error: It could not be committed, or a thread that shares its commit broke it.
            DBAPIError: It could not be begun.
        """
        with self._my_turn():
            group = self._group or self._begin()
            try:
                with self._part(group) as connection:
                    yield connection
            finally:
                if self._group and (not self.waiting or group.is_old):
                    self._commit(group)
        while not group.ended.wait(_LEFT_S):
            with self._turn:
                if self._group is group:
                    self._commit(group)
        if group.error:
            raise sqlite3.OperationalError(str(group.error)) from group.error

    def close(self) -> None:
        """Ends the connection; the next transaction opens another."""
        with self._turn:
            if self._group:
                self._commit(self._group)
            self._drop()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        with self._door:
            self._waiting += 1
        try:
            self._turn.acquire()
        finally:
            with self._door:
                self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    def _begin(self) -> _Group:
        if self._connection is None:
            # Kept open: to fetch one from the pool takes as long as a small statement.
            self._connection = self._engine.connect()
        try:
            self._connection.begin()
            self._group = _Group(self._connection)
        except BaseException:
            self._drop()
            raise
        return self._group

    @contextmanager
    def _part(self, group: _Group) -> Iterator[Connection]:
        """Begins one of the transactions that are committed together; it can fail alone."""
        shared = group.parts > 0
        if shared:
            group.driver.execute("SAVEPOINT part")
        try:
            yield group.connection
            if shared:
                group.driver.execute("RELEASE part")
        except BaseException as error:
            if not (shared and group.take_back_part()):
                self._end(group, error)
            raise
        group.parts += 1

    def _commit(self, group: _Group) -> None:
        """Commits what is open; each thread that shares it raises the error, if there is one."""
        try:
            group.connection.commit()
        except (DBAPIError, sqlite3.Error) as error:
            self._end(group, error)
        except BaseException as error:
            self._end(group, error)
            raise
        else:
            self._end(group, None)

    def _end(self, group: _Group, error: BaseException | None) -> None:
        if error and not group.take_back():
            self._drop()
        self._group = None
        group.error = error
        group.ended.set()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # the pool would keep what is still open in it
            connection.close()

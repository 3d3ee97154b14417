"""SQLite's writer: commits are shared, and nobody answers for another's failure."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from pressrun.errors import LedgerError
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.writer import Writer
from tests.support.waiting import until

_PATIENCE_S = 30.0
_LARGE = "x" * 200_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE lines (of INTEGER UNIQUE, words TEXT)")
        # A wrong reference is found at the commit, not before.
        connection.exec_driver_sql(
            "CREATE TABLE marks (of INTEGER REFERENCES lines (of) DEFERRABLE INITIALLY DEFERRED)"
        )
    yield database
    database.close()


@pytest.fixture
def commits(database: Database) -> list[Connection]:
    made: list[Connection] = []
    event.listen(database.engine, "commit", made.append)
    return made


def test_who_stands_in_line_shares_a_commit(database: Database, commits: list[Connection]) -> None:
    _in_line(database, [_writes(number) for number in range(40)])
    assert _lines(database) == [*range(40)]
    assert len(commits) < 30


def test_who_is_alone_commits_at_once(database: Database, commits: list[Connection]) -> None:
    for number in range(3):
        _write(database, number)
        assert _lines(database) == [*range(number + 1)]
    assert len(commits) == 3


def test_a_transaction_of_many_fails_alone(database: Database) -> None:
    def fails(connection: Connection) -> None:
        _writes(100)(connection)
        raise ValueError("not today")

    said = _in_line(database, [_writes(1), fails, _writes(2), fails, _writes(3)])
    assert [repr(error) for error in said if error] == ["ValueError('not today')"] * 2
    assert _lines(database) == [1, 2, 3]


def test_a_commit_that_fails_fails_for_all_who_share_it(database: Database) -> None:
    def refers_to_nothing(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO marks VALUES (99)")

    work = [_writes(1), _writes(2), refers_to_nothing, _writes(3), _writes(4)]
    said = _in_line(database, work)
    kept = [1, 2, None, 3, 4]
    assert isinstance(said[2], LedgerError)
    assert "FOREIGN KEY" in str(said[2])
    assert _lines(database) == [n for n, error in zip(kept, said, strict=True) if not error]
    _write(database, 5)  # and the next one begins anew
    assert 5 in _lines(database)


@pytest.mark.parametrize("seed", range(5))
def test_on_a_full_disk_who_heard_of_no_failure_has_what_he_wrote(
    database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    large = {number for number in range(60) if chance.random() < 0.3}
    with database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 200}")
    words = ["small" if number not in large else _LARGE for number in range(60)]
    said = _in_line(database, [_writes(n, text) for n, text in enumerate(words)])
    assert any(isinstance(error, LedgerError) and error.retryable for error in said)
    assert _lines(database) == [number for number, error in enumerate(said) if not error]


def test_a_commit_that_was_left_to_nobody_is_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who was interrupted in the line seems to wait.
    monkeypatch.setattr(Writer, "waiting", property(lambda _: 1))
    _write(database, 1)
    assert _lines(database) == [1]


def test_what_is_not_committed_is_seen_by_no_reader(database: Database) -> None:
    with database.write() as connection:
        _writes(1)(connection)
        assert _lines(database) == []
    assert _lines(database) == [1]


def _writes(number: int, words: str = "") -> Callable[[Connection], None]:
    def write(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO lines VALUES (?, ?)", (number, words))

    return write


def _write(database: Database, number: int) -> None:
    with database.write() as connection:
        _writes(number)(connection)


def _in_line(
    database: Database, work: list[Callable[[Connection], None]]
) -> list[BaseException | None]:
    """Does all of it in threads that stand in line when the first one begins."""
    writer = database.writer
    assert writer

    def waiting(number: int) -> bool:
        return writer.waiting == number

    def run(what: Callable[[Connection], None]) -> None:
        with database.write() as connection:
            what(connection)

    with ThreadPoolExecutor(len(work)) as threads:
        done: list[Future[None]] = []
        with suppress(LedgerError), database.write():  # the first of those who share a commit
            for number, what in enumerate(work, start=1):
                done.append(threads.submit(run, what))
                until(partial(waiting, number))
        return [future.exception(_PATIENCE_S) for future in done]


def _lines(database: Database) -> list[int]:
    with sqlite3.connect(f"file:{database.engine.url.database}?mode=ro", uri=True) as connection:
        return [number for (number,) in connection.execute("SELECT of FROM lines ORDER BY of")]

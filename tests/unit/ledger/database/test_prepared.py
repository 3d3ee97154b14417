"""Statements on the driver: the same rows and the same errors as SQLAlchemy's own way."""

import time

import pytest
from sqlalchemy import bindparam, create_engine, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from pressrun.errors import LedgerError
from pressrun.ledger import Ledger
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import places

ADD = Statement(insert(places), ("destination", "path", "remote_id"))
FIND = Statement(
    select(places.c.path, places.c.remote_id)
    .where(places.c.destination == bindparam("within"))
    .order_by(places.c.path)
)
MOVE = Statement(
    update(places)
    .where(places.c.path == bindparam("at"))
    .values(remote_id=places.c.remote_id + "%'?:x")
    .returning(places.c.remote_id)
)


def row(path: str) -> dict[str, object]:
    return {"destination": "d", "path": path, "remote_id": f"id of {path}"}


def test_what_is_run_stands_after_the_transaction_and_reads_alike(ledger: Ledger) -> None:
    with ledger.database.write() as connection:
        ADD.run(connection, row("a"))
        ADD.run_each(connection, [row("b"), row("c")])
        ADD.run_each(connection, [])
    with ledger.database.read() as connection:
        found = FIND.run(connection, {"within": "d"})
        assert found == [(name, f"id of {name}") for name in "abc"]
        assert found == [
            tuple(r) for r in connection.execute(select(places.c.path, places.c.remote_id))
        ]


def test_values_in_the_statement_itself_are_quoted_by_the_driver(ledger: Ledger) -> None:
    with ledger.database.write() as connection:
        ADD.run(connection, row("a"))
        assert MOVE.run(connection, {"at": "a"}) == [("id of a%'?:x",)]
        assert MOVE.run(connection, {"at": "nowhere"}) == []


def test_when_written_at_once_rows_come_as_they_are_asked_for(ledger: Ledger) -> None:
    with ledger.database.write_at_once() as connection:
        ADD.run(connection, row("a"))
        ADD.run_each(connection, [row("b"), row("c")])
        assert MOVE.run(connection, {"at": "b"}) == [("id of b%'?:x",)]
        ADD.run(connection, row("d"))
        assert [path for path, _ in FIND.run(connection, {"within": "d"})] == ["a", "b", "c", "d"]
        ADD.run(connection, row("e"))
    assert paths(ledger) == ["a", "b", "c", "d", "e"]


def add_at_once(ledger: Ledger, *names: str, look: bool) -> None:
    with ledger.database.write_at_once() as connection:
        for name in names:
            ADD.run(connection, row(name))
        if look:
            FIND.run(connection, {"within": "d"})


@pytest.mark.parametrize("look", [False, True])
def test_when_written_at_once_an_error_is_the_same_and_nothing_is_left(
    ledger: Ledger, look: bool
) -> None:
    add(ledger, "a")
    with pytest.raises(IntegrityError):
        add_at_once(ledger, "b", "a", "c", look=look)
    assert paths(ledger) == ["a"]
    add_at_once(ledger, "b", look=look)
    assert paths(ledger) == ["a", "b"]


def half_written(ledger: Ledger) -> None:
    with ledger.database.write() as connection:
        ADD.run(connection, row("a"))
        connection.execute(insert(places), row("b"))
        raise ZeroDivisionError


def add(ledger: Ledger, *paths: str, each: bool = False) -> None:
    with ledger.database.write() as connection:
        if each:
            ADD.run_each(connection, [row(path) for path in paths])
        else:
            for path in paths:
                ADD.run(connection, row(path))


def paths(ledger: Ledger) -> list[str]:
    with ledger.database.read() as connection:
        return [path for path, _ in FIND.run(connection, {"within": "d"})]


def test_a_transaction_of_both_ways_stands_or_falls_as_one(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError):
        half_written(ledger)
    assert paths(ledger) == []
    with ledger.database.write() as connection:
        connection.execute(insert(places), row("a"))
        ADD.run(connection, row("b"))
    with ledger.database.write() as connection:
        ADD.run(connection, row("c"))
        connection.execute(insert(places), row("d"))
    assert paths(ledger) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("each", [False, True])
def test_a_row_that_stands_already_is_an_integrity_error(ledger: Ledger, each: bool) -> None:
    add(ledger, "a")
    with pytest.raises(IntegrityError):
        add(ledger, "b", "a", each=each)
    assert paths(ledger) == ["a"]


def test_a_table_that_is_gone_is_a_sentence_and_the_next_statement_works(ledger: Ledger) -> None:
    with ledger.database.write() as connection:
        connection.execute(text("ALTER TABLE places RENAME TO moved"))
    with pytest.raises(LedgerError, match=r"The ledger cannot be used: .*places"):
        add(ledger, "a")
    with pytest.raises(LedgerError, match=r"The ledger cannot be used: .*places"):
        paths(ledger)
    with ledger.database.write() as connection:
        connection.execute(text("ALTER TABLE moved RENAME TO places"))
    add(ledger, "a")
    assert paths(ledger) == ["a"]


def cut_off(ledger: Ledger) -> None:
    with ledger.database.write() as connection:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
        with ledger.database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        ADD.run(connection, row("a"))


def test_a_connection_that_the_server_ends_is_a_sentence_and_the_next_one_works(
    ledger: Ledger,
) -> None:
    if ledger.database.is_sqlite:
        pytest.skip("SQLite has no server")
    with pytest.raises(LedgerError) as caught:
        cut_off(ledger)
    assert caught.value.retryable
    add(ledger, "a")
    assert paths(ledger) == ["a"]


def end_all_connections(ledger: Ledger) -> None:
    """As a server does that restarts."""
    engine = create_engine(ledger.database.engine.url, poolclass=NullPool)
    with engine.connect() as other:
        theirs = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
        theirs += "pg_backend_pid() AND datname = current_database()"
        other.execute(text(theirs))
    time.sleep(0.2)  # until it is heard


def test_connections_that_the_server_ended_are_not_used_again(ledger: Ledger) -> None:
    if ledger.database.is_sqlite:
        pytest.skip("SQLite has no server")
    for name in ("a", "b", "c"):
        with ledger.database.write_at_once() as connection:
            ADD.run(connection, row(name))
        end_all_connections(ledger)
    assert len(ledger.database.run(FIND, {"within": "d"})) == 3
    end_all_connections(ledger)
    assert paths(ledger) == ["a", "b", "c"]


def test_a_statement_alone_is_committed(ledger: Ledger, ledger_url: str) -> None:
    ledger.database.run(ADD, row("a"))
    other = Ledger(ledger_url)
    assert other.database.run(MOVE, {"at": "a"}) == [("id of a%'?:x",)]
    other.close()
    assert ledger.database.run(FIND, {"within": "d"}) == [("a", "id of a%'?:x")]

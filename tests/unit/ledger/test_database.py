"""The database itself: migrated, durable, shared, and clear when it cannot be used."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from pressrun.errors import LedgerError
from pressrun.ledger import Ledger, migrations
from pressrun.ledger.batches import Batch
from pressrun.ledger.schema import metadata


def test_the_migrations_make_exactly_the_schema(ledger: Ledger) -> None:
    with ledger.database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_the_known_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_opening_twice_changes_nothing(ledger_url: str) -> None:
    first = Ledger(ledger_url)
    first.batches.create(Batch("b1", "slideshow", "T", "/out", "R", {}, created_at=1.0), [])
    first.close()
    second = Ledger(ledger_url)
    assert second.batches.match("b1").root == "R"
    second.close()


def test_many_threads_open_a_new_ledger_at_once(ledger_url: str) -> None:
    ledgers: list[Ledger] = []
    threads = [
        threading.Thread(target=lambda: ledgers.append(Ledger(ledger_url))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledgers) == 6
    for ledger in ledgers:
        ledger.close()


def test_a_ledger_of_a_newer_version_is_refused_with_what_to_do(ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    with ledger.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    ledger.close()
    with pytest.raises(LedgerError, match="newer Pressrun"):
        Ledger(ledger_url)


def test_sqlite_keeps_what_is_committed_through_a_power_cut(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    with ledger.database.read() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
    ledger.close()


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    place.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(LedgerError, match="file is not a database"):
        Ledger(f"sqlite:///{place}")


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x/y", "sqlite:////proc/nowhere/ledger.db"])
def test_a_url_that_cannot_be_used_is_a_sentence(url: str) -> None:
    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger(url)


def test_a_writer_elsewhere_is_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    ledger = Ledger(f"sqlite:///{place}")
    other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, other.execute, ["COMMIT"]).start()
    ledger.batches.create(Batch("b1", "slideshow", "T", "/out", "R", {}, created_at=1.0), [])
    assert ledger.batches.match("b1").id == "b1"
    ledger.close()

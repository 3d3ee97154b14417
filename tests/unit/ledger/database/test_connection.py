"""The database itself: migrated, durable, shared, and clear when it cannot be used."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from pressrun.errors import LedgerError
from pressrun.ledger import Ledger
from pressrun.ledger.call_statistics import read_stats
from pressrun.ledger.database import migrations
from pressrun.ledger.database.connection import save_copy
from pressrun.ledger.database.schema import metadata
from pressrun.ledger.records import Batch
from tests.support.processes import forks


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


def test_only_its_user_can_read_a_new_ledger(tmp_path: Path, usual_umask: None) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/data/new/ledger.db")
    ledger.batches.create(Batch("b1", "slideshow", "T", "/out", "R", {}, created_at=1.0), [])
    save_copy(tmp_path / "data/new/ledger.db", "0001")
    files = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "data/new").iterdir()}
    ledger.close()
    assert files == dict.fromkeys(
        ("ledger.db", "ledger.db-shm", "ledger.db-wal", "ledger.db.0001"), 0o600
    )
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "data").rglob(".")} == {0o700}


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
    with pytest.raises(LedgerError, match=r"file is not a database\. Put a copy of it"):
        Ledger(f"sqlite:///{place}")
    assert place.read_bytes().startswith(b"this is not")  # nothing was written into it


def test_a_torn_ledger_is_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    ledger = Ledger(f"sqlite:///{place}")
    for number in range(200):
        batch = Batch(
            f"b{number}", "slideshow", "T" * 500, "/out", f"R{number}", {}, created_at=1.0
        )
        ledger.batches.create(batch, [])
    ledger.close()
    with sqlite3.connect(place) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(place.read_bytes())
    data[8192:-4096] = b"\xff" * len(data[8192:-4096])
    place.write_bytes(data)
    with pytest.raises(LedgerError, match=r"malformed\. Put a copy of it"):
        Ledger(f"sqlite:///{place}").batches.match("b7")


def test_an_older_ledger_is_brought_up_to_date_and_a_copy_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    _make_older(f"sqlite:///{place}", "0005")
    for _ in range(2):
        ledger = Ledger(f"sqlite:///{place}")
        assert ledger.batches.match("old").status == "running"
        ledger.close()
    (copy,) = tmp_path.glob("ledger.db.*")
    assert copy.name == "ledger.db.0005"
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT status FROM batches").fetchall() == [("processing",)]


def test_rows_of_an_older_ledger_are_whole_in_todays(ledger_url: str) -> None:
    _make_older(ledger_url, "0007", _OLD_CALL, _OLD_FILE, _OLD_HOLDER)
    ledger = Ledger(ledger_url)
    assert ledger.batches.match("old").parameters == {"action": "quote"}
    assert ledger.calls.known("old", "i").paid["k"].cost_usd == 0.0336
    (stat,) = read_stats(ledger.database, "batch")
    assert (stat.settled, stat.tiers) == (1, {})
    (file,) = ledger.deliveries.all("old")
    assert (file.path, file.provenance) == ("a.png", None)
    assert ledger.batches.match("old").machine == ""
    holder = ledger.leases.acquire("old", "new", "host", "m2")
    assert holder is not None
    assert (holder.token, holder.machine, holder.dead) == ("t", "", False)
    assert ledger.copies.elsewhere("old") == []
    ledger.close()


_OLD_BATCH = (
    "INSERT INTO batches (id, kind, title, destination, root, parameters, status, created_at) "
    "VALUES ('old', 'slideshow', 'T', '/out', 'R', '{\"what\"\\: \"quote only\"}', 'processing', 1)"
)
_OLD_CALL = (
    "INSERT INTO calls (id, batch_id, item_key, slot, call_key, account, model, status, send_at, "
    "settled_at, latency_s, cost_nusd, input_tokens, output_tokens, image_tokens, thought_tokens, "
    "sha256, media_type) VALUES ('c', 'old', 'i', 's', 'k', 'a', 'm', 'settled', 1, 2, 1, "
    "33600000, 1, 2, 2, 0, 'd', 'image/png')"
)
_OLD_HOLDER = "INSERT INTO holders (batch_id, token, host, beat_at) VALUES ('old', 't', 'host', 1)"
_OLD_FILE = (
    "INSERT INTO deliveries (batch_id, path, item_key, media_type, bytes, sha256, status) "
    "VALUES ('old', 'a.png', 'i', 'image/png', 3, 'd', 'pending')"
)


def _make_older(url: str, revision: str, *rows: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for row in (_OLD_BATCH, *rows):
            connection.execute(text(row))
    engine.dispose()


def test_64_threads_in_4_processes_write_and_nobody_hears_that_it_is_locked(
    ledger: Ledger, ledger_url: str
) -> None:
    ledger.batches.create(Batch("b1", "slideshow", "T", "/out", "R", {}, created_at=1.0), [])
    with forks(__name__).Pool(4) as pool:
        said = list(chain.from_iterable(pool.map(_write_much, [ledger_url] * 4)))
    assert said == [None] * 4 * 64


def _write_much(url: str) -> list[str | None]:
    ledger = Ledger(url)

    def write(number: int) -> str | None:
        try:
            for crashes in range(2):
                ledger.batches.mark("b1", crashes=crashes)
                ledger.batches.match("b1")
        except LedgerError as error:
            return f"{number}: {error}"
        return None

    with ThreadPoolExecutor(64) as threads:
        said = list(threads.map(write, range(64)))
    ledger.close()
    return said


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

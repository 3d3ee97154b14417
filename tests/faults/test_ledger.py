"""A ledger whose disk is full or read-only, that is damaged, or that a newer version wrote.

Each is said in one sentence soon, costs nothing that was paid, and goes on when it is mended.
"""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from pressrun.batches.run import BatchRun
from pressrun.errors import LedgerError, PressrunError
from pressrun.ledger import open_ledger
from pressrun.ledger.database import connection, migrations
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from tests.servers.gemini import GeminiServer
from tests.support.batches import GEMINI, KEY, account_at, parameters, plan, work
from tests.support.disks import small_file_system

#: Within this a person has read what is wrong, on a machine with other work too.
SOON_S = 10.0


@dataclass
class Disk:
    """A small file system with the ledger on it."""

    place: Path

    @property
    def ledger(self) -> Path:
        return self.place / "ledger.db"

    def fill(self) -> None:
        with (self.place / "ballast").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 1024)
            except OSError:
                pass

    def empty(self) -> None:
        (self.place / "ballast").unlink()

    def remount(self, mode: str) -> None:
        close()
        options = f"remount,{mode},size=2m"
        subprocess.run(["mount", "-o", options, str(self.place)], check=True)


def close() -> None:
    """Lets go of the ledger, if it could be opened."""
    with suppress(LedgerError):
        open_ledger().close()
    open_ledger.cache_clear()


@pytest.fixture
def disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    with small_file_system(home / "small", "2m") as place:
        monkeypatch.setenv("PRESSRUN_LEDGER_URL", f"sqlite:///{place}/ledger.db")
        monkeypatch.setattr(connection, "PATIENCE_S", 1.0)
        monkeypatch.setattr(connection, "PAUSE_S", 0.1)
        settings.cache_clear()
        open_ledger.cache_clear()
        yield Disk(place)


def damage(disk: Disk) -> None:
    close()
    shutil.copy(disk.ledger, disk.place / "copy")
    with disk.ledger.open("r+b") as file:
        file.write(b"no database at all" * 100)


def mend(disk: Disk) -> None:
    shutil.copy(disk.place / "copy", disk.ledger)


def of_revision(disk: Disk, before: str, after: str) -> None:
    close()
    with sqlite3.connect(disk.ledger) as ledger:
        changed = ledger.execute(
            "UPDATE alembic_version SET version_num = ? WHERE version_num LIKE ?", (after, before)
        )
        assert changed.rowcount == 1
    ledger.close()


#: What breaks a ledger, what is said of it, and what mends it.
FAULTS: dict[str, tuple[Callable[[Disk], None], str, Callable[[Disk], None]]] = {
    "a full disk": (Disk.fill, r"is full\. Free some space on its disk", Disk.empty),
    "read-only": (
        lambda d: d.remount("ro"),
        "See that its folder is there and can be written",
        lambda d: d.remount("rw"),
    ),
    "damaged": (damage, r"not a database\. Put a copy of it in its place", mend),
    "newer": (
        lambda disk: of_revision(disk, "%", "9999"),
        r"newer Pressrun \(revision 9999",
        lambda disk: of_revision(disk, "9999", migrations.HEAD),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_ledger_that_cannot_be_used_is_a_sentence_and_loses_nothing(
    home: Path, disk: Disk, fault: str
) -> None:
    break_it, said, mend_it = FAULTS[fault]
    with GeminiServer(keys={KEY}) as server:
        account = account_at(server.url)
        given = parameters(home, slides=1, **GEMINI)
        first = plan(given)
        assert work(first, account).whole
        paid = len(server.bill)

        break_it(disk)
        began = time.monotonic()
        with pytest.raises(LedgerError, match=said) as refused:
            plan(given)
        assert time.monotonic() - began < SOON_S
        assert "\n" not in str(refused.value)
        assert len(server.bill) == paid

        mend_it(disk)
        close()
        assert open_ledger().batches.match(first.id).status == "completed"
        assert work(plan(given), account).whole
        assert len(server.bill) == 2 * paid


def half_made(server: GeminiServer, batch: Batch) -> list[str]:
    """Works on a batch, some of whose calls are paid while the ledger cannot be written."""
    run = BatchRun(batch, account_at(server.url), 1)
    said = []
    try:
        run.begin()
        for item in run.todo():
            try:
                run.make(item.key)
            except PressrunError as error:
                said.append(str(error))
    except PressrunError as error:
        said.append(str(error))
    finally:
        try:
            run.close()
        except PressrunError as error:
            said.append(str(error))
    return said


def test_a_disk_that_fills_while_a_batch_is_made_costs_no_paid_call_twice(
    home: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    with GeminiServer(keys={KEY}) as server:
        batch = plan(parameters(home, shows=2, slides=2, **GEMINI))
        disk.fill()
        said = half_made(server, batch)
        assert any("The ledger cannot be used: " in line and "full" in line for line in said)
        sent = len(server.bill)

        disk.empty()
        outcome = work(batch, account_at(server.url))
        assert outcome.whole
        assert len(server.bill) == max(6, sent)
        assert outcome.record.cost_usd == pytest.approx(server.bill_usd, abs=1e-9)

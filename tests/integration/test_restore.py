"""A ledger that is put back from a copy: the batch goes on, and what it no longer knows is said."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pressrun.ledger import Ledger
from pressrun.stores.factory import open_store
from tests.servers.s3 import S3Server
from tests.support.machines import CALLS, PAUSED, WHOLE, Books, Site, Task, books
from tests.support.targets import target_at

#: How a process ends that could not deliver all; `pressrun retry` goes on.
PARTIAL = 1
pytestmark = [pytest.mark.timeout(400), pytest.mark.fleet]


def _books(site: Site, task: Task) -> Books:
    ledger = Ledger(site.ledger_url)
    try:
        return books(ledger, task.batch_id, open_store(target_at(task.scheme, task.about),
                                                       ledger.remote_ids))  # fmt: skip
    finally:
        ledger.close()


def _copy(ledger: Path, to: Path) -> None:
    """As docs/operating.md says it, while others may write."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))


@pytest.mark.parametrize("flow", ["image-batch", "article-batch"])
def test_a_batch_goes_on_from_a_copy_and_pays_only_what_came_after_it(
    tmp_path: Path, flow: str
) -> None:
    ledger, copy = tmp_path / "shared" / "ledger.db", tmp_path / "copy.db"
    ledger.parent.mkdir()
    before = 2
    with S3Server() as s3:
        site = Site(tmp_path, f"sqlite:///{ledger}", s3)
        task = site.task(flow)
        assert site.machine("a").work(site.again(task, pause_after=before)) == PAUSED
        _copy(ledger, copy)
        known = _books(site, task).calls["settled"]
        assert before <= known < CALLS[flow]
        assert site.machine("a").work(site.again(task)) == WHOLE
        whole, there = _books(site, task), site.stored()
        for file in ledger.parent.glob("ledger.db*"):
            file.unlink()  # with the journals: those of another database would spoil the copy
        shutil.copy(copy, ledger)
        # What lies there of the time after the copy is removed first, and sent by the retry.
        assert site.machine("a").work(site.again(task)) in (WHOLE, PARTIAL)
        assert site.machine("a").work(site.again(task)) == WHOLE
        after = _books(site, task)
        assert after.items == whole.items
        assert (after.lost, after.wrong) == (0, 0)
        # The copy's calls are not asked again; the others are, since nothing knows of them.
        assert after.calls["settled"] == whole.calls["settled"]
        assert site.stored() == there  # the same files, none beside them

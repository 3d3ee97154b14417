"""SIGKILL in the middle of a batch: what is paid stays paid once, and the next process finishes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import calls
from pressrun.ledger.records import Batch
from tests.servers.gemini import GeminiServer
from tests.support.batches import GEMINI, KEY, delivered, folder_of, parameters, plan

CHECKOUT = Path(__file__).resolve().parents[2]
ITEMS, SLIDES = 3, 3
WHOLE = ITEMS * (1 + SLIDES)


def start(batch: Batch, server: GeminiServer, concurrency: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.worker", batch.id, server.url, str(concurrency)],
        cwd=CHECKOUT,
        env=os.environ | {"GEMINI_API_KEY": KEY},
        stderr=subprocess.PIPE,
    )


def wait_until(true: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert child.poll() is None, child.stderr and child.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def kill(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=10)
    assert child.returncode == -signal.SIGKILL


def finish(batch: Batch, server: GeminiServer, concurrency: int) -> None:
    child = start(batch, server, concurrency)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors.decode()


def calls_of(batch: Batch) -> list[Any]:
    with open_ledger().database.read() as connection:
        return list(connection.execute(select(calls).where(calls.c.batch_id == batch.id)))


def assert_whole(batch: Batch) -> None:
    # What was being written at the kill may lie about, under a hidden name.
    files = {p: data for p, data in delivered(batch).items() if p.rpartition("/")[2][0] != "."}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["totals"]["completed"] == ITEMS
    listed = {f["path"]: f for item in manifest["items"] for f in item["files"]}
    assert set(files) == set(listed) | {"gallery.html", "items.csv"}
    assert len(listed) == ITEMS * (
        SLIDES + 2
    )  # beside the slides what was found out, and the caption
    for path, entry in listed.items():
        assert hashlib.sha256(files[path]).hexdigest() == entry["sha256"]
        if path.endswith(".jpg"):
            with Image.open(folder_of(batch) / path) as image:
                image.load()


@pytest.mark.parametrize(
    ("billed", "concurrency"),
    [
        (7, 1),  # the first item is delivered, the second has two of its slides
        (6, 2),  # two items at the same time
    ],
)
def test_a_batch_killed_between_two_slides_is_finished_paying_only_what_was_in_flight(
    home: Path, billed: int, concurrency: int
) -> None:
    batch = plan(parameters(home, slides=SLIDES, photo_variations=ITEMS, **GEMINI))
    with GeminiServer(keys={KEY}, latency_s=0.15) as server:
        child = start(batch, server, concurrency)
        wait_until(lambda: len(server.bill) >= billed, child)
        kill(child)
        left_behind = delivered(batch)
        stamps = {p: (folder_of(batch) / p).stat().st_mtime_ns for p in left_behind}
        settled = {c.id for c in calls_of(batch) if c.status == "settled"}
        assert "manifest.json" not in left_behind
        assert len(settled) < WHOLE

        finish(batch, server, concurrency)
        rows = calls_of(batch)
        paid_for_nothing = [c for c in rows if c.status == "lost"]
        assert len(paid_for_nothing) <= concurrency
        assert Counter(c.status for c in rows) == {
            "settled": WHOLE,
            **({"lost": len(paid_for_nothing)} if paid_for_nothing else {}),
        }
        assert max(Counter(c.call_key for c in rows if c.status == "settled").values()) == 1
        assert settled <= {c.id for c in rows if c.status == "settled"}
        # A call that was in flight may have been served or not, and nothing else differs.
        assert WHOLE <= len(server.bill) <= WHOLE + len(paid_for_nothing)
        assert_whole(batch)
    files = delivered(batch)
    for path, data in left_behind.items():
        if "/" in path and not path.rpartition("/")[2].startswith("."):
            assert files[path] == data
            assert (folder_of(batch) / path).stat().st_mtime_ns == stamps[path]


@pytest.mark.long
def test_killed_again_and_again_a_batch_still_pays_each_call_once(home: Path) -> None:
    batch = plan(parameters(home, slides=SLIDES, photo_variations=ITEMS, **GEMINI))
    with GeminiServer(keys={KEY}, latency_s=0.1) as server:
        for _ in range(2):
            child, before = start(batch, server, 2), len(server.bill)
            wait_until(lambda: len(server.bill) >= before + 4, child)  # noqa: B023
            kill(child)
        finish(batch, server, 2)
        rows = calls_of(batch)
        lost = sum(c.status == "lost" for c in rows)
        assert lost <= 2 * 2
        assert sum(c.status == "settled" for c in rows) == WHOLE
        assert WHOLE <= len(server.bill) <= WHOLE + lost
        assert_whole(batch)

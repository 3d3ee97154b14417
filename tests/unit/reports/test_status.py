"""``status.json``: the same facts as the ledger's, in the words of its contract."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import EngineError
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from pressrun.reports.manifest import read_record
from pressrun.reports.status import current_status, final_status

BATCH = Batch(
    "b1", "comparison", "Cats", "/out", "r", {"models": ["one", "two"]}, created_at=1_767_225_600.0
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


def plan(ledger: Ledger, rows: int = 1) -> None:
    cells = [(row, model) for row in range(1, rows + 1) for model in ("one", "two")]
    ledger.batches.create(BATCH, [planned(row, model) for row, model in cells])


def planned(row: int, model: str) -> PlannedItem:
    spec = {"model": model, "prompt": f"cat {row}", "enhanced": "", "row": row, "dropped": []}
    return PlannedItem(
        f"{row}-{model}", row * 10 + ("one", "two").index(model), f"{row} {model}", spec
    )


def start(ledger: Ledger, *keys: str) -> None:
    for key in keys:
        ledger.batches.start("b1", key)


def make(ledger: Ledger, key: str) -> None:
    files = [MadeFile(f"{key}.webp.json", "application/json", 1, "b" * 64)]
    files.append(MadeFile(f"{key}.webp", "image/webp", 1, "a" * 64))
    ledger.batches.finish("b1", key, files)


def deliver(ledger: Ledger, key: str) -> None:
    make(ledger, key)
    seen = [(f"{key}.webp", f"file:///{key}.webp"), (f"{key}.webp.json", "file:///facts")]
    ledger.deliveries.verify("b1", key, seen)


def current(ledger: Ledger) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(current_status(read_record(ledger, BATCH, 1_767_225_660.5)))
    return said


def final(ledger: Ledger) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(final_status(read_record(ledger, BATCH, 1_767_225_660.5)))
    return said


def statuses(said: dict[str, Any]) -> list[str]:
    return [result["status"] for result in said["results"]]


def test_before_anything_is_made_the_job_is_pending(ledger: Ledger) -> None:
    plan(ledger)
    said = current(ledger)
    assert (said["jobId"], said["status"], statuses(said)) == ("b1", "pending", ["pending"] * 2)
    assert (said["totalModels"], said["completedModels"]) == (2, 0)
    assert (said["prompt"], said["prompts"]) == ("cat 1", ["cat 1"])
    assert said["parameters"] == {"models": ["one", "two"]}
    assert said["createdAt"] == "2026-01-01T00:00:00.000+00:00"
    assert datetime.fromisoformat(said["updatedAt"]).timestamp() == 1_767_225_660.5


def test_in_work_every_model_says_where_it_stands(ledger: Ledger) -> None:
    plan(ledger, rows=2)
    start(ledger, "1-one", "1-two", "2-one", "2-two")
    deliver(ledger, "1-one")
    make(ledger, "1-two")
    ledger.batches.fail("b1", "2-one", EngineError("It said no.", kind="refused"))
    said = current(ledger)
    assert said["status"] == "in_progress"
    assert statuses(said) == ["completed", "in_progress", "error", "in_progress"]
    done, waiting, failed, _ = said["results"]
    assert done["url"] == "file:///1-one.webp"
    assert done["durationMs"] >= 0
    assert done["error"] is None
    assert (waiting["url"], waiting["durationMs"]) == (None, None)
    assert failed["error"] == {"kind": "refused", "message": "It said no."}
    assert said["prompt"] is None
    assert said["prompts"] == ["cat 1", "cat 2"]


@pytest.mark.parametrize(
    ("delivered", "status", "models"),
    [(("1-one", "1-two"), "completed", 2), (("1-one",), "partial", 1), ((), "failed", 0)],
)
def test_an_ended_job_says_how_it_ended(
    ledger: Ledger, delivered: tuple[str, ...], status: str, models: int
) -> None:
    plan(ledger)
    start(ledger, "1-one", "1-two")
    for key in ("1-one", "1-two"):
        if key in delivered:
            deliver(ledger, key)
        else:
            ledger.batches.fail("b1", key, EngineError("No."))
    said = final(ledger)
    assert (said["status"], said["completedModels"]) == (status, models)


def test_what_was_cancelled_or_never_arrived_is_an_error_in_the_end(ledger: Ledger) -> None:
    plan(ledger)
    start(ledger, "1-one")
    make(ledger, "1-one")
    ledger.batches.cancel("b1")
    said = final(ledger)
    assert (said["status"], statuses(said)) == ("failed", ["error", "error"])
    kinds = [result["error"]["kind"] for result in said["results"]]
    assert kinds == ["undelivered", "cancelled"]


def test_a_model_is_completed_when_all_of_its_answers_are(ledger: Ledger) -> None:
    plan(ledger, rows=2)
    start(ledger, "1-one", "2-one", "1-two")
    for key in ("1-one", "2-one", "1-two"):
        deliver(ledger, key)
    assert current(ledger)["completedModels"] == 1

"""``status.json``: where a comparison stands, for programs that read it beside the results.

It is kept current while the batch runs and written a last time before the manifest. Pure: it
says what the ledger has, and knows neither store nor clock.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from pressrun.ledger.deliveries import DeliveredFile
from pressrun.reports.gallery.grid import seconds_of
from pressrun.reports.manifest import BatchRecord, ItemRecord

NAME = "status.json"
MEDIA_TYPE = "application/json"
_PENDING, _IN_PROGRESS, _COMPLETED, _ERROR = "pending", "in_progress", "completed", "error"
_STATUSES = {
    "pending": _PENDING,
    "processing": _IN_PROGRESS,
    "made": _IN_PROGRESS,
    "completed": _COMPLETED,
    "failed": _ERROR,
    "cancelled": _ERROR,
}


def final_status(record: BatchRecord) -> bytes:
    """Writes the status of a batch that has ended, as its reports say it."""
    results = [_result(entry, _STATUSES[entry.status]) for entry in record.items]
    done = sum(result["status"] == _COMPLETED for result in results)
    partial = "partial" if done else "failed"
    return _content(record, _COMPLETED if done == len(results) else partial, results)


def current_status(record: BatchRecord) -> bytes:
    """Writes the status of a batch in work; ``seconds`` of the record reach to now."""
    # The ledger's status: an item that is made waits for its delivery, and has not failed.
    results = [_result(entry, _STATUSES[entry.item.status]) for entry in record.items]
    begun = any(entry.item.attempts for entry in record.items)
    return _content(record, _IN_PROGRESS if begun else _PENDING, results)


def _content(record: BatchRecord, status: str, results: list[dict[str, Any]]) -> bytes:
    batch = record.batch
    prompts = list(dict.fromkeys(result["prompt"] for result in results))
    content = {
        "jobId": batch.id,
        "status": status,
        "createdAt": _moment(batch.created_at),
        "updatedAt": _moment(batch.created_at + record.seconds),
        "totalModels": len(_models(results)),
        "completedModels": len(
            _models(results) - _models(r for r in results if r["status"] != _COMPLETED)
        ),
        "prompt": prompts[0] if len(prompts) == 1 else None,
        "prompts": prompts,
        "parameters": batch.parameters,
        "results": results,
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _result(entry: ItemRecord, status: str) -> dict[str, Any]:
    item = entry.item
    seconds = seconds_of(entry) if status in (_COMPLETED, _ERROR) else None
    # An item without a reason was cancelled, or made and never seen at its destination.
    reason = item.error_kind or ("cancelled" if item.status == "cancelled" else "undelivered")
    return {
        "model": item.spec["model"],
        "prompt": item.spec["prompt"],
        "enhancedPrompt": item.spec["enhanced"] or None,
        "status": status,
        "durationMs": None if seconds is None else round(1000 * seconds),
        "costUsd": round(entry.cost_usd, 9),
        "url": _url(entry.files) if status == _COMPLETED else None,
        "error": {"kind": reason, "message": item.error_message} if status == _ERROR else None,
    }


def _url(files: Iterable[DeliveredFile]) -> str | None:
    return next((file.url for file in files if file.is_picture), None)


def _models(results: Iterable[dict[str, Any]]) -> set[str]:
    return {result["model"] for result in results}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")

"""What a person was asked about a plan, and what exactly was approved."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import orjson

from pressrun.errors import InputError
from pressrun.ledger import Ledger
from pressrun.ledger.records import MARKS, Batch, Item

#: What a person is asked about: the plan before anything is made, or its first item.
Subject = Literal["plan", "preview"]


def plan_digest(batch: Batch, items: Iterable[Item]) -> str:
    """Computes the SHA-256 of what will be made: the parameters, and every item with its spec."""
    # As one JSON object of both would have it, written an item at a time.
    digest, comma = hashlib.sha256(b'{"items":['), b""
    for item in items:
        spec = {name: value for name, value in item.spec.items() if name not in MARKS}
        digest.update(comma + _sorted_json([item.key, spec]))
        comma = b","
    digest.update(b'],"parameters":' + _sorted_json(batch.parameters) + b"}")
    return digest.hexdigest()


def asked(batch: Batch) -> int:
    """Counts the answers that the batch has had."""
    return int(_reviews(batch)["answers"])


def warnings(batch: Batch) -> list[str]:
    """Lists what was noticed when the batch's plan was made."""
    return list(_reviews(batch)["warnings"])


def notes(batch: Batch) -> list[str]:
    """Lists what a person should know of the batch's plan although nothing is wrong."""
    return list(_reviews(batch)["notes"])


def approvals(batch: Batch) -> dict[str, dict[str, Any]]:
    """Gives what was approved and when, with the digest of the plan as it was then."""
    return dict(_reviews(batch)["approved"])


def is_approved(batch: Batch, subject: Subject) -> bool:
    """Says whether a person has approved the batch's plan, or its preview, as it is."""
    return subject in approvals(batch)


def answered(batch: Batch) -> Batch:
    """Adds one answer to the batch; its next question is another one, and begins empty."""
    return _with(batch, answers=asked(batch) + 1, note="", refused={})


def told(batch: Batch, note: str, refused: Mapping[str, Any]) -> Batch:
    """Notes what a person is told of the last answer, and what it said if it is not used.

    In the ledger, since another process asks again: nothing that was typed is lost with this one.
    """
    return _with(batch, note=note, refused=dict(refused))


def told_last(batch: Batch) -> str:
    """Gives what a person is told of the last answer; empty if there is nothing to say."""
    return str(_reviews(batch)["note"])


def last_refused(batch: Batch) -> dict[str, Any]:
    """Gives the fields of the last answer as they were typed, if it could not be used."""
    return dict(_reviews(batch)["refused"])


def warned(batch: Batch, said: Sequence[str]) -> Batch:
    """Notes in the batch what was noticed when its plan was made."""
    return _with(batch, warnings=list(said))


def noted(batch: Batch, said: Sequence[str]) -> Batch:
    """Notes in the batch what a person should know of its plan although nothing is wrong."""
    return _with(batch, notes=list(said)) if said or notes(batch) else batch


def approved(batch: Batch, subject: Subject, items: Sequence[Item], now: float) -> Batch:
    """Notes in the batch that its plan, or preview, was approved at a moment (Unix seconds)."""
    said = {"at": now, "plan_sha256": plan_digest(batch, items)}
    return _with(batch, approved=approvals(batch) | {subject: said})


def require_as_approved(ledger: Ledger, batch: Batch) -> None:
    """Checks that what will run is what was approved.

    Raises:
        InputError: It is something else.
    """
    plan = approvals(batch).get("plan")
    if plan and plan["plan_sha256"] != plan_digest(batch, ledger.batches.items(batch.id)):
        raise InputError(
            "The plan is not the one that was approved, so nothing more is made. Start a new run."
        )


def _reviews(batch: Batch) -> dict[str, Any]:
    empty = {"answers": 0, "warnings": [], "notes": [], "approved": {}, "note": "", "refused": {}}
    return empty | (batch.reviews or {})


def _with(batch: Batch, **values: Any) -> Batch:
    return replace(batch, reviews=_reviews(batch) | values)


def _sorted_json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

"""Plans that wait for a person: what exactly was approved, and what an answer changes.

Knows nothing of forms and of how a person is asked.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import orjson

from pressrun.errors import InputError
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, Item

Decision = Literal["approve", "edit", "reject"]
#: What a person is asked about: the plan before anything is made, or its first item.
Subject = Literal["plan", "preview"]

_RANGE = re.compile(r"(\d{1,6})(?:\s*(?:-|to)\s*(\d{1,6}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said.

    Attributes:
        text: The plan's text as it was edited; None where there is none, or it was left alone.
        drop: Numbers of items to leave out, such as ``3, 7-9``.
        settings: Parameters of the batch, by name.
    """

    decision: Decision
    text: str | None = None
    drop: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def plan_digest(batch: Batch, items: Sequence[Item]) -> str:
    """SHA-256 of what will be made: the parameters, and every item with its spec."""
    plan = {"parameters": batch.parameters, "items": [[item.key, item.spec] for item in items]}
    return hashlib.sha256(orjson.dumps(plan, option=orjson.OPT_SORT_KEYS)).hexdigest()


def asked(batch: Batch) -> int:
    """How many answers the batch has had."""
    return int(_reviews(batch)["answers"])


def warnings(batch: Batch) -> list[str]:
    """What was noticed when its plan was made."""
    return list(_reviews(batch)["warnings"])


def notes(batch: Batch) -> list[str]:
    """What a person should know of its plan although nothing is wrong."""
    return list(_reviews(batch)["notes"])


def approvals(batch: Batch) -> dict[str, dict[str, Any]]:
    """When what was approved, with the digest of the plan as it was then."""
    return dict(_reviews(batch)["approved"])


def is_approved(batch: Batch, subject: Subject) -> bool:
    """Whether a person has said that it goes on as it is."""
    return subject in approvals(batch)


def answered(batch: Batch) -> Batch:
    """The batch with one answer more; its next question is another one."""
    return _with(batch, answers=asked(batch) + 1)


def warned(batch: Batch, said: Sequence[str]) -> Batch:
    """The batch with what was noticed when its plan was made."""
    return _with(batch, warnings=list(said))


def noted(batch: Batch, said: Sequence[str]) -> Batch:
    """The batch with what a person should know of its plan although nothing is wrong."""
    return _with(batch, notes=list(said)) if said or notes(batch) else batch


def approved(batch: Batch, subject: Subject, items: Sequence[Item], now: float) -> Batch:
    """The batch as approved at that moment (Unix seconds)."""
    said = {"at": now, "plan_sha256": plan_digest(batch, items)}
    return _with(batch, approved=approvals(batch) | {subject: said})


def require_as_approved(ledger: Ledger, batch: Batch) -> None:
    """Makes sure that what will run is what was approved.

    Raises:
        InputError: It is something else.
    """
    plan = approvals(batch).get("plan")
    if plan and plan["plan_sha256"] != plan_digest(batch, ledger.batches.items(batch.id)):
        raise InputError(
            "The plan is not the one that was approved, so nothing more is made. Start a new run."
        )


def numbers(text: str, most: int) -> set[int]:
    """The numbers in ``3, 7-9``.

    Raises:
        InputError: There is something else in it, or a number above ``most``.
    """
    found: set[int] = set()
    for part in filter(None, re.split(r"[\s,;]*[,;\n][\s,;]*", text.strip())):
        matched = _RANGE.fullmatch(part.strip())
        if not matched:
            raise InputError(f"{part.strip()[:40]!r} is no number: write them like 3, 7-9.")
        first, last = int(matched[1]), int(matched[2] or matched[1])
        if not 1 <= first <= last <= most:
            raise InputError(f"{part.strip()} is not among the numbers from 1 to {most}.")
        found |= set(range(first, last + 1))
    return found


def _reviews(batch: Batch) -> dict[str, Any]:
    return {"answers": 0, "warnings": [], "notes": [], "approved": {}} | (batch.reviews or {})


def _with(batch: Batch, **values: Any) -> Batch:
    return replace(batch, reviews=_reviews(batch) | values)

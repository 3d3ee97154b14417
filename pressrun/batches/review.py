"""What an answer to a plan that waits for a person changes.

Knows nothing of forms and of how a person is asked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pressrun.errors import InputError
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import BatchParameters
from pressrun.ledger.records import Batch, Item

Decision = Literal["approve", "edit", "reject"]
_RANGE = re.compile(r"(\d{1,6})(?:\s*(?:-|to)\s*(\d{1,6}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
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

    def fields(self) -> dict[str, Any]:
        """Gives what was typed by the names of the form's fields; not the decision."""
        typed = {} if self.text is None else {"text": self.text}
        return {**typed, "drop": self.drop, **self.settings}


def changes_of(
    kind: Kind, batch: Batch, items: Sequence[Item], answer: ReviewAnswer
) -> dict[str, Any]:
    """Gives the parameters that an answer changes, with their new values.

    Args:
        kind: Of the batch.
        batch: As it was shown.
        items: Those that were shown, in that order.
        answer: What was said.

    Raises:
        InputError: The answer contradicts itself, or leaves nothing.
    """
    now = kind.parse_parameters(batch.parameters).model_dump()
    changes = {k: v for k, v in answer.settings.items() if v != now.get(k)}
    review_form = kind.review_form
    if review_form.text is None:
        return changes
    shown = review_form.text(items)
    edited = answer.text is not None and answer.text.split() != shown.split()
    rereads = any(name in changes for name in review_form.rereads)
    if answer.drop.strip():
        if rereads:
            raise InputError("Say how it is to be read, and then which numbers to leave out.")
        if edited:
            raise InputError(
                "Edit the text, or say which numbers to leave out: not both at once. Without "
                "numbers the text holds as you edited it."
            )
        out = numbers(answer.drop, len(items))
        left = [item for number, item in enumerate(items, 1) if number not in out]
        if not left:
            raise InputError("Nothing would be left. Reject the plan if nothing should be made.")
        return changes | review_form.from_text(review_form.text(left))
    if edited:
        return review_form.from_text(answer.text or "") | changes
    if rereads:  # what was given is read anew
        return changes
    # The shown items stay as they are: no file is read again, and no model asked.
    return changes | review_form.from_text(shown) if changes else {}


def with_parameters(batch: Batch, parameters: BatchParameters) -> Batch:
    """Changes the parameters of a batch; its place at the destination stays."""
    return replace(
        batch,
        parameters=parameters.model_dump(),
        title=parameters.title,
        concurrency=parameters.concurrency,
        priority=parameters.priority,
        budget_usd=parameters.budget_usd or None,
    )


def numbers(text: str, most: int) -> set[int]:
    """Reads the numbers in ``3, 7-9``.

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

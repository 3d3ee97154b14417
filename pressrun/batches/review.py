"""What an answer to a plan that waits for a person changes.

Knows nothing of forms and of how a person is asked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pressrun.engines.account import Account
from pressrun.errors import InputError
from pressrun.kinds.base import Kind, ReviewForm
from pressrun.kinds.parameters import BatchParameters
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, Item
from pressrun.ledger.reviews import Subject
from pressrun.reports.quote import Planned, Quote, quote_items

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


@dataclass(frozen=True, slots=True)
class ReviewEdits:
    """What a person changed of a plan row by row, before it is an answer.

    Attributes:
        rows: New values of the editable columns, by item's key.
        shared: New values of what all items have in common.
        out: Keys of the items to leave out.
        settings: Parameters of the batch, by name.
    """

    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    out: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewEffect:
    """What edits would come to.

    Attributes:
        quote: Of what would be made; None where the plan has to be made anew to know it, or the
            settings cannot be used.
        rows: What is wrong with a row, by item's key.
        settings: What is wrong with a setting, by its name.
        first: Of a preview, what it costs to make its item anew with these settings.
    """

    quote: Quote | None
    rows: Mapping[str, str]
    settings: Mapping[str, str]
    first: Quote | None = None


def subject_of(batch: Batch) -> Subject:
    """Says what a batch that waits for a person asks about: its plan, or its first item."""
    return "plan" if batch.status == "draft" else "preview"


def edited_items(kind: Kind, items: Sequence[Item], edits: ReviewEdits) -> list[Item]:
    """Gives the items that are left, with what was edited of them."""
    form, left = kind.review_form, []
    for item in items:
        if item.key not in edits.out:
            said = {**edits.shared, **edits.rows.get(item.key, {})}
            left.append(replace(item, spec=form.edit(item.spec, said)) if said else item)
    return left


def answer_of(
    batch: Batch, items: Sequence[Item], edits: ReviewEdits, decision: Decision
) -> ReviewAnswer:
    """Writes edits as the answer that Prefect's form would give.

    Where what was given is read in another way, rows of the present reading are not taken over.

    Raises:
        InputError: Nothing is left.
    """
    kind = find_kind(batch.kind)
    write = kind.review_form.text
    if write is None or decision == "reject":
        return ReviewAnswer(decision, settings=edits.settings)
    if is_reread(kind, batch, edits):
        return ReviewAnswer(decision, write(items), settings=edits.settings)
    left = edited_items(kind, items, edits)
    if not left:
        raise InputError("Nothing would be left. Reject the plan if nothing should be made.")
    return ReviewAnswer(decision, write(left), settings=edits.settings)


def is_reread(kind: Kind, batch: Batch, edits: ReviewEdits) -> bool:
    """Says whether edits change how what was given is read, or what was given itself."""
    return any(
        name in edits.settings and edits.settings[name] != batch.parameters.get(name)
        for name in kind.review_form.rereads
    )


def effect_of(
    ledger: Ledger, batch: Batch, items: Sequence[Item], edits: ReviewEdits
) -> ReviewEffect:
    """Says what edits come to: price, time, and what cannot be made, as the run would say it."""
    kind = find_kind(batch.kind)
    form = kind.review_form
    left = edited_items(kind, items, edits)
    wrong = _row_problems(form, left)
    good = [item for item in left if item.key not in wrong]
    try:
        parameters = kind.parse_parameters({**kind.as_saved(batch.parameters), **edits.settings})
    except InputError as error:
        return ReviewEffect(None, wrong, _by_name(error.problems))
    now = kind.parse_parameters(kind.as_saved(batch.parameters))
    changed = [name for name in edits.settings if getattr(parameters, name) != getattr(now, name)]
    if is_reread(kind, batch, edits):
        return ReviewEffect(None, wrong, {})
    to_make: Sequence[Planned] = good
    if form.respecified and changed:
        to_make = form.respecified(good, parameters)
    # What is made by other settings is made anew.
    paid = "" if changed else batch.id

    def quote(of: Sequence[Planned]) -> Quote:
        given, limit = parameters.model_dump(), parameters.concurrency
        return quote_items(ledger, batch.kind, of, given, limit, Account(), paid)

    first = quote(to_make[:1]) if subject_of(batch) == "preview" and to_make else None
    return ReviewEffect(quote(to_make), wrong, {}, first)


def _row_problems(form: ReviewForm, left: Sequence[Item]) -> dict[str, str]:
    if form.text is None:  # rows are as they were planned
        return {
            item.key: item.error_message or "It cannot be made."
            for item in left
            if item.status == "failed"
        }
    said = form.problems([item.spec for item in left])
    return {item.key: words for item, words in zip(left, said, strict=True) if words}


def _by_name(problems: Sequence[str]) -> dict[str, str]:
    parts = (problem.partition(": ") for problem in problems)
    return {name.partition(".")[0]: said for name, _, said in parts}


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
    now = kind.parse_parameters(kind.as_saved(batch.parameters)).model_dump()
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

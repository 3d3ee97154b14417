"""What the page of a review shows: a row for each item, settings, warnings, or the first item."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pressrun.batches.delivered import Delivered
from pressrun.batches.review import ReviewEdits, subject_of
from pressrun.batches.vaults import vault_of
from pressrun.desk.fields import Field, read_fields, typed
from pressrun.desk.results import read, target_of
from pressrun.desk.review.drafts import ReviewDraft
from pressrun.errors import PressrunError
from pressrun.kinds.base import Kind
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, Item
from pressrun.ledger.reviews import (
    Subject,
    asked,
    last_refused,
    plan_digest,
    told_last,
    warnings,
)
from pressrun.reports.paging import Pager, Weight, divide
from pressrun.stores.factory import scheme_of

#: Rows of one page, each with fields that a browser has to lay out.
PAGE_ROWS = 500

_LINE = re.compile(r"line (\d+): ")
_WORDS = 40_000  # letters of a text that are shown
#: How columns are called where their name is no word of people.
_TITLES = {"specific_prompt": "Prompt", "word_count": "Words", "line": "Line"}


@dataclass(frozen=True, slots=True)
class ReviewColumn:
    """A column of the table of items."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """An item of the plan.

    Attributes:
        number: As people count, from 1.
        values: Of the columns that can be edited, as they are typed by now.
        told: Of the others.
        before: What all items have in common, where it is not the same for all.
        warning: What was noticed of it when it was planned.
    """

    number: int
    key: str
    is_in: bool
    is_changed: bool
    values: Mapping[str, str]
    told: Mapping[str, str]
    before: str
    warning: str


@dataclass(frozen=True, slots=True)
class FirstItem:
    """The item of a preview.

    Attributes:
        pictures: Their addresses.
        texts: Of written files: the address of the readable one, and the words.
    """

    item: Item
    cost_usd: float
    asked: Mapping[str, str]
    pictures: Sequence[DeliveredFile]
    are_here: bool
    texts: Sequence[str]
    pages: Sequence[DeliveredFile]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What a waiting batch asks.

    Attributes:
        number: Of the question, among all of the batch.
        note: What became of the last answer.
        refused: The text that the last answer had, if it was not typed here.
        noticed: Warnings that belong to no row.
        shared: What of all items can be edited once; None where they differ or there is nothing.
        changes: How many changes the draft has had.
        rows: Those of the page.
        pager: Which page of the items that is; a page says which have warnings as "failed".
    """

    batch: Batch
    subject: Subject
    number: int
    note: str
    refused: str
    noticed: Sequence[str]
    editable: Sequence[ReviewColumn]
    columns: Sequence[ReviewColumn]
    rows: Sequence[ReviewRow]
    shared: Mapping[str, str]
    settings: Sequence[Field]
    changes: int
    pager: Pager
    first: FirstItem | None = None


def edits_of(kind: Kind, batch: Batch, values: Mapping[str, Any]) -> ReviewEdits:
    """Reads what was typed, by the names of the page's fields, as edits of the plan.

    A field's name is ``row/KEY/COLUMN``, ``in/KEY``, ``all/NAME`` or ``set/NAME``.
    """
    rows: dict[str, dict[str, str]] = {}
    shared, out, chosen = dict[str, str](), set[str](), dict[str, Any]()
    for name, value in values.items():
        about, _, rest = name.partition("/")
        key, _, column = rest.rpartition("/")
        if about == "row" and column in kind.review_form.editable:
            rows.setdefault(key, {})[column] = str(value)
        elif about == "all" and rest in kind.review_form.shared:
            shared[rest] = str(value)
        elif about == "in" and value is False:
            out.add(rest)
        elif about == "set":
            chosen[rest] = value
    present = kind.parse_parameters(kind.as_saved(batch.parameters))
    settings = {name: getattr(present, name) for name in kind.review_form.settings}
    refused = {name: value for name, value in last_refused(batch).items() if name in settings}
    fields = {name: read_fields(kind, settings)[name] for name in settings}
    # An emptied number is no default here: the check of the answer says so.
    emptied = {name: value for name, value in chosen.items() if value == "" and name in fields}
    chosen = typed(fields, chosen) | emptied
    return ReviewEdits(rows, shared, frozenset(out), settings | refused | chosen)


def review_view(
    ledger: Ledger, batch: Batch, items: Sequence[Item], draft: ReviewDraft, number: int = 1
) -> ReviewView:
    """Builds the page of that number, from 1, of a batch that waits for an answer.

    A large plan has several; what is typed on each is kept for all of them. A number that there is
    not stands for the nearest one.
    """
    kind, subject = find_kind(batch.kind), subject_of(batch)
    edits, form = edits_of(kind, batch, draft.values), kind.review_form
    editable = form.editable if form.text else ()
    left_out = {*editable, *(("prompt",) if "specific_prompt" in editable else ())}
    columns = [name for name in form.columns if name not in left_out]
    by_line, noticed = _by_line(warnings(batch), items)
    shared = _shared(form.shared if form.text else (), items, edits)
    noted = [by_line.get(item.spec.get("line", 0), "") or _failure(item) for item in items]
    weights = [Weight(status="failed" if words else "") for words in noted]
    pages = divide(str, weights, PAGE_ROWS, PAGE_ROWS)
    page = pages[min(max(number, 1), len(pages)) - 1]
    rows = [
        ReviewRow(
            at,
            item.key,
            item.key not in edits.out,
            _is_changed(item, edits.rows.get(item.key, {})),
            {c: edits.rows.get(item.key, {}).get(c, str(item.spec.get(c, ""))) for c in editable},
            {name: _cell(item.spec.get(name)) for name in columns},
            "" if shared else " ".join(str(item.spec.get(name, "")) for name in form.shared),
            noted[at - 1],
        )
        for at, item in islice(enumerate(items, 1), max(page.first - 1, 0), page.last)
    ]
    fields = read_fields(kind, edits.settings)
    return ReviewView(
        batch,
        subject,
        asked(batch),
        told_last(batch),
        "" if draft.fields else str(last_refused(batch).get("text", "")),
        noticed,
        [_column(name) for name in editable],
        [_column(name) for name in columns],
        rows if subject == "plan" else (),
        shared if subject == "plan" else {},
        [fields[name] for name in kind.review_form.settings],
        draft.changes,
        Pager(page, pages, len(items), lambda name: f"?page={name}"),
        _first(ledger, batch, items) if subject == "preview" else None,
    )


def digest_of(batch: Batch, items: Sequence[Item]) -> str:
    """Computes what a draft must fit: the plan as it is shown."""
    return f"{subject_of(batch)} {plan_digest(batch, items)}"


def _shared(names: Sequence[str], items: Sequence[Item], edits: ReviewEdits) -> dict[str, str]:
    alike = {name: {str(item.spec.get(name, "")) for item in items} for name in names}
    return {
        name: edits.shared.get(name, next(iter(found)))
        for name, found in alike.items()
        if len(found) == 1
    }


def _by_line(said: Sequence[str], items: Sequence[Item]) -> tuple[dict[int, str], list[str]]:
    """Sorts warnings: those of a row, by its line, and the others."""
    lines = {item.spec.get("line") for item in items}
    rows: dict[int, str] = {}
    others = []
    for words in said:
        found = _LINE.match(words)
        line = int(found[1]) if found else 0
        if found and line in lines:
            rows[line] = " ".join(filter(None, (rows.get(line), words[found.end() :])))
        else:
            others.append(words)
    return rows, others


def _is_changed(item: Item, typed: Mapping[str, str]) -> bool:
    return any(value != str(item.spec.get(name, "")) for name, value in typed.items())


def _failure(item: Item) -> str:
    return item.error_message or "It cannot be made." if item.status == "failed" else ""


def _column(name: str) -> ReviewColumn:
    return ReviewColumn(name, _TITLES.get(name, name.replace("_", " ").capitalize()))


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _first(ledger: Ledger, batch: Batch, items: Sequence[Item]) -> FirstItem | None:
    item = next((one for one in items if one.is_made), None)
    if item is None:
        return None
    files = ledger.deliveries.all(batch.id, item.key)
    texts = [file for file in files if file.media_type.partition(";")[0] == "text/markdown"]
    asked_for = {
        name: _cell(item.spec[name])
        for name in ("prompt", "description", "subject", "keywords", "source")
        if isinstance(item.spec.get(name), str | list) and item.spec[name]
    }
    return FirstItem(
        item,
        ledger.batches.costs(batch.id).get(item.key, 0.0),
        asked_for,
        [file for file in files if file.is_picture],
        scheme_of(batch.destination) == "folder",
        [_words(ledger, batch, file) for file in texts[:1]],
        [file for file in files if file.media_type.startswith("text/html")],
    )


def _words(ledger: Ledger, batch: Batch, file: DeliveredFile) -> str:
    try:
        data = vault_of(batch.id).get(file.sha256)
    except PressrunError:
        try:
            data = read(Delivered.open(ledger, batch, target_of(batch)), file)
        except PressrunError as error:
            return str(error)
    return data.decode("utf-8", "replace")[:_WORDS]

"""The form of a block as a page shows it: groups of fields, rows of limits, what went wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pressrun.desk.settings.checks import CheckResult
from pressrun.desk.settings.forms import ShownGroup, Typed, written_rows
from pressrun.desk.settings.saved import StoredBlock
from pressrun.desk.settings.sections import SettingsSection
from pressrun.engines.account import Account
from pressrun.engines.catalogue import catalogue
from pressrun.reports.account import limit_words

#: The type of blocks that hold keys of AWS.
KEYS_SLUG = "aws-credentials"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """What a provider allows of one model, as it is shown: texts and errors by field."""

    at: str
    values: Mapping[str, str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EditPage:
    """A form as it is shown.

    Attributes:
        name: Of the block that is changed; empty for a new one, whose name is ``typed_name``.
        held: The word for keys that were typed and are not on the page.
        problems: What is wrong with the whole.
        result: What a check found.
        rows: Of limits, with an empty one at the end; ``models`` are the choices of a row, and
            ``row_fields`` its other fields.
        new_keys: What was typed as keys of a store of its own, and what is wrong with each.
    """

    section: SettingsSection
    sort: str
    name: str
    typed_name: str
    groups: Sequence[ShownGroup]
    as_of: str
    held: str = ""
    kept: frozenset[str] = frozenset()
    problems: Sequence[str] = ()
    name_error: str = ""
    result: CheckResult | None = None
    rows: Sequence[LimitRow] = ()
    models: Sequence[tuple[str, str]] = ()
    row_fields: Mapping[str, Any] | None = None
    new_keys: Mapping[str, tuple[str, str]] | None = None


def limit_rows(
    section: SettingsSection, block: StoredBlock | None, typed: Typed | None
) -> Iterator[LimitRow]:
    """Lists the rows of a block, or as they were typed; an empty one comes last."""
    if not section.rows:
        return
    if typed:
        texts, errors = typed.shown, typed.errors
    else:
        saved = block.data.get(section.rows) if block else None
        texts, errors = dict(written_rows(section.rows, saved or ())), {}
    count = 0
    while mine := _part_of(texts, f"{section.rows}.{count}."):
        yield LimitRow(str(count), mine, _part_of(errors, f"{section.rows}.{count}."))
        count += 1
    yield LimitRow(str(count), {}, {})


def _part_of(texts: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {k.removeprefix(prefix): text for k, text in texts.items() if k.startswith(prefix)}


def model_choices() -> list[tuple[str, str]]:
    """Lists the models of providers, with what holds for each where nothing is set."""
    account = Account()
    return [
        (name, f"{name} (not set: {limit_words(account.limits_of(model))})")
        for name, model in catalogue().items()
        if not model.free
    ]


def reference_to(block: StoredBlock) -> str:
    """Writes how another block names a block with keys."""
    return block.name if block.slug == KEYS_SLUG else f"{block.slug}/{block.name}"

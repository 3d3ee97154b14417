"""Forms of blocks: which fields a page shows, in what order, and what a person's answer makes.

Words and bounds of a field are those that Prefect's form has; here is only the order.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pressrun.boundary.numbers import read_number
from pressrun.desk.settings.saved import BlockShape, StoredBlock
from pressrun.errors import InputError

Sort = Literal["secret", "document", "number", "whole", "switch", "choice", "text"]
#: Rows of limits that a form may have.
_MOST_ROWS = 100
_MOST_LETTERS = 20_000


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that belong together.

    Attributes:
        fields: Their names.
        about: A sentence for whoever fills them in.
        folded: Whether they are out of sight until somebody wants them, or one of them is set.
        words: Title and description of fields that mean less here than in Prefect's form.
    """

    title: str
    fields: tuple[str, ...]
    about: str = ""
    folded: bool = False
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as a page shows it; ``value`` is never a secret.

    Attributes:
        held: Whether a secret is saved already, or was just typed.
        choices: Value and words of each, where one is chosen.
        error: What is wrong with it.
    """

    name: str
    title: str
    about: str
    sort: Sort
    value: str = ""
    held: bool = False
    choices: Sequence[tuple[str, str]] = ()
    error: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with its fields."""

    group: FieldGroup
    fields: Sequence[FormField]

    @property
    def is_open(self) -> bool:
        """Whether it is in sight."""
        return not self.group.folded or any(
            one.held or one.error or one.value not in ("", one.default) for one in self.fields
        )


@dataclass(slots=True)
class Typed:
    """What a person sent.

    Attributes:
        data: The fields as the block takes them; a secret that was left empty is not among them.
        shown: Texts as they were typed, without secrets, by the field's name.
        errors: What is wrong, by the field's name.
    """

    data: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def show(
    groups: Sequence[FieldGroup],
    shape: BlockShape,
    block: StoredBlock | None,
    typed: Typed | None,
    choices: Mapping[str, Sequence[tuple[str, str]]],
    kept: frozenset[str] = frozenset(),
) -> list[ShownGroup]:
    """Builds the fields of a page.

    Args:
        groups: In their order.
        shape: Of the block's type.
        block: That is changed; None for a new one.
        typed: What was just refused.
        choices: For the fields that choose among blocks.
        kept: Secrets that were just typed.
    """
    saved = block.data if block else {}
    held = (block.secrets if block else frozenset()) | kept

    def one(group: FieldGroup, name: str) -> FormField:
        told = shape.fields[name]
        title, about = group.words.get(name) or (_title(told), told.get("description", ""))
        default = _written(told.get("default"))
        value = _written(saved[name]) if name in saved else default
        if typed:
            value = typed.shown.get(name, "")
        sort = _sort(name, told, shape, choices)
        return FormField(
            name,
            title,
            about,
            sort,
            "" if sort in ("secret", "document") else value,
            name in held,
            _with(value, choices.get(name, ())),
            typed.errors.get(name, "") if typed else "",
            default,
        )

    return [
        ShownGroup(group, [one(group, name) for name in group.fields if name in shape.fields])
        for group in groups
    ]


def read(groups: Sequence[FieldGroup], shape: BlockShape, form: Mapping[str, str]) -> Typed:
    """Reads a person's answer; what is wrong with a field stands in ``errors``."""
    typed = Typed()
    for name in (name for group in groups for name in group.fields if name in shape.fields):
        told = shape.fields[name]
        text = form.get(name, "")
        if form.get(f"remove.{name}"):
            typed.data[name] = None
            continue
        sort = _sort(name, told, shape, {})
        if sort not in ("secret", "document"):
            typed.shown[name] = text
        try:
            _take(typed, name, sort, text, told)
        except InputError as error:
            typed.errors[name] = str(error)
    return typed


def _take(typed: Typed, name: str, sort: Sort, text: str, told: Mapping[str, Any]) -> None:
    if len(text) > _MOST_LETTERS:
        raise InputError("That is far too long.")
    text = text.strip()
    if sort in ("secret", "document"):
        if text:
            typed.data[name] = text if sort == "secret" else _document(text)
    elif sort == "switch":
        typed.data[name] = bool(text)
    elif sort in ("number", "whole"):
        typed.data[name] = read_number(text, whole=sort == "whole") if text else told.get("default")
    else:
        # What has no default is no text when it is empty.
        typed.data[name] = text or told.get("default")


def _document(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        # Without the text, which may hold a key.
        raise InputError("That is no JSON file. Paste all of it, from { to }.")
    return told


def read_rows(name: str, fields: Mapping[str, Any], form: Mapping[str, str]) -> Typed:
    """Reads rows of fields called ``limits.0.model``; empty rows are left out, the rest numbered.

    The data are a list under the rows' own name.
    """
    typed = Typed({name: []})
    for row in filter(any, (_texts(name, at, fields, form) for at in _rows_of(name, form))):
        at = len(typed.data[name])
        typed.data[name].append({})
        for part, text in zip(fields, row, strict=True):
            key = f"{name}.{at}.{part}"
            typed.shown[key] = text
            sort = _sort(part, fields[part], None, {})
            try:
                if text and sort in ("number", "whole"):
                    typed.data[name][at][part] = read_number(text, whole=sort == "whole")
                elif text:
                    typed.data[name][at][part] = text
            except InputError as error:
                typed.errors[key] = str(error)
    return typed


def _texts(name: str, at: int, fields: Mapping[str, Any], form: Mapping[str, str]) -> list[str]:
    texts = [form.get(f"{name}.{at}.{part}", "").strip() for part in fields]
    usual = [_written(told.get("default")) for told in fields.values()]
    return ["" if text == was else text for text, was in zip(texts, usual, strict=True)]


def _rows_of(name: str, form: Mapping[str, str]) -> list[int]:
    prefix = f"{name}."
    found = {key.removeprefix(prefix).split(".")[0] for key in form if key.startswith(prefix)}
    return sorted(int(at) for at in found if at.isdecimal() and len(at) < 4)[:_MOST_ROWS]


def written_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Writes saved rows as the fields of a form."""
    for at, row in enumerate(rows):
        for part, value in row.items():
            yield f"{name}.{at}.{part}", _written(value)


def _sort(
    name: str,
    told: Mapping[str, Any],
    shape: BlockShape | None,
    choices: Mapping[str, Sequence[tuple[str, str]]],
) -> Sort:
    if shape and name in shape.secrets:
        return "secret" if told.get("type") == "string" else "document"
    if name in choices:
        return "choice"
    sorts: dict[str, Sort] = {"number": "number", "integer": "whole", "boolean": "switch"}
    return sorts.get(_type(told), "text")


def _type(told: Mapping[str, Any]) -> str:
    return str(told.get("type") or next((one.get("type") for one in told.get("anyOf", ())), ""))


def _title(told: Mapping[str, Any]) -> str:
    title = str(told["title"])
    _, colon, rest = title.partition(": ")
    # The group's title says whose it is.
    return rest[:1].upper() + rest[1:] if colon else title


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def _with(value: str, choices: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Adds a saved value that cannot be chosen any more: it stands until somebody changes it."""
    if not choices or value in {known for known, _ in choices}:
        return choices
    return [*choices, (value, f"{value} (not there any more)")]

"""Articles in JSON: a list of texts or of objects, alone or under one key; JSON lines."""

import re
from collections.abc import Sequence
from typing import Any

from pressrun.errors import InputError
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.articles.tables import field_of, known_columns
from pressrun.inputs.prompts import records as prompt_records
from pressrun.text import one_line

#: What :func:`load` gives for a text that is no JSON.
NO_JSON = object()
_LOOKS_SO = re.compile(r"\[\s*(?:[\"{\[]|\])|\{\s*\"")
_SUBJECT = {"topic": "topic", "keywords": "primary", "trends": "feed", "spin": "source"}


def load(text: str) -> Any:
    """Parses a text as JSON; returns :data:`NO_JSON` if it does not look like any.

    Raises:
        InputError: It looks so, and cannot be read.
    """
    bare = text.strip().removeprefix("\ufeff").strip()
    if not _LOOKS_SO.match(bare) or bare[-1] not in "]}":
        return NO_JSON
    value = prompt_records.load(bare)
    if value is None:
        raise InputError(
            "This begins and ends like JSON and cannot be read as such. Check its commas and "
            'quotes, or give a list such as ["first", "second"].'
        )
    return value


def read_value(value: Any, mode: str) -> list[Fields]:
    """Reads the entries, numbered as they come.

    Raises:
        InputError: An object has a key that is not known.
    """
    return [_entry(number, entry, mode) for number, entry in enumerate(_list_in(value), 1)]


def _list_in(value: Any) -> Sequence[Any]:
    """Finds the entries: a list, the list of objects under an object's only key, else the value."""
    if isinstance(value, dict) and len(value) == 1:
        [inner] = value.values()
        if isinstance(inner, list) and any(isinstance(entry, dict) for entry in inner):
            return inner
    return value if isinstance(value, list) else [value]


def _entry(number: int, entry: Any, mode: str) -> Fields:
    if isinstance(entry, dict):
        return _of_object(number, entry, mode)
    text = _keywords(entry) if mode == "keywords" else _text(entry)
    if text is None:
        return Fields(number, {}, "This is neither a text nor an object. Write it in quotes.")
    return Fields(number, {_SUBJECT[mode]: text} if text else {})


def _of_object(number: int, entry: dict[str, Any], mode: str) -> Fields:
    given: dict[str, str] = {}
    for key, value in entry.items():
        field = field_of(key, mode)
        if field is None:
            raise InputError(
                f"Entry {number} has the unknown key {one_line(key, 40)!r}. Known are "
                f"{known_columns(mode)}."
            )
        text = _keywords(value) if field in ("primary", "keywords") else _text(value)
        if text is None:
            return Fields(number, given, f"The value of {key!r} is neither a text nor a number.")
        if field and text:
            given[field] = text
    return Fields(number, given)


def _keywords(value: Any) -> str | None:
    """Reads a value as :func:`_text` does; of a list, all values in one text."""
    if not isinstance(value, list):
        return _text(value)
    parts = [_text(part) for part in value]
    return None if None in parts else "; ".join(part for part in parts if part)


def _text(value: Any) -> str | None:
    """Reads a value as text, empty for null; None if it is of another kind."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip()

"""Articles in JSON: a list of texts or of objects, alone or under one key; JSON lines."""

from collections.abc import Sequence
from typing import Any

from pressrun.errors import InputError
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.articles.tables import GivenFields, field_of, is_subject, no_subject
from pressrun.inputs.tables.columns import quoted
from pressrun.inputs.tables.values import parse_json

_SUBJECT = {"topic": "topic", "keywords": "primary", "trends": "feed", "spin": "source"}


def read_json(text: str, mode: str) -> GivenFields:
    """Reads the entries of a text that looks like JSON, numbered as they come.

    Raises:
        InputError: It cannot be read, or its objects do not say what to write about.
    """
    value = parse_json(text)
    if value is None:
        raise InputError(
            "This begins and ends like JSON and cannot be read as such. Check its commas and "
            'quotes, or give a list such as ["first", "second"].'
        )
    entries = _list_in(value)
    objects = [entry for entry in entries if isinstance(entry, dict)]
    keys = [*dict.fromkeys(key for entry in objects for key in entry)]
    known = {key: meant[0] for key in keys if (meant := field_of(key, mode))}
    if objects and not any(is_subject(field, mode) for field in known.values()):
        raise no_subject(keys, mode, "The JSON has")
    left = [key for key in keys if key not in known]
    said = (f"Left out of the JSON: {quoted(left)}.",) if left else ()
    fields = [_entry(number, entry, known, mode) for number, entry in enumerate(entries, 1)]
    return GivenFields(fields, said)


def _list_in(value: Any) -> Sequence[Any]:
    """Finds the entries: a list, the list of objects under an object's only key, else the value."""
    if isinstance(value, dict) and len(value) == 1:
        [inner] = value.values()
        if isinstance(inner, list) and any(isinstance(entry, dict) for entry in inner):
            return inner
    return value if isinstance(value, list) else [value]


def _entry(number: int, entry: Any, known: dict[str, str], mode: str) -> Fields:
    if isinstance(entry, dict):
        return _of_object(number, entry, known)
    text = _keywords(entry) if mode == "keywords" else _text(entry)
    if text is None:
        return Fields(number, {}, "This is neither a text nor an object. Write it in quotes.")
    return Fields(number, {_SUBJECT[mode]: text} if text else {})


def _of_object(number: int, entry: dict[str, Any], known: dict[str, str]) -> Fields:
    given: dict[str, str] = {}
    for key, value in entry.items():
        field = known.get(key, "")
        text = _keywords(value) if field in ("primary", "keywords") else _text(value)
        if field and text is None:
            return Fields(number, given, f"The value of {key!r} is neither a text nor a number.")
        if field and text and field == "keywords":
            given[field] = "; ".join(filter(None, (given.get(field), text)))
        elif field and text:
            given.setdefault(field, text)
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

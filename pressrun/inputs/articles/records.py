"""Articles in JSON: a list of texts or of objects, alone or under one key; JSON lines."""

from collections.abc import Iterator, Sequence
from typing import Any

from pressrun.errors import InputError
from pressrun.inputs.articles.columns import GivenFields, field_of, is_subject, no_subject
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.tables.columns import quoted
from pressrun.inputs.tables.values import parse_json

_DEEPEST = 4
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
    entries = _list_in(value, mode)
    objects = [entry for entry in entries if isinstance(entry, dict)]
    keys = [*dict.fromkeys(key for entry in objects for key in entry)]
    known = {key: meant[0] for key in keys if (meant := field_of(key, mode))}
    if objects and not any(is_subject(field, mode) for field in known.values()):
        raise no_subject(keys, mode, "The JSON has")
    left = [key for key in keys if key not in known]
    said = (f"Left out of the JSON: {quoted(left)}.",) if left else ()
    fields = [_entry(number, entry, known, mode) for number, entry in enumerate(entries, 1)]
    return GivenFields(fields, said)


def _list_in(value: Any, mode: str) -> Sequence[Any]:
    """Finds the entries: a list, or the objects at any depth that say what to write about."""
    if isinstance(value, list):
        return value
    found = [*_lists(value, 0)]
    about = [(rank, -len(one), n) for n, one in enumerate(found) if (rank := _rank(one, mode)) >= 0]
    if _subjects(value, mode):
        return [value]
    if about:
        return found[min(about)[2]]
    return max(found, key=len, default=[value])  # whose keys a refusal names


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    """Yields the lists of objects in a value; also objects that are named by keys."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    inner = [*value.values()]
    if len(inner) > 1 and all(isinstance(one, dict) for one in inner):
        yield inner
    for one in inner:
        if isinstance(one, list) and any(isinstance(entry, dict) for entry in one):
            yield one
        else:
            yield from _lists(one, depth + 1)


def _rank(entries: Sequence[Any], mode: str) -> int:
    """Says how exactly the best key of objects names what to write about; -1 if none does."""
    ranks = [rank for one in entries if isinstance(one, dict) for rank in _subjects(one, mode)]
    return min(ranks, default=-1)


def _subjects(entry: dict[str, Any], mode: str) -> list[int]:
    met = (field_of(key, mode) for key, value in entry.items() if isinstance(value, str))
    return [meant[1] for meant in met if meant and is_subject(meant[0], mode)]


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

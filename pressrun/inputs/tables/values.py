"""JSON and JSON lines as they are exported: parsed, and its objects as the rows of a table."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from pressrun.inputs.tables.columns import MOST_COLUMNS, HeadedTable

_DEEPEST = 12
_MOST_RECORDS = 10_001
_LOOKS_SO = re.compile(r"\s*(?:\[\s*(?:[\"{\[]|\])|\{\s*\")")


def looks_like_json(text: str) -> bool:
    """Says whether a text begins and ends as JSON does."""
    bare = text.removeprefix("\ufeff")
    return bool(_LOOKS_SO.match(bare)) and bare.rstrip()[-1] in "]}"


def parse_json(text: str) -> Any:
    """Parses a text as JSON or JSON lines; None if it is neither."""
    bare = text.strip().removeprefix("\ufeff")
    try:
        return _value(bare)
    except (ValueError, RecursionError):
        pass
    try:
        return [_value(line) for line in bare.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def _value(text: str) -> Any:
    # Half of an emoji, as programs leave it that cut texts, has no UTF-8 and could not be kept.
    whole = json.dumps(json.loads(text), ensure_ascii=False).encode(errors="replace")
    return json.loads(whole)


def table_of(value: Any, wanted: Callable[[str], bool]) -> HeadedTable | None:
    """Makes a table of all objects, at any depth, that have a text which is wanted; None if none.

    A field of an object within an object has the names of both: ``author.name``.
    """
    records = [*islice(_records(value, wanted, 0), _MOST_RECORDS)]
    if not records:
        return None
    # One export may write "Link" in one list and "link" in the next: the first spelling stands.
    spelt: dict[str, str] = {}
    for record in records:
        for key in record:
            spelt.setdefault(key.casefold(), key)
    folded = [{key.casefold(): text for key, text in record.items()} for record in records]
    keys = [*spelt][:MOST_COLUMNS]
    rows = [(n, [record.get(key, "") for key in keys]) for n, record in enumerate(folded, 1)]
    return HeadedTable([spelt[key] for key in keys], rows)


def _records(value: Any, wanted: Callable[[str], bool], depth: int) -> Iterator[dict[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if any(isinstance(inner, str) and wanted(inner) for inner in value.values()):
            yield flat(value)
            return
        inside = [*value.values()]
    else:
        inside = value if isinstance(value, list) else []
        flattened = [flat(inner) for inner in inside if isinstance(inner, dict)]
        if any(wanted(text) for record in flattened for text in record.values()):
            # All of the list: one without its link is a row that says so.
            yield from flattened
            return
    for inner in inside:
        if isinstance(inner, str) and wanted(inner):
            yield {"": inner}
        else:
            yield from _records(inner, wanted, depth + 1)


def texts_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Yields the texts of a value, at any depth, in their order."""
    if isinstance(value, str):
        yield value
    elif depth <= _DEEPEST and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner, depth + 1)


def flat(value: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, str]:
    """Writes the fields of an object as texts, those of objects within it by both names."""
    found: dict[str, str] = {}
    for key, inner in value.items():
        name = f"{before}{key}"
        if isinstance(inner, dict) and depth < 3:
            found |= flat(inner, f"{name}.", depth + 1)
        elif isinstance(inner, str | int | float) and not isinstance(inner, bool):
            found[name] = str(inner)
    return found

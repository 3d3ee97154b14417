"""What is wrong with a request's JSON by the types of its API, in Google's words.

Google's parser refuses names that a message does not have and values of another kind, and
lists all of them at once. The wording is that of answers which people have reported, such as
https://github.com/yym68686/uni-api/issues/47 (v1 and systemInstruction) and
https://github.com/musistudio/claude-code-router/issues/187 (places within lists and maps).
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.servers.gemini_types import Field, Types

_RANGES = {
    "TYPE_INT32": (-(2**31), 2**31 - 1),
    "TYPE_INT64": (-(2**63), 2**63 - 1),
    "TYPE_UINT32": (0, 2**32 - 1),
    "TYPE_UINT64": (0, 2**64 - 1),
}


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong.

    Attributes:
        place: The path of the message that has it; empty for the request itself.
    """

    place: str
    description: str


def violations(types: Types, method: str, body: Any) -> list[Violation]:
    """All that Google would refuse in the body of a method before it looks at what is asked."""
    if not isinstance(body, dict):
        return [_unknown("", "", "Root element must be a message.")]
    return list(_in_message(types, types.requests[method], body, ""))


def _in_message(types: Types, message: str, value: Any, place: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield _invalid(place, f"type.googleapis.com/{message}", value)
        return
    for name, inner in value.items():
        field = types.messages[message].get(name)
        if field is None:
            yield _unknown(name, place, "Cannot find field.")
        elif isinstance(inner, list) and not (field.repeated or field.kind == "any"):
            yield _unknown(name, place, "Proto field is not repeating, cannot start list.")
        elif inner is not None:  # null is an unset field
            yield from _in_field(types, field, inner, f"{place}.{field.name}".lstrip("."))


def _in_field(types: Types, field: Field, value: Any, place: str) -> Iterator[Violation]:
    if field.keyed and not isinstance(value, dict):
        yield _invalid(place, "Map", value)
    elif field.keyed:
        for number, one in enumerate(value.values()):
            yield from _in_value(types, field, one, f"{place}[{number}].value")
    elif field.repeated and isinstance(value, list):
        for number, one in enumerate(value):
            yield from _in_value(types, field, one, f"{place}[{number}]")
    else:  # one value is taken for a list of one
        yield from _in_value(types, field, value, place)


def _in_value(types: Types, field: Field, value: Any, place: str) -> Iterator[Violation]:
    match field.kind:
        case "any":
            return
        case "message":
            yield from _in_message(types, field.of, value, place)
        case "enum":
            if not _is_word(field, value):
                yield _invalid(place, f"type.googleapis.com/{field.of}", value)
        case kind:
            if not _is_scalar(kind, value):
                yield _invalid(place, kind, value)


def _is_word(field: Field, value: Any) -> bool:
    """Words are taken in any case (documentation has ``object`` and ``OBJECT``), numbers too."""
    if isinstance(value, str):
        return value.upper() in field.words
    return isinstance(value, int) and not isinstance(value, bool)


def _is_scalar(kind: str, value: Any) -> bool:
    """Numbers may be given as texts: JSON's cannot hold all of 64 bits."""
    if kind in {"TYPE_STRING", "TYPE_BYTES"}:
        return isinstance(value, str)  # what bytes hold is looked at where they are used
    if kind == "TYPE_BOOL" or isinstance(value, bool):
        return kind == "TYPE_BOOL" and isinstance(value, bool)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    if kind not in _RANGES:
        return True
    lowest, highest = _RANGES[kind]
    return math.isfinite(number) and number.is_integer() and lowest <= number <= highest


def _unknown(name: str, place: str, why: str) -> Violation:
    where = f" at '{place}'" if place else ""
    return Violation(place, f'Invalid JSON payload received. Unknown name "{name}"{where}: {why}')


def _invalid(place: str, kind: str, value: Any) -> Violation:
    shown = json.dumps(value, ensure_ascii=False)[:200]
    return Violation(place, f"Invalid value at '{place}' ({kind}), {shown}")

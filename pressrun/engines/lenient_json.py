"""Reads JSON whose shape nobody promised: what is not as it should be counts as missing.

Providers, and more so the gateways before them, answer with null, text for numbers, lists for
objects and pages for JSON. None of this may raise.
"""

import ast
import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

#: Tokens of one call; larger numbers are no counts, and would not fit the ledger.
MOST_TOKENS = 10**9
#: USD of one call; larger ones are no prices.
MOST_USD = Decimal(1000)
#: Characters of a text in which a printed object is looked for, and how many ends it may have.
_LONGEST_PRINTED, _MOST_ENDS = 8000, 12


def parsed(text: str | bytes) -> Any:
    """Parses text as JSON; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def first_object(text: str) -> Any:
    """The value that the text begins with, whatever follows it; None if there is none.

    As JSON, or as Python prints it: SDKs put answers into the words of their errors so, and
    gateways pass those on.
    """
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return _printed_object(text[:_LONGEST_PRINTED])


def _printed_object(text: str) -> Any:
    """The longest beginning of the text that is a value of Python's; None if none is."""
    ends = [place + 1 for place, character in enumerate(text) if character == "}"]
    for end in ends[: -_MOST_ENDS - 1 : -1]:
        try:
            return ast.literal_eval(text[:end])
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def is_page(text: str) -> bool:
    """Says whether a text is a web page, as proxies and wrong addresses send it."""
    return text.lstrip("\ufeff \t\r\n")[:1] == "<"


def is_event_stream(text: str) -> bool:
    """Says whether a text is a stream of events, as some gateways send it without being asked."""
    return re.match(r"\s*(?:data|event|id|retry)?: ?", text) is not None


def mapping(value: object) -> Mapping[str, Any]:
    """Returns the value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[Any]:
    """Returns the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def field(value: object, *names: str) -> Any:
    """Finds the first of these fields of an object that is there and not null; None if none is."""
    told = mapping(value)
    return next((told[name] for name in names if told.get(name) is not None), None)


def words(value: object) -> str:
    """Returns the value if it is text, else an empty text."""
    return value if isinstance(value, str) else ""


def count(value: object) -> int | None:
    """Reads a number of tokens, also one that is text; None if it could not be one."""
    number = _number(value)
    if number is None or not 0 <= number <= MOST_TOKENS:
        return None
    return math.ceil(number)


def price(value: object) -> Decimal | None:
    """Reads an amount in USD, also one that is text; None if no call could cost it."""
    number = _number(value)
    return number if number is not None and 0 <= number <= MOST_USD else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def tier_name(told: object) -> str:
    """Reads a tier of service as the catalogue may name it; empty for the usual one."""
    tier = words(told).strip().lower().removeprefix("service_tier_").removeprefix("on_demand_")
    usual = {"standard", "default", "auto", "unspecified", "on_demand"}
    return tier if re.fullmatch(r"[a-z0-9_-]{1,40}", tier) and tier not in usual else ""

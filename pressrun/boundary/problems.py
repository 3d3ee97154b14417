"""What is wrong with a value, in words for whoever typed it."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

#: By pydantic's type of an error, with what it says of the bound.
_WORDS: Mapping[str, str] = {
    "greater_than": "it has to be more than {gt:g}",
    "greater_than_equal": "it has to be at least {ge:g}",
    "less_than": "it has to be less than {lt:g}",
    "less_than_equal": "it can be at most {le:g}",
    "string_too_long": "it may have up to {max_length:,} letters; this has more",
    "string_too_short": "it has to have at least {min_length:,} letters",
    "string_unicode": (
        "it has half of a character in it, as programs leave it that cut an emoji in two."
    ),
    "finite_number": "that is no number. Write it as 1000 or 2.5.",
    "float_parsing": "that is no number. Write it as 1000 or 2.5.",
    "float_type": "that is no number. Write it as 1000 or 2.5.",
    "int_parsing": "that is no whole number. Write it as 5 or 1000.",
    "int_type": "that is no whole number. Write it as 5 or 1000.",
    "int_from_float": "that is no whole number. Write it as 5 or 1000.",
    "int_parsing_size": "that is far too large",
}


def problem_words(error: ErrorDetails) -> str:
    """Says what a check of a model's field has found; what no table has, in pydantic's words."""
    words = _WORDS.get(error["type"])
    bounds: Mapping[str, Any] = error.get("ctx") or {}
    if words is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return words.format(**bounds)

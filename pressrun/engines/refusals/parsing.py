"""Reads a refusal of any shape into one record: status, codes, sentences, wait.

Google puts its errors into an envelope or a list of them, OpenAI and those who follow it into
another, gateways put one as text into the message of the next, and proxies send pages.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pressrun.boundary.text import one_line, short_url
from pressrun.engines.lenient_json import count, first_object, is_page, items, mapping, words
from pressrun.errors.waits import told_wait_s

#: Fields that hold errors, and what Google and others send beside them.
_INSIDE = (
    *("error", "errors", "Error", "detail", "details", "metadata", "violations", "fault"),
    *(
        "innererror",
        "inner_error",
        "provider_specific_fields",
    ),  # of Azure, and of LiteLLM before it
)
_SENTENCES = (
    *("message", "Message", "error_description", "description", "msg", "raw", "error", "detail"),
    *("title", "errorMessage"),
)
_CODES = ("code", "Code", "status", "type", "__type", "reason", "error")
#: Codes that stand among words: IMAGE_SAFETY, and names of exceptions.
_CODE_IN_WORDS = re.compile(r"\b(?:[A-Z]+(?:_[A-Z]+)+|(?:[A-Z][a-z]+){2,}(?:Error|Exception))\b")
_DEEPEST, _MOST_OBJECTS, _MOST_SENTENCES = 8, 60, 3
#: Keys and what is left of them, which some providers quote.
_KEYS = re.compile(r"\b(?:sk|pk|key)-[\w*.-]+|\bAIza[\w*-]+|\b(?:AKIA|ASIA)\w+|\S*\*{3,}\S*")


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """What a provider says when it refuses.

    Attributes:
        status: Of HTTP, or the one in the body where HTTP reports success.
        codes: Machine-readable names, in lower case, the outermost first; last those among words.
        quotas: Ids of the quotas that are used up, where they are named.
        message: The provider's own sentences, without keys, on one line.
        wait_s: Seconds that it asks to wait.
        is_page: Whether it was a web page, which is not quoted.
        leads_to: Where a redirect leads.
    """

    status: int
    codes: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()
    message: str = ""
    wait_s: float | None = None
    is_page: bool = False
    leads_to: str = ""

    @property
    def summary(self) -> str:
        """Status, code and sentences, for a person; short."""
        code = next((code for code in self.codes if not code.isdigit()), "")
        head = f"{self.status} {code}".strip()
        if self.leads_to:
            return f"{head}: it leads to {self.leads_to}"
        if self.is_page:
            return f"{head}: a web page"
        return f"{head}: {self.message[:300]}" if self.message else head


def parse_error_response(
    status: int, headers: Mapping[str, str], body: object, now: datetime
) -> ErrorResponse:
    """Reads a refusal into one record.

    Args:
        status: Of HTTP.
        headers: Of the answer.
        body: Its JSON, or its text where it is none.
        now: The present moment, with a time zone.
    """
    named = {str(name).lower(): str(value) for name, value in headers.items()}
    objects = list(_objects(body, 0))[:_MOST_OBJECTS]
    sentences = _sentences(body, objects)
    message = _KEYS.sub("[key]", one_line("; ".join(sentences), 2000))
    codes = dict.fromkeys(code for found in objects for code in _codes(found))
    codes |= dict.fromkeys(code.lower() for code in _CODE_IN_WORDS.findall(message))
    moved = 300 <= status < 400
    return ErrorResponse(
        status=status,
        codes=tuple(codes),
        quotas=tuple(_quotas(objects)),
        message=message,
        wait_s=told_wait_s(named, objects, message, now),
        is_page=not sentences and any(is_page(text) for text in _texts(body, objects)),
        leads_to=short_url(named.get("location", "")) if moved else "",
    )


def error_in_success(body: object, now: datetime) -> ErrorResponse | None:
    """Reads an error that came with status 200, as some gateways send it; None if there is none.

    Its number is taken for the status, if it could be one, else 502: a server behind it failed.
    """
    error = mapping(body).get("error")
    if not error:
        return None
    number = count(mapping(error).get("code")) or 0
    return parse_error_response(number if 400 <= number < 600 else 502, {}, body, now)


def _objects(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    """Finds every object in an answer that may describe an error, the outer ones first."""
    if depth > _DEEPEST:
        return
    for one in items(value)[:_MOST_OBJECTS]:
        yield from _objects(one, depth + 1)
    found = mapping(value)
    if not found:
        return
    yield found
    for name in _INSIDE:
        yield from _objects(found.get(name), depth + 1)
    for name in _SENTENCES:
        if (inner := _json_in(found.get(name))) is not None:
            yield from _objects(inner, depth + 1)


def _json_in(value: object) -> object:
    """Reads an error that is text in another's message: alone, or amid other words."""
    text = words(value)
    begin = text.find("{")
    return first_object(text[begin:]) if begin >= 0 else None


def _texts(body: object, objects: list[Mapping[str, Any]]) -> Iterator[str]:
    yield words(body)
    for found in objects:
        yield from (words(found.get(name)) for name in _SENTENCES)
        yield from (words(one) for one in items(found.get("errors")))


def _sentences(body: object, objects: list[Mapping[str, Any]]) -> list[str]:
    said: dict[str, None] = {}
    for text in _texts(body, objects):
        plain = " ".join(text.split())
        is_code = " " not in plain and bool(objects) and plain.lower() in _codes_of(objects)
        if plain and not is_page(plain) and not is_code and _json_in(plain) is None:
            said[plain] = None
    return list(said)[:_MOST_SENTENCES]


def _codes_of(objects: list[Mapping[str, Any]]) -> set[str]:
    return {code for found in objects for code in _codes(found)}


def _codes(found: Mapping[str, Any]) -> Iterator[str]:
    for name in _CODES:
        value = found.get(name)
        text = str(value) if isinstance(value, int) else words(value).strip()
        if re.fullmatch(r"[\w.#:/-]{1,100}", text):
            yield text.rpartition("#")[2].lower()  # AWS puts a namespace before it


def _quotas(objects: list[Mapping[str, Any]]) -> Iterator[str]:
    for found in objects:
        if quota := words(found.get("quotaId")):
            yield quota

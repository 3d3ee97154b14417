"""Reads a refusal of any shape into one record: status, codes, sentences, wait.

Google puts its errors into an envelope or a list of them, OpenAI and those who follow it into
another, gateways put one as text into the message of the next, and proxies send pages.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pressrun.engines.odd_json import count, first_object, is_page, items, mapping, words
from pressrun.engines.refusals.waits import told_wait_s
from pressrun.text import one_line, short_url

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
class Told:
    """What a provider says when it refuses.

    Attributes:
        status: Of HTTP, or the one in the body where HTTP reports success.
        codes: Machine-readable names, in lower case, the outermost first; last those among words.
        quotas: Ids of the quotas that are used up, where they are named.
        words: The provider's own sentences, without keys, on one line.
        wait_s: Seconds that it asks to wait.
        is_page: Whether it was a web page, which is not quoted.
        leads_to: Where a redirect leads.
    """

    status: int
    codes: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()
    words: str = ""
    wait_s: float | None = None
    is_page: bool = False
    leads_to: str = ""

    @property
    def said(self) -> str:
        """Status, code and sentences, for a person; short."""
        code = next((code for code in self.codes if not code.isdigit()), "")
        head = f"{self.status} {code}".strip()
        if self.leads_to:
            return f"{head}: it leads to {self.leads_to}"
        if self.is_page:
            return f"{head}: a web page"
        return f"{head}: {self.words[:300]}" if self.words else head


def read_told(status: int, headers: Mapping[str, str], body: object, now: datetime) -> Told:
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
    said = _KEYS.sub("[key]", one_line("; ".join(sentences), 2000))
    codes = dict.fromkeys(code for told in objects for code in _codes(told))
    codes |= dict.fromkeys(code.lower() for code in _CODE_IN_WORDS.findall(said))
    moved = 300 <= status < 400
    return Told(
        status=status,
        codes=tuple(codes),
        quotas=tuple(_quotas(objects)),
        words=said,
        wait_s=told_wait_s(named, objects, said, now),
        is_page=not sentences and any(is_page(text) for text in _texts(body, objects)),
        leads_to=short_url(named.get("location", "")) if moved else "",
    )


def told_in_answer(body: object, now: datetime) -> Told | None:
    """Reads an error that came with status 200, as some gateways send it; None if there is none.

    Its number is taken for the status, if it could be one, else 502: a server behind it failed.
    """
    error = mapping(body).get("error")
    if not error:
        return None
    number = count(mapping(error).get("code")) or 0
    return read_told(number if 400 <= number < 600 else 502, {}, body, now)


def _objects(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    """Finds every object in an answer that may describe an error, the outer ones first."""
    if depth > _DEEPEST:
        return
    for one in items(value)[:_MOST_OBJECTS]:
        yield from _objects(one, depth + 1)
    told = mapping(value)
    if not told:
        return
    yield told
    for name in _INSIDE:
        yield from _objects(told.get(name), depth + 1)
    for name in _SENTENCES:
        if (inner := _json_in(told.get(name))) is not None:
            yield from _objects(inner, depth + 1)


def _json_in(value: object) -> object:
    """Reads an error that is text in another's message: alone, or amid other words."""
    text = words(value)
    begin = text.find("{")
    return first_object(text[begin:]) if begin >= 0 else None


def _texts(body: object, objects: list[Mapping[str, Any]]) -> Iterator[str]:
    yield words(body)
    for told in objects:
        yield from (words(told.get(name)) for name in _SENTENCES)
        yield from (words(one) for one in items(told.get("errors")))


def _sentences(body: object, objects: list[Mapping[str, Any]]) -> list[str]:
    said: dict[str, None] = {}
    for text in _texts(body, objects):
        plain = " ".join(text.split())
        is_code = " " not in plain and bool(objects) and plain.lower() in _codes_of(objects)
        if plain and not is_page(plain) and not is_code and _json_in(plain) is None:
            said[plain] = None
    return list(said)[:_MOST_SENTENCES]


def _codes_of(objects: list[Mapping[str, Any]]) -> set[str]:
    return {code for told in objects for code in _codes(told)}


def _codes(told: Mapping[str, Any]) -> Iterator[str]:
    for name in _CODES:
        value = told.get(name)
        text = str(value) if isinstance(value, int) else words(value).strip()
        if re.fullmatch(r"[\w.#:/-]{1,100}", text):
            yield text.rpartition("#")[2].lower()  # AWS puts a namespace before it


def _quotas(objects: list[Mapping[str, Any]]) -> Iterator[str]:
    for told in objects:
        if quota := words(told.get("quotaId")):
            yield quota

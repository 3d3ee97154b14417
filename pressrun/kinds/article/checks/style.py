"""How a text sounds: stock phrases, an opening that puts the answer off, a closing summary.

Languages without a list (``stock_phrases.toml``) show nothing. Hints for a person, never a reason
to write an article anew: each of these words is right somewhere.
"""

import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from pressrun.boundary.text import fold, tokens
from pressrun.kinds.article.checks.visible import Visible

_MOST_SHOWN = 8
#: Dashes within sentences, in a thousand words: far more than in print.
MOST_DASHES = 12
_FEWEST_DASHES = 4


def style_warnings(body: Visible, language: str) -> Iterator[str]:
    """Says what of a text a reader may know from many others."""
    found = _phrases(language)
    words = f" {' '.join(tokens(body.prose))} "
    stock = [phrase for phrase in found.get("phrases", ()) if f" {phrase} " in words]
    if stock:
        yield f"Stock phrases: {_quoted(stock)}."
    first = next((line for line in body.prose.split("\n") if line.strip()), "")
    opening = f" {' '.join(tokens(first[:200]))} "
    if any(opening.startswith(f" {opener.strip()} ") for opener in found.get("openers", ())):
        yield "The first sentence is a stock opening; the answer should stand there."
    elif _is_question(first):
        yield "The first sentence is a question; the answer should stand there."
    if closing := _closing(body, found.get("closers", ())):
        yield f"It ends with a summary of itself ({_quoted([closing])})."
    yield from _of_dashes(body)


def _of_dashes(body: Visible) -> Iterator[str]:
    dashes = body.prose.count("\u2014") + body.prose.count(" \u2013 ")
    words = len(body.prose.split())
    if dashes >= _FEWEST_DASHES and dashes * 1000 > MOST_DASHES * words:
        yield f"There are {dashes} dashes in {words:,} words, more than people set."


def _closing(body: Visible, closers: Sequence[str]) -> str:
    second = [heading.text for heading in body.headings if heading.level == 2]
    last = " ".join(tokens(second[-1])) if second else ""
    is_one = any(last == closer or last.startswith(f"{closer} ") for closer in closers)
    return second[-1] if is_one else ""


def _is_question(line: str) -> bool:
    marks = [at for mark in ".!?\u3002\uff1f\u061f\u0964" if (at := line.find(mark)) >= 0]
    return bool(marks) and line[min(marks)] in "?\uff1f\u061f"


def _quoted(texts: Sequence[str]) -> str:
    shown = [f'"{text}"' for text in texts[:_MOST_SHOWN]]
    more = [f"{len(texts) - _MOST_SHOWN} more"] if len(texts) > _MOST_SHOWN else []
    return ", ".join(shown + more)


@lru_cache(maxsize=64)
def _phrases(language: str) -> dict[str, tuple[str, ...]]:
    said = _table().get(language, {})
    return {name: tuple(" ".join(tokens(fold(one))) for one in said[name]) for name in said}


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, list[str]]]:
    place = files("pressrun.kinds.article.checks") / "stock_phrases.toml"
    return tomllib.loads(place.read_text("utf-8"))

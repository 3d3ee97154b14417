"""Whether a subject is one in which a mistake harms: health, money, law, politics.

By tables of words (``terms``, a file for each language), which err to holding. The writer's own
word is added, and a person decides.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from pressrun.boundary.text import fold, tokens

MATTERS = ("health", "money", "law", "politics")


def matters_of(texts: Iterable[str], language: str, said: Iterable[str] = ()) -> list[str]:
    """Lists the matters that a subject touches.

    Args:
        texts: Topic, keywords, title.
        language: ISO 639-1; of a language without a table only the words count that are spelled
            alike in many, and what the writer says.
        said: The matters that the writer names.
    """
    # A line each, so that words of two texts are no phrase.
    lines = "\n".join(" ".join(tokens(text)) for text in texts)
    table, named = _patterns(language), set(said)
    lines = table["harmless"].sub("\n", lines)
    return [matter for matter in MATTERS if matter in named or table[matter].search(lines)]


@lru_cache(maxsize=32)
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    anywhere, here = _table("any"), _table(language)
    return {
        row: _pattern(
            [*_terms(anywhere.get(row, "")), *_terms(here.get(row, ""), plural=language == "en")]
        )
        for row in (*MATTERS, "harmless")
    }


def _pattern(terms: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(terms)})\b")


def _terms(listed: str, plural: bool = False) -> list[str]:
    """Writes each term as a regular expression over folded words that one space parts."""
    return [
        " ".join(_word(word, plural) for word in term.split())
        for term in filter(str.strip, fold(listed).split(","))
    ]


def _word(word: str, plural: bool) -> str:
    # Elsewhere a word may change its end in many ways, and so become another one.
    ending = "(?:e?s)?" if plural and not word.endswith("*") else ""
    return (r"\w+" if word == "*" else re.escape(word).replace(r"\*", r"\w*")) + ending


def _table(language: str) -> dict[str, str]:
    place = files("pressrun.kinds.article.checks") / "terms" / f"{language}.toml"
    return tomllib.loads(place.read_text("utf-8")) if place.is_file() else {}

"""Whether a subject is one in which a mistake harms: health, money, law, politics.

By a small table of words (``matters.toml``). It errs to both sides; the writer's own word is added
to it, and a person decides.
"""

import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

from pressrun.boundary.text import occurrences, tokens

MATTERS = ("health", "money", "law", "politics")


def matters_of(texts: Iterable[str], language: str, said: Iterable[str] = ()) -> list[str]:
    """Lists the matters that a subject touches.

    Args:
        texts: Topic, keywords, title.
        language: ISO 639-1; of a language without a table only what the writer says counts.
        said: The matters that the writer names.
    """
    words = [token for text in texts for token in [*tokens(text), ""]]
    table, named = _table().get(language, {}), set(said)
    return [
        matter
        for matter in MATTERS
        if matter in named or any(_has(words, term, language) for term in table.get(matter, ()))
    ]


def _has(words: Sequence[str], term: str, language: str) -> bool:
    if term.endswith("*"):
        return any(word.startswith(term[:-1]) for word in words)
    # Elsewhere a word may change its end in many ways, and so become another one.
    return bool(occurrences(words, term)) if language == "en" else _runs(words, tokens(term))


def _runs(words: Sequence[str], phrase: Sequence[str]) -> bool:
    size = len(phrase)
    return any(list(words[at : at + size]) == list(phrase) for at in range(len(words) - size + 1))


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, list[str]]]:
    place = files("pressrun.kinds.article.checks") / "matters.toml"
    return tomllib.loads(place.read_text("utf-8"))

"""Reads a text as words: as it stands, and with the plainest disguises removed.

Case, accents, styles of type and look-alike letters are unified before, in the whole text. Digits
and signs in the place of letters are read word by word, so that a verdict shows a word as it was
written. Knows nothing of which words are blocked.
"""

import re
from collections.abc import Iterator

_AS_I, _AS_L = str.maketrans("01!3457@$", "oiieastas"), str.maketrans("01!3457@$", "olleastas")

_WORD = re.compile(r"[^\W_]+")
_WITH_SIGNS = re.compile(r"[\w@$!]+")
#: Three or more single letters, each as far from the next: "n.u.d.e", "n - u - d - e".
_APART = re.compile(r"(?<![^\W_])[^\W_](?P<gap>[\W_]{1,3})(?:[^\W_](?P=gap))+[^\W_](?![^\W_])")
_ARTICLE = re.compile(r"([ai])(?=..)")


def words_of(folded: str) -> list[str]:
    """Lists the words as they stand: all between spaces and punctuation."""
    return _WORD.findall(folded)


def readings(folded: str) -> Iterator[list[str]]:
    """Yields every way to read the text that may have other words, the plain one first."""
    yield words_of(folded)
    if "@" in folded or "$" in folded or "!" in folded:
        yield [word.strip("!_") for word in _WITH_SIGNS.findall(folded)]
    if _APART.search(folded):
        yield words_of(_APART.sub(_closed_up, folded))
        yield words_of(_APART.sub(lambda run: _ARTICLE.sub(r"\1 ", _closed_up(run), 1), folded))


def forms(word: str) -> tuple[str, ...]:
    """Lists what a word can be read as, itself first: "b0mb" also as "bomb"."""
    if word.isalpha() or not word.islower():  # no digit or sign in it, or no letter
        return (word,)
    return word, word.translate(_AS_I), word.translate(_AS_L)


def _closed_up(run: re.Match[str]) -> str:
    return run[0].replace(run["gap"], "")

"""The ways in which folded text can be read as words: as it stands, and as it may be meant.

``n.u.d.e``, ``n u d e`` and ``nu-de`` hide a word from whoever only splits at spaces. So a text has
several readings, each a list of words; the first is always the plain one. Every word has forms: as
it is written, with digits and signs read as letters, and with drawn-out letters shortened.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from pressrun.moderation.folding import ZERO_WIDTH_SPACE

_WORD = re.compile(r"[^\W_]+")
_PLAIN = re.compile(r"[a-z0-9\s]*")
#: Marks that end a sentence or part words: "pen. Is" written without its space is no word.
_PARTING = re.compile(rf"[.,;:?/\\&=…\u2013\u2014\"\u201c-\u201f«»()\[\]{{}}<>{ZERO_WIDTH_SPACE}]+")
_AROUND = "".join(map(chr, {*range(33, 48), *range(58, 65), *range(91, 97), *range(123, 127)}))
#: Signs that stand for letters also where a word begins or ends; ``!`` there ends a sentence.
_ENDS = "".join(sorted(set(_AROUND) - set("@$")))
_INSIDE = re.compile(r"[^\w@$!|+*]+|_+")
#: Single letters with as little between them as hides a word.
_SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){2,}")
_GAPS = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"^([ai])(?=..)")

_AS_LETTERS = str.maketrans("023456789@$€+", "ozeasgtbgaset")
_EITHER = re.compile(r"[1!|]")  # an i or an l
_SIGN = re.compile(r"[0-9@$€!|+]")
_LETTER = re.compile(r"[^\W\d_]")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_MOST_CHOICES = 4  # of one word: bounds its forms
_FRAGMENT = re.compile(r"[b-hj-z]|[b-df-hj-np-tv-xz]{2,3}")


def words_of(folded: str) -> list[str]:
    """The words as they stand: all between spaces and punctuation."""
    return _WORD.findall(folded)


def readings(folded: str) -> Iterator[list[str]]:
    """Every way to read the text that may give other words, the plain one first."""
    yield words_of(folded)
    if not _PLAIN.fullmatch(folded):
        yield [word for chunk in folded.split() for word in _joined(chunk)]
    if _SPELLED.search(folded):
        whole = _SPELLED.sub(lambda run: " ".join(_spelled(run[0])), folded)
        yield words_of(whole)
        apart = _SPELLED.sub(
            lambda run: " ".join(_ARTICLE.sub(r"\1 ", word) for word in _spelled(run[0])), folded
        )
        if apart != whole:
            yield words_of(apart)


def broken(words: list[str]) -> Iterator[tuple[int, int, str]]:
    """Words that may have been broken by spaces: first and last place, and the word joined.

    All pieces but one are fragments, which are no words of their own: single letters but for
    "a" and "i", or two or three consonants.
    """
    small = [bool(_FRAGMENT.fullmatch(word)) for word in words]
    if not any(small):
        return
    for size in (2, 3):
        for first in range(len(words) - size + 1):
            last = first + size - 1
            around = words[max(0, first - 1) : first] + words[last + 1 : last + 2]
            # "E S S E X" is one word, of which only the whole counts.
            if sum(small[first : last + 1]) >= size - 1 and not any(map(_is_letter, around)):
                yield first, last, "".join(words[first : last + 1])


@lru_cache(maxsize=8192)
def forms(word: str) -> tuple[str, ...]:
    """What a word can be read as, itself first."""
    found = [word]
    if "*" in word:
        found.append(word.replace("*", ""))
    if _SIGN.search(word) and _LETTER.search(word):
        found += _as_letters(word)
    if _DRAWN_OUT.search(word):
        found += [short for form in found for short in _shortened(form)]
    return tuple(dict.fromkeys(found))


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word not in "ai"


def _joined(chunk: str) -> list[str]:
    """The words of what stands between two spaces, with what is inside them left out."""
    if chunk.isalnum():
        return [chunk]
    parts = [part for part in _PARTING.split(chunk.strip(_ENDS)) if part]
    if any(len(part) == 1 for part in parts):
        parts = ["".join(parts)]
    return [word for part in parts if (word := _INSIDE.sub("", part).strip("!|+"))]


def _spelled(run: str) -> list[str]:
    """The words of spelled letters: where gaps differ, the wider ones part words."""
    gaps = _GAPS.findall(run)
    least = min(map(len, gaps))
    letters = _GAPS.split(run)
    text = letters[0]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        text += (" " if len(gap) > least else "") + letter
    return text.split()


def _as_letters(word: str) -> Iterator[str]:
    text = word.translate(_AS_LETTERS)
    pieces = _EITHER.split(text)
    free = min(len(pieces) - 1, _MOST_CHOICES)
    for choice in product("il", repeat=free):
        rest = "i" * (len(pieces) - 1 - free)
        yield "".join(a + b for a, b in zip(pieces, [*choice, *rest, ""], strict=True))


def _shortened(word: str) -> Iterator[str]:
    """The word with drawn-out letters once or twice: "sooo" is "so", "booook" is "book".

    A letter that is only doubled stays so: it may be another word.
    """
    pieces = _DRAWN_OUT.split(word)  # every second piece is the letter that was drawn out
    letters = pieces[1::2]
    free = min(len(letters), _MOST_CHOICES)
    for choice in product((1, 2), repeat=free):
        times = [*choice, *[1] * (len(letters) - free)]
        drawn = [letter * count for letter, count in zip(letters, times, strict=True)]
        yield "".join(a + b for a, b in zip(pieces[::2], [*drawn, ""], strict=True))

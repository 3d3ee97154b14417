"""Where words stand in a document, so that what a model says of it can be held against it.

It must not know what is looked for, nor how a model is asked.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from pressrun.boundary.text import tokens

#: Letters of a document that a model reads at once.
PART_LETTERS = 40_000
#: Letters and digits that stand together, where what is looked for is of several places.
_LEAST_RUN = 12
#: Line breaks and tabs as JSON writes them: letters that belong to no word.
_ESCAPED = re.compile(r"\\[nrt]")


@dataclass(frozen=True, slots=True)
class Passage:
    """Where words stand in a document: from the first letter to behind the last."""

    start: int
    end: int


class DocumentWords:
    """The words of a document one after another, whatever stands between them."""

    def __init__(self, text: str):
        words = [(w, n) for n, line in enumerate(text.splitlines(), 1) for w in _words(line)]
        starts, at = [], 0
        for word, _ in words:
            starts.append(at)
            at += len(word) + 1
        self.words = "".join(f"{word} " for word, _ in words)
        self._starts, self._lines = starts, [line for _, line in words]

    def line(self, at: int) -> int:
        """Gives the line of a letter, from 1."""
        return self._lines[bisect_right(self._starts, at) - 1]

    def lines(self, found: Sequence[Passage]) -> tuple[int, ...]:
        """Lists the lines that words stand on."""
        first = [bisect_right(self._starts, one.start) - 1 for one in found]
        behind = [bisect_right(self._starts, one.end - 1) for one in found]
        return tuple(
            dict.fromkeys(
                line for a, b in zip(first, behind, strict=True) for line in self._lines[a:b]
            )
        )

    def find(self, text: str, start: int = 0) -> list[Passage]:
        """Finds where words stand, from a place or else from the beginning; nothing if nowhere.

        What is joined of several places, such as of labelled fields or of a prompt and the style
        of its group, is found place by place.
        """
        words = bare(text)
        if not words:
            return []
        for begin in (start, 0) if start else (0,):
            if (at := self._whole(words, begin)) >= 0:
                return [Passage(at, at + len(words))]
            if places := list(self._places(words, begin)):
                return places
        return []

    def _whole(self, words: str, start: int) -> int:
        at = self.words.find(f"{words} ", start)
        while at > 0 and self.words[at - 1] != " ":
            at = self.words.find(f"{words} ", at + 1)
        return at

    def _places(self, words: str, start: int) -> Iterator[Passage]:
        left, at, places = words, start, list[Passage]()
        while left:
            least = min(_LEAST_RUN, len(left))
            run = self._longest(left, at)
            if len(run) < least and at:  # a style that stands above the prompts it is for
                at, run = 0, self._longest(left, 0)
            if len(run) < least:
                return
            at = self._whole(run, at)
            places.append(Passage(at, at + len(run)))
            at, left = at + len(run), left[len(run) :].lstrip()
        yield from places

    def _longest(self, words: str, start: int) -> str:
        """Gives the longest beginning of words that stands behind a place."""
        ends = [*(m.start() for m in re.finditer(" ", words)), len(words)]
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._whole(words[: ends[middle]], start) >= 0:
                low = middle + 1
            else:
                high = middle
        return words[: ends[low - 1]] if low else ""


def _words(line: str) -> list[str]:
    # Folded: who copies words may write them otherwise, and they are the same words. In scripts
    # without spaces every character is one, so that a title within a sentence is found.
    return tokens(_ESCAPED.sub(" ", unescape(line) if "&" in line else line))


def bare(text: str) -> str:
    """Gives the words of a text without what stands between them."""
    return " ".join(_words(text))


def parts_of(text: str) -> list[str]:
    """Cuts a long document between its lines, at a blank one near by if there is one."""
    lines, parts, part, size = text.splitlines(keepends=True), list[str](), list[str](), 0
    for line in lines:
        full = size > PART_LETTERS or (size > 0.8 * PART_LETTERS and not line.strip())
        if full:
            parts.append("".join(part))
            part, size = [], 0
        part.append(line)
        size += len(line)
    return [*parts, "".join(part)] if part else parts or [""]

"""Words divided into lines: where Unicode lets a line end, evenly, at the largest size that fits.

ICU says where a line may end, in Thai too; Japanese and Korean end between phrases, Chinese between
words (https://unicode.org/reports/tr14, https://unicode.org/reports/tr35/tr35-general.html).
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from icu4py.breakers import LineBreaker, WordBreaker

from pressrun.pictures.lettering.options import LetteringStyle, LineShape
from pressrun.pictures.lettering.pieces import Voice, ems_of

#: More fits no slide; bounds the work.
MOST_LETTERS = 320
#: Most lines, with the largest and the smallest size in pixels. Four lines are read at a glance;
#: more words become smaller first and take more lines then.
_SIZES = ((4, 90, 64), (5, 64, 56), (6, 56, 50), (7, 50, 44))
_STEP = 2


@dataclass(frozen=True, slots=True)
class SetLines:
    """Words as they fit: lines of one size, in pixels of a picture that is 1080 wide."""

    lines: tuple[str, ...]
    size: int
    voice: Voice
    shape: LineShape

    @property
    def widths(self) -> list[float]:
        """The width of each line."""
        return [ems_of(line, self.voice) * self.size for line in self.lines]

    @property
    def height(self) -> float:
        """From the top of the first line to the bottom of the last."""
        return len(self.lines) * self.size * self.shape.pitch


def normal(words: str) -> str:
    """Writes words as they are set: composed, one space between them, lines as they were given."""
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", words).splitlines())
    return "\n".join(filter(None, lines))


@lru_cache(maxsize=512)
def fit(words: str, width: float, height: float, style: LetteringStyle) -> SetLines | None:
    """Sets words at the largest size at which they fit; None if they don't at the smallest."""
    voice = Voice.of(words)
    shape = LineShape.of(style, voice.face)
    parts = [_units(line) for line in words.split("\n")]
    for most, largest, smallest in _SIZES:
        for size in range(largest, smallest - 1, -_STEP):
            lines = _set(parts, width / size - 2 * shape.pad, voice)
            if 0 < len(lines) <= min(most, height / (size * shape.pitch)):
                return SetLines(lines, size, voice, shape)
    return None


def _set(parts: Sequence[Sequence[str]], ems: float, voice: Voice) -> tuple[str, ...]:
    """Sets every given line evenly; empty where a word is wider than a line."""
    found = list[str]()
    for units in parts:
        lines = _even(units, ems, voice)
        if not lines:
            return ()
        found += lines
    return tuple(found)


def _units(line: str) -> tuple[str, ...]:
    """Divides a line into what stays together."""
    return tuple(LineBreaker(line, _locale(line))) if not _is_han(line) else _words(line)


def _locale(line: str) -> str:
    if any("\u3041" <= char <= "\u30ff" for char in line):
        return "ja@lw=phrase"
    if any("\uac00" <= char <= "\ud7a3" for char in line):
        return "ko@lw=phrase"
    return "en"


def _is_han(line: str) -> bool:
    return _locale(line) == "en" and any("\u4e00" <= char <= "\u9fff" for char in line)


def _words(line: str) -> tuple[str, ...]:
    """Divides Chinese where a line may end and no word is cut."""
    of_words = {*_ends(WordBreaker(line, "zh"))}
    kept = [0, *(end for end in _ends(LineBreaker(line, "zh")) if end in of_words)]
    return tuple(line[start:end] for start, end in pairwise(kept))


def _ends(parts: Iterable[str]) -> Iterator[int]:
    """Counts to the end of each part in characters; ICU's own numbers count UTF-16 units."""
    return accumulate(map(len, parts))


def _even(units: Sequence[str], ems: float, voice: Voice) -> list[str]:
    """Divides units into the fewest lines, as even as possible; empty if one is too wide.

    Of all divisions into so few lines the one with the smallest sum of squares of what is left
    free; the last line counts as any other, so that no short word stands there alone.
    """
    best = [(0, 0.0, 0)]  # number of lines, cost, where the last one begins
    for end in range(1, len(units) + 1):
        options = []
        for start in range(end - 1, -1, -1):
            width = _width(units, start, end, voice)
            if width > ems:
                break
            number, cost, _ = best[start]
            if number >= 0:
                options.append((number + 1, cost + (ems - width) ** 2, start))
        best.append(min(options, default=(-1, 0.0, 0)))
    if best[-1][0] < 0:
        return []
    lines, end = list[str](), len(units)
    while end:
        start = best[end][2]
        lines.append("".join(units[start:end]).strip())
        end = start
    return lines[::-1]


def _width(units: Sequence[str], start: int, end: int, voice: Voice) -> float:
    return ems_of("".join(units[start:end]).strip(), voice)

"""A line of words as the pieces that it is drawn of: each of one face and one direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pressrun.pictures.lettering.bidi import Direction, base_direction, levels, visual
from pressrun.pictures.lettering.faces import (
    EMOJI,
    EMOJI_SIZE,
    FaceRun,
    clusters,
    face_of,
    face_runs,
    load_face,
)

#: Lines are measured at this size in pixels; widths grow with the size.
_MEASURED = 100
#: Emoji are drawn a little larger than letters: their em, in ems of the words.
EMOJI_EM = 0.94


@dataclass(frozen=True, slots=True)
class LinePiece:
    """Neighbouring characters that are drawn at once.

    Attributes:
        ems: Its width, in sizes of the words.
    """

    text: str
    face: str
    direction: Direction
    ems: float

    @property
    def is_emoji(self) -> bool:
        """Whether it is drawn in its own colours."""
        return self.face == EMOJI


@dataclass(frozen=True, slots=True)
class Voice:
    """What all lines of a text share: its main face and its direction."""

    face: str
    direction: Direction

    @classmethod
    def of(cls, text: str) -> "Voice":
        """Finds the voice of a text."""
        return cls(face_of(text), base_direction(text))


@lru_cache(maxsize=4096)
def pieces_of(line: str, voice: Voice) -> tuple[LinePiece, ...]:
    """Divides a line into its pieces, in the order in which they stand from left to right."""
    runs = list(face_runs(line, voice.face))
    if len(runs) == 1:
        return (_piece(runs[0], voice.direction),)
    found, at = list[LinePiece](), list[int]()
    for run in runs:
        parts = clusters(run.text)
        before = len("".join(piece.text for piece in found))
        of = _levels(line, voice.direction)[_count(line, before) :][: len(parts)]
        for text, level in _alike(parts, of):
            found.append(_piece(FaceRun(run.face, text), "rtl" if level % 2 else "ltr"))
            at.append(level)
    return tuple(visual(found, at))


def ems_of(line: str, voice: Voice) -> float:
    """Measures a line, in sizes of its words."""
    return sum(piece.ems for piece in pieces_of(line, voice))


@lru_cache(maxsize=1024)
def _levels(line: str, direction: Direction) -> list[int]:
    return levels(clusters(line), direction)


def _count(line: str, characters: int) -> int:
    return len(clusters(line[:characters]))


def _alike(parts: Sequence[str], of: Sequence[int]) -> list[tuple[str, int]]:
    """Joins neighbours of one level."""
    joined = list[tuple[str, int]]()
    for text, level in zip(parts, of, strict=True):
        if joined and joined[-1][1] == level:
            joined[-1] = (joined[-1][0] + text, level)
        else:
            joined.append((text, level))
    return joined


def _piece(run: FaceRun, direction: Direction) -> LinePiece:
    if run.face == EMOJI:
        length = load_face(EMOJI, EMOJI_SIZE).getlength(run.text) / EMOJI_SIZE
        return LinePiece(run.text, run.face, direction, length * EMOJI_EM)
    length = load_face(run.face, _MEASURED).getlength(run.text, direction)
    return LinePiece(run.text, run.face, direction, length / _MEASURED)

"""The order of pieces in a line of both directions, by the parts of UAX #9 that slides need.

Within a piece of one face Raqm does it all. Only where a line has several faces, or emoji, do the
pieces have to be put in order here: explicit embeddings and isolates are not read.
"""

import unicodedata
from collections.abc import Sequence
from typing import Literal, TypeVar

Direction = Literal["ltr", "rtl"]
T = TypeVar("T")

_STRONG = {"L": "L", "R": "R", "AL": "R"}


def base_direction(text: str) -> Direction:
    """Finds the direction of a text: that of its first letter (rules P2 and P3)."""
    strong = (_STRONG.get(unicodedata.bidirectional(char)) for char in text)
    return "rtl" if next(filter(None, strong), "L") == "R" else "ltr"


def levels(clusters: Sequence[str], base: Direction) -> list[int]:
    """Gives each cluster its level: even from left to right, odd from right to left."""
    start = "R" if base == "rtl" else "L"
    kinds, strong = list[str](), start
    for one in clusters:
        kind = unicodedata.bidirectional(one[0])
        if kind in _STRONG:
            strong = _STRONG[kind]
            kinds.append(strong)
        elif kind in ("EN", "AN"):
            kinds.append("N" if strong == "R" else "L")
        else:
            kinds.append("")
    return [_level(kind, base) for kind in _with_neutrals(kinds, start)]


def visual(pieces: Sequence[T], of: Sequence[int]) -> list[T]:
    """Orders pieces from left to right by their levels (rule L2)."""
    order = list(range(len(pieces)))
    for level in range(max(of, default=0), 0, -1):
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and of[order[end]] >= level:
                end += 1
            order[at:end] = reversed(order[at:end])
            at = end + 1
    return [pieces[place] for place in order]


def _with_neutrals(kinds: Sequence[str], base: str) -> list[str]:
    """Gives spaces, marks and emoji the direction of both neighbours, or the line's (N1, N2)."""
    resolved = list(kinds)
    for at, kind in enumerate(kinds):
        if kind:
            continue
        before = next((k for k in reversed(kinds[:at]) if k), base)
        after = next((k for k in kinds[at:] if k), base)
        sides = {"R" if k == "N" else k for k in (before, after)}
        resolved[at] = sides.pop() if len(sides) == 1 else base
    return resolved


def _level(kind: str, base: Direction) -> int:
    if kind == "R":
        return 1
    return 2 if kind == "N" or base == "rtl" else 0

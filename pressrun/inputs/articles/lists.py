"""Lists of topics and keywords as people and chat assistants write them: which lines are asked for.

A list's own items are; a greeting, a closing line, headings of groups and points below an item are
left out, and said.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from pressrun.text import one_line, plain_markup, without_emphasis

_BULLET = re.compile(r"[-*+\u2022\u00b7\u2023\u25e6\u25aa\u25cf\u2013\u2014]\s+(?:\[[ xX]?\]\s+)?")
_NUMBER = re.compile(r"\(?[0-9]{1,3}[.)]\s+")
_HEADING = re.compile(r"#{1,6}\s+")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,}|```\w*)\s*")
_NAMED = 4  # lines that the note names
_TAB = 4


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a text with words in it.

    Attributes:
        number: From 1.
        kind: ``number``, ``bullet``, ``heading`` or ``plain``.
        indent: Spaces before it.
        words: Without the marks of a list, and without those of bold print.
        after_blank: Whether the line before it is blank.
    """

    number: int
    kind: str
    indent: int
    words: str
    after_blank: bool


def read_list(lines: Sequence[str]) -> tuple[list[tuple[int, str]], tuple[str, ...]]:
    """Finds the items of a list: number and words of each, and what is left out."""
    read = list(_lines(lines))
    items = _items(read)
    chosen = {line.number for line in items}
    left = [line for line in read if line.number not in chosen]
    return [(line.number, line.words) for line in items], tuple(_told(left))


def bare(line: str) -> str:
    """Removes the bullet or number of a list from a line; empty if nothing else is there."""
    return "" if _RULE.fullmatch(line) else _marked(line.strip())[1]


def _lines(lines: Sequence[str]) -> Iterator[ListLine]:
    blank = False
    for number, text in enumerate(lines, 1):
        expanded = text.replace("\t", " " * _TAB) if text[:1] in " \t" else text
        kind, words = _marked(text.strip())
        if words and not _RULE.fullmatch(text):
            indent = len(expanded) - len(expanded.lstrip())
            yield ListLine(number, kind, indent, words, blank)
        blank = not text.strip()


def _marked(text: str) -> tuple[str, str]:
    kind = "plain"
    if mark := _HEADING.match(text):
        kind, text = "heading", text[mark.end() :]
    text = without_emphasis(text)
    for name, pattern in (("bullet", _BULLET), ("number", _NUMBER)):
        if mark := pattern.match(text + " "):
            return name, without_emphasis(plain_markup(text[mark.end() :].strip()))
    return kind, plain_markup(text)


def _items(lines: Sequence[ListLine]) -> list[ListLine]:
    """Chooses the lines of the outermost list; without a list, all that are no frame."""
    marked = [line for line in lines if line.kind in ("number", "bullet")]
    if len(marked) > 1:
        least = min(one.indent for one in marked)
        outer = [one for one in marked if one.indent <= least + 1]
        numbers = [line for line in outer if line.kind == "number"]
        # Bullets below each number are its points, indented or not.
        items = numbers if len(numbers) > 1 and outer[0].kind == "number" else outer
        if points := _points(outer, marked):
            return points
        places = {line.number: place for place, line in enumerate(marked)}
        return [one for item in items for one in _with_group(marked, places[item.number])]
    headings = [line for line in lines if line.kind == "heading"]
    if len(headings) > 1 and len(lines) > len(headings):
        return headings
    return _without_frame(lines)


def _points(outer: Sequence[ListLine], marked: Sequence[ListLine]) -> list[ListLine]:
    """Finds the points below all items, where the items are but short names of groups of them."""
    numbers = {line.number for line in outer}
    points = [line for line in marked if line.number not in numbers]
    before = {one.number for one, after in pairwise(marked) if after.number not in numbers}
    if not points or len(outer) < 2 or not numbers <= before:
        return []
    longer = _mean_words(points) > max(3.0, 1.2 * _mean_words(outer))
    return points if longer and _mean_words(outer) <= 4 else []


def _mean_words(lines: Sequence[ListLine]) -> float:
    return sum(len(line.words.split()) for line in lines) / len(lines)


def _with_group(marked: Sequence[ListLine], place: int) -> list[ListLine]:
    """Gives an item; or in place of one that only announces the points below it, these points."""
    item = marked[place]
    if not item.words.endswith(":"):
        return [item]
    below = (marked[at] for at in range(place + 1, len(marked)))
    points = list(takewhile(lambda one: one.indent > item.indent + 1, below))
    outer = min((one.indent for one in points), default=0)
    return [one for one in points if one.indent <= outer + 1] or [item]


def _without_frame(lines: Sequence[ListLine]) -> list[ListLine]:
    """Leaves out the line that announces the others, and what is said after them."""
    kept = list(lines)
    announced = len(kept) > 2 and kept[0].words.endswith(":")
    if announced:
        kept = kept[1:]
        last = kept[-1]
        if len(kept) > 2 and last.after_blank and last.words[-1] in ".!?":
            kept = kept[:-1]
    return kept


def _told(left: Sequence[ListLine]) -> Iterator[str]:
    if not left:
        return
    some = ", ".join(f"line {one.number} “{one_line(one.words, 40)}”" for one in left[:_NAMED])
    what = (
        "1 line that is no item of the list"
        if len(left) == 1
        else (f"{len(left)} lines that are no items of the list")
    )
    yield f"Left out: {what} ({some}{', …' if len(left) > _NAMED else ''})."

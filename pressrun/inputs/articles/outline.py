"""The outline of a text: what mark each line has, how deep it stands, and what it belongs to.

It must not know which lines are asked for (see :mod:`pressrun.inputs.articles.lists`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pressrun.boundary.text import plain_markup, without_emphasis
from pressrun.inputs.articles.entries import COUNTED, ListLine, has_title, label_of, with_entries
from pressrun.inputs.tables import headings, names

_BULLET = re.compile(r"[-*+\u2022\u00b7\u2023\u25e6\u25aa\u25cf\u2013\u2014]\s+")
_BOX = re.compile(r"\[([ xX\-]?)\]\s+")
_NUMBER = re.compile(r"(?:\(?[0-9]{1,3}[.)]|#[0-9]{1,3}[:.)]|[0-9]\ufe0f?\u20e3)\s+")
_HEADING = re.compile(r"(#{1,6})\s+|(#{2,6})(?=\w)")
_UNDERLINE = re.compile(r"={3,}\s*")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,}|```\w*)\s*")
_BOLD = re.compile(r"(\*\*|__)(?!\s)[^*_]+(?<!\s)\1")
_BOLD_LEAD = re.compile(r"(\*\*|__)(?!\s)(.{3,200}?)(?<!\s)\1")
# A mark of a list, which print in bold or italics is not to be taken for: "* **Bees**".
_MARKED_BOLD = re.compile(r"(?:[-*+\u2022]|\(?[0-9]{1,3}[.)])\s")
_ESCAPED = re.compile(r"\\(?=[-*+#.)!])")
_ASIDE_WORDS = 5  # words of a heading that may name such a section
_PROGRAM = re.compile(r"\s*```(?!\s*(?:te?xt|md|markdown|plain\w*|csv)?\s*$)", re.IGNORECASE)
_TAB = 4
_BOLD_LEVEL = 7  # below all headings
_WRAPPED = 50  # characters after which programs and people begin a new line


def bare(line: str) -> str:
    """Removes the bullet or number of a list from a line; empty if nothing else is there."""
    return "" if _RULE.fullmatch(line) else _marked(line.strip()).words


def read_outline(lines: Sequence[str]) -> list[ListLine]:
    """Reads the lines that have words: their marks, their depth, and the labels that repeat."""
    return with_entries([*_with_sections(_with_levels(_joined(_lines(lines))))])


def _has_list_beside_code(lines: Sequence[str]) -> bool:
    """Says whether more items of lists stand outside of blocks of code than in them."""
    if not any(line.lstrip().startswith("```") for line in lines):
        return False
    code, items = False, Counter[bool]()
    for line in lines:
        code ^= line.lstrip().startswith("```")
        items[code] += _marked(line.strip()).kind in ("number", "bullet")
    return items[False] > items[True] > 0


def _lines(lines: Sequence[str]) -> Iterator[tuple[int, ListLine]]:
    """Yields each line with its indent."""
    blank = code = program = False
    aside = _has_list_beside_code(lines)
    for number, given in enumerate(lines, 1):
        if given.lstrip().startswith("```"):
            code, program = not code, not code and (aside or bool(_PROGRAM.match(given)))
        text = _ESCAPED.sub("", given, count=1) if "\\" in given else given
        text = re.sub(r"^(?:> ?)+", "", text)
        expanded = text.replace("\t", " " * _TAB) if text[:1] in " \t" else text
        line = _marked(text.strip())
        if code and (program or line.kind == "heading"):  # a remark in a program
            line = replace(line, kind="code" if program else "plain", level=0)
        if line.words and not _RULE.fullmatch(text):
            after = lines[number] if number < len(lines) else ""
            if line.kind == "plain" and _UNDERLINE.fullmatch(after):
                line = replace(line, kind="heading", level=1)
            indent = len(expanded) - len(expanded.lstrip())
            yield indent, replace(line, number=number, after_blank=blank)
        blank = not text.strip()


def _joined(lines: Iterator[tuple[int, ListLine]]) -> Iterator[tuple[int, ListLine]]:
    """Joins an item with the lines that it goes on in: plain, indented, and directly below."""
    held: tuple[int, ListLine] | None = None
    last = 0
    for indent, line in lines:
        item = held is not None and held[1].kind in ("number", "bullet")
        below = item and line.number == last + 1 and not line.after_blank
        if (
            held
            and below
            and line.kind == "plain"
            and indent > held[0] + 1
            and _goes_on(held[1], line)
        ):
            held = held[0], replace(held[1], words=f"{held[1].words} {line.words}")
        else:
            if held:
                yield held
            held = indent, line
        last = line.number
    if held:
        yield held


def _goes_on(item: ListLine, line: ListLine) -> bool:
    """Says whether a line is the rest of an item that was too long, and not a note on it."""
    return len(item.words) >= _WRAPPED and not (label_of(line.words) and line.words[0].isupper())


def _with_sections(lines: Iterator[ListLine]) -> Iterator[ListLine]:
    """Yields lines, with those marked that stand in a section of notes or of what is done."""
    found = [*lines]
    title = has_title(found)  # "Content status" above all of it names no section
    aside = 0  # level of the heading that names such a section; 0 outside of one
    for place, line in enumerate(found):
        if line.kind == "heading" and (not aside or line.level <= aside) and (place or not title):
            aside = line.level if _is_aside(line.words) else 0
        yield replace(line, aside=bool(aside))


def _is_aside(heading: str) -> bool:
    words = names.plain_name(heading).split()
    if not 0 < len(words) <= _ASIDE_WORDS or headings.OPEN_SECTION & {*words}:
        return False
    done = bool(headings.DONE_SECTION & {*words})
    return done or (len(words) <= 3 and words[-1] in headings.FRAME_SECTION)


def _marked(text: str) -> ListLine:
    kind, level = "plain", 0
    if mark := _HEADING.match(text):
        kind, level, text = "heading", len(mark[1] or mark[2]), text[mark.end() :]
    elif text.startswith("|") and text.endswith("|") and len(text) > 2:
        return ListLine(0, "table", 0, text)
    elif _BOLD.fullmatch(text):
        kind, level = "heading", _BOLD_LEVEL
    text = text if _MARKED_BOLD.match(text) else without_emphasis(text)
    if mark := _BULLET.match(text + " "):
        text = text[mark.end() :].strip()
        box = _BOX.match(text + " ")
        words = text[box.end() :] if box else text
        lead = _lead(words)
        return ListLine(0, "bullet", 0, _words(words), lead, box=box[1] if box else None)
    if mark := _NUMBER.match(text + " ") or (COUNTED.match(text) if kind == "heading" else None):
        item = kind == "plain" or level == _BOLD_LEVEL
        lead, words = _lead(text[mark.end() :]), _words(text[mark.end() :])
        named = ("number", 0) if item else (kind, level)
        ordinal = int(re.sub(r"\D", "", mark[0])[:4] or 0)
        return ListLine(0, *named, words, lead, counted=True, ordinal=ordinal)
    return ListLine(0, kind, level, _words(text))


def _lead(text: str) -> str:
    bold = _BOLD_LEAD.match(text.strip())
    return bold[2] if bold else ""


def _words(text: str) -> str:
    return without_emphasis(plain_markup(text.strip()))


def _with_levels(lines: Iterator[tuple[int, ListLine]]) -> Iterator[ListLine]:
    """Yields lines with the depth of items, counted anew below each heading."""
    above: list[tuple[int, str]] = []  # indent and kind of the items that a line stands below
    for indent, line in lines:
        if line.kind == "heading":
            above = []
        if line.kind not in ("number", "bullet"):
            yield line
            continue
        while above and not _is_below(indent, line.kind, *above[-1]):
            above.pop()
        yield replace(line, level=len(above))
        above.append((indent, line.kind))


def _is_below(indent: int, kind: str, other: int, other_kind: str) -> bool:
    # Bullets below a number are its points, indented or not.
    return indent > other + 1 or (
        indent >= other - 1 and kind == "bullet" and other_kind == "number"
    )

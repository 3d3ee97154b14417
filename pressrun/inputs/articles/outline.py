"""The outline of a text: what mark each line has, how deep it stands, and what it belongs to.

It must not know which lines are asked for (see :mod:`pressrun.inputs.articles.lists`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.inputs.tables.names import plain_name
from pressrun.text import plain_markup, without_emphasis

_BULLET = re.compile(r"[-*+\u2022\u00b7\u2023\u25e6\u25aa\u25cf\u2013\u2014]\s+")
_BOX = re.compile(r"\[([ xX\-]?)\]\s+")
_NUMBER = re.compile(r"(?:\(?[0-9]{1,3}[.)]|[0-9]\ufe0f?\u20e3)\s+")
# "Topic 3: ...", "Idea #4 - ..." and what other languages write so: one word and a number.
_COUNTED = re.compile(r"[^\W\d_]{2,20}\s*#?[0-9]{1,3}\s*[:.)\u2013\u2014-]\s+(?=\S)")
_HEADING = re.compile(r"(#{1,6})\s+|(#{2,6})(?=\w)")
_UNDERLINE = re.compile(r"={3,}\s*")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,}|```\w*)\s*")
_BOLD = re.compile(r"(\*\*|__)(?!\s)[^*_]+(?<!\s)\1")
_ESCAPED = re.compile(r"\\(?=[-*+#.)!])")
_LABEL = re.compile(r"([^\s:\uff1a](?:[^:\uff1a]{0,38}[^\s:\uff1a])?)\s*[:\uff1a](?:\s|$)")
_LABEL_WORDS = 4
_TAB = 4
_BOLD_LEVEL = 7  # below all headings


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a text with words in it.

    Attributes:
        number: From 1.
        kind: ``number``, ``bullet``, ``heading``, ``table`` or ``plain``.
        level: Of a heading 1 to 6, 7 for one in bold print; of an item how many it stands below.
        words: Without the marks of a list, and without those of bold print.
        counted: Whether a heading has a number.
        after_blank: Whether the line before it is blank.
        box: What stands in the box of an item to check off; None without one.
        label: The name before a colon, if other lines have it too; else empty.
    """

    number: int
    kind: str
    level: int
    words: str
    counted: bool = False
    after_blank: bool = False
    box: str | None = None
    label: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it is checked off or struck out."""
        return bool((self.box or "").strip()) or self.words.startswith("~~")


def bare(line: str) -> str:
    """Removes the bullet or number of a list from a line; empty if nothing else is there."""
    return "" if _RULE.fullmatch(line) else _marked(line.strip()).words


def read_outline(lines: Sequence[str]) -> list[ListLine]:
    """Reads the lines that have words: their marks, their depth, and the labels that repeat."""
    found = [*_with_levels(_lines(lines))]
    labels = Counter(name for line in found if (name := label_of(line.words)))
    repeated = {name for name, count in labels.items() if count > 1}
    return [*_labelled(found, repeated)]


def _labelled(lines: Sequence[ListLine], repeated: set[str]) -> Iterator[ListLine]:
    """Yields lines with their labels; a list below a label belongs to it."""
    above = ""
    for line in lines:
        name = label_of(line.words)
        own = name if name in repeated else ""
        if line.kind not in ("number", "bullet"):
            above = own if own and line.words.endswith(":") else ""
        yield replace(line, label=own or above)


def label_of(words: str) -> str:
    """Gives the name before a line's colon, in lower case; empty if it has none."""
    label = _LABEL.match(words)
    if not label or len(label[1].split()) > _LABEL_WORDS:
        return ""
    return plain_name(label[1])


def without_label(words: str) -> str:
    """Removes the name before a line's colon."""
    label = _LABEL.match(words)
    return without_emphasis(words[label.end() :].strip()) if label else words


def _lines(lines: Sequence[str]) -> Iterator[tuple[int, ListLine]]:
    """Yields each line with its indent."""
    blank = code = False
    for number, given in enumerate(lines, 1):
        code ^= given.lstrip().startswith("```")
        text = _ESCAPED.sub("", given, count=1) if "\\" in given else given
        text = re.sub(r"^(?:> ?)+", "", text)
        expanded = text.replace("\t", " " * _TAB) if text[:1] in " \t" else text
        line = _marked(text.strip())
        if code and line.kind == "heading":  # a remark in a program
            line = replace(line, kind="plain", level=0)
        if line.words and not _RULE.fullmatch(text):
            after = lines[number] if number < len(lines) else ""
            if line.kind == "plain" and _UNDERLINE.fullmatch(after):
                line = replace(line, kind="heading", level=1)
            indent = len(expanded) - len(expanded.lstrip())
            yield indent, replace(line, number=number, after_blank=blank)
        blank = not text.strip()


def _marked(text: str) -> ListLine:
    kind, level = "plain", 0
    if mark := _HEADING.match(text):
        kind, level, text = "heading", len(mark[1] or mark[2]), text[mark.end() :]
    elif text.startswith("|") and text.endswith("|") and len(text) > 2:
        return ListLine(0, "table", 0, text)
    elif _BOLD.fullmatch(text):
        kind, level = "heading", _BOLD_LEVEL
    text = without_emphasis(text)
    if mark := _BULLET.match(text + " "):
        text = text[mark.end() :].strip()
        box = _BOX.match(text + " ")
        words = text[box.end() :] if box else text
        return ListLine(0, "bullet", 0, _words(words), box=box[1] if box else None)
    if mark := _NUMBER.match(text + " ") or (_COUNTED.match(text) if kind == "heading" else None):
        item = kind == "plain" or level == _BOLD_LEVEL
        words = _words(text[mark.end() :])
        return ListLine(0, "number" if item else kind, 0 if item else level, words, counted=True)
    return ListLine(0, kind, level, plain_markup(text))


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
    return indent > other + 1 or (indent >= other - 1 and kind == "bullet" and other_kind == "number")

"""The outline of a text: what mark each line has, how deep it stands, and what it belongs to.

It must not know which lines are asked for (see :mod:`pressrun.inputs.articles.lists`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.boundary.text import plain_markup, without_emphasis
from pressrun.inputs.tables import names

_BULLET = re.compile(r"[-*+\u2022\u00b7\u2023\u25e6\u25aa\u25cf\u2013\u2014]\s+")
_BOX = re.compile(r"\[([ xX\-]?)\]\s+")
_NUMBER = re.compile(r"(?:\(?[0-9]{1,3}[.)]|[0-9]\ufe0f?\u20e3)\s+")
# "Topic 3: ...", "Idea #4 - ..." and what other languages write so: one word and a number.
_COUNTED = re.compile(
    r"(?!(?:day|week|month|tag|woche|monat|semana|semaine|d\u00eda|dia|jour|mes|m\u00eas|mois|giorno|"
    r"settimana|mese|phase|fase|\u043d\u0435\u0434\u0435\u043b\u044f|\u0434\u0435\u043d\u044c)\b)[^\W\d_]{2,20}\s*#?[0-9]{1,3}\s*[:.)\u2013\u2014-]\s+(?=\S)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(#{1,6})\s+|(#{2,6})(?=\w)")
_UNDERLINE = re.compile(r"={3,}\s*")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,}|```\w*)\s*")
_BOLD = re.compile(r"(\*\*|__)(?!\s)[^*_]+(?<!\s)\1")
_BOLD_LEAD = re.compile(r"(\*\*|__)(?!\s)(.{3,200}?)(?<!\s)\1")
# A mark of a list, which print in bold or italics is not to be taken for: "* **Bees**".
_MARKED_BOLD = re.compile(r"(?:[-*+\u2022]|\(?[0-9]{1,3}[.)])\s")
_STRUCK = re.compile(r"~~|.*[\[(]x[\])]\s*$", re.IGNORECASE)
_ENDS_WITH = re.compile(r"(?:\s[\u2013\u2014|:-]\s+|[\[(])([^\[\]()|]{3,30})[\])]?\s*$")
_ESCAPED = re.compile(r"\\(?=[-*+#.)!])")
_LABEL = re.compile(r"([^\s:\uff1a](?:[^:\uff1a]{0,38}[^\s:\uff1a])?)\s*[:\uff1a](?:\s|$)")
_LABEL_WORDS = 4
_ASIDE_WORDS = 5  # words of a heading that may name such a section
_DONE_WORDS = names.DONE | frozenset({"written"})
_PROGRAM = re.compile(r"\s*```(?!\s*(?:te?xt|md|markdown|plain\w*|csv)?\s*$)", re.IGNORECASE)
_ITEMS = frozenset({"number", "bullet", "plain"})
_TAB = 4
_BOLD_LEVEL = 7  # below all headings
_WRAPPED = 50  # characters after which programs and people begin a new line


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a text with words in it.

    Attributes:
        number: From 1.
        kind: ``number``, ``bullet``, ``heading``, ``table``, ``code`` or ``plain``.
        level: Of a heading 1 to 6, 7 for one in bold print; of an item how many it stands below.
        words: Without the marks of a list, and without those of bold print.
        lead: Those in bold print at the beginning of an item; empty without.
        counted: Whether a heading has a number.
        after_blank: Whether the line before it is blank.
        box: What stands in the box of an item to check off; None without one.
        label: The name before a colon, if other lines have it too; else empty.
        aside: Whether it stands in a section of notes, or of what is done.
        ticked: Whether a sign says that it is done, which others lack.
    """

    number: int
    kind: str
    level: int
    words: str
    lead: str = ""
    counted: bool = False
    after_blank: bool = False
    box: str | None = None
    label: str = ""
    aside: bool = False
    ticked: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it is checked off, struck out, or said to be done at its end."""
        if self.ticked or (self.box or "").strip() or _STRUCK.match(self.words):
            return True
        end = _ENDS_WITH.search(self.words)
        said = {*names.plain_name(end[1]).split()} if end else set()
        return bool(said) and said <= _DONE_WORDS


def bare(line: str) -> str:
    """Removes the bullet or number of a list from a line; empty if nothing else is there."""
    return "" if _RULE.fullmatch(line) else _marked(line.strip()).words


def read_outline(lines: Sequence[str]) -> list[ListLine]:
    """Reads the lines that have words: their marks, their depth, and the labels that repeat."""
    found = [*_with_sections(_with_levels(_joined(_lines(lines))))]
    labels = Counter(name for line in found if (name := label_of(line.words)))
    repeated = {name for name, count in labels.items() if count > 1}
    return _with_ticks([*_labelled(found, repeated)])


def _with_ticks(lines: list[ListLine]) -> list[ListLine]:
    """Marks what has a sign of being done, unless all of its section have it, as an ornament."""
    signs = {line.words[:1] for line in lines if line.kind in _ITEMS} & {*names.STATE_SIGNS}
    if not signs & {*names.DONE_SIGNS}:
        return lines
    mixed = bool(signs - {*names.DONE_SIGNS})
    section, without = 0, set()
    for line in lines:
        section += line.kind == "heading"
        if line.kind in ("number", "bullet") and line.words[0] not in names.DONE_SIGNS:
            without.add(section)
    section, marked = 0, []
    for line in lines:
        section += line.kind == "heading"
        sign = line.kind in _ITEMS and line.words[0] in names.DONE_SIGNS
        marked.append(replace(line, ticked=sign and (mixed or section in without)))
    return marked


def _has_list_beside_code(lines: Sequence[str]) -> bool:
    """Says whether more items of lists stand outside of blocks of code than in them."""
    if not any(line.lstrip().startswith("```") for line in lines):
        return False
    code, items = False, Counter[bool]()
    for line in lines:
        code ^= line.lstrip().startswith("```")
        items[code] += _marked(line.strip()).kind in ("number", "bullet")
    return items[False] > items[True] > 0


def _labelled(lines: Sequence[ListLine], repeated: set[str]) -> Iterator[ListLine]:
    """Yields lines with their labels; a list below a label belongs to it."""
    above = ""
    for line in lines:
        name = label_of(line.words)
        own = name if name in repeated and line.kind != "heading" else ""
        if line.kind not in ("number", "bullet"):
            above = own if own and line.words.endswith(":") else ""
        yield replace(line, label=own or above)


def label_of(words: str) -> str:
    """Gives the name before a line's colon, in lower case; empty if it has none."""
    label = _LABEL.match(words)
    if not label or len(label[1].split()) > _LABEL_WORDS:
        return ""
    return names.plain_name(label[1])


def without_label(words: str) -> str:
    """Removes the name before a line's colon."""
    label = _LABEL.match(words)
    return without_emphasis(words[label.end() :].strip()) if label else words


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
    aside = 0  # level of the heading that names such a section; 0 outside of one
    for line in lines:
        if line.kind == "heading" and (not aside or line.level <= aside):
            aside = line.level if _is_aside(line.words) else 0
        yield replace(line, aside=bool(aside))


def _is_aside(heading: str) -> bool:
    words = names.plain_name(heading).split()
    if not 0 < len(words) <= _ASIDE_WORDS or names.OPEN_SECTION & {*words}:
        return False
    done = bool(names.DONE_SECTION & {*words})
    return done or (len(words) <= 3 and words[-1] in names.FRAME_SECTION)


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
    if mark := _NUMBER.match(text + " ") or (_COUNTED.match(text) if kind == "heading" else None):
        item = kind == "plain" or level == _BOLD_LEVEL
        lead, words = _lead(text[mark.end() :]), _words(text[mark.end() :])
        named = ("number", 0) if item else (kind, level)
        return ListLine(0, *named, words, lead, counted=True)
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

"""The lines of a list as entries: what a line says of itself, and of the entry it belongs to.

A line may have a label ("Audience: beginners"), a number behind a word ("Post 3: ..."), a sign or a
state ("Status: published"). It must not know which mark begins an entry (see
:mod:`pressrun.inputs.articles.outline`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.boundary.text import without_emphasis
from pressrun.inputs.tables import names
from pressrun.inputs.tables.states import says_done

# "Topic 3: ...", "Idea #4 - ..." and what other languages write so: one word and a number.
COUNTED = re.compile(
    r"(?!(?:day|week|month|tag|woche|monat|semana|semaine|d\u00eda|dia|jour|mes|m\u00eas|mois|giorno|"
    r"settimana|mese|phase|fase|\u043d\u0435\u0434\u0435\u043b\u044f|\u0434\u0435\u043d\u044c)\b)([^\W\d_]{2,20})\s*#?([0-9]{1,3})\s*[:.)\u2013\u2014-]\s+(?=\S)",
    re.IGNORECASE,
)
_STRUCK = re.compile(r"~~|.*[\[(]x[\])]\s*$", re.IGNORECASE)
_ENDS_WITH = re.compile(r"(?:\s[\u2013\u2014|:-]\s+|[\[(])([^\[\]()|]{3,30})[\])]?\s*$")
_LABEL = re.compile(r"([^\s:\uff1a](?:[^:\uff1a]{0,38}[^\s:\uff1a])?)\s*[:\uff1a](?:\s|$)")
_LABEL_WORDS = 4
_SIGN_BEHIND = re.compile(rf"\s([{names.STATE_SIGNS}])\ufe0f?\s*(?:\([^()]{{1,40}}\))?$")
_DONE_WORDS = names.DONE | frozenset({"written"})
_ITEMS = frozenset({"number", "bullet", "plain"})


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
        ticked: Whether a sign or a field says that it is done, which others lack.
        ordinal: Its number; 0 without one.
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
    ordinal: int = 0

    @property
    def is_done(self) -> bool:
        """Whether it is checked off, struck out, or said to be done at its end."""
        if self.ticked or (self.box or "").strip() or _STRUCK.match(self.words):
            return True
        if self.label and {*self.label.split()} <= _DONE_WORDS:  # "DONE: ..."
            return True
        end = _ENDS_WITH.search(self.words)
        said = {*names.plain_name(end[1]).split()} if end else set()
        return bool(said) and said <= _DONE_WORDS


def has_title(lines: Sequence[ListLine]) -> bool:
    """Says whether the first line is the title of all, above every other heading."""
    levels = [line.level for line in lines if line.kind == "heading"]
    return len(levels) > 1 and lines[0].kind == "heading" and levels[0] < min(levels[1:])


def with_entries(lines: Sequence[ListLine]) -> list[ListLine]:
    """Marks the lines with their labels, and with what is said to be done."""
    found = _without_counts(lines)
    labels = Counter(name for line in found if (name := label_of(line.words)))
    repeated = {name for name, count in labels.items() if count > 1}
    labelled = [*_below_field_names(_labelled(found, repeated))]
    return _with_ticks(_with_states(labelled))


def _without_counts(lines: Sequence[ListLine]) -> list[ListLine]:
    """Takes "Post 1:" and "Post 2:" as the numbers of a list, if the word counts several lines."""
    marks = {line.number: mark for line in lines if (mark := _count(line))}
    words = Counter(mark[1].casefold() for mark in marks.values())
    return [
        _counted(line, marks[line.number])
        if line.number in marks and words[marks[line.number][1].casefold()] > 1
        else line
        for line in lines
    ]


def _count(line: ListLine) -> re.Match[str] | None:
    return COUNTED.match(line.words) if line.kind in _ITEMS else None


def _counted(line: ListLine, mark: re.Match[str]) -> ListLine:
    words = without_emphasis(line.words[mark.end() :].strip())
    lead = line.lead if words.startswith(line.lead) else ""
    done = mark[1].casefold() in _DONE_WORDS  # "DONE 3. ..."
    counted = replace(line, kind="number", words=words, lead=lead, counted=True, ticked=done)
    return replace(counted, ordinal=int(mark[2]))


def _below_field_names(lines: Iterator[ListLine]) -> Iterator[ListLine]:
    """Yields lines, with the label of a heading that stands above one line of each entry.

    "### Title" above every title is the name of a field, as "Title:" is.
    """
    found = [*lines]
    named = Counter(names.plain_name(line.words) for line in found if line.kind == "heading")
    above = ""
    for line in found:
        name = names.plain_name(line.words) if line.kind == "heading" else ""
        field = named[name] > 1 and names.says_topic(name)
        yield replace(line, label=above) if above and line.kind == "plain" else line
        above = name if field else ""


def _with_states(lines: Sequence[ListLine]) -> list[ListLine]:
    """Marks the entries whose field says that they are done: "Status: published"."""
    done: set[int] = set()
    heading = title = 0
    for line in lines:
        if line.kind == "heading":
            heading, title = line.number, 0
        if names.says_topic(line.label):
            title = line.number
        elif line.label in names.STATE and says_done(line.label, without_label(line.words)):
            done |= {heading, title}
    return [replace(line, ticked=True) if line.number in done else line for line in lines]


def _with_ticks(lines: list[ListLine]) -> list[ListLine]:
    """Marks what has a sign of being done, unless all of its section have it, as an ornament."""
    signs = {_sign(line) for line in lines} - {""}
    if signs.isdisjoint(names.DONE_SIGNS):
        return lines
    mixed = not signs <= {*names.DONE_SIGNS}
    section, without = 0, set()
    for line in lines:
        section += line.kind == "heading"
        if line.kind in ("number", "bullet") and not _has_done_sign(line):
            without.add(section)
    section, marked = 0, []
    for line in lines:
        section += line.kind == "heading"
        ticked = _has_done_sign(line) and (mixed or section in without)
        marked.append(replace(line, ticked=line.ticked or ticked))
    return marked


def _sign(line: ListLine) -> str:
    """Gives the sign before an item, or behind it: "Bees \u2705 (in print)"; empty without one."""
    if line.kind not in _ITEMS:
        return ""
    if line.words[0] in names.STATE_SIGNS:
        return line.words[0]
    behind = _SIGN_BEHIND.search(line.words)
    return behind[1] if behind else ""


def _has_done_sign(line: ListLine) -> bool:
    return bool(sign := _sign(line)) and sign in names.DONE_SIGNS


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

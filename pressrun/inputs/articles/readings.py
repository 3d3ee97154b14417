"""The ways to read the list of a text: its headings of one level, its numbers, its bullets.

Each way is scored by how much its lines look like titles, and by what stands around them. It must
not know which way is taken (see :mod:`pressrun.inputs.articles.lists`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from pressrun.boundary.text import count_words
from pressrun.inputs.articles.dates import without_dates
from pressrun.inputs.articles.entries import ListLine, label_of, without_label
from pressrun.inputs.articles.evidence import likeness, parts_of
from pressrun.inputs.tables import names
from pressrun.inputs.tables.headings import names_topics

_MARKED = 1.4  # how much more a line counts that has a number, or a box to check off
_PART = 0.7  # how much less a line counts for each one that it stands below
_NAMED_COLUMN = 1.5  # how much more a line counts that stands where its name is "topic"
LABELLED = 2.0  # and one that says so itself: "Title: ..."
_NAMED_LIST = 1.5  # how much more lines count in a list that is named for what to write about
_NAMES_LISTS = 0.4  # how much less headings count of which one names a list
_TITLE_BLOCK = 0.1  # how much less headings count that all stand above the text
_FEW = 3  # lines that may be a greeting
_FEW_SENTENCES = 0.3  # share of sentences among lines that are topics
_SENTENCE_ENDS = (".", ":", ";", "\uff1a", "\u3002")
_PROSE = 80  # words below a heading that still are a note on a topic; more are an article


@dataclass(frozen=True, slots=True)
class ListReading:
    """One way to read a text.

    Attributes:
        name: What its lines are, for a sentence.
        lines: Those that are asked for.
        worth: How much what stands around them speaks for them; 1 is neutral.
        likeness: How much they look like titles, from 0 to 1.
        score: How much they look like the list that is meant.
        beside: Others of the same mark, in lists that are not named for what to write about.
        counted: Whether a heading says how many there are.
    """

    name: str
    lines: Sequence[ListLine]
    worth: float
    likeness: float
    score: float
    beside: Sequence[ListLine] = ()
    counted: bool = False


def ranked(lines: Sequence[ListLine], mode: str, announced: int) -> list[ListReading]:
    """Lists the readings, the best first; with all sections if nothing stands in the others."""
    found = [*_readings(lines, mode, announced)]
    if not found and any(line.aside for line in lines):
        found = [*_readings([replace(line, aside=False) for line in lines], mode, announced)]
    return sorted(found, key=lambda one: -one.score)


def _readings(lines: Sequence[ListLine], mode: str, announced: int) -> Iterator[ListReading]:
    rules = _preface_list(lines)
    usable = [line for line in lines if not line.aside and line.number not in rules]
    usable = [line for line in usable if without_dates(line.words)]
    open_ones = [line for line in usable if not line.is_done] or usable
    framed = any(line.kind == "heading" for line in lines)
    expanded: set[int] = set()
    for (kind, level, counted, boxes), found in _marked_alike(open_ones).items():
        if len(found) < 2 and (kind == "heading" or not framed):
            continue
        if kind == "heading":
            group, worth = found, _worth_of_headings(lines, found)
            worth *= _NAMES_LISTS if _name_lists(lines, found, mode) else 1.0
        else:
            group, worth = _with_groups(open_ones, found), _PART**level
            expanded |= {line.number for line in group} - {line.number for line in found}
            if {line.number for line in found} <= expanded:
                continue
        worth *= _MARKED if counted or boxes else 1.0
        name = _name(kind, level, counted=counted)
        asked = _as_announced(lines, group, announced)
        yield _of_named_parts(_scored(name, asked, worth, mode, announced), lines, mode, announced)
    if framed and (plain := _plain_below_headings(open_ones)):
        yield _scored("plain lines", plain, 1.0, mode, announced)
    if titled := _titled(open_ones):
        yield _scored("lines that begin with “Title:”", titled, LABELLED, mode, announced)


_Mark = tuple[str, int, bool, bool]


def _marked_alike(lines: Sequence[ListLine]) -> dict[_Mark, list[ListLine]]:
    """Groups lines by their marks; numbered headings of two levels whose numbers run on are one."""
    groups: dict[_Mark, list[ListLine]] = {}
    for line in lines:
        if line.kind in ("number", "bullet", "heading"):
            mark = (line.kind, line.level, line.counted, line.box is not None)
            groups.setdefault(mark, []).append(line)
    last: list[ListLine] = []
    for mark in [mark for mark in groups if mark[0] == "heading" and mark[2]]:
        if last and groups[mark][0].ordinal == last[-1].ordinal + 1:
            last += groups.pop(mark)
        else:
            last = groups[mark]
    return groups


def _titled(lines: Sequence[ListLine]) -> list[ListLine]:
    """Lists the lines that say of themselves that they are titles, if there are several.

    With one mark only: others may say what the label means.
    """
    titled = [line for line in lines if names.says_topic(line.label)]
    [(kind, _)] = Counter(line.kind for line in titled).most_common(1) or [("", 0)]
    cut = [_behind_label(line) for line in titled if line.kind == kind]
    return [line for line in cut if line.words] if len(cut) > 1 else []


def _of_named_parts(
    reading: ListReading, lines: Sequence[ListLine], mode: str, announced: int
) -> ListReading:
    """Takes of the lists of a reading those that are named for what to write about, if any is."""
    parts = [*parts_of(reading.lines, lines, mode)]
    named = [part for part in parts if part.named]
    if not named:
        return reading
    kept = [line for part in named for line in part.lines]
    if len(kept) < 2 and kept[0].kind == "heading":
        return reading
    beside = [line for part in parts if not part.named for line in part.lines]
    done = sum(line.is_done and line.kind == kept[0].kind for line in lines)
    counts = set[int]().union(*(part.counts for part in named))
    found = _scored(reading.name, kept, reading.worth * _NAMED_LIST, mode, announced)
    return replace(
        found, beside=beside, counted=not counts.isdisjoint((len(kept), len(kept) + done))
    )


def _plain_below_headings(lines: Sequence[ListLine]) -> list[ListLine]:
    """Lists the lines without marks that may be items; none where others have marks, or prose."""
    if any(line.kind in ("number", "bullet", "table", "code") for line in lines):
        return []
    plain = [line for line in lines if line.kind == "plain" and not line.label]
    prose = sum(line.words.endswith(_SENTENCE_ENDS) for line in plain)
    return plain if len(plain) > _FEW and prose <= _FEW_SENTENCES * len(plain) else []


def _behind_label(line: ListLine) -> ListLine:
    """Takes a label off that stands in the line itself; a heading above may give one as well."""
    own = label_of(line.words) == line.label
    return replace(line, words=without_label(line.words) if own else line.words, label="")


def _preface_list(lines: Sequence[ListLine]) -> set[int]:
    """Finds the lines of a list that a line above all sections announces, where they have lists.

    It says how the document is used. The only list of a text is announced in the same way.
    """
    starts = [place for place, line in enumerate(lines) if line.kind == "heading" and place]
    first = starts[0] if starts else 0
    if first and lines[0].kind == "heading" and lines[0].level >= lines[first].level:
        return set()  # the line stands in the first section, not above all
    items = [line for line in lines[first:] if line.kind in ("number", "bullet") and not line.aside]
    announced = [place for place, line in enumerate(lines[:first]) if line.words.endswith(":")]
    if len(items) < 2 or not announced or lines[announced[-1]].kind != "plain":
        return set()
    listed = lines[announced[-1] : first]
    return {line.number for line in listed if line.kind in ("number", "bullet")}


def _name(kind: str, level: int, *, counted: bool) -> str:
    if kind == "heading":
        return "numbered headings" if counted else "headings"
    name = "numbered lines" if kind == "number" else "lines with bullets"
    return f"{name} below others" if level else name


def _as_announced(
    lines: Sequence[ListLine], group: Sequence[ListLine], announced: int
) -> list[ListLine]:
    """Leaves out the section with which there are more items than the text announces."""
    if announced <= 0 or len(group) <= announced:
        return [*group]
    numbers = {line.number for line in group}
    sections: list[set[int]] = [set()]
    for line in lines:
        if line.kind == "heading" and group[0].kind != "heading":
            sections.append(set())
        if line.number in numbers:
            sections[-1].add(line.number)
    over = [one for one in sections if one and len(group) - len(one) == announced]
    return [line for line in group if not over or line.number not in over[-1]]


def of_table(subjects: Sequence[tuple[int, str]], mode: str, announced: int) -> ListReading:
    """Scores the rows of a table, line and subject of each, as a reading."""
    rows = [ListLine(line, "table", 0, subject) for line, subject in subjects]
    return _scored("rows of the table", rows, _NAMED_COLUMN, mode, announced)


def _scored(
    name: str, lines: Sequence[ListLine], worth: float, mode: str, announced: int
) -> ListReading:
    mean = sum(likeness(line, mode) for line in lines) / max(1, len(lines))
    exact = 2.0 if announced > 0 and len(lines) == announced else 1.0
    score = mean * worth * exact * _different(lines) * len(lines) ** 0.15
    return ListReading(name, lines, worth, mean, score)


def _different(lines: Sequence[ListLine]) -> float:
    """Computes which share of lines says something that no other one does."""
    return len({line.words for line in lines}) / max(1, len(lines))


def _worth_of_headings(lines: Sequence[ListLine], group: Sequence[ListLine]) -> float:
    """Says how much headings count: more above notes on them, less above lists or an article."""
    places = {line.number: place for place, line in enumerate(lines)}
    level = group[0].level
    noted, listed, words, rows = 0, [], 0, 0
    deeper: list[ListLine] = []
    for heading in group:
        rest = lines[places[heading.number] + 1 :]
        body = [*takewhile(lambda one: one.kind != "heading" or one.level > level, rest)]
        plain = [one for one in body if one.kind == "plain" or one.label]
        noted += bool(plain)
        rows += sum(one.kind == "table" for one in body)
        deeper += [one for one in body if one.kind == "heading"]
        words += sum(count_words(one.words) for one in plain if not one.label)
        listed += [one for one in body if one.kind in ("number", "bullet") and not one.label]
    last = [one for one in lines if one.number > group[-1].number]
    if len(last) > _FEW and noted <= 1 and _stand_together(group, places):
        return _TITLE_BLOCK
    if words > _PROSE * len(group):
        return 0.4
    if rows > 2 * len(group):  # names of tables
        return 0.5
    if len(deeper) >= 1.5 * len(group) and _different(deeper) > 0.7:  # names of groups of entries
        return 0.6
    if noted * 2 > len(group):
        return 1.25
    alone = len(group) == len(lines)
    longer = bool(listed) and _mean_words(group) > 1.3 * _mean_words(listed)
    return 1.0 if alone or longer else 0.5


def _name_lists(lines: Sequence[ListLine], group: Sequence[ListLine], mode: str) -> bool:
    """Says whether one of the headings names the list below it: it is no item itself."""
    numbers = {line.number for line in group if names_topics(line.words, mode)}
    return any(one.number in numbers and _begins_list(below) for one, below in pairwise(lines))


def _begins_list(line: ListLine) -> bool:
    return line.kind in ("number", "bullet") or line.words.endswith((":", "\uff1a"))


def _stand_together(group: Sequence[ListLine], places: dict[int, int]) -> bool:
    """Says whether nothing stands between headings: remarks above a list, each after a "#"."""
    return places[group[-1].number] - places[group[0].number] == len(group) - 1


def _mean_words(lines: Sequence[ListLine]) -> float:
    return sum(len(line.words.split()) for line in lines) / max(1, len(lines))


def _with_groups(marked: Sequence[ListLine], items: Sequence[ListLine]) -> list[ListLine]:
    """Puts in place of an item that only announces the points below it, these points.

    Where most items do so, they are names of groups, and stay.
    """
    if sum(item.words.endswith(":") for item in items) * 2 > len(items):
        return [*items]
    places = {line.number: place for place, line in enumerate(marked)}
    return [one for item in items for one in _with_group(marked, places[item.number])]


def _with_group(marked: Sequence[ListLine], place: int) -> list[ListLine]:
    item = marked[place]
    if not item.words.endswith(":"):
        return [item]
    below = (marked[at] for at in range(place + 1, len(marked)))
    points = takewhile(
        lambda one: one.kind in ("number", "bullet") and one.level > item.level, below
    )
    return [one for one in points if one.level == item.level + 1] or [item]

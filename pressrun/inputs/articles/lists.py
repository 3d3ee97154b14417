"""Lists of topics and keywords as people and chat assistants write them: which lines are asked for.

A text allows several readings: its headings of one level, its numbered lines, its bullets at one
depth, what stands behind "Title:". The one is taken whose lines look most like titles; the rest is
left out, and said. Where two readings are as good as each other, the text is refused with both.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from pressrun.boundary.text import count_words, one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.outline import (
    ListLine,
    bare,
    read_outline,
    without_label,
)
from pressrun.inputs.tables import names

__all__ = ["bare", "has_list", "is_better_list", "read_list"]

_NAMED = 4  # lines that a note names
_SHORT = 5  # words that a title has at least, so that nothing speaks against it
_LONG = 16  # and at most
_MARKED = 1.4  # how much more a line counts that has a number, or a box to check off
_PART = 0.7  # how much less a line counts for each one that it stands below
_NAMED_COLUMN = 1.5  # how much more a line counts that stands where its name is "topic"
_AS_GOOD = 0.85  # share of the best reading's score by which another may be meant
_TITLES = 0.85  # likeness of headings that are titles, not names of groups
_NAMES = 0.65  # of those above few bullets
_FEW_POINTS = 4
_PREFACE = 12  # lines that may say how many items follow
_MUCH = 2  # times the words of a list that other text has, where the list is not all that is said
_PROSE = 80  # words below a heading that still are a note on a topic; more are an article
# A count that the text itself gives: "10 blog post ideas", "20 Themen".
_ANNOUNCED = re.compile(
    r"(?<![\w.#-])([0-9]{1,3})\+?\s+(?:[^\W\d_][\w-]*\s+){0,4}?(?:ideas?|topics?|titles?|headlines?|posts?|"
    r"articles?|keywords?|themen|ideen|titel|artikel|sujets?|id\u00e9es?|titres?|temas?|"
    r"t\u00edtulos?|art\u00edculos?|artigos?|titoli|idee|argomenti|t\u00f3picos?|onderwerpen)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ListReading:
    """One way to read a text.

    Attributes:
        name: What its lines are, for a sentence.
        lines: Those that are asked for.
        worth: How much what stands around them speaks for them; 1 is neutral.
        likeness: How much they look like titles, from 0 to 1.
        score: How much they look like the list that is meant.
    """

    name: str
    lines: Sequence[ListLine]
    worth: float
    likeness: float
    score: float


def read_list(
    lines: Sequence[str], mode: str = "topic"
) -> tuple[list[tuple[int, str]], tuple[str, ...]]:
    """Finds the items of a list: number and words of each, and what is left out.

    Raises:
        InputError: Two readings are as good as each other, or none has what the text announces.
    """
    read = read_outline(lines)
    items = _items(read, mode)
    chosen = {line.number for line in items}
    left = [line for line in read if line.number not in chosen]
    return [(line.number, line.words) for line in items], tuple(_told(left))


def is_better_list(lines: Sequence[str], subjects: Sequence[str], mode: str) -> bool:
    """Says whether a list of the text looks more like topics than the subjects of its tables."""
    read = read_outline(lines)
    rows = [ListLine(0, "table", 0, subject) for subject in subjects]
    announced = _announced(read)
    named = _scored("rows of the table", rows, _NAMED_COLUMN, mode, announced)
    return any(one.score > named.score for one in _ranked(read, mode, announced))


def _items(lines: Sequence[ListLine], mode: str) -> Sequence[ListLine]:
    """Chooses the reading that scores best; without any, all lines that are no frame."""
    announced = _announced(lines)
    readings = _ranked(lines, mode, announced)
    if not readings:
        return _without_frame(lines)
    best = readings[0]
    others = [one for one in readings[1:] if _rivals(one, best)]
    if others or _is_doubtful(best, lines, announced):
        raise _unclear([best, *(others or readings[1:])][:3], announced, mode)
    return best.lines


def has_list(lines: Sequence[str], mode: str) -> bool:
    """Says whether a text has a list of any kind that may be what is asked for."""
    return bool(_ranked(read_outline(lines), mode, 0))


def _ranked(lines: Sequence[ListLine], mode: str, announced: int) -> list[ListReading]:
    """Lists the readings, the best first; with all sections if nothing stands in the others."""
    found = [*_readings(lines, mode, announced)]
    if not found and any(line.aside for line in lines):
        found = [*_readings([replace(line, aside=False) for line in lines], mode, announced)]
    return sorted(found, key=lambda one: -one.score)


def _rivals(other: ListReading, best: ListReading) -> bool:
    """Says whether another reading may be meant as well."""
    if other.score >= _AS_GOOD * best.score:
        return True
    # Bullets below headings that are titles themselves: topics in groups, or topics with points.
    first = best.lines[0] if best.lines else None
    points = first is not None and first.kind == "bullet" and first.box is None
    titles = len(other.lines) > 2 and other.lines[0].kind == "heading"
    few = len(best.lines) <= _FEW_POINTS * len(other.lines)
    return points and titles and other.likeness >= (_NAMES if few else _TITLES)


def _is_doubtful(best: ListReading, lines: Sequence[ListLine], announced: int) -> bool:
    """Says whether even the best reading may be wrong."""
    if announced < 0 or len(best.lines) < 0.6 * announced:
        return True
    if any(line.is_done for line in lines) and all(line.box is None for line in best.lines):
        # What a list of tasks has checked off may stand among others as well.
        return any(line.box is not None for line in lines)
    rows = sum(line.kind == "table" for line in lines)
    many = len(best.lines) * (2 if best.likeness >= 0.5 else 0.5)
    if rows > many and not best.lines[0].counted:  # what is asked for may stand in the tables
        return True
    if any(line.kind == "heading" for line in best.lines):
        return best.worth < 1 and not best.lines[0].counted
    if all(line.box is not None for line in best.lines):
        return False
    return _may_be_points(best, lines)


def _may_be_points(best: ListReading, lines: Sequence[ListLine]) -> bool:
    """Says whether a reading may be a list that a text has beside what it is about."""
    written = [line for line in lines if line.aside and line.kind in ("number", "bullet")]
    if len(written) > 2 * len(best.lines):  # the list of topics may be one of those
        return True
    if any(line.level > 1 for line in best.lines):  # points of points: the outline of one article
        return True
    if any(line.kind == "plain" for line in best.lines):  # behind "Title:"
        return False
    prose = [line for line in lines if line.kind == "plain" and not line.label]
    if len(best.lines) < 3 and len(prose) > len(best.lines):
        return True
    much = sum(count_words(line.words) for line in prose)
    asked = sum(count_words(line.words) for line in best.lines)
    return len(prose) > 1 and much > asked * (1 if best.likeness < 0.5 else _MUCH)


def _announced(lines: Sequence[ListLine]) -> int:
    """Finds how many items the lines before the first one say that there are; 0 if none does.

    Without those that are checked off; -1 if all are.
    """
    before = takewhile(lambda line: line.kind in ("plain", "heading"), lines)
    counts = (_ANNOUNCED.search(line.words) for line in [*before][:_PREFACE])
    said = next((int(count[1]) for count in counts if count), 0)
    done = sum(line.is_done for line in lines)
    rest = said - done
    # Far more that are done than announced: the number was said of something else.
    return rest if rest > 0 else -1 if said and done <= 1.2 * said else 0


# --- Readings -----------------------------------------------------------------------------------


def _readings(lines: Sequence[ListLine], mode: str, announced: int) -> Iterator[ListReading]:
    rules = _preface_list(lines)
    usable = [line for line in lines if not line.aside and line.number not in rules]
    open_ones = [line for line in usable if not line.is_done] or usable
    groups: dict[tuple[str, int, bool], list[ListLine]] = {}
    for line in open_ones:
        if line.kind in ("number", "bullet", "heading"):
            groups.setdefault((line.kind, line.level, line.counted), []).append(line)
    framed = any(line.kind == "heading" for line in lines)
    expanded: set[int] = set()
    for (kind, level, counted), found in groups.items():
        if len(found) < 2 and (kind == "heading" or not framed):
            continue
        if kind == "heading":
            group, worth = found, _worth_of_headings(lines, found)
        else:
            group, worth = _with_groups(open_ones, found), _PART**level
            expanded |= {line.number for line in group} - {line.number for line in found}
            if {line.number for line in found} <= expanded:
                continue
        boxes = all(line.box is not None for line in found)
        worth *= _MARKED if counted or boxes else 1.0
        name = _name(kind, level, counted=counted)
        yield _scored(name, _as_announced(lines, group, announced), worth, mode, announced)
    titled = [line for line in open_ones if line.label in names.TOPIC]
    if len(titled) > 1:
        cut = [replace(line, words=without_label(line.words), label="") for line in titled]
        named = [line for line in cut if line.words]
        yield _scored("lines that begin with “Title:”", named, _NAMED_COLUMN, mode, announced)


def _preface_list(lines: Sequence[ListLine]) -> set[int]:
    """Finds the lines of a list that a line above all sections announces, where they have lists.

    It says how the document is used. The only list of a text is announced in the same way.
    """
    starts = [place for place, line in enumerate(lines) if line.kind == "heading" and place]
    first = starts[0] if starts else 0
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


def _scored(
    name: str, lines: Sequence[ListLine], worth: float, mode: str, announced: int
) -> ListReading:
    mean = sum(_likeness(line, mode) for line in lines) / max(1, len(lines))
    exact = 2.0 if announced > 0 and len(lines) == announced else 1.0
    score = mean * worth * exact * _different(lines) * len(lines) ** 0.15
    return ListReading(name, lines, worth, mean, score)


def _different(lines: Sequence[ListLine]) -> float:
    """Computes which share of lines says something that no other one does."""
    return len({line.words for line in lines}) / max(1, len(lines))


def _likeness(line: ListLine, mode: str) -> float:
    """Says how much a line looks like a title, from 0 to 1."""
    if line.label:  # a field of its entry: "Audience: beginners"
        return 0.0
    title = line.lead or line.words
    words = float(count_words(title))
    if words > 3 and " " not in title:  # a script without spaces
        words /= 2
    fewest = 2 if mode == "keywords" else _SHORT
    like = min(1.0, 0.2 + 0.8 * words / fewest) if words <= _LONG else 1 - (words - _LONG) * 0.03
    sentence = mode == "keywords" and (":" in line.words or line.words.endswith("."))
    frame = sentence or line.words.endswith((":", "\uff1a", ";"))
    return max(0.1, like) * (0.3 if frame else 1.0)


def _worth_of_headings(lines: Sequence[ListLine], group: Sequence[ListLine]) -> float:
    """Says how much headings count: more above notes on them, less above lists or an article."""
    places = {line.number: place for place, line in enumerate(lines)}
    level = group[0].level
    noted, listed, words = 0, [], 0
    deeper: list[ListLine] = []
    for heading in group:
        rest = lines[places[heading.number] + 1 :]
        body = [*takewhile(lambda one: one.kind != "heading" or one.level > level, rest)]
        plain = [one for one in body if one.kind == "plain" or one.label]
        noted += bool(plain)
        deeper += [one for one in body if one.kind == "heading"]
        words += sum(count_words(one.words) for one in plain if not one.label)
        listed += [one for one in body if one.kind in ("number", "bullet") and not one.label]
    if words > _PROSE * len(group):
        return 0.4
    if len(deeper) >= 1.5 * len(group) and _different(deeper) > 0.7:  # names of groups of entries
        return 0.6
    if noted * 2 > len(group):
        return 1.25
    alone = len(group) == len(lines)
    longer = bool(listed) and _mean_words(group) > 1.3 * _mean_words(listed)
    return 1.0 if alone or longer else 0.5


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


def _without_frame(lines: Sequence[ListLine]) -> list[ListLine]:
    """Leaves out the line that announces the others, and what is said after them."""
    kept = [line for line in lines if not line.is_done] or [*lines]
    plain = [line for line in kept if line.kind not in ("heading", "table")]
    kept = plain if len(plain) > 1 else kept
    announced = len(kept) > 2 and kept[0].words.endswith(":")
    if announced:
        kept = kept[1:]
        last = kept[-1]
        if len(kept) > 2 and last.after_blank and last.words[-1] in ".!?":
            kept = kept[:-1]
    return kept


# --- What is said -------------------------------------------------------------------------------


def _told(left: Sequence[ListLine]) -> Iterator[str]:
    done = [line for line in left if line.is_done]
    if done:
        yield f"Left out: {_count(done, 'that is', 'that are')} checked off or struck out."
    rest = [line for line in left if not line.is_done]
    if rest:
        what = _count(rest, "that is no item", "that are no items")
        yield f"Left out: {what} of the list ({_some(rest, _NAMED)})."


def _count(lines: Sequence[ListLine], one: str, several: str) -> str:
    return f"1 line {one}" if len(lines) == 1 else f"{len(lines)} lines {several}"


def _some(lines: Sequence[ListLine], most: int) -> str:
    some = ", ".join(f"line {one.number} “{one_line(one.words, 40)}”" for one in lines[:most])
    return f"{some}, …" if len(lines) > most else some


def _unclear(readings: Sequence[ListReading], announced: int, mode: str) -> InputError:
    what = "keywords" if mode == "keywords" else "topics"
    said = f", though the text announces {announced}" if announced > 0 else ""
    found = " or ".join(f"{len(one.lines)} {one.name} ({_some(one.lines, 2)})" for one in readings)
    return InputError(
        f"It is not clear which lines are the {what}: {found}{said}. Give the {what} alone, one a "
        "line."
    )

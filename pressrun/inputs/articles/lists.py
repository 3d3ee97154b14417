"""Lists of topics and keywords as people and chat assistants write them: which lines are asked for.

A text allows several readings: its headings of one level, its numbered lines, its bullets at one
depth, what stands behind "Title:". The one is taken whose lines look most like titles; the rest is
left out, and said. Where two readings are as good as each other, the text is refused with both.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from pressrun.boundary.text import count_words, one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.dates import without_dates
from pressrun.inputs.articles.entries import ListLine, label_of
from pressrun.inputs.articles.evidence import likeness, objection, speaks_for
from pressrun.inputs.articles.outline import read_outline
from pressrun.inputs.articles.points import points_below, points_said, with_points
from pressrun.inputs.articles.readings import LABELLED, ListReading, of_table, ranked
from pressrun.inputs.articles.titles import ListedTopic, remarks_said, topics_of
from pressrun.inputs.tables import names

#: The kind of the error where a text may be read in several ways.
UNCLEAR = "unclear_list"
_HEAD_LINES = 2  # of a markdown table
_NAMED = 4  # lines that a note names
_AS_GOOD = 0.85  # share of the best reading's score by which another may be meant
_MAY_BE = 0.3  # and by which headings may be meant that are worded as titles
_TITLES = 0.85  # likeness of headings that are titles, not names of groups
_NAMES = 0.65  # of those above few bullets, or behind dates
_FEW = 3  # items that may as well be a list beside what a text is about
_FEW_POINTS = 4
_ONLY_NAMES = 0.6  # likeness of a section that lists names, where another one lists titles
_ALL_TITLES = 0.9
_ONLY_TERMS = 0.7  # likeness of the rows of a table that is a small part of a text
_AS_LIKELY = 0.5  # share of the likeness of named lists by which others may be meant as well
_FEW_SENTENCES = 0.3  # share of sentences among lines that are topics
_PREFACE = 12  # lines that may say how many items follow
_MUCH = 2  # times the words of a list that other text has, where the list is not all that is said
_ENDS = (".", ":", ";", "\uff1a", "\u3002")
# A count that the text itself gives: "10 blog post ideas", "20 Themen".
_ANNOUNCED = re.compile(
    r"(?<![\w.#-])([0-9]{1,3})\+?\s+(?:[^\W\d_][\w-]*\s+){0,4}?(?:ideas?|topics?|titles?|headlines?|posts?|"
    r"articles?|keywords?|themen|ideen|titel|artikel|sujets?|id\u00e9es?|titres?|temas?|"
    r"t\u00edtulos?|art\u00edculos?|artigos?|titoli|idee|argomenti|t\u00f3picos?|onderwerpen)\b",
    re.IGNORECASE,
)


def read_list(
    lines: Sequence[str], mode: str = "topic"
) -> tuple[list[ListedTopic], tuple[str, ...]]:
    """Finds the items of a list, and says what is left out.

    Raises:
        InputError: Two readings are as good as each other, or none has what the text announces.
    """
    read = read_outline(lines)
    items = _items(read, mode)
    points = points_below(items, read) if mode == "topic" else {}
    used = {line.number for line in items} | {one.number for of in points.values() for one in of}
    left = [line for line in read if line.number not in used]
    topics, cut = topics_of(items)
    said = (*_told(left), *cut, *remarks_said(topics))
    return with_points(topics, points), (*said, *points_said(points, len(topics)))


def is_better_list(lines: Sequence[str], subjects: Sequence[tuple[int, str]], mode: str) -> bool:
    """Says whether a list of the text looks more like topics than the subjects of its tables.

    Raises:
        InputError: Both look so, or neither, in a long text.
    """
    read = read_outline(lines)
    announced = _announced(read)
    named = of_table(subjects, mode, announced)
    best = next(iter(ranked(read, mode, announced)), None)
    if not best or best.score < _AS_GOOD * named.score:
        beside = sum(line.kind != "table" for line in read)
        if mode == "topic" and named.likeness < _ONLY_TERMS and beside > 2 * len(subjects):
            raise _unclear([named, *([best] if best else [])], announced, mode)
        return False
    if named.likeness >= _ONLY_TERMS or named.score >= _AS_GOOD * best.score:
        raise _unclear([named, best], announced, mode)
    return True


def _items(lines: Sequence[ListLine], mode: str) -> Sequence[ListLine]:
    """Chooses the reading that scores best; without any, all lines that are no frame."""
    announced = _announced(lines)
    readings = ranked(lines, mode, announced)
    if not readings:
        return _unless_objection(_plain_lines(lines, mode), mode)
    best = readings[0]
    others = [one for one in readings[1:] if _rivals(one, best)]
    doubtful = _is_doubtful(best, lines, announced) or _is_of_two_kinds(best, lines, mode)
    titled = best.worth == LABELLED or _say_topic(best.lines)
    believed = titled or speaks_for(best.lines, lines, mode, announced)
    if others or doubtful or not believed or _leaves_as_good(best, mode, announced):
        raise _unclear([best, *(others or readings[1:])][:3], announced, mode)
    return _unless_objection(best.lines, mode)


def _say_topic(lines: Sequence[ListLine]) -> bool:
    """Says whether lines say of themselves that they are titles: "1. Title: ..."."""
    return 2 * sum(names.says_topic(label_of(line.words)) for line in lines) > len(lines)


def _unless_objection(found: Sequence[ListLine], mode: str) -> Sequence[ListLine]:
    """Passes the lines on.

    Raises:
        InputError: Most of them look like something else.
    """
    if looks_like := objection([line.words for line in found], mode):
        what = "keywords" if mode == "keywords" else "topics"
        raise InputError(
            f"It is not clear which lines are the {what}: {len(found)} lines have {looks_like} "
            f"({_some(found, 2)}). Give the {what} alone, one a line.",
            kind=UNCLEAR,
        )
    return found


def _leaves_as_good(best: ListReading, mode: str, announced: int) -> bool:
    """Says whether a list is left out for its name alone, though its items look as good."""
    if best.counted or len(best.lines) == announced or not best.beside:
        return False
    return _mean_likeness(best.beside, mode) >= _AS_LIKELY * _mean_likeness(best.lines, mode)


def has_list(lines: Sequence[str], mode: str) -> bool:
    """Says whether a text has a list of any kind that may be what is asked for."""
    return bool(ranked(read_outline(lines), mode, 0))


def _rivals(other: ListReading, best: ListReading) -> bool:
    """Says whether another reading may be meant as well."""
    more = other.worth == LABELLED and len(other.lines) > len(best.lines)
    if more or other.score >= _AS_GOOD * best.score:
        return True
    # Bullets below headings that are titles themselves: topics in groups, or topics with points.
    first = best.lines[0] if best.lines else None
    points = first is not None and first.kind == "bullet" and first.box is None
    titles = len(other.lines) > 2 and other.lines[0].kind == "heading"
    titles &= other.score >= _MAY_BE * best.score
    few = len(best.lines) <= _FEW_POINTS * len(other.lines)
    return points and titles and other.likeness >= (_NAMES if few else _TITLES)


def _is_doubtful(best: ListReading, lines: Sequence[ListLine], announced: int) -> bool:
    """Says whether even the best reading may be wrong."""
    if announced < 0 or len(best.lines) < 0.6 * announced or _names_places(best):
        return True
    if any(map(_is_checked, lines)) and all(line.box is None for line in best.lines):
        # What a list of tasks has checked off may stand among others as well.
        return True
    rows = sum(line.kind == "table" for line in lines) - _HEAD_LINES
    many = len(best.lines) * (1 if best.likeness >= 0.5 else 0.5)
    if rows > many and best.worth < LABELLED and len(best.lines) != announced:
        return True  # what is asked for may stand in the tables
    if any(line.kind == "heading" for line in best.lines):
        return best.worth < 1 and not best.lines[0].counted
    if all(line.box is not None for line in best.lines):
        return False
    return not _is_numbered_to(best, announced) and _may_be_points(best, lines)


def _is_numbered_to(best: ListReading, announced: int) -> bool:
    """Says whether the numbers run from one to as many as the text announces: all of them."""
    numbers = [line.ordinal for line in best.lines]
    return announced >= _FEW and numbers == [*range(1, announced + 1)]


def _is_checked(line: ListLine) -> bool:
    return bool((line.box or "").strip())


def _names_places(best: ListReading) -> bool:
    """Says whether a plan says behind its dates only where something is posted, or by whom."""
    dated = sum(without_dates(line.words) != line.words for line in best.lines)
    return 2 * dated > len(best.lines) and best.likeness < _NAMES


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
    beside = best.likeness < _ALL_TITLES and _others_beside(best, lines) > 2 * len(best.lines)
    if beside or _is_of_one_item(best, lines) or len(prose) > len(best.lines) < _FEW:
        return True
    much = sum(count_words(line.words) for line in prose)
    asked = sum(count_words(line.words) for line in best.lines)
    return len(prose) > 1 and much > asked * (1 if best.likeness < 0.5 else _MUCH)


def _is_of_one_item(best: ListReading, lines: Sequence[ListLine]) -> bool:
    """Says whether these are the points of the only item above them, and no list of its own."""
    level = best.lines[0].level
    items = [line for line in lines if line.kind in ("number", "bullet")]
    above = [line for line in items if line.level == level - 1]
    return level > 0 and len(above) < 2 and not any(line.words.endswith(":") for line in above)


def _others_beside(best: ListReading, lines: Sequence[ListLine]) -> int:
    """Counts the items of other lists, which are no points of those chosen."""
    chosen = {line.number for line in best.lines}
    items = [line for line in lines if line.kind in ("number", "bullet") and not line.aside]
    return sum(line.level == 0 and line.number not in chosen for line in items)


def _is_of_two_kinds(best: ListReading, lines: Sequence[ListLine], mode: str) -> bool:
    """Says whether the lists of two sections differ: names in one, titles in the other."""
    chosen = {line.number for line in best.lines}
    sections: list[list[ListLine]] = [[]]
    for line in lines:
        if line.kind == "heading" and line.number not in chosen:
            sections.append([])
        if line.number in chosen:
            sections[-1].append(line)
    alike = [_mean_likeness(one, mode) for one in sections if len(one) > 2]
    return (
        mode == "topic" and len(alike) > 1 and min(alike) < _ONLY_NAMES < _ALL_TITLES < max(alike)
    )


def _mean_likeness(lines: Sequence[ListLine], mode: str) -> float:
    topics, _ = topics_of(lines)
    read = [likeness(ListLine(one.line, "plain", 0, one.words), mode) for one in topics]
    return sum(read) / len(read)


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


def _plain_lines(lines: Sequence[ListLine], mode: str) -> list[ListLine]:
    """Takes the lines of a text without a list.

    Raises:
        InputError: It is a document, with sentences below headings or programs; or all is done.
    """
    found = _without_frame(lines)
    done = [line for line in lines if line.is_done]
    if done and not any(line.kind == "plain" for line in found):
        raise _unclear([ListReading("lines that are done", done, 0.0, 0.0, 0.0)], 0, mode)
    parted = any(line.kind == "code" for line in lines)
    parted |= sum(line.kind == "heading" for line in lines) > 1
    sentences = sum(line.kind == "plain" and line.words.endswith(_ENDS) for line in found)
    if parted and found and sentences > _FEW_SENTENCES * len(found):
        raise _unclear([ListReading("plain lines", found, 0.0, 0.0, 0.0)], 0, mode)
    return found


def _without_frame(lines: Sequence[ListLine]) -> list[ListLine]:
    """Leaves out the line that announces the others, and what is said after them."""
    kept = [line for line in lines if not line.is_done] or [*lines]
    plain = [line for line in kept if line.kind not in ("heading", "table", "code")]
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
    known = announced > 0 and announced not in {len(one.lines) for one in readings}
    said = f", though the text announces {announced}" if known else ""
    found = " or ".join(f"{len(one.lines)} {one.name} ({_some(one.lines, 2)})" for one in readings)
    return InputError(
        f"It is not clear which lines are the {what}: {found}{said}. Give the {what} alone, one a "
        "line.",
        kind=UNCLEAR,
    )

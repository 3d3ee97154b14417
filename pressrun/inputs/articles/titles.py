"""The items of a list as topics: the title of each, and what else its line says.

A line may have marks of what is done or begun, a label, a date, a slug, and a remark behind the
title. It must not know how the lines were chosen (see :mod:`pressrun.inputs.articles.lists`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.boundary.text import count_words, without_emphasis
from pressrun.inputs.articles.dates import without_dates
from pressrun.inputs.articles.entries import ListLine, label_of, without_label
from pressrun.inputs.tables import names

_STATE_WORDS = names.STATES | names.DONE | names.STATED
_TITLE_WORDS = 3  # that print in bold has at least, to be a title beside a remark
_REMARK = re.compile(r"\s*(?:[:\uff1a\u2013\u2014-]+(?=\s)|(?=[(\[]))\s*")
# Words in a code span before a dash, "(slug: ...)" and "Slug: ..." at the end.
_SLUG = re.compile(
    r"^`[\w./-]{1,120}`\s*[:\u2013\u2014-]\s+|\s*\(`[\w./-]{1,120}`\)$"
    r"|[\s.,;|]{0,9}[([]?\b(?:url )?slug(?::\s*`?|\s+`)/?[\w./-]{1,120}`?[)\]]?\.?$",
    re.IGNORECASE,
)
_END = re.compile(r"(?:\s+[\u2013\u2014|-]\s+|\s*(?=[(\[]))[(\[]?([^()\[\]|]{2,40}?)[)\]]?\.?$")
_QUOTED_LEAD = re.compile(
    r"\"[^\"]{3,200}\"|\u201c[^\u201d]{3,200}\u201d|\u201e[^\u201c]{3,200}\u201c|\u00ab[^\u00bb]{3,200}\u00bb"
)


@dataclass(frozen=True, slots=True)
class ListedTopic:
    """One item of a list.

    Attributes:
        line: Of the text, from 1.
        words: The topic or keywords.
        remark: What the line says of it behind them; empty without.
    """

    line: int
    words: str
    remark: str = ""


def topics_of(lines: Sequence[ListLine]) -> tuple[list[ListedTopic], list[str]]:
    """Takes the title of each line; says in sentences what is left out of them."""
    said: list[str] = []
    labelled = [line for line in lines if names.says_topic(label_of(line.words))]
    if len(labelled) > len(lines) / 2:
        lines = [_changed(line, without_label) for line in lines]
    for what, part in _PARTS:
        cut = [_changed(line, part) for line in lines]
        count = sum(new is not old for new, old in zip(cut, lines, strict=True))
        if what and count:
            said.append(f"Left out: the {what} of {count} of {len(lines)} items.")
        lines = cut
    return [*map(_with_remark, lines, _titles(lines))], said


def _changed(line: ListLine, part: Callable[[str], str]) -> ListLine:
    words = part(line.words)
    if words == line.words or not any(map(str.isalpha, words)):
        return line
    lead = line.lead if words.startswith(line.lead) else ""
    return replace(line, words=without_emphasis(words.strip()), lead=lead)


def _without_sign(words: str) -> str:
    return words.lstrip(names.STATE_SIGNS + "\ufe0f ")


def _without_slug(words: str) -> str:
    return _SLUG.sub("", words)


def _without_state(words: str) -> str:
    """Removes what a plan says of an item at its end: "(draft)", "- high priority"."""
    end = _END.search(words)
    return words[: end.start()] if end and is_state(end[1]) else words


def is_state(text: str) -> bool:
    """Says whether all words of a text say how far or how urgent an item is."""
    words = {*names.plain_name(text).split()}
    tells = words & (names.STATES | names.DONE) or {"in", "review"} <= words
    return bool(tells) and words <= _STATE_WORDS


_PARTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("", _without_sign),
    ("dates before the titles", without_dates),
    ("slugs", _without_slug),
    ("marks behind the titles, such as a state,", _without_state),
)


def _bold_title(line: ListLine) -> str:
    """Gives what stands in bold print at the beginning, before a remark."""
    title = line.lead if line.lead and line.words.startswith(line.lead) else ""
    return title if _REMARK.match(line.words, len(title)) else ""


def _quoted_title(line: ListLine) -> str:
    """Gives what stands in quotation marks at the beginning, before a remark."""
    quoted = _QUOTED_LEAD.match(line.words)
    title = quoted[0] if quoted else ""
    return title if _REMARK.match(line.words, len(title)) else ""


def _titles(lines: Sequence[ListLine]) -> list[str]:
    """Finds the title of each line that has a remark behind it; empty for the others.

    Print in bold may also mark the names of parts, and quotation marks a part of a title.
    """
    for title_of, least in ((_bold_title, 0.0), (_quoted_title, 0.5)):
        titles = [title_of(line) for line in lines]
        found = [title for title in titles if title]
        long = sum(map(count_words, found)) > _TITLE_WORDS * len(found)
        if found and long and len({*found}) == len(found) > least * len(lines):
            return [title if count_words(title) >= _TITLE_WORDS else "" for title in titles]
    return [""] * len(lines)


def _with_remark(line: ListLine, title: str) -> ListedTopic:
    if not title:
        return ListedTopic(line.number, line.words)
    mark = _REMARK.match(line.words, len(title))
    remark = line.words[mark.end() :] if mark else ""
    return ListedTopic(line.number, without_emphasis(title).rstrip(":\uff1a"), remark.strip())


def remarks_said(topics: Sequence[ListedTopic]) -> Iterator[str]:
    """Yields in a sentence that remarks are kept as instructions."""
    count = sum(bool(topic.remark) for topic in topics)
    if count:
        yield (
            f"What stands behind the title of {count} of {len(topics)} items is given to the "
            "writer as an instruction."
        )

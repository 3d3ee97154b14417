"""The columns of a table of articles, by the many names that people give them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pressrun.errors import InputError
from pressrun.quoting import one_line

# What each mode's article is about; the first name is the one that is advised.
_SUBJECTS: dict[str, dict[str, tuple[str, ...]]] = {
    "topic": {"topic": ("topic", "topics", "title", "subject")},
    "keywords": {"primary": ("keywords", "keyword", "primary", "primary keyword", "main keyword")},
    "trends": {"feed": ("feed", "feeds", "feed url", "url", "rss", "link")},
    "spin": {
        "source": ("source", "sources", "source text", "source url"),
        "text": ("text", "texts"),
        "url": ("url", "urls", "link"),
    },
}
_OPTIONS: dict[str, tuple[str, ...]] = {
    "keywords": ("keywords", "keyword", "secondary", "secondary keywords", "secondary keyword"),
    "word_count": ("word count", "words", "wordcount", "length", "number of words"),
    "tone": ("tone", "tone of voice", "voice"),
    "language": ("language", "lang"),
    "audience": ("audience", "target audience", "readers"),
    "instructions": ("instructions", "instruction", "extra instructions", "extra", "notes"),
}
# Row numbers that people keep beside their rows say nothing of an article.
_IGNORED = frozenset({"", "no", "nr", "number", "id", "row"})


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of a table: each cell's field; empty for a column that is passed over."""

    fields: tuple[str, ...]


def field_of(name: str, mode: str) -> str | None:
    """The field that a column's or key's name stands for; empty to pass over, None if unknown."""
    bare = _bare(name)
    for field, names in (_SUBJECTS[mode] | _options(mode)).items():
        if bare in names:
            return field
    return "" if bare in _IGNORED else None


def is_known(name: str) -> bool:
    """Whether a column's name says anything, be it in another mode."""
    return any(field_of(name, mode) for mode in _SUBJECTS)


def is_subject(field: str | None, mode: str) -> bool:
    """Whether a field says what an article is about."""
    return field in _SUBJECTS[mode]


def read_head(cells: Sequence[str], mode: str) -> Head:
    """The columns by the cells of a table's first row.

    Raises:
        InputError: A column is not known, stands there twice, or none says what to write about.
    """
    fields = [field_of(cell, mode) for cell in cells]
    unknown = [cell for cell, field in zip(cells, fields, strict=True) if field is None]
    if unknown:
        shown = ", ".join(repr(one_line(cell, 40)) for cell in unknown[:5])
        raise InputError(f"Unknown in the table's head: {shown}. Known are {known_columns(mode)}.")
    known = [field for field in fields if field]
    if doubled := {field for field in known if known.count(field) > 1}:
        raise InputError(
            f"The table has several columns for {', '.join(sorted(doubled))}. Keep one of them."
        )
    if not any(is_subject(field, mode) for field in known):
        raise InputError(
            f"The table has no column {_advised(mode)!r}. Known are {known_columns(mode)}."
        )
    return Head(tuple(field or "" for field in fields))


def known_columns(mode: str) -> str:
    """The advised names of all columns of a mode, as a sentence lists them."""
    names = [names[0] for names in (_SUBJECTS[mode] | _options(mode)).values()]
    if mode == "keywords":
        names[1] = "secondary"
    return ", ".join(name.replace(" ", "_") for name in names)


def _options(mode: str) -> dict[str, tuple[str, ...]]:
    # Where articles are about keywords, "keywords" has the primary one too.
    return _OPTIONS if mode != "keywords" else _OPTIONS | {"keywords": _OPTIONS["keywords"][2:]}


def _advised(mode: str) -> str:
    return next(iter(_SUBJECTS[mode].values()))[0]


def _bare(name: str) -> str:
    """``secondaryKeywords``, ``Word_Count (optional)`` and ``WORD COUNT*`` in one way."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\([^()]*\)", " ", name[:100]))
    return " ".join(re.findall(r"\w+", spaced.replace("_", " ").lower()))

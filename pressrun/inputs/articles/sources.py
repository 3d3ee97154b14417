"""What a cell names as sources of an article: addresses, uploads, texts, names of works.

A number is none: where tables have "14, 60" in such a column, it stands for entries of a list that
nobody gave, and an article that had it as all that is known could say nothing.
"""

import re
from collections.abc import Sequence

from pressrun.boundary.text import counted, one_line, plain_text

_PLACE = re.compile(r"(?:https?://|upload:)[^\s|;]+", re.IGNORECASE)
#: What people and tools write into empty cells.
NOTHING = frozenset({"n/a", "na", "tbd", "none", "null", "nan", "k.a."})
_FILE = re.compile(r"\w\.[a-z]{2,5}\b")
_WORD = re.compile(r"[^\W_]+")
#: A number of an item, a page or a chapter: 14, 3a, Q3, K014, 第3章.
_NUMBER = re.compile(r"[^\W\d_]{0,2}\d+(?:[^\W\d_]|[章节節页頁番号])?")
_COUNTED = frozenset(
    [
        "no",
        "nr",
        "nos",
        "num",
        "number",
        "item",
        "items",
        "row",
        "rows",
        "id",
        "ids",
        "ref",
        "refs",
        "see",
        "s",
        "seite",
        "seiten",
        "siehe",
        "zeile",
        "page",
        "pages",
        "p",
        "pp",
        "pag",
        "página",
        "pagina",
        "kap",
        "kapitel",
        "chapter",
        "ch",
        "abs",
        "abschnitt",
        "vgl",
        "voir",
        "ver",
        "zie",
        "numer",
        "und",
        "and",
        "et",
        "y",
        "e",
        "en",
        "i",
        "og",
        "och",
    ]
)
#: Words that describe something, in lower case: a text, not a tag such as "blog" or "intern".
_TOLD = 4
_MOST_NAMED, _MOST_LETTERS, _ALL = 3, 40, 3


def read_sources(cell: str) -> tuple[str, ...]:
    """Reads the addresses and uploads in a cell; what else it says is one more source, a text."""
    places = _places(cell)
    text = _rest(cell)
    has_words = any(map(str.isalnum, text)) and text.casefold() not in NOTHING
    return tuple(dict.fromkeys([*places, *([text] if has_words else [])]))


def without_numbers(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """Takes out of cells what is no source; says in a sentence what of how many.

    That is numbers of items and pages, tags, and what stands in all of three or more cells: a tool
    or a channel. Addresses always stay.

    Args:
        cells: One a row, empty where the row names none.
    """
    texts = [_rest(cell) for cell in cells]
    same = len(cells) >= _ALL and len(set(texts)) == 1 and len(texts[0]) <= _MOST_LETTERS
    kept, left = list[str](), list[str]()
    for cell, text in zip(cells, texts, strict=True):
        is_none = any(map(str.isalnum, text)) and (same or not _names_work(text))
        kept.append("; ".join(_places(cell)) if is_none else cell)
        if is_none and text.casefold() not in NOTHING:
            left.append(text)
    if not left:
        return kept, []
    named = [f"“{one_line(text, _MOST_LETTERS)}”" for text in dict.fromkeys(left)]
    more = ", …" if len(named) > _MOST_NAMED else ""
    what = f"what {counted(len(left), 'row')} say{'s' if len(left) == 1 else ''} of sources"
    told = f"{', '.join(named[:_MOST_NAMED])}{more}"
    return kept, [f"Left out: {what} ({told}): no address, and no name of a work."]


def _places(cell: str) -> list[str]:
    return [found.rstrip(",.)") for found in _PLACE.findall(cell)]


def _rest(cell: str) -> str:
    return plain_text(_PLACE.sub(" ", cell)).strip(" \n\t,;|-\u2022")


def _names_work(text: str) -> bool:
    """Says whether words may name a work or file, or are a text: not only numbers, or a tag."""
    words = [
        word
        for word in _WORD.findall(text)
        if not _NUMBER.fullmatch(word) and word.casefold() not in _COUNTED
    ]
    # A script without capitals has no lower case either.
    told = len(words) >= _TOLD or bool(_FILE.search(text))
    return told or any(word != word.lower() or _has_no_case(word) for word in words)


def _has_no_case(word: str) -> bool:
    return word.lower() == word.upper() and any(map(str.isalpha, word))

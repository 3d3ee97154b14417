"""What speaks for lines being topics to write about, and what speaks against it.

A list is believed if something says that it is one: a heading, a line above it, a number that is
announced, items that are worded as headlines; or if nothing else is there. What looks like the
settings of a program, names of files or the columns of a table is never believed. It must not know
how the lines were chosen (see :mod:`pressrun.inputs.articles.lists`).
"""

# ruff: noqa: RUF001 - Cyrillic has letters that look like Latin ones

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pressrun.boundary.text import count_words, fold
from pressrun.inputs.articles.dates import without_dates
from pressrun.inputs.articles.entries import ListLine, has_title, label_of
from pressrun.inputs.tables.headings import names_other_document, names_topics
from pressrun.inputs.tables.names import says_topic

_MOST = 0.5  # share of items that look so
_HEADLINES = 0.34  # share of items worded as headlines that tells what the list is
_LONG = 28  # words of a paragraph
_BELOW_HEADINGS = 9  # level of a line that ends in a colon
_COUNT = re.compile(r"(?<![\w.])[0-9]{1,3}(?![\w.%])")
_TITLE_WORDS = 5  # words that a title has at least, so that nothing speaks against it
_MOST_WORDS = 16  # and at most
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){2,}(?=\s|$)")
_ONLY_COUNTED = re.compile(r"[^\W\d_]{2,20}\s*#?[0-9]{1,3}\W*")  # "Article 3", without a title
_FIRST = 3  # lines that may say what all of a text is
_SETTING = re.compile(
    r"[\w.\[\]\"-]{1,60}\s*(?:=|:=|->)\s*\S|[{}]\s*$|</?[a-z][\w-]*[^<>]*>|--?\w+="
)
_FILE = re.compile(r"(?:\S*[\\/])?[\w.-]+\.[a-z][a-z0-9]{1,5}", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_CODE_NAME = re.compile(r"(?:[a-z]+[A-Z]\w*|\w+_\w+|[A-Z0-9_]{2,}\d|\w+\(\w*\))")
# A day's time with seconds near the beginning, as programs write it and plans do not.
_LOGGED = re.compile(r".{0,40}?(?<!\d)[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?!\d)")
_VERSION = re.compile(r"v?[0-9]+\.[0-9]+(?:\.[0-9]+)?\b", re.IGNORECASE)
_TO_FILL = re.compile(r"<[^<>]{3,60}>|\[[^\[\]]{3,60}\](?!\()|\.{3}|\u2026")
_PARTED = re.compile(r"\s*[|\t]\s*")
_LONGEST_NAME = 120  # characters
_FIELDS = 3  # names of fields that an entry has at least
_CLASS_ROWS = 6  # rows that tell whether a second column names classes
_STARTS = frozenset(
    fold(
        "how why what when where which who can does do is are should will best top ultimate wie "
        "warum was wann wo welche welcher welches wer kann sollte comment pourquoi quoi quel "
        "quelle quels quelles quand cómo por qué cuándo dónde cuál cuáles como porque quando onde "
        "qual come perché cosa quale quali dove hoe waarom wat wanneer welke jak dlaczego czy co "
        "kiedy proč kdy как почему что зачем когда какие какой чи як чому nasıl neden cara "
        "mengapa apa cách tại sao hur varför vad hvordan hvorfor hvad hva"
    ).split()
)
_WORDED = re.compile(
    r"[?\uff1f\u061f]|\b(?:guide|guides|tips|vs|versus|explained|mistakes|reasons|ways|checklist|"
    r"beginners?|leitfaden|tipps|vergleich|fehler|ratgeber|conseils|erreurs|guia|consejos|errores|"
    r"claves|dicas|erros|guida|consigli|errori|gids|poradnik|przewodnik|porady|bledow|sposob\w*|"
    r"pruvodce|tipu|rehberi|yollari|panduan|способ\w*|советы|ошиб\w*|гид|руководство)\b"
    r"|(?<![\w.])[0-9]{1,3} \w{3,}|方法|とは|なぜ|選び|ガイド|解説|おすすめ|選$"
    r"|방법|이유|추천|총정리|가이드|무엇|어떻게|如何|为什么|怎么|指南|最佳|推荐|\w: \w"
)


def objection(items: Sequence[str], mode: str) -> str:
    """Says what most items look like that are no topics; empty if they may be topics."""
    if any(_TO_FILL.fullmatch(item) for item in items) and len(items) > 1:
        return "places to fill in"
    if _are_fields(items):
        return "fields of one entry"
    for what, looks_so in _KINDS:
        if sum(map(looks_so, items)) > _MOST * len(items):
            return what
    return "columns of a table" if _has_classes(items, mode) else ""


def _are_fields(items: Sequence[str]) -> bool:
    """Says whether these are the fields of one entry, of which one is its title."""
    labels = {label for item in items if (label := label_of(item))}
    return len(labels) >= _FIELDS and any(map(says_topic, labels))


def _is_setting(item: str) -> bool:
    return bool(_SETTING.match(item))


def _is_name_of_file(item: str) -> bool:
    short = len(item) <= _LONGEST_NAME
    return short and bool(_FILE.fullmatch(_PARTED.split(item)[-1]) or _CODE_NAME.fullmatch(item))


def _is_address(item: str) -> bool:
    return bool(_ADDRESS.fullmatch(item))


def _is_logged(item: str) -> bool:
    return bool(_LOGGED.match(item))


def _is_figures(item: str) -> bool:
    return sum(map(str.isdigit, item)) > 2 * sum(map(str.isalpha, item))


def _is_paragraph(item: str) -> bool:
    return count_words(item) > _LONG and item[-1] in ".!?"


_KINDS = (
    ("settings or markup", _is_setting),
    ("names of files or of a program", _is_name_of_file),
    ("addresses", _is_address),
    ("times of day, as the log of a program", _is_logged),
    ("figures", _is_figures),
    ("paragraphs of a text", _is_paragraph),
)


def _has_classes(items: Sequence[str], mode: str) -> bool:
    """Says whether most items have a number or a class in a column before or behind the words."""
    rows = [_PARTED.split(item) for item in items if _PARTED.search(item)]
    if len(rows) <= _MOST * len(items) or len(rows) < _CLASS_ROWS:
        return False
    first, last = [row[0] for row in rows], [row[-1] for row in rows]
    if mode != "keywords" and sum(map(str.isdecimal, first)) > _MOST * len(rows):
        return True
    lettered = sum(any(map(str.isalpha, one)) for one in last) > _MOST * len(rows)
    brand = len({*last}) == 1 and mode != "keywords"  # "Bees | My Blog", as titles of pages have
    return lettered and not brand and len({*last}) <= _MOST * len(rows)


def likeness(line: ListLine, mode: str) -> float:
    """Says how much a line looks like a title, from 0 to 1."""
    if _ONLY_COUNTED.fullmatch(line.words):
        return 0.0
    if _SLUG.match(line.words):
        return 0.3
    if line.label:  # a field of its entry: "Audience: beginners"
        return 0.0
    title = without_dates(line.lead) or without_dates(line.words)
    if not title:
        return 0.0
    words = float(count_words(title))
    if words > 3 and " " not in title:  # a script without spaces
        words /= 2
    fewest = 2 if mode == "keywords" else _TITLE_WORDS
    like = (
        min(1.0, 0.2 + 0.8 * words / fewest)
        if words <= _MOST_WORDS
        else 1 - (words - _MOST_WORDS) * 0.03
    )
    sentence = mode == "keywords" and (":" in line.words or line.words.endswith("."))
    frame = sentence or line.words.endswith((":", "\uff1a", ";"))
    return max(0.1, like) * (0.3 if frame else 1.0)


def headlines(items: Sequence[str]) -> float:
    """Computes which share of items is worded as headlines are: questions, guides, numbers."""
    return sum(map(_is_headline, items)) / max(1, len(items))


def _is_headline(item: str) -> bool:
    plain = fold(item).strip("\"'\u201e\u201c\u201d\u00ab\u00bf\u00a1*[( ")
    return plain.partition(" ")[0] in _STARTS or bool(_WORDED.search(plain))


def speaks_for(
    chosen: Sequence[ListLine], lines: Sequence[ListLine], mode: str, announced: int
) -> bool:
    """Says whether anything in a text says that the chosen lines are what to write about."""
    numbers = {line.number for line in chosen}
    done = sum(line.is_done for line in lines)
    rest = [line for line in lines if line.number not in numbers and not line.is_done]
    frame = [line for line in rest if line.kind not in ("number", "bullet")]
    if not frame or announced in (len(chosen), len(chosen) + done):
        return True
    above = [line for line in frame if line.number < chosen[-1].number]
    if any(_announces(line, place, mode) for place, line in enumerate(above)):
        return True
    if _is_other_document(lines):
        return False
    # Few questions in a long text are its own.
    much = len(chosen) >= _HEADLINES * sum(line.kind != "table" for line in lines)
    return much and headlines([line.words for line in chosen]) >= _HEADLINES


def _is_other_document(lines: Sequence[ListLine]) -> bool:
    """Says whether headings say that this is a document of another kind, or name versions."""
    headings = [line.words for line in lines if line.kind == "heading"]
    versions = sum(bool(_VERSION.match(words.lstrip("[("))) for words in headings)
    return bool(headings) and (names_other_document(headings[0]) or versions > 1)


def _announces(line: ListLine, place: int, mode: str) -> bool:
    says = line.kind == "heading" or line.words.endswith((":", "\uff1a")) or place < _FIRST
    return says and not line.aside and names_topics(line.words, mode)


# --- The lists of a text, each by what it is called ---------------------------------------------


@dataclass(slots=True)
class ListPart:
    """One of the lists that chosen lines are in.

    Attributes:
        lines: Its items.
        named: Whether a heading or a line above names it for what to write about.
        counts: The numbers that these headings and lines have.
    """

    lines: list[ListLine] = field(default_factory=list)
    named: bool = False
    counts: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Above:
    """A heading, or a line that ends in a colon, that a line stands below."""

    level: int
    named: bool
    counts: frozenset[int]


def parts_of(
    chosen: Sequence[ListLine], lines: Sequence[ListLine], mode: str
) -> Iterator[ListPart]:
    """Yields the lists that lines are in.

    A list ends where its numbers begin anew; without numbers, at the next heading. The title of
    all of the text names none of its lists.
    """
    numbers = {line.number for line in chosen}
    numbered = sum(line.ordinal > 0 for line in chosen) > _MOST * len(chosen)
    above: list[_Above] = []
    part, fresh = ListPart(), True
    for line in lines[1:] if has_title(lines) else lines:
        if line.number in numbers:
            over = line.ordinal <= part.lines[-1].ordinal if numbered and part.lines else fresh
            if over and part.lines:
                yield part
                part = ListPart()
            part.lines.append(line)
            for one in above:
                part.named |= one.named
                part.counts |= one.counts
            fresh = False
        elif level := _level_of_name(line):
            above = [one for one in above if one.level < level]
            above.append(_above(line.words, level, mode))
            fresh = True
    if part.lines:
        yield part


def _level_of_name(line: ListLine) -> int:
    """Gives the level of a line that may name what stands below it; 0 of any other."""
    if line.kind == "heading":
        return line.level
    return _BELOW_HEADINGS if line.kind == "plain" and line.words.endswith((":", "\uff1a")) else 0


def _above(words: str, level: int, mode: str) -> _Above:
    named = names_topics(words, mode)
    return _Above(
        level, named, frozenset(map(int, _COUNT.findall(words))) if named else frozenset()
    )

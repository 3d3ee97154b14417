"""Names in a text, as far as rules find them: capital letters where no rule of spelling sets them.

Scripts without capitals (Arabic, Chinese, Hindi, Thai …) show no names, and German, which writes
every noun so, shows only those with capitals inside (NASA, iPhone). What is quoted is found in all
languages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pressrun.boundary.text import fold, tokens
from pressrun.kinds.article.checks.facts.locales import places_of, writing_of

_WORD = re.compile(r"[^\W_]+(?:[.'\u2019\-\u2011&][^\W_]+)*\.?")
#: Behind these a capital says nothing; at a line's begin neither.
_BEGINS = re.compile(
    r"(?:[.!?\u2026:;\u00bf\u00a1|][\"'\u201d\u2019\u00bb)\]]*|[\"\u201c\u201e\u00ab\u2018(\[\u2022\u2013\u2014/*])\s*$"
)
_QUOTED = re.compile(
    r"\"([^\"\n]{3,300})\"|\u201c([^\u201c\u201d\n]{3,300})\u201d|\u201e([^\u201c\u201e\n]{3,300})\u201c"
    r"|\u00ab\s?([^\u00ab\u00bb\n]{3,300})\s?\u00bb|[\u300c\u300e\u300a]([^\u300c-\u300f\u300a\u300b\n]{2,150})[\u300d\u300f\u300b]"
)
#: Nouns have capitals: a capital is no sign of a name.
_CAPITAL_NOUNS = frozenset({"de", "lb"})
#: Words of a quotation that are said so by chance, in any text.
_FEWEST_QUOTED = 4
_WINDOW = 12
#: Words of the sources that begin alike; texts that people write have fewer.
_MOST_NEAR = 300
_SMALL = frozenset(["i", "i'm", "i've", "i'll", "i'd", "ok", "mr", "mrs", "ms", "dr", "st"])
_DIGIT = re.compile(r"\d")
_POSSESSIVE = re.compile(r"['\u2019]s?$")


@dataclass(frozen=True)
class KnownWords:
    """The words that the sources have, to hold names against.

    Attributes:
        text: Of all sources, and of what a person asked for.
        languages: Of the sources.
    """

    text: str = field(repr=False)
    languages: frozenset[str]

    def has(self, word: str, language: str) -> bool:
        """Says whether a word of a name stands there, in the forms that the language gives it."""
        folded = fold(_POSSESSIVE.sub("", word)).replace(".", "")
        if folded in self._words or folded in _SMALL or not self._can_tell(word):
            return True
        most = 2 if language == "en" else 3
        near = self._by_head.get(folded[:3], ())[:_MOST_NEAR]
        if any(_is_form(folded, other, most) for other in near if len(folded) > 3):
            return True
        return self._is_known_place(folded, language) or folded in self._initials

    def quotes(self, quotation: str) -> bool:
        """Says whether the words stand there in a row."""
        return f" {' '.join(tokens(quotation))} " in self._running

    @cached_property
    def _words(self) -> frozenset[str]:
        # Also those with their points and hyphens taken out: U.S., e-mail.
        plain = (fold(found).replace(".", "") for found in _WORD.findall(self.text))
        return frozenset({*tokens(self.text), *plain})

    @cached_property
    def _by_head(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._words:
            if len(word) > 3:
                found.setdefault(word[:3], []).append(word)
        return found

    @cached_property
    def _running(self) -> str:
        return f" {' '.join(tokens(self.text))} "

    @cached_property
    def _initials(self) -> frozenset[str]:
        """What may stand for names of several words: EU for European Union."""
        heads = [word[0] for word in _WORD.findall(self.text) if word[0].isupper()]
        return frozenset(
            "".join(heads[at : at + size]).lower()
            for size in (2, 3, 4, 5)
            for at in range(len(heads) - size + 1)
        )

    @cached_property
    def _codes(self) -> frozenset[str]:
        """The countries and languages that the sources name, by their codes."""
        return frozenset(
            code
            for language in self.languages
            for name, codes in places_of(language).items()
            if f" {' '.join(tokens(name))} " in self._running
            for code in codes
        )

    @cached_property
    def _scripts(self) -> frozenset[int]:
        return frozenset(_script(letter) for letter in set(self.text) if letter.isalpha())

    def _can_tell(self, word: str) -> bool:
        return _script(word[0]) in self._scripts

    def _is_known_place(self, folded: str, language: str) -> bool:
        return bool(places_of(language).get(folded, frozenset()) & self._codes)


def strange_names(prose: str, language: str, known: KnownWords) -> list[str]:
    """Finds the names that have a word which no source has, each once.

    Args:
        prose: Without headings; a line a block.
        language: Of the prose, ISO 639-1.
        known: The words of the sources.
    """
    found = (name for line in prose.split("\n") for name in _names(line, language, known))
    return list(dict.fromkeys(found))


def strange_quotations(prose: str, language: str, known: KnownWords) -> list[str]:
    """Finds what is quoted and stands in no source; of sources in other languages nothing."""
    if language not in known.languages:
        return []
    said = ("".join(filter(None, found)) for found in _QUOTED.findall(prose))
    long = (text for text in said if len(tokens(text)) >= _FEWEST_QUOTED)
    return list(dict.fromkeys(text for text in long if not known.quotes(text)))


def _names(line: str, language: str, known: KnownWords) -> Iterator[str]:
    run: list[str] = []
    is_strange, end, first = False, 0, len(line) - len(line.lstrip())
    writing = writing_of(language)
    # Dates have months; days of the week are held against sources of the same language alone.
    passed = writing.months.keys() | (frozenset() if language in known.languages else writing.days)
    for found in _WORD.finditer(line):
        word = found[0].rstrip(".")
        # Looked at through a small window: whole lines would be read once for each of their words.
        before = line[max(0, found.start() - _WINDOW) : found.start()]
        begins = found.start() <= first or bool(_BEGINS.search(before))
        if run and (line[end : found.start()].strip() or begins or not _is_capital(word)):
            if is_strange:
                yield " ".join(run)
            run, is_strange = [], False
        folded = fold(_POSSESSIVE.sub("", word))
        counts = (
            _has_inner_capital(word) if begins or language in _CAPITAL_NOUNS else _is_capital(word)
        )
        # With digits (Q2, B12) it is as often a way to write words.
        if counts and len(word) > 1 and not _DIGIT.search(word) and folded not in passed:
            run.append(word)
            is_strange |= not known.has(word, language) and any(
                _is_capital(part) and not known.has(part, language)
                for part in filter(None, re.split(r"[-\u2011&]", word))
            )
        end = found.end() if not found[0].endswith(".") else found.end() - 1
    if is_strange:
        yield " ".join(run)


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def _has_inner_capital(word: str) -> bool:
    return any(letter.isupper() for letter in word[1:]) and "-" not in word


def _is_form(one: str, other: str, most: int) -> bool:
    """Says whether two words differ in their last letters only, and in few."""
    short = min(len(one), len(other))
    same = next((at for at in range(short) if one[at] != other[at]), short)
    return same >= max(4, short - most + 1) and max(len(one), len(other)) - same <= most


def _script(letter: str) -> int:
    """Tells scripts apart by the blocks of Unicode that have capitals: as Latin and Greek."""
    point = ord(letter)
    for number, (first, last) in enumerate(_SCRIPTS):
        if first <= point <= last:
            return number
    return -1


_SCRIPTS = (
    (0x41, 0x24F), (0x1E00, 0x1EFF), (0x370, 0x3FF), (0x400, 0x52F), (0x530, 0x58F),
    (0x10A0, 0x10FF),
)  # fmt: skip

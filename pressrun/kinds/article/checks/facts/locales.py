"""How languages write numbers and dates: CLDR's tables, as Babel has them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pressrun.boundary.text import fold

if TYPE_CHECKING:
    from babel import Locale

#: What people write beside CLDR's own words: of money and of newspapers.
_MORE_SCALES = {
    "en": {"k": 3, "m": 6, "mn": 6, "bn": 9, "tn": 12, "trn": 12, "hundred": 2, "lakh": 5}
    | {"crore": 7, "thousands": 3, "millions": 6, "billions": 9},
    "de": {"tsd": 3, "mill": 6, "milliarde": 9},
    "zh": {"千": 3, "萬": 4, "億": 8},
    "ja": {"千": 3},
}
_DIGITS = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Writing:
    """How one language writes.

    Attributes:
        decimal: The sign before decimals.
        group: The sign between thousands; spaces count anyway.
        scales: Words such as "million", folded, and their power of ten.
        months: Names of months, folded, and their numbers.
        days: Names of the days of the week, folded.
    """

    decimal: str
    group: str
    scales: dict[str, int]
    months: dict[str, int]
    days: frozenset[str]


@lru_cache(maxsize=64)
def writing_of(language: str) -> Writing:
    """Looks up how a language writes; of one that CLDR lacks, as English does."""
    locale = _locale(language)
    symbols = locale.number_symbols.get("latn") or {}
    return Writing(
        str(symbols.get("decimal", ".")),
        str(symbols.get("group", ",")),
        {**_scales(locale), **_MORE_SCALES.get(language, {})},
        _months(locale),
        frozenset(_names(locale.days)),
    )


@lru_cache(maxsize=64)
def places_of(language: str) -> dict[str, frozenset[str]]:
    """Lists the names of countries and languages in a language, folded, with their codes."""
    locale, found = _locale(language), dict[str, set[str]]()
    for kind, table in (("t", locale.territories), ("l", locale.languages)):
        for code, name in table.items():
            found.setdefault(fold(str(name)), set()).add(kind + str(code))
    return {name: frozenset(codes) for name, codes in found.items()}


def _locale(language: str) -> "Locale":
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - takes a tenth of a second

    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def _scales(locale: "Locale") -> dict[str, int]:
    found: dict[str, int] = {}
    for patterns in locale.compact_decimal_formats.values():
        for sizes in patterns.values():
            for size, written in sizes.items():
                pattern = str(getattr(written, "pattern", written)).replace("'", "")
                word = fold(pattern.replace("0", "")).strip(" .\u00a0\u200f\u200e")
                # "00 million" is for ten millions: as many zeros are written out.
                if word:
                    found.setdefault(word, len(str(size)) - pattern.count("0"))
    return found


def _months(locale: "Locale") -> dict[str, int]:
    found: dict[str, int] = {}
    for table in locale.months.values():
        for width in ("wide", "abbreviated"):
            for number, name in table.get(width, {}).items():
                bare = fold(str(name)).strip(". ")
                if len(bare) > 1 and not _DIGITS.search(bare):
                    found.setdefault(bare, int(number))
    return found


def _names(tables: Any) -> set[str]:
    return {
        fold(str(name)).strip(".")
        for table in tables.values()
        for width in ("wide", "abbreviated")
        for name in table.get(width, {}).values()
    }

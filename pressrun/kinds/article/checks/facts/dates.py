"""Dates in a text, as year, month and day, in the words of its language and in digits.

Knows the Gregorian calendar alone. A month that stands without day and year is no date here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pressrun.boundary.text import fold
from pressrun.kinds.article.checks.facts.locales import writing_of

#: Year, month, day; 0 for what is not said.
Moment = tuple[int, int, int]
_DAY = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th|er|\.º|º|ª|\.|-?(?:\u0433\u043e|\u0435))?"
_YEAR = r"(?P<y>[12]\d{3})"
_OF = r"\s{0,2}(?:(?:of|de|del|di|the|do)\s{1,2})?"
_LINK = r"[\s,]{1,4}(?:(?:of|de|del|di|the|do)\s{1,2})?"
_NUMERIC = re.compile(
    r"(?<!\d)(?:(?P<y1>[12]\d{3})(?P<s1>[-/.])(?P<m1>[01]?\d)(?P=s1)(?P<d1>[0-3]?\d)"
    r"|(?P<a>[0-3]?\d)(?P<s2>[-/.])\s?(?P<b>[0-3]?\d)(?P=s2)\s?(?P<y2>[12]\d{3}))(?!\d)"
)
_EAST = re.compile(
    r"(?:(?P<y>[12]\d{3})\s?[年년]\s?)?(?P<m>[01]?\d)\s?[月월](?:\s?(?P<d>[0-3]?\d)\s?[日일号號])?"
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as it is written, where, and what it can mean."""

    text: str
    start: int
    end: int
    moments: frozenset[Moment]


class KnownDates:
    """The dates of sources, to hold others against.

    Args:
        moments: Every reading of every date.
        years: That stand in the sources: one may stand apart from its day and month.
    """

    def __init__(self, moments: Iterable[Moment], years: frozenset[int]):
        self._years = years
        # What a date says, it says also without its day or year.
        self._said = {part for moment in moments for part in _parts(moment)}
        self._yearless = {part for m in moments if not m[0] for part in _parts(m)}

    def have(self, date: WrittenDate) -> bool:
        """Says whether one of them says all that a date says."""
        return any(
            (year, month, day) in self._said
            or (year in self._years and (0, month, day) in self._yearless)
            for year, month, day in date.moments
        )


def _parts(moment: Moment) -> Iterator[Moment]:
    year, month, day = moment
    yield from ((year, month, day), (0, month, day), (year, month, 0), (0, month, 0))


def dates_in(text: str, languages: frozenset[str]) -> Iterator[WrittenDate]:
    """Finds the dates of a text, each once, in the words of any of these languages."""
    taken = bytearray(len(text))
    for found, moments in _all(text, languages):
        start, end = found.span()
        if moments and not any(taken[start:end]):
            taken[start:end] = b"x" * (end - start)
            yield WrittenDate(found[0].strip(), *found.span(), frozenset(moments))


def _all(text: str, languages: frozenset[str]) -> Iterator[tuple[re.Match[str], set[Moment]]]:
    for found in _NUMERIC.finditer(text):
        yield found, _of_digits(found)
    for found in _EAST.finditer(text):
        yield found, _valid((int(found["y"] or 0), int(found["m"]), int(found["d"] or 0)))
    pattern, months = _worded(languages)
    if not months:
        return
    # Folding may change a text's length, so it is searched as it is.
    for found in pattern.finditer(text):
        said = found.groupdict()
        year = next((int(said[k]) for k in ("y1", "y2", "y3", "y4") if said[k]), 0)
        day = next((int(said[k]) for k in ("d1", "d2", "d4") if said[k]), 0)
        name = next(said[k] for k in ("n1", "n2", "n3", "n4") if said[k])
        yield found, _valid((year, months[fold(name).strip(".")], day))


def _of_digits(found: re.Match[str]) -> set[Moment]:
    if found["y1"]:
        return _valid((int(found["y1"]), int(found["m1"]), int(found["d1"])))
    year, one, two = int(found["y2"]), int(found["a"]), int(found["b"])
    return _valid((year, two, one)) | _valid((year, one, two))


def _valid(moment: Moment) -> set[Moment]:
    year, month, day = moment
    return {moment} if 1 <= month <= 12 and 0 <= day <= 31 and (day or year) else set()


@lru_cache(maxsize=16)
def _worded(languages: frozenset[str]) -> tuple[re.Pattern[str], dict[str, int]]:
    months: dict[str, int] = {}
    written: set[str] = set()
    for language in sorted(languages):
        for name, number in writing_of(language).months.items():
            months.setdefault(name, number)
            written.add(name)
    names = "|".join(_accented(name) for name in sorted(written, key=len, reverse=True))
    after = rf"(?:[\s,]{{1,3}}{_named(_YEAR, 'y2')})?"
    forms = (
        rf"{_named(_YEAR, 'y4')}\.?\s{{1,3}}(?P<n4>{names})\.?\s{{1,3}}{_named(_DAY, 'd4')}(?!\d)",
        rf"{_named(_DAY, 'd1')}{_OF}(?P<n1>{names})\b\.?(?:{_LINK}{_named(_YEAR, 'y1')})?",
        rf"(?P<n2>{names})\b\.?\s{{1,3}}(?:the\s)?{_named(_DAY, 'd2')}(?!\d){after}",
        rf"(?P<n3>{names})\b\.?{_LINK}{_named(_YEAR, 'y3')}",
    )
    return re.compile(r"(?<!\w)(?:" + "|".join(forms) + r")", re.IGNORECASE), months


def _named(pattern: str, name: str) -> str:
    return re.sub(r"\?P<\w>", f"?P<{name}>", pattern)


def _accented(name: str) -> str:
    # The table is folded; a text is not: "marz" is "März", "fevrier" is "février".
    return "".join(
        re.escape(letter) if letter not in _MARKED else f"[{letter}{_MARKED[letter]}]"
        for letter in name
    )


_MARKED = {
    "a": "áàâäãåāą", "c": "çćč", "e": "éèêëēęě", "i": "íìîïīı", "n": "ñńň", "o": "óòôöõőø",
    "u": "úùûüūůű", "s": "śşš", "z": "źżž", "y": "ýÿ", "r": "ř", "g": "ğģ", "l": "ł", "t": "ţť",
}  # fmt: skip

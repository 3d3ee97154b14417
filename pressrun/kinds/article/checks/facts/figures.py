"""Numbers in a text, as their values, in the writing of its language.

``1,000``, ``1.000`` and ``1 000`` are one number in three languages, and ``1.5 million`` is
``1,500,000``. Where a text's language leaves a reading open, all readings are given.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from pressrun.boundary.text import fold
from pressrun.kinds.article.checks.facts.locales import Writing

_SPACE = " \u00a0\u202f\u2009"
_DIGITS = (
    rf"(?:\d{{1,3}}(?:[{_SPACE}'\u2019]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,\u066b\u066c]\d+)*)"
)
# A digit behind a letter is a part of a name: B12, COVID-19.
_IN_PROSE = re.compile(rf"(?<!\w)(?<!\d[.,])(?<![^\W\d_][-\u2011]){_DIGITS}")
_ANYWHERE = re.compile(_DIGITS)
_SCALE = re.compile(rf"[{_SPACE}\-\u2011]{{0,2}}([^\s\d.,;:!?%()\[\]\"/]+)")
_EXACT_YEAR = re.compile(r"\d{4}")
_UNIT = re.compile("[%\u066a$\u20ac\u00a3\u00a5\u20b9\u20a9\u20bd\u00b0]")
_MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written.

    Attributes:
        text: With the word of its scale.
        values: What it can mean; empty if it is no number but a version or the like.
        unit: The last place that it states, at least the second of its digits: what it may be
            rounded to. 0 for a year, which is never rounded.
        is_bare: Whether it has no sign of a percentage or of money beside it.
    """

    text: str
    values: frozenset[Decimal]
    unit: Decimal
    is_bare: bool = True

    @property
    def is_small(self) -> bool:
        """Whether it is a bare 0 to 12, as texts count their own points."""
        return self.is_bare and self.text.isdecimal() and int(self.text) <= 12

    @property
    def spans(self) -> Iterator[tuple[Decimal, Decimal]]:
        """Yields from where to where numbers lie that may be rounded to it."""
        for value in self.values if self.unit else ():
            yield value - self.unit / 2, value + self.unit / 2


def figures_in(text: str, writing: Writing, *, is_source: bool = False) -> Iterator[Figure]:
    """Finds the numbers of a text.

    Args:
        text: In any script.
        writing: Of its language.
        is_source: Read what can be read as a number, in all its readings: others are held
            against it.
    """
    for found in (_ANYWHERE if is_source else _IN_PROSE).finditer(text):
        if len(found[0]) > _MOST_DIGITS:
            continue
        number = "".join(_plain(sign) for sign in found[0])
        readings = _readings(number, None if is_source else writing)
        scaled = _SCALE.match(text, found.end())
        power = _power(scaled[1], writing) if scaled else None
        written = (
            found[0] if power is None or scaled is None else text[found.start() : scaled.end()]
        )
        figure = _figure(written, readings, power, scaled[1] if scaled else "")
        beside = text[max(0, found.start() - 2) : found.start()] + text[found.end() :][:2]
        yield replace(figure, is_bare=not _UNIT.search(beside))


def _figure(written: str, readings: set[Decimal], power: int | None, word: str) -> Figure:
    if power is None:
        return Figure(written, frozenset(readings), _unit(written, readings, 0))
    values = {value.scaleb(power) for value in readings}
    if len(word) == 1 and word.isascii():  # 5 m is five metres, or millions
        values |= readings
    return Figure(written, frozenset(values), _unit(written, readings, power))


def _plain(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    return {"\u066b": ".", "\u066c": ""}.get(sign, "" if sign in _SPACE + "'\u2019" else sign)


def _readings(number: str, writing: Writing | None) -> set[Decimal]:
    signs = [sign for sign in number if sign in ".,"]
    if not signs:
        return {Decimal(number)}
    last = signs[-1]
    if len(set(signs)) == 2:  # 1,234.5: the last sign is before the decimals
        plain = number.replace("." if last == "," else ",", "").replace(last, ".")
        return {Decimal(plain)} if signs.count(last) == 1 else set()
    whole, *parts = number.split(last)
    joined, fraction = Decimal(whole + "".join(parts)), Decimal(f"{whole}.{parts[0]}")
    # Also as in India: 12,34,567.
    groups = len(parts[-1]) == 3 and all(len(part) in (2, 3) for part in parts)
    if len(parts) > 1 or not (groups and whole != "0" and len(whole) < 4):
        return _surely(joined if groups else None, fraction if len(parts) == 1 else None)
    if writing is None or last not in (writing.group, writing.decimal):
        return {joined, fraction}
    return {joined} if last == writing.group else {fraction}


def _surely(joined: Decimal | None, fraction: Decimal | None) -> set[Decimal]:
    """Gives the one reading that is left; none of a version such as 3.11.2."""
    return {fraction} if fraction is not None else {joined} if joined is not None else set()


def _power(word: str, writing: Writing) -> int | None:
    folded = fold(word)
    if folded in writing.scales:
        return writing.scales[folded]
    # Scripts without spaces go on with the next word: 300万人.
    return None if folded.isascii() else writing.scales.get(folded[:1])


def _unit(written: str, readings: set[Decimal], power: int) -> Decimal:
    if not readings or (not power and _EXACT_YEAR.fullmatch(written)):
        return Decimal(0)
    value = min(readings)
    if not value:
        return Decimal(0)
    exponent = value.as_tuple().exponent
    stated = int(exponent) if isinstance(exponent, int) and exponent < 0 else _zeros(value)
    return Decimal(1).scaleb(min(stated, value.adjusted() - 1) + power)


def _zeros(value: Decimal) -> int:
    digits = str(int(value))
    return len(digits) - len(digits.rstrip("0"))

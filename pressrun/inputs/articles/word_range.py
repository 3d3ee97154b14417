"""How many words an article has: a range, or one number that it may miss by a tenth."""

import re
from dataclasses import dataclass
from typing import Self

from pressrun.boundary.text import one_line

FEWEST_WORDS, MOST_WORDS = 200, 5000
_ONE = (
    r"([0-9]{1,3}(?:(?:[.' \u00a0\u2009\u202f]|, ?)[0-9]{3})+|[0-9]{1,7})"
    r"(?:\.0+)?\+?\s*(?:words?|w)?"
)
_ABOUT = r"(?:~|\u2248|ca\.?|c\.|about|approx\.?)?\s*"
_NUMBER = re.compile(_ABOUT + _ONE, re.IGNORECASE)
_RANGE = re.compile(rf"{_ABOUT}{_ONE}\s*(?:[-\u2010-\u2015~]|to|bis)\s*{_ONE}", re.IGNORECASE)
_EXAMPLE = f"write {FEWEST_WORDS} to {MOST_WORDS}, such as 1200 or 800-1200"


@dataclass(frozen=True, slots=True)
class WordRange:
    """The fewest and the most words of an article."""

    fewest: int
    most: int

    @classmethod
    def around(cls, number: int) -> Self:
        """Gives the range of one number: a tenth to each side."""
        # In whole numbers: 1.1 times 1,200 is a little more than 1,320 in floating point.
        return cls(-(-number * 9 // 10), number * 11 // 10)

    @property
    def middle(self) -> int:
        """What a writer aims at; of a range around one number, that number."""
        return (self.fewest + self.most) // 2

    def __str__(self) -> str:
        alone = WordRange.around(self.middle) == self
        return str(self.middle) if alone else f"{self.fewest}-{self.most}"


def read_word_range(text: str) -> WordRange | str:
    """Reads ``800-1200`` or ``1,200 words``; a text says what is wrong with it."""
    text = text.strip()
    shown = one_line(text, 40)
    if found := _RANGE.fullmatch(text):
        low, high = _number(found[1]), _number(found[2])
        if low > high:
            return f"The word count {shown!r} ends before it begins: {_EXAMPLE}."
        said = WordRange(low, high)
    elif found := _NUMBER.fullmatch(text):
        low = high = _number(found[1])
        said = WordRange.around(low)
    else:
        return f"The word count {shown!r} is not a number: {_EXAMPLE}."
    if low >= FEWEST_WORDS and high <= MOST_WORDS:
        return said
    return f"The word count {shown!r} is out of range: {_EXAMPLE}."


def _number(digits: str) -> int:
    return int(re.sub(r"[^0-9]", "", digits))

"""An amount that is not known yet: at least, probably, at most."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate with its interval; the unit is its owner's."""

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, amount: float) -> Self:
        """An amount that is known."""
        return cls(amount, amount, amount)

    def __add__(self, other: "Span") -> "Span":
        return Span(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def times(self, count: float) -> "Span":
        """The sum of so many."""
        return Span(self.low * count, self.expected * count, self.high * count)

    def whole(self) -> "Span":
        """In whole numbers."""
        return Span(round(self.low), round(self.expected), round(self.high))


NOTHING = Span(0, 0, 0)

"""What of a text stands in no source: its numbers, its dates, its names, its quotations.

Finds what can be compared, and says nothing of whether a sentence is true: two right numbers can
stand in a wrong sentence, and numbers in words are not read.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from pressrun.kinds.article.checks.facts.dates import KnownDates, WrittenDate, dates_in
from pressrun.kinds.article.checks.facts.figures import Figure, figures_in
from pressrun.kinds.article.checks.facts.locales import writing_of
from pressrun.kinds.article.checks.facts.names import (
    KnownWords,
    strange_names,
    strange_quotations,
)
from pressrun.kinds.article.checks.language import language_of

#: Characters of a source that show its language.
_SAMPLE = 4000


@dataclass(frozen=True)
class KnownFacts:
    """What the sources of a text have, and what a person asked for.

    Attributes:
        sources: The sources' texts.
        asked: What a person or the calendar says beside them: the topic, today's date.
        language: Of the text that is held against them.
    """

    sources: tuple[str, ...] = field(repr=False)
    asked: str
    language: str

    @cached_property
    def words(self) -> KnownWords:
        """For names."""
        return KnownWords(self._text, frozenset(language_of(one[:_SAMPLE]) for one in self.sources))

    @cached_property
    def dates(self) -> KnownDates:
        """Every reading of every date."""
        found = dates_in(self._text, self.languages)
        years = frozenset(int(v) for v in self.values if v == int(v) and 1000 <= v < 3000)
        return KnownDates([moment for date in found for moment in date.moments], years)

    @cached_property
    def values(self) -> frozenset[Decimal]:
        """Every reading of every number."""
        return frozenset(
            value
            for language in self.languages
            for figure in figures_in(self._text, writing_of(language), is_source=True)
            for value in figure.values
        )

    def has_near(self, figure: Figure) -> bool:
        """Says whether a number stands there that may have been rounded to a figure."""
        for low, high in figure.spans:
            at = bisect_left(self._sorted, low)
            if at < len(self._sorted) and self._sorted[at] <= high:
                return True
        return False

    @cached_property
    def languages(self) -> frozenset[str]:
        """In which dates and numbers are read: numbers are often written as in English."""
        return self.words.languages | {self.language, "en"}

    @cached_property
    def _sorted(self) -> list[Decimal]:
        return sorted(self.values)

    @cached_property
    def _text(self) -> str:
        return "\n".join((*self.sources, self.asked))

    def has_text(self, text: str) -> bool:
        """Says whether it stands there as it is written."""
        return text in self._text


@dataclass(frozen=True, slots=True)
class Unsupported:
    """What of a text stands in no source, as it is written there, each once."""

    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    quotations: tuple[str, ...] = ()

    @property
    def all(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yields what was found, kind by kind, without empty ones."""
        for kind in ("numbers", "dates", "names", "quotations"):
            if found := getattr(self, kind):
                yield kind, found


def unsupported(prose: str, known: KnownFacts) -> Unsupported:
    """Finds what of a text its sources do not have.

    Args:
        prose: Without headings and code; a line a block.
        known: Sources, and language of the prose.
    """
    dates = list(dates_in(prose, frozenset({known.language})))
    figures = figures_in(_without(prose, dates), writing_of(known.language))
    return Unsupported(
        tuple(dict.fromkeys(f.text for f in figures if not _is_known(f, known))),
        tuple(dict.fromkeys(d.text for d in dates if not known.dates.have(d))),
        tuple(strange_names(prose, known.language, known.words)),
        tuple(strange_quotations(prose, known.language, known.words)),
    )


def _is_known(figure: Figure, known: KnownFacts) -> bool:
    if figure.is_small or figure.values & known.values:
        return True
    return known.has_near(figure) if figure.values else known.has_text(figure.text)


def _without(text: str, dates: Sequence[WrittenDate]) -> str:
    kept, at = [], 0
    for date in sorted(dates, key=lambda date: date.start):
        kept += [text[at : date.start], " " * (date.end - date.start)]
        at = date.end
    return "".join([*kept, text[at:]])

"""What of an article its sources say: its facts, and the claims that name a source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pressrun.kinds.article.checks.facts.support import KnownFacts, unsupported

_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class SourcedClaim:
    """A statement of an article, and the id of the source that says it; empty if none does."""

    text: str
    source: str


@dataclass(frozen=True)
class ArticleSources:
    """What an article was written from.

    Attributes:
        texts: By the sources' ids.
        asked: What a person or the calendar says beside them.
        language: Of the article.
    """

    texts: Mapping[str, str] = field(repr=False)
    asked: str
    language: str

    @cached_property
    def known(self) -> KnownFacts:
        """All of them together."""
        return KnownFacts(tuple(self.texts.values()), self.asked, self.language)

    @cached_property
    def _each(self) -> dict[str, KnownFacts]:
        return {name: replace(self.known, sources=(text,)) for name, text in self.texts.items()}

    def unsupported(self, text: str) -> Iterator[str]:
        """Says what of a text stands in no source, a sentence a kind."""
        for kind, found in unsupported(text, self.known).all:
            yield f"These {kind} stand in no source: {_quoted(found)}."

    def unfounded(self, claims: Sequence[SourcedClaim]) -> Iterator[str]:
        """Says which claims have no source, or one that does not have their figures."""
        if without := [claim.text for claim in claims if not claim.source]:
            yield f"No source says, by the writer's own word: {_quoted(without)}."
        wrong = [
            claim.text
            for claim in claims
            if claim.source in self.texts and self._is_elsewhere(claim)
        ]
        if wrong:
            yield f"The named source does not have the figures of: {_quoted(wrong)}."

    def unknown(self, claims: Sequence[SourcedClaim]) -> list[str]:
        """Lists the ids in claims that no source has."""
        said = (claim.source for claim in claims if claim.source)
        return list(dict.fromkeys(name for name in said if name not in self.texts))

    def _is_elsewhere(self, claim: SourcedClaim) -> bool:
        found = unsupported(claim.text, self._each[claim.source])
        return bool(found.numbers or found.dates)


def _quoted(texts: Sequence[str]) -> str:
    shown = [f'"{" ".join(text.split())[:120]}"' for text in texts[:_MOST_SHOWN]]
    more = [f"{len(texts) - _MOST_SHOWN} more"] if len(texts) > _MOST_SHOWN else []
    return ", ".join(shown + more)

"""How alike two texts are, by the runs of words that they share.

The measure is the containment of A. Broder, "On the resemblance and containment of documents"
(Compression and Complexity of Sequences, 1997), of the shorter text in the longer one. Resemblance
(Jaccard) would miss a copy that was padded, or a paragraph taken out of a long source.
"""

from collections.abc import Iterable
from functools import lru_cache

from pressrun.boundary.text import tokens

#: Words in a shingle: long enough that set phrases and names alone make no likeness.
SIZE = 5


def similarity(a: str, b: str, size: int = SIZE) -> float:
    """Measures what share of the shorter text's shingles the longer one has too, from 0 to 1.

    Case, accents, punctuation and markup signs make no difference. A text with fewer words than a
    shingle is one shingle; a text without words is like nothing.

    Args:
        a: One text.
        b: The other; the order does not matter.
        size: Words in a shingle; a character is a word in scripts without spaces.
    """
    return _share(shingles(a, size), shingles(b, size))


@lru_cache(maxsize=64)
def shingles(text: str, size: int = SIZE) -> frozenset[int]:
    """Hashes all runs of ``size`` words; the hashes hold within this process only."""
    words = tokens(text)
    if not words:
        return frozenset()
    runs: Iterable[tuple[str, ...]] = zip(*(words[at:] for at in range(size)), strict=False)
    return frozenset(map(hash, runs)) or frozenset({hash(tuple(words))})


def _share(a: frozenset[int], b: frozenset[int]) -> float:
    fewer = min(len(a), len(b))
    return len(a & b) / fewer if fewer else 0.0

"""How many tokens a request will be billed for, before it is sent: at least, probably, at most.

Asks no provider. Sources: https://ai.google.dev/gemini-api/docs/tokens (four characters a
token; 258 tokens a picture, or a tile of 768 x 768 pixels of a larger one) and Google's page
on the resolution of media (up to 1120 tokens a picture).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from pressrun.engines.base import ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import Model

PICTURE, MOST_OF_PICTURE = 258, 1120
_SMALL, _TILE = 384, 768
#: Of an answer's schema, which is billed as words; ours are all shorter.
_SCHEMA_CHARACTERS = 6000


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its interval; the unit is its owner's."""

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, amount: float) -> Self:
        """Makes the estimate of an amount that is known."""
        return cls(amount, amount, amount)

    def __add__(self, other: "Estimate") -> "Estimate":
        return Estimate(
            self.low + other.low, self.expected + other.expected, self.high + other.high
        )

    def times(self, count: float) -> "Estimate":
        """Multiplies the estimate: the sum of so many."""
        return Estimate(self.low * count, self.expected * count, self.high * count)

    def whole(self) -> "Estimate":
        """Rounds the estimate to whole numbers."""
        return Estimate(round(self.low), round(self.expected), round(self.high))


NOTHING = Estimate(0, 0, 0)


def word_tokens(characters: int) -> Estimate:
    """Estimates the input tokens of a request's words.

    Args:
        characters: How many. At most, a token is taken for two characters, half of what it is in
            Latin script: other scripts take more tokens, and answers' schemas count too.
    """
    return Estimate(characters / 6, characters / 4, characters / 2)


def shown_tokens(pictures: Iterable[tuple[int, int]], each: int | None = None) -> Estimate:
    """Estimates the input tokens of the pictures that are sent along.

    Args:
        pictures: Width and height of each, in pixels.
        each: The most that one is counted as, where the provider does not count Gemini's tiles.
    """
    if each is not None:
        return sum((Estimate.exactly(each) for _ in pictures), NOTHING)
    return sum((picture_tokens(*size) for size in pictures), NOTHING)


def picture_tokens(width: int, height: int) -> Estimate:
    """Estimates the input tokens of one picture."""
    small = max(width, height) <= _SMALL
    tiles = 1 if small else -(-width // _TILE) * -(-height // _TILE)
    expected = PICTURE * tiles
    return Estimate(PICTURE, expected, max(expected, MOST_OF_PICTURE))


def most_usage(model: Model, request: TextRequest | ImageRequest) -> Usage:
    """Computes the highest usage that a request can be billed for."""
    if model.free:
        return Usage()
    if isinstance(request, ImageRequest) and model.image_price:
        return Usage(image_size=request.size)
    sizes = [(picture.width, picture.height) for picture in request.pictures]
    shown = round(shown_tokens(sizes, model.reference_tokens).high)
    if isinstance(request, ImageRequest):
        read = round(word_tokens(len(request.prompt)).high) + shown
        drawn = model.image_tokens[request.size]
        written = drawn + model.beside_image_tokens
        return Usage(read, written, drawn, input_image_tokens=shown)
    words = len(request.prompt) + len(request.system) + _SCHEMA_CHARACTERS
    read = round(word_tokens(words).high) + shown
    return Usage(read, request.max_output_tokens, input_image_tokens=shown)

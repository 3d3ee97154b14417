"""How many tokens a request will be billed for, before it is sent. Asks no provider.

Sources: https://ai.google.dev/gemini-api/docs/tokens (four characters a token; 258 tokens a
picture, or a tile of 768 x 768 pixels of a larger one) and Google's page on the resolution of
media (up to 1120 tokens a picture).
"""

from collections.abc import Iterable

from pressrun.span import NOTHING, Span

PICTURE, MOST_OF_PICTURE = 258, 1120
_SMALL, _TILE = 384, 768


def word_tokens(characters: int) -> Span:
    """The input tokens of a request's words.

    Args:
        characters: How many. Half of Latin script's four characters a token are supposed at most,
            since other scripts take more tokens, and answers' schemas count too.
    """
    return Span(characters / 6, characters / 4, characters / 2)


def shown_tokens(pictures: Iterable[tuple[int, int]], each: int | None = None) -> Span:
    """The input tokens of the pictures that are sent along.

    Args:
        pictures: Width and height of each, in pixels.
        each: The most that one is counted as, where the provider does not go by Gemini's tiles.
    """
    if each is not None:
        return sum((Span.exactly(each) for _ in pictures), NOTHING)
    return sum((picture_tokens(*size) for size in pictures), NOTHING)


def picture_tokens(width: int, height: int) -> Span:
    """The input tokens of one picture."""
    small = max(width, height) <= _SMALL
    tiles = 1 if small else -(-width // _TILE) * -(-height // _TILE)
    expected = PICTURE * tiles
    return Span(PICTURE, expected, max(expected, MOST_OF_PICTURE))

"""Tokens counted before anything is sent."""

import pytest

from pressrun.engines.token_estimates import (
    NOTHING,
    Estimate,
    picture_tokens,
    shown_tokens,
    word_tokens,
)


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (90, 160, 258),
        (384, 384, 258),
        (385, 100, 258),
        (768, 768, 258),
        (768, 1376, 2 * 258),
        (1080, 1920, 6 * 258),
        (1536, 1537, 6 * 258),
    ],
)
def test_a_picture_counts_by_its_tiles(width: int, height: int, tokens: int) -> None:
    counted = picture_tokens(width, height)
    assert counted.expected == tokens
    assert counted.low == 258 <= counted.expected <= counted.high
    assert counted.high >= 1120


def test_four_characters_are_a_token() -> None:
    words = word_tokens(400)
    assert words.expected == 100
    assert words.low < words.expected < words.high


def test_pictures_count_by_tiles_or_at_what_the_catalogue_says_each() -> None:
    sizes = [(90, 160), (768, 1376)]
    assert shown_tokens(sizes).expected == 258 + 516
    assert shown_tokens(sizes, 1536) == Estimate.exactly(2 * 1536)
    assert shown_tokens([]) == NOTHING

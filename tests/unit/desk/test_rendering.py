"""Figures as the desk writes them."""

import pytest

from pressrun.boundary.text import usd
from pressrun.desk.rendering import duration, shown_as, unquoted


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "0 s"),
        (7, "7 s"),
        (59.6, "1 min"),
        (518, "8 min 38 s"),
        (599, "9 min 59 s"),
        (2290, "38 min"),
        (3599, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_a_time_has_its_units(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "$0.00"), (0.5, "$0.50"), (0.0042, "$0.0042"), (0.123, "$0.1230"), (12.347, "$12.35")],
)
def test_whole_cents_have_two_decimals(amount: float, words: str) -> None:
    assert usd(amount) == words


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Link_001_@Tips/variation_3/slide_0.jpg", "Link 001 @Tips, variation 3, slide 1"),
        ("task_0001_a_red_fox.png", "task 0001 a red fox"),
        ("slide_cover.png", "slide cover"),
    ],
)
def test_a_picture_is_described_in_words_and_not_by_its_path(path: str, words: str) -> None:
    assert shown_as(path) == words


def test_words_of_a_terminal_lose_its_marks() -> None:
    assert unquoted("choose a block as `account`") == "choose a block as account"
    assert unquoted(None) == ""

"""How many words an article has, as people write it."""

import pytest

from pressrun.inputs.articles.word_range import WordRange, read_word_range


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1200", 1080, 1320), ("~1,200 words", 1080, 1320), ("800-1200", 800, 1200),
        ("800 \u2013 1.200 words", 800, 1200), ("800 to 1200", 800, 1200),
        ("500 bis 700", 500, 700),
        ("200", 180, 220), ("500-500", 500, 500),
    ],
)  # fmt: skip
def test_a_number_may_be_missed_by_a_tenth_and_a_range_not(text: str, low: int, high: int) -> None:
    assert read_word_range(text) == WordRange(low, high)


@pytest.mark.parametrize("written", ["1200", "205", "4999", "800-1200", "201-203"])
def test_a_range_is_written_as_it_was_read(written: str) -> None:
    assert str(read_word_range(written)) == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1200-800", "ends before it begins"), ("100-300", "out of range"),
        ("4000-6000", "out of range"), ("many", "is not a number"), ("1-2-3", "is not a number"),
    ],
)  # fmt: skip
def test_what_is_none_says_what_to_write(text: str, said: str) -> None:
    problem = read_word_range(text)
    assert isinstance(problem, str)
    assert said in problem
    assert problem.endswith("write 200 to 5000, such as 1200 or 800-1200.")

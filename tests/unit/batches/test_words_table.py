"""The table of words goes out and comes back as it was, and no cell of it is a formula."""

from pathlib import Path

import pytest

from pressrun.batches.reletter import LetteredSlide, SlideWords
from pressrun.batches.words_table import read_table, write_table
from pressrun.errors import InputError
from pressrun.ledger.deliveries import DeliveredFile

WORDS = [
    "Plain",
    'Two\nlines, "quoted"; a\ttab',
    "=HYPERLINK(A1)",
    "-50% today",
    "@brand\nnow",
    "'quoted'",
    "'-20%' off",
    "''=A1",
    "新しい",
]


def test_words_come_back_as_they_went_out(tmp_path: Path) -> None:
    file = DeliveredFile("a/slide_0.jpg", "a", "image/jpeg", 1, "0" * 64, "verified")
    table = write_table([LetteredSlide("a", n, words, file, file) for n, words in enumerate(WORDS)])
    assert "'=HYPERLINK" in table
    place = tmp_path / "words.csv"
    for mark in ("", "\ufeff"):
        place.write_text(mark + table, newline="")
        assert read_table(place) == [
            SlideWords("a", n, words, f"row {n + 2}") for n, words in enumerate(WORDS)
        ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("item,words\na,b\n", "no column slide"),
        ("item,slide,words\na,zero,b\nc,,d\n", "row 2: 'zero' is no number"),
        ("item,slide,words\n,,\n", "no row with words"),
    ],
)
def test_what_is_no_table_of_words_is_said(tmp_path: Path, content: str, why: str) -> None:
    place = tmp_path / "words.csv"
    place.write_text(content)
    with pytest.raises(InputError, match=why):
        read_table(place)

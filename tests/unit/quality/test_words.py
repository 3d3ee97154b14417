"""What counts as a word, and which words are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.quality.words import count, fold, occurrences, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one two\nthree", 3),
        ("long-tail keywords don't split", 4),
        ("a dash \u2013 or * is no word", 6),
        ("1,200 words cost $3.50", 4),
        ("蜜蜂跳舞", 4),
        ("Honig 蜂蜜 honey", 4),
        ("ミツバチは踊る", 7),
        ("꿀벌은 춤을 춘다", 3),
        ("ผึ้ง", 2),  # a consonant with its marks is one character
        ("пчела танцует", 2),
        ("नमस्ते दुनिया", 2),
    ],
)
def test_words_are_counted_as_a_word_processor_does(text: str, words: int) -> None:
    assert count(text) == words


@pytest.mark.parametrize(
    ("text", "folded"),
    [("CAFÉ", "cafe"), ("Straße", "strasse"), ("Ёлка", "елка"), ("が", "が"), ("한국", "한국")],
)
def test_case_and_accents_are_folded_but_no_letter_is_changed(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "phrase", "language", "found"),
    [
        ("Bees love a bee hotel; bees' homes, the bee's wax", "bee", "en", 4),
        ("Boxes and a box", "box", "en", 2),
        ("Berries, a berry", "berries", "en", 2),
        ("Potatoes need shoes", "potato", "en", 1),
        ("Potatoes need shoes", "shoe", "en", 1),
        ("glass", "glasses", "en", 1),
        ("Long-tail keywords and long tail keyword", "long-tail keyword", "en", 2),
        ("a cafe, the CAFÉS", "Café", "en", 2),
        ("beekeeper", "bee", "en", 0),
        ("garden of bees", "bee garden", "en", 0),
        ("L'abeille et l\u2019abeille", "abeille", "fr", 2),
        ("Die Bienen und der Bienenstock", "Biene", "de", 1),
        ("пчелы и пчела", "пчела", "ru", 2),
        ("蜜蜂在跳舞,蜜蜂", "蜜蜂", "zh", 2),
        ("anything", "++", "en", 0),
        ("", "bee", "en", 0),
    ],
)
def test_a_phrase_is_found_in_the_forms_that_prose_needs(
    text: str, phrase: str, language: str, found: int
) -> None:
    assert occurrences(tokens(text), phrase, language) == found


@given(st.text(max_size=200), st.text(max_size=200))
def test_two_texts_apart_have_the_words_of_both(a: str, b: str) -> None:
    assert count(f"{a}\n{b}") == count(a) + count(b)
    assert tokens(f"{a}\n{b}") == tokens(a) + tokens(b)


@given(st.text(min_size=1, max_size=60))
def test_a_phrase_with_words_is_found_in_itself(phrase: str) -> None:
    assert bool(occurrences(tokens(phrase), phrase)) == bool(tokens(phrase))

"""Text of others made fit to use: safe names, plain text, words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.boundary.text import (
    count_words,
    fold,
    handle,
    occurrences,
    plain_line,
    plain_text,
    safe_name,
    tokens,
    without_tags,
)

MOMENT = datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Summer sale", "Summer sale"),
        ("Été 夏 Лето", "Été 夏 Лето"),
        ("a/b\\c", "a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows", "C-Windows"),
        ("tab\tand\nbreak", "tab-and-break"),
        ("  much   space  ", "much space"),
        ("what? *now* <b>|", "what- -now- -b"),
        (".hidden", "hidden"),
        ("right\u202eleft", "right-left"),
        ("///", "Batch"),
        ("", "Batch"),
        (". . .", "Batch"),
    ],
)
def test_a_title_becomes_one_safe_folder_name(title: str, name: str) -> None:
    assert safe_name(title, "Batch") == name


def test_a_long_title_is_cut_between_characters() -> None:
    name = safe_name("夏" * 100, "Batch")
    assert name == "夏" * 26  # 78 of at most 80 bytes


def test_equal_looking_titles_have_equal_names() -> None:
    assert safe_name("Cafe\u0301", "Batch") == safe_name("Caf\u00e9", "Batch")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("some.user_1", "some.user_1"),
        ("../evil", ".._evil"),
        ("my slides (2)", "my_slides_2"),
        ("夏", "unknown"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_handle_keeps_the_letters_that_handles_have(text: str, name: str) -> None:
    assert handle(text) == name


def test_control_characters_are_gone_and_lines_are_kept() -> None:
    assert plain_text("\ufeffa\x00b\x1b[31m\r\nc\td\re\udce4\n") == "ab[31m\nc\td\ne"


def test_joiners_that_scripts_and_emoji_need_are_kept() -> None:
    text = "\u0645\u06cc\u200c\u062e\u0648 \U0001f469\u200d\U0001f33e"
    assert plain_line(text) == text


def test_a_line_is_shortened_to_its_length() -> None:
    assert plain_line("one  two\nthree", 9) == "one two\u2026"
    assert plain_line("one two", 7) == "one two"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Bees &amp; <b>wasps</b></p>", "Bees & wasps"),
        ("a<script>alert(1)</script>b", "a b"),
        ("a<STYLE>x{}</STYLE >b", "a b"),
        ("a<!-- hidden -->b", "a b"),
        ("a<!-- never closed", "a"),
        ("a<script>never closed", "a"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("The &lt;b&gt; tag", "The <b> tag"),
        ("a<img src=x onerror=alert(1)>b", "a b"),
        ("I <3 bees", "I <3 bees"),
    ],
)
def test_tags_are_stripped_and_words_are_kept(html: str, words: str) -> None:
    assert " ".join(without_tags(html).split()) == words


@pytest.mark.parametrize("part", ["<", "<a", "<a ", "<!--", "<script>", "</", "&", "&#", "<a b='"])
def test_long_broken_markup_takes_no_longer_than_other_text(part: str) -> None:
    # A search that starts again at every part takes far longer than a test may.
    assert len(without_tags(part * 200_000)) <= len(part) * 200_000


@given(st.text())
def test_plain_text_can_be_written_anywhere(text: str) -> None:
    plain = plain_line(without_tags(text), 50)
    assert plain.encode().decode() == plain
    assert len(plain) <= 50
    assert "\n" not in plain
    assert "\x00" not in plain


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
    assert count_words(text) == words


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
    assert count_words(f"{a}\n{b}") == count_words(a) + count_words(b)
    assert tokens(f"{a}\n{b}") == tokens(a) + tokens(b)


@given(st.text(min_size=1, max_size=60))
def test_a_phrase_with_words_is_found_in_itself(phrase: str) -> None:
    assert bool(occurrences(tokens(phrase), phrase)) == bool(tokens(phrase))

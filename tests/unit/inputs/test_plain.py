"""Foreign text made plain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.inputs.plain import plain_line, plain_text, without_tags


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

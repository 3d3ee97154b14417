"""What a reader sees of markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.kinds.article.checks.visible import VisibleHeading, plain_line, read_markdown


def test_markup_is_gone_and_every_word_is_there() -> None:
    seen = read_markdown(
        "# Bees\n\nThey **dance** on the [comb](https://x.example/very/long 'told') and\nfly.\n\n"
        "- one\n- `two`\n\n> three\n\n| a | b |\n|---|---|\n| c | d |\n\n```python\nfour = 5\n```\n"
        "![not read](x.png)\n"
    )
    assert _spaced(seen.text) == (
        "Bees They dance on the comb and fly. one two three a b c d four = 5"
    )
    assert _spaced(seen.prose) == "They dance on the comb and fly. one three a b c d"


def _spaced(text: str) -> str:
    return " ".join(text.split())


def test_headings_have_level_and_words() -> None:
    seen = read_markdown("# One\n\nTwo\n---\n\n### **Three** `x`\n\n```\n## no heading\n```\n")
    assert seen.headings == (
        VisibleHeading(1, "One"),
        VisibleHeading(2, "Two"),
        VisibleHeading(3, "Three x"),
    )


def test_html_is_no_words_since_no_text_may_have_any() -> None:
    assert read_markdown("<b>bold</b> & <script>alert(1)</script>").text == "bold & alert(1)"


@pytest.mark.parametrize(
    ("markdown", "open_fence"),
    [
        ("```\nx\n```", False),
        ("~~~\nx\n~~~~\n", False),
        ("```\nx\n```\n\ntext", False),
        ("> ```\n> x\n> ```\n\ntext", False),
        ("1. a\n\n   ```\n   x\n   ```\n", False),
        ("```\nx\n", True),
        ("```", True),
        ("````\nx\n```\n", True),
        ("text with ``` in it", False),
        ("> ```\n> x\n\ntext", True),
    ],
)
def test_a_block_of_code_that_is_never_closed_is_noticed(markdown: str, open_fence: bool) -> None:
    assert read_markdown(markdown).open_fence == open_fence


@pytest.mark.parametrize(
    "written", ["Bees dance", "## Bees dance", "**Bees** _dance_", " Bees\ndance"]
)
def test_a_heading_reads_the_same_however_it_is_marked(written: str) -> None:
    assert plain_line(written) == "Bees dance"


@given(st.text(alphabet="#*_`~>-|[]()<>!\\ \nab1.{}", max_size=300))
def test_any_text_can_be_read(markdown: str) -> None:
    seen = read_markdown(markdown)
    assert len(seen.prose) <= len(seen.text) + len(markdown)

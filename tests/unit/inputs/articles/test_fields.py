"""Languages by name and code."""

import pytest

from pressrun.inputs.articles.fields import LANGUAGES, language_code
from pressrun.kinds.article.checks.language import known_languages


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en", "en"), ("EN", "en"), (" German ", "de"), ("german", "de"), ("Volapük", "vo"),
        ("Norwegian  Bokmål", "no"), ("nb", "no"), ("Farsi", "fa"), ("zh", "zh"),
        ("xx", None), ("en-GB", None), ("", None), ("Klingon", None), ("e n", None),
    ],
)  # fmt: skip
def test_a_language_is_known_by_code_and_by_english_name(text: str, code: str | None) -> None:
    assert language_code(text) == code


def test_exactly_the_languages_are_taken_that_a_text_can_be_checked_for() -> None:
    assert set(LANGUAGES) == {code for code in known_languages() if len(code) == 2}
    assert len(set(LANGUAGES.values())) == len(LANGUAGES)

"""Whether a subject is one in which a mistake harms."""

import pytest

from pressrun.kinds.article.checks.matters import matters_of


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Treatments of a migraine", ["health"]),
        ("en", "How a mortgage works after a divorce", ["money", "law"]),
        ("en", "Who may vote in the election", ["politics"]),
        ("en", "Repairing a bicycle puncture", []),
        ("en", "The healthy look of a lawn", []),
        ("de", "Kündigungsfrist im Mietvertrag: Ihr Recht", ["law"]),
        ("de", "Welche Krankenkasse zahlt Impfungen?", ["health"]),
        ("de", "Wie man Tomaten auf dem Balkon zieht", []),
        ("fr", "Comment choisir une assurance", ["money"]),
        ("es", "Qué dice la ley", ["law"]),
        ("pl", "Jak obniżyć ciśnienie", ["health"]),
        ("xx", "Treatment", []),
    ],
)
def test_a_small_table_finds_them_in_topic_and_title(
    language: str, text: str, found: list[str]
) -> None:
    assert matters_of([text], language) == found


def test_the_writers_own_word_counts_in_every_language() -> None:
    assert matters_of(["Bread"], "xx", ["law", "health"]) == ["health", "law"]


def test_words_of_two_texts_are_no_phrase() -> None:
    assert matters_of(["blood", "pressure"], "en") == []

"""What of a text its sources do not have, in many writings of numbers, dates and names."""

# ruff: noqa: RUF001 - digits of other scripts

import pytest

from pressrun.kinds.article.checks.claims import ArticleSources, SourcedClaim
from pressrun.kinds.article.checks.facts.figures import figures_in
from pressrun.kinds.article.checks.facts.locales import writing_of
from pressrun.kinds.article.checks.facts.support import KnownFacts, Unsupported, unsupported

SOURCE = (
    "On 3 May 2024 Angela Brandt, head of the Harbour Authority, said that 1,204 ships of 12.5 "
    "million tonnes came to Esbjerg in 2023. She called it “a year that nobody had expected”. In "
    "the United States 38.6% of the ports grew. The European Union paid $950,000."
)


def strange(text: str, language: str = "en", source: str = SOURCE, asked: str = "") -> Unsupported:
    return unsupported(text, KnownFacts((source,), asked, language))


@pytest.mark.parametrize(
    ("language", "written", "value"),
    [
        ("en", "1,000", 1000), ("de", "1.000", 1000), ("fr", "1 000", 1000),
        ("pl", "1\u00a0000", 1000), ("en", "1.000", 1), ("de", "2.345,5", 2345.5),
        ("hi", "12,34,567", 1234567), ("ar", "١٬٢٣٤٫٥", 1234.5), ("ch", "1'000", 1000),
        ("en", "1.5 million", 1.5e6), ("de", "1,5 Mio. Euro", 1.5e6), ("fr", "3 milliards", 3e9),
        ("ru", "2,3 млн", 2.3e6), ("ja", "300万人", 3e6), ("hi", "५ लाख", 5e5), ("en", "2bn", 2e9),
        ("en", "1990s", 1990),
    ],
)  # fmt: skip
def test_a_number_has_its_value_in_the_writing_of_its_language(
    language: str, written: str, value: float
) -> None:
    (found,) = figures_in(f"({written})", writing_of(language))
    assert [float(reading) for reading in found.values] == [value]


@pytest.mark.parametrize("text", ["vitamin B12", "COVID-19", "release v3.11.2"])
def test_digits_of_a_name_are_no_number(text: str) -> None:
    assert not list(figures_in(text, writing_of("en")))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "In 2023 there were 1,204 ships, or 12,500,000 tonnes."),
        ("en", "About 1,200 ships came; 39% of the ports grew."),
        ("en", "On May 3rd, 2024 the EU, a union, paid $0.95 million."),
        ("en", "The head, Brandt, spoke for the harbour authority; its 3 rules hold."),
        ("en", 'It was "a year that nobody had expected", as the head of it said.'),
        ("de", "Am 3. Mai 2024 waren es 1.204 Schiffe mit 12,5 Millionen Tonnen, 38,6 Prozent."),
        ("de", "Die EU zahlte 950.000 Dollar, so Angela Brandt am 03.05.2024."),
        ("fr", "Le 3 mai 2024, Angela Brandt a cité 1 204 navires aux États-Unis."),
        ("ja", "2024年5月3日、1,204隻が来た。"),
        ("ru", "Это было 3 мая 2024 года: 1204 судна, сказала Брандт."),
    ],
)
def test_what_a_source_says_in_another_writing_is_known(language: str, text: str) -> None:
    assert strange(text, language) == Unsupported()


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "There were 1,304 ships.", Unsupported(numbers=("1,304",))),
        ("en", "It was 12.5 billion tonnes.", Unsupported(numbers=("12.5 billion",))),
        ("en", "Only 5% of them paid.", Unsupported(numbers=("5",))),
        ("en", "That was in 2022.", Unsupported(numbers=("2022",))),
        ("en", "On 4 May 2024 she spoke.", Unsupported(dates=("4 May 2024",))),
        ("de", "Am 3. Juni 2024 sprach sie.", Unsupported(dates=("3. Juni 2024",))),
        ("en", "They met Peter Larsen and Brandt there.", Unsupported(names=("Peter Larsen",))),
        ("en", "It was seen in France too.", Unsupported(names=("France",))),
        ("de", "Das sagt auch die NASA dazu.", Unsupported(names=("NASA",))),
        ("en", 'She said "we never saw so many ships".',
         Unsupported(quotations=("we never saw so many ships",))),
    ],
)  # fmt: skip
def test_what_no_source_says_is_found(language: str, text: str, found: Unsupported) -> None:
    assert strange(text, language) == found


def test_what_a_person_asked_for_and_the_day_are_known() -> None:
    text = "Whoever goes to Ribe in November 2026 sees 88 houses."
    assert strange(text, asked="88 houses of Ribe; 2026-11-30") == Unsupported()


def test_names_of_another_script_than_the_sources_are_not_judged() -> None:
    assert strange("Там живёт Иван Петров.", "ru") == Unsupported()


def test_a_claim_is_held_against_the_source_that_it_names() -> None:
    sources = ArticleSources({"S1": SOURCE, "S2": "The mill grinds 77 sacks."}, "", "en")
    right = SourcedClaim("The mill grinds 77 sacks.", "S2")
    wrong, without = SourcedClaim("It grinds 77 sacks.", "S1"), SourcedClaim("It is old.", "")
    assert list(sources.unfounded([right])) == []
    assert list(sources.unfounded([wrong, without])) == [
        'No source says, by the writer\'s own word: "It is old.".',
        'The named source does not have the figures of: "It grinds 77 sacks.".',
    ]
    assert sources.unknown([right, SourcedClaim("x", "S9")]) == ["S9"]

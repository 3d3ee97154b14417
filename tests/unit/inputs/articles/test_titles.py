"""What a line of a list says beside its title, and what only looks so."""

import pytest

from pressrun.inputs.articles.entries import ListLine
from pressrun.inputs.articles.titles import topics_of


@pytest.mark.parametrize(
    "words",
    [
        "How to get rid of slugs",
        "Natural slug repellents",
        "Marketing 10: ideas for florists",
        "Sun: protect your skin",
        "2024-25: the season of a beekeeper",
        "Mayo: 5 recipes",
        "The Hover 3 mower (review)",
        "Knitting - a review",
        "March 2026: a month of bees",
        "5 May 1945: the day on which it ended",
        "Sunday bees: a walk",
        "Day of the bee",
    ],
)
def test_words_of_a_title_stay(words: str) -> None:
    [topic], said = topics_of([ListLine(1, "bullet", 0, words)])
    assert topic.words == words
    assert said == []


@pytest.mark.parametrize(
    "words",
    [
        "Bees at night (slug: bees-night)",
        "Bees at night. Slug: /bees-night",
        "Sept. 3: Bees at night",
        "Tues, Dec 4th, 2025 \u2013 Bees at night",
        "2024-05 - Bees at night",
        "Monday (Oct 5): Bees at night",
        "Day 1 (Monday) \u2014 Bees at night",
        "\U0001f4c5 Mardi 5 mai \u2014 8h00 | Bees at night",
        "Bees at night (in review)",
        "Bees at night - high priority",
    ],
)
def test_what_a_plan_says_beside_a_title_is_left_out(words: str) -> None:
    [topic], said = topics_of([ListLine(1, "bullet", 0, words)])
    assert topic.words == "Bees at night"
    assert len(said) == 1

"""What is expected of an item, in full and in short: the same calls."""

from typing import Any

import pytest

from pressrun.kinds.base import Recipe
from pressrun.kinds.registry import find_recipe
from tests.support.articles import settings_of, spec_of
from tests.unit.kinds.comparison.test_recipe import ORDER, SPEC
from tests.unit.reports.test_quote import SETTINGS, planned

IMAGE = {"model": "sketch", "size": "1K", "images": 3, "text_model": "gemini-3.8-flash"}
PROMPT = {"prompt": "a cat", "reads": [100, 2000]}


@pytest.mark.parametrize(
    ("recipe", "spec", "settings"),
    [
        (find_recipe("slideshow"), planned(1)[0].spec, SETTINGS),
        (find_recipe("slideshow"), planned(1)[0].spec, SETTINGS | {"prompt_version": 0}),
        (find_recipe("image"), PROMPT, IMAGE),
        (find_recipe("article"), spec_of(), settings_of()),
        (find_recipe("article"), spec_of(), settings_of(text_model="gemini-3.8-flash")),
        (find_recipe("article"), spec_of(), settings_of(pictures=3, model="sketch", size="1K")),
        (find_recipe("comparison"), SPEC, ORDER),
    ],
)
def test_a_chain_names_the_calls_that_are_expected(
    recipe: Recipe, spec: dict[str, Any], settings: dict[str, Any]
) -> None:
    expected = [(call.slot, call.model) for call in recipe.expect(spec, settings)]
    assert list(recipe.chain(spec, settings)) == expected

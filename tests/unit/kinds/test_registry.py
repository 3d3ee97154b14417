"""Kinds of batches, by their name and by their flow."""

import pytest

from pressrun.errors import InputError, LedgerError
from pressrun.kinds.registry import find_flow, find_recipe


def test_a_kind_is_found_by_its_flow_with_all_that_it_brings() -> None:
    kind = find_flow("slideshow-batch")
    assert (kind.name, kind.recipe) == ("slideshow", find_recipe("slideshow"))
    assert kind.parse_parameters({"title": "Sale"}).title == "Sale"
    with pytest.raises(InputError, match="concurrency"):
        kind.parse_parameters({"concurrency": 0})


def test_an_unknown_flow_is_told_which_there_are() -> None:
    with pytest.raises(
        InputError, match=r"no flow 'x'. Choose one of: slideshow-batch, image-batch."
    ):
        find_flow("x")


def test_a_kind_of_a_newer_version_is_refused() -> None:
    with pytest.raises(LedgerError, match="'sonnets', which this version lacks"):
        find_recipe("sonnets")

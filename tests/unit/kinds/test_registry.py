"""Kinds of batches, by their name and by their flow."""

import subprocess
import sys

import pytest

from pressrun.errors import InputError, LedgerError
from pressrun.kinds.registry import find_flow, find_kind, find_recipe, kind_names


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


@pytest.mark.parametrize("name", kind_names())
def test_a_kind_is_found_by_what_it_calls_itself(name: str) -> None:
    kind = find_kind(name)
    assert (kind.name, find_flow(kind.flow)) == (name, kind)


@pytest.mark.parametrize("name", kind_names())
def test_a_kind_brings_no_other_and_nothing_that_fetches_or_asks(name: str) -> None:
    others = [f"pressrun.kinds.{other}" for other in kind_names() if other != name]
    unwanted = [*others, "httpx", "google.genai", "boto3", "numpy", "prefect"]
    code = (
        f"import sys; from pressrun.kinds.registry import find_kind; find_kind({name!r});"
        f"print([m for m in {unwanted} if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"

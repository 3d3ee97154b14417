"""One set of parameters on every model: mapped, or dropped and said so."""

from typing import Any

import pytest

from pressrun.calls.key import content
from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import catalogue, names_of
from pressrun.engines.options import fields_of, fit

ASKED: dict[str, Any] = {
    "aspect_ratio": "3:4",
    "size": "2K",
    "seed": 7,
    "negative_prompt": "text",
    "steps": 30,
    "guidance": 6.5,
}


@pytest.mark.parametrize("name", names_of("image"))
def test_what_is_fitted_to_a_model_is_a_picture_that_it_makes(name: str) -> None:
    model = catalogue()[name]
    parts, _ = fit(model, ASKED)
    request = ImageRequest(model=name, prompt="a cat", **parts)
    width, height = model.pixel_size(request.aspect_ratio, request.size)
    assert width < height
    assert set(request.options) <= set(model.parameters)


@pytest.mark.parametrize(
    ("name", "parts", "said"),
    [
        (
            "sketch",
            {"aspect_ratio": "3:4", "size": "2K", "seed": 7, "options": {}},
            [
                "negative prompt dropped: it knows none",
                "steps 30 dropped: it knows none",
                "guidance 6.5 dropped: it knows none",
            ],
        ),
        (
            "stable-image-core",
            {
                "aspect_ratio": "4:5",
                "size": "1K",
                "seed": 7,
                "options": {"negative_prompt": "text"},
            },
            [
                "aspect ratio 3:4 became 4:5",
                "size 2K became 1K",
                "steps 30 dropped: it knows none",
                "guidance 6.5 dropped: it knows none",
            ],
        ),
        (
            "gpt-image-2",
            {"aspect_ratio": "3:4", "size": "2K", "options": {}},
            [
                "seed 7 dropped: it knows none",
                "negative prompt dropped: it knows none",
                "steps 30 dropped: it knows none",
                "guidance 6.5 dropped: it knows none",
            ],
        ),
    ],
)
def test_what_a_model_does_not_know_is_mapped_or_dropped_in_words(
    name: str, parts: dict[str, Any], said: list[str]
) -> None:
    assert fit(catalogue()[name], ASKED) == (parts, said)


@pytest.mark.parametrize("empty", [{}, {"seed": None, "negative_prompt": "", "steps": None}])
def test_what_was_not_asked_for_is_not_said_to_be_dropped(empty: dict[str, Any]) -> None:
    for name in names_of("image"):
        parts, said = fit(catalogue()[name], empty)
        assert (parts["aspect_ratio"], parts["size"], parts["options"]) == ("1:1", "1K", {})
        assert said == []


def test_a_seed_of_nought_is_asked_for() -> None:
    assert fit(catalogue()["sketch"], {"seed": 0})[0]["seed"] == 0
    assert fit(catalogue()["gpt-image-2"], {"seed": 0})[1] == ["seed 0 dropped: it knows none"]


def test_a_size_that_is_too_large_becomes_the_largest() -> None:
    parts, said = fit(catalogue()["gpt-image-2"], {"size": "4K"})
    assert (parts["size"], said) == ("2K", ["size 4K became 2K"])


def test_fields_have_the_providers_names_beside_what_is_fixed() -> None:
    model = catalogue()["stable-diffusion-3.5-large"]
    request = ImageRequest(model.name, "a cat", seed=9, options={"negative_prompt": "dogs"})
    assert fields_of(model, request) == {
        "mode": "text-to-image",
        "output_format": "png",
        "seed": 9,
        "negative_prompt": "dogs",
    }


def test_paid_answers_of_older_ledgers_keep_their_keys() -> None:
    plain = ImageRequest("sketch", "a cat", seed=3)
    assert set(content(plain)) == {"model", "prompt", "pictures", "seed", "aspect_ratio", "size"}
    other = ImageRequest("sketch", "a cat", seed=3, options={"steps": 30})
    assert content(other) == content(plain) | {"options": {"steps": 30}}

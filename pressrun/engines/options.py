"""One set of parameters for many models: mapped to what each knows, or dropped, which is said.

Pure: it asks nobody, and the catalogue says what a model knows.
"""

import math
from collections.abc import Mapping
from typing import Any

from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import SCALES, Model, Parameter

_WORDS: Mapping[Parameter, str] = {
    "seed": "seed",
    "negative_prompt": "negative prompt",
    "steps": "steps",
    "guidance": "guidance",
}


def fit(model: Model, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Maps what a person asked of all models to what this model knows.

    Args:
        model: Of the catalogue.
        parameters: ``aspect_ratio``, ``size``, ``seed``, ``negative_prompt``, ``steps``,
            ``guidance``; those that are missing, None or an empty text were not asked for. Others
            are ignored.

    Returns:
        Arguments for :class:`~pressrun.engines.base.ImageRequest`, and a phrase for each
        parameter that became another or was dropped.
    """
    asked = {name: value for name, value in parameters.items() if value not in (None, "")}
    said: list[str] = []
    parts = {
        "aspect_ratio": _shape(model, asked.get("aspect_ratio", "1:1"), said),
        "size": _size(model, asked.get("size", "1K"), said),
    }
    known: dict[str, Any] = {name: asked[name] for name in model.parameters if name in asked}
    said += [_dropped(name, asked[name]) for name in _WORDS if name in asked and name not in known]
    if "seed" in known:
        parts["seed"] = known.pop("seed")
    return parts | {"options": known}, said


def fields_of(model: Model, request: ImageRequest) -> dict[str, int | float | str]:
    """Builds the fields of the provider's API that the catalogue's entry names."""
    asked = {"seed": request.seed, **request.options}
    named = {field: asked[ours] for ours, field in model.parameters.items() if ours in asked}
    return {**model.fixed, **named}


def _shape(model: Model, asked: str, said: list[str]) -> str:
    if asked in model.aspect_ratios:
        return asked
    wanted = _proportion(asked)
    nearest = min(model.aspect_ratios, key=lambda one: abs(math.log(_proportion(one) / wanted)))
    said.append(f"aspect ratio {asked} became {nearest}")
    return nearest


def _proportion(aspect_ratio: str) -> float:
    width, height = aspect_ratio.split(":")
    return float(width) / float(height)


def _size(model: Model, asked: str, said: list[str]) -> str:
    if asked in model.sizes:
        return asked
    wanted = SCALES[asked]
    nearest = min(model.sizes, key=lambda one: abs(math.log(SCALES[one] / wanted)))
    said.append(f"size {asked} became {nearest}")
    return nearest


def _dropped(name: Parameter, value: object) -> str:
    # A negative prompt may be long, and stands in the request all the same.
    amount = "" if name == "negative_prompt" else f" {value}"
    return f"{_WORDS[name]}{amount} dropped: it knows none"

"""The settings of a review as fields of a page, from the parameters of its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pressrun.engines.catalogue import catalogue, price_words
from pressrun.kinds.base import Kind

_AREA_LETTERS = 500  # a longer text is typed into several lines


@dataclass(frozen=True, slots=True)
class SettingChoice:
    """A value to choose; ``about`` says what it costs."""

    value: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting, and what stands in its field."""

    name: str
    shape: Literal["text", "area", "number", "choice", "tick", "ticks"]
    title: str
    about: str
    value: Any
    choices: Sequence[SettingChoice] = ()
    least: float | None = None
    most: float | None = None
    step: str = "any"


def setting_fields(kind: Kind, values: Mapping[str, Any]) -> list[SettingField]:
    """Makes the fields of a kind's review, in their order, with these values."""
    schemas = _schemas(kind)
    return [_field(name, schemas[name], values[name]) for name in kind.review_form.settings]


def typed_settings(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Gives settings in the shape that a run takes: numbers come from a page as text.

    What is no number stays as it is, for the check of the parameters to say so.
    """
    schemas = _schemas(kind)
    return {
        name: _typed(schemas[name], value)
        for name, value in values.items()
        if name in kind.review_form.settings
    }


def _schemas(kind: Kind) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = type(kind.parse_parameters({})).model_json_schema()
    return found["properties"]


def _typed(schema: Mapping[str, Any], value: Any) -> Any:
    if schema.get("type") not in ("integer", "number") or not isinstance(value, str):
        return value
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        return value
    return int(number) if schema["type"] == "integer" and number.is_integer() else number


def _field(name: str, schema: Mapping[str, Any], value: Any) -> SettingField:
    listed = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return SettingField(
        name,
        _shape(schema),
        schema.get("title", name),
        schema.get("description", "").partition("\n")[0],  # prices stand with each choice
        value,
        [_choice(one) for one in listed],
        schema.get("minimum"),
        schema.get("maximum"),
        "1" if schema.get("type") == "integer" else "any",
    )


def _shape(
    schema: Mapping[str, Any],
) -> Literal["text", "area", "number", "choice", "tick", "ticks"]:
    if "enum" in schema:
        return "choice"
    if schema.get("type") == "array":
        return "ticks"
    if schema.get("type") == "boolean":
        return "tick"
    if schema.get("type") in ("integer", "number"):
        return "number"
    return "area" if schema.get("maxLength", 0) > _AREA_LETTERS else "text"


def _choice(value: str) -> SettingChoice:
    return SettingChoice(value, price_words(value) if value in catalogue() else "")

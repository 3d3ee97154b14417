"""The fields of a batch's settings, from the parameters of its kind, in Prefect's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pressrun.boundary.numbers import read_number
from pressrun.boundary.text import one_line
from pressrun.engines.catalogue import catalogue, price_words
from pressrun.errors import InputError
from pressrun.kinds.base import Kind

Shape = Literal["text", "area", "number", "choice", "tick", "ticks"]
#: A text that may be as long as this is typed into several lines.
_AREA_LETTERS = 500
_SHOWN_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Option:
    """A choice; ``about`` says what it costs."""

    value: str
    words: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the page, and what stands in it.

    Attributes:
        name: Of the parameter.
        value: A text, a number, a bool, or a list of texts.
        default: The same, as it is if nobody changes it.
    """

    name: str
    shape: Shape
    title: str
    about: str
    value: Any
    default: Any
    options: Sequence[Option] = ()
    is_whole: bool = False
    longest: int | None = None

    @property
    def is_changed(self) -> bool:
        """Whether it is not as it is by default."""
        return bool(self.value != self.default)

    @property
    def default_words(self) -> str:
        """The default as people read it."""
        return value_words(self.default)


def value_words(value: Any) -> str:
    """Gives the value of a field as people read it, in one line."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if value in ("", None):
        return "empty"
    return one_line(f"{value:g}" if isinstance(value, float) else str(value), _SHOWN_LETTERS)


def read_fields(kind: Kind, values: Mapping[str, Any]) -> dict[str, Field]:
    """Makes the fields of all parameters of a kind, by name, with what a draft says of them."""
    model = type(kind.parse_parameters({}))
    properties: Mapping[str, Mapping[str, Any]] = model.model_json_schema()["properties"]
    return {name: _field(name, schema, values) for name, schema in properties.items()}


def typed(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Gives the values of parameters in the shape that a run takes; numbers are typed as text.

    What is no number stays as it is: the check of the parameters says so.
    """
    return {name: _typed(fields[name], said) for name, said in values.items() if name in fields}


def _typed(field: Field, said: Any) -> Any:
    if field.shape != "number" or not isinstance(said, str):
        return said
    if not said.strip():
        return field.default
    try:
        return read_number(said)
    except InputError:
        return said


def _field(name: str, schema: Mapping[str, Any], values: Mapping[str, Any]) -> Field:
    default = schema.get("default", [])
    words = schema.get("description", "").partition("\n")[0]  # prices stand beside each choice
    shape = _shape(schema)
    return Field(
        name=name,
        shape=shape,
        title=schema.get("title", name),
        about=words,
        value=_written(values.get(name, default)),
        default=_written(default),
        options=[_option(said) for said in _choices(schema)],
        is_whole=schema.get("type") == "integer",
        longest=schema.get("maxLength"),
    )


def _written(value: Any) -> Any:
    """Gives a number as a person writes it: 0, not 0.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _shape(schema: Mapping[str, Any]) -> Shape:
    if "enum" in schema:
        return "choice"
    kind = schema.get("type")
    if kind == "array":
        return "ticks"
    if kind == "boolean":
        return "tick"
    if kind in ("integer", "number"):
        return "number"
    return "area" if schema.get("maxLength", 0) > _AREA_LETTERS else "text"


def _choices(schema: Mapping[str, Any]) -> Sequence[str]:
    found: Sequence[str] = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return found


def _option(value: str) -> Option:
    return Option(value, value or "none", price_words(value) if value in catalogue() else "")

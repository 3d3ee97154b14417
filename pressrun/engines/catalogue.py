"""The models that can be chosen: what they make, their limits and their prices, from data."""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from pressrun.engines.base import Usage
from pressrun.errors import SettingError

Makes = Literal["image", "text"]
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """USD for a million tokens of input, of text and thoughts, and of pictures."""

    input: Decimal
    output: Decimal
    image: Decimal

    def cost_usd(self, usage: Usage) -> Decimal:
        """The cost of one call, exactly.

        Source of the formula: pictures are billed at the image rate, the other candidates
        and the thoughts at the text rate (Google's price page for the Gemini API).
        """
        words = usage.output_tokens - usage.image_tokens + usage.thought_tokens
        return (
            usage.input_tokens * self.input + usage.image_tokens * self.image + words * self.output
        ) / _MILLION


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Model:
    """One entry of ``models.toml``; the file's head explains the fields."""

    name: str
    engine: str
    makes: tuple[Makes, ...]
    sizes: tuple[str, ...] = ()
    requests_per_minute: float | None = None
    timeout_s: float = 120.0
    image_tokens: dict[str, int] = field(default_factory=dict)
    thought_tokens: tuple[int, int, int] = (0, 0, 0)
    latency_s: float = 10.0
    price: Price | None = None

    @property
    def free(self) -> bool:
        """Whether its calls cost nothing; such a model counts no tokens."""
        return self.price == Price(Decimal(0), Decimal(0), Decimal(0))

    def cost_usd(self, usage: Usage) -> Decimal:
        """What a call of this usage costs.

        Raises:
            SettingError: No price is known for the model.
        """
        return (self.price or _listed_price(self.name)).cost_usd(usage)


@lru_cache
def catalogue() -> dict[str, Model]:
    """Every model by name."""
    tables = tomllib.loads(files(__package__).joinpath("models.toml").read_text("utf-8"))
    entries: dict[str, Any] = {name: {"name": name, **entry} for name, entry in tables.items()}
    return TypeAdapter(dict[str, Model]).validate_python(entries)


def names_of(makes: Makes) -> list[str]:
    """Names of the models that make images, or text, in the file's order."""
    return [name for name, model in catalogue().items() if makes in model.makes]


@lru_cache
def _listed_price(name: str) -> Price:
    # Imported late: the price list takes a third of a second, and offline batches need none.
    from genai_prices import Usage as Listed  # noqa: PLC0415
    from genai_prices import calc_price  # noqa: PLC0415

    try:
        listed = calc_price(Listed(input_tokens=0, output_tokens=0), model_ref=name).model_price
    except LookupError as error:
        raise SettingError(
            f"No price is known for {name}. Give it a `price` in pressrun/engines/models.toml."
        ) from error
    text = _flat(listed.output_mtok)
    return Price(_flat(listed.input_mtok), text, _flat(getattr(listed, "output_image_mtok", text)))


def _flat(price: Any) -> Decimal:
    """The base of a price that may rise with the size of the request."""
    return Decimal(getattr(price, "base", price) or 0)

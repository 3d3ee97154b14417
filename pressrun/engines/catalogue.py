"""The models that can be chosen: what they make, their sizes and their prices, from data."""

import logging
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from pressrun.engines.base import Usage
from pressrun.errors import Refused, SettingError

logger = logging.getLogger(__name__)

#: Pixels at 1K, by aspect ratio (Google's table for its image models).
SIZES_1K = {
    "1:1": (1024, 1024),
    "1:4": (512, 2064),
    "1:8": (352, 2928),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:1": (2064, 512),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "8:1": (2928, 352),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
SCALES = {"1K": 1, "2K": 2, "4K": 4}
Makes = Literal["image", "text"]
#: What a person can ask of some image models and not of others, beside shape and size.
Parameter = Literal["seed", "negative_prompt", "steps", "guidance"]
_MILLION = Decimal(1_000_000)
_MEGABYTE = 1_000_000
#: Of a request, for words and all else beside its pictures, and for a provider's own counting.
_OTHER_SHARE = 0.1
#: Tiers that cost more than the usual one, and the most that anybody asks for them where a model
#: has no price of its own: https://openai.com/api-priority-processing/ (2 to 2.5 times).
_DEARER_TIERS, _DEAREST_TIER = frozenset({"priority", "fast"}), Decimal("2.5")


def pixel_size(aspect_ratio: str, size: str) -> tuple[int, int]:
    """Finds the width and height of a picture in pixels.

    Raises:
        Refused: An aspect ratio or a size that is not in the table.
    """
    if aspect_ratio not in SIZES_1K:
        raise Refused(
            f"The aspect ratio {aspect_ratio!r} does not exist. Use one of {', '.join(SIZES_1K)}."
        )
    if size not in SCALES:
        raise Refused(f"The size {size!r} does not exist. Use one of {', '.join(SCALES)}.")
    width, height = SIZES_1K[aspect_ratio]
    return width * SCALES[size], height * SCALES[size]


@dataclass(frozen=True, slots=True)
class Price:
    """USD for a million tokens of input, of text and thoughts, and of pictures.

    ``input_image`` is for pictures that are shown to the model; None where they cost as words do.
    """

    input: Decimal
    output: Decimal
    image: Decimal
    input_image: Decimal | None = None

    def cost_usd(self, usage: Usage) -> Decimal:
        """Prices one call exactly.

        Source of the formula: pictures are billed at the image rate, the other candidates
        and the thoughts at the text rate (Google's price page for the Gemini API).
        """
        words = usage.output_tokens - usage.image_tokens + usage.thought_tokens
        written = usage.image_tokens * self.image + words * self.output
        shown = self.input if self.input_image is None else self.input_image
        read = usage.input_tokens - usage.input_image_tokens
        return (read * self.input + usage.input_image_tokens * shown + written) / _MILLION


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Model:
    """One entry of ``models.toml``; the file's head explains the fields."""

    name: str
    engine: str
    makes: tuple[Makes, ...]
    provider_id: str = ""
    sizes: tuple[str, ...] = ()
    aspect_ratios: tuple[str, ...] = tuple(SIZES_1K)
    pixels: dict[str, tuple[int, int]] = field(default_factory=dict)
    parameters: dict[Parameter, str] = field(default_factory=dict)
    fixed: dict[str, int | float | str] = field(default_factory=dict)
    takes_pictures: bool = True
    most_request_mb: float = 20.0
    start_per_minute: float | None = None
    timeout_s: float = 120.0
    image_tokens: dict[str, int] = field(default_factory=dict)
    thought_tokens: tuple[int, int, int] = (0, 0, 0)
    beside_image_tokens: int = 2048
    reference_tokens: int | None = None
    latency_s: float = 10.0
    price: Price | None = None
    image_price: dict[str, Decimal] = field(default_factory=dict)
    tiers: dict[str, Decimal] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """What the provider calls it."""
        return self.provider_id or self.name

    @property
    def most_picture_bytes(self) -> int:
        """Bytes of all pictures of one request together, before base64 makes them longer."""
        return int(self.most_request_mb * _MEGABYTE * (1 - _OTHER_SHARE) * 3 / 4)

    @property
    def free(self) -> bool:
        """Whether its calls cost nothing; such a model counts no tokens."""
        return self.price == Price(Decimal(0), Decimal(0), Decimal(0))

    def cost_usd(self, usage: Usage, at: datetime | None = None) -> Decimal:
        """Prices a call of this usage.

        Args:
            usage: As the provider counted it; its own price is used before ours.
            at: When it is sent, with a time zone: prices change; None for now.

        Raises:
            SettingError: No price is known for the model.
        """
        if usage.cost_usd is not None and not self.free:
            return usage.cost_usd
        return self._listed_usd(usage, at) * self._factor(usage.tier)

    def _listed_usd(self, usage: Usage, at: datetime | None) -> Decimal:
        if self.image_price:
            return self.image_price[usage.image_size] if usage.image_size else Decimal(0)
        price = self.price or _listed_price(self.called, usage.input_tokens, at)
        return price.cost_usd(usage)

    def _factor(self, tier: str) -> Decimal:
        """Gives the share of the usual price that the tier costs in which the call was served."""
        if not tier or tier in self.tiers:
            return self.tiers.get(tier, Decimal(1))
        factor = _DEAREST_TIER if tier in _DEARER_TIERS else Decimal(1)
        _say_unknown_tier(self.name, tier, factor)
        return factor

    def pixel_size(self, aspect_ratio: str, size: str) -> tuple[int, int]:
        """Finds the width and height of a picture that it is asked for, in pixels.

        Raises:
            Refused: It makes no such picture; said before anything is sent.
        """
        if aspect_ratio not in self.aspect_ratios or size not in self.sizes:
            raise Refused(
                f"{self.name} makes no picture of {aspect_ratio} in {size}. Choose one of "
                f"{', '.join(self.aspect_ratios)} in {', '.join(self.sizes)}.",
                kind="bad_request",
            )
        return self.pixels[aspect_ratio] if self.pixels else pixel_size(aspect_ratio, size)


@lru_cache
def catalogue() -> dict[str, Model]:
    """Reads every model of ``models.toml``, by name."""
    tables = tomllib.loads(files(__package__).joinpath("models.toml").read_text("utf-8"))
    entries: dict[str, Any] = {name: {"name": name, **entry} for name, entry in tables.items()}
    return TypeAdapter(dict[str, Model]).validate_python(entries)


def names_of(makes: Makes, *, from_pictures: bool = False) -> list[str]:
    """Lists the names of the models that make images, or text, in the file's order.

    Args:
        makes: What they make.
        from_pictures: Leaves out those that cannot be shown pictures.
    """
    return [
        name
        for name, model in catalogue().items()
        if makes in model.makes and (model.takes_pictures or not from_pictures)
    ]


def price_words(name: str) -> str:
    """Writes what a model costs now, and what it needs, as people choose by it.

    As ``about $0.04 a picture, needs a key`` or ``$0.5 read, $3 written a million tokens``.
    """
    model = catalogue()[name]
    if model.free:
        return "free"
    if "image" in model.makes:
        size = model.sizes[0]
        drawn = model.image_tokens.get(size, 0)
        usage = Usage(output_tokens=drawn, image_tokens=drawn, image_size=size)
        return f"about ${model.cost_usd(usage):.2g} a picture in {size}, needs a key"
    read, written = (
        model.cost_usd(usage) * 1000
        for usage in (Usage(input_tokens=1000), Usage(output_tokens=1000))
    )
    told = f"${float(read):.3g} read, ${float(written):.3g} written a million tokens"
    return f"{told}, needs a key"


@lru_cache
def _say_unknown_tier(model: str, tier: str, factor: Decimal) -> None:
    """Warns, once for each model and tier, that the tier's price is not known."""
    logger.warning(
        "%s was served in the tier %s, whose price is not known: it is counted at %s times the "
        "usual price. Give the model `tiers` in pressrun/engines/models.toml.",
        model,
        tier,
        factor,
    )


def _listed_price(name: str, input_tokens: int, at: datetime | None) -> Price:
    listed = _price_list(name, (at or datetime.now(UTC)).replace(second=0, microsecond=0))
    text, read = (_at(listed, kind, input_tokens) for kind in ("output_mtok", "input_mtok"))
    drawn = _at(listed, "output_image_mtok", input_tokens) or text
    shown = _at(listed, "input_image_mtok", input_tokens) or read
    return Price(read, text, drawn, shown)


@lru_cache(maxsize=256)
def _price_list(name: str, minute: datetime) -> Any:
    """Looks up a model's prices in that minute."""
    # Imported late: the price list takes a third of a second, and offline batches need none.
    from genai_prices import Usage as Listed  # noqa: PLC0415
    from genai_prices import calc_price  # noqa: PLC0415

    nothing = Listed(input_tokens=0, output_tokens=0)
    try:
        return calc_price(nothing, model_ref=name, genai_request_timestamp=minute).model_price
    except LookupError as error:
        raise SettingError(
            f"No price is known for {name}. Give it a `price` in pressrun/engines/models.toml."
        ) from error


def _at(listed: Any, kind: str, input_tokens: int) -> Decimal:
    """Reads a price that may rise with the size of the request, for all of its tokens."""
    price = getattr(listed, kind, None)
    reached = [tier.price for tier in getattr(price, "tiers", ()) if input_tokens > tier.start]
    return Decimal((reached[-1] if reached else getattr(price, "base", price)) or 0)

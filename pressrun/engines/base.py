"""What every engine understands and gives: requests, replies and the two Protocols.

An engine turns one request into one reply or raises one error of the tree in
:mod:`pressrun.errors`. It never retries, never waits for a quota, never computes a price
and keeps nothing: its callers do all of that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from pydantic import BaseModel

from pressrun.pictures.found_words import boxes_of
from pressrun.pictures.hidden import Box, hidden
from pressrun.pictures.picture import Picture
from pressrun.pictures.sending import bounded, encoded_anew


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider counted.

    Attributes:
        image_tokens: A part of ``output_tokens``.
        input_image_tokens: The part of ``input_tokens`` that pictures took, where it is known.
        image_size: The size of the picture drawn, for models that are priced by the picture.
        tier: Of service, as it was served; empty where it is the usual one, or is not known.
        cost_usd: The provider's own price of the call, where it states one.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    image_tokens: int = 0
    thought_tokens: int = 0
    input_image_tokens: int = 0
    image_size: str = ""
    tier: str = ""
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One structured question.

    Attributes:
        model: The provider's name of the model.
        prompt: What is asked, in prose.
        schema: The shape of the answer.
        pictures: Shown to the model before the prompt, in order.
        labels: What stands before each of them, such as "Slide 1:", for models that read pictures
            and words in turn; or none.
        system: Standing instruction. User text never stands here.
        seed: The same seed and request should give the same answer, as far as the model can.
        timeout_s: Longest wait for the whole answer, in seconds.
        max_output_tokens: Longest answer, thoughts included; bounds what it can cost.
        reencoded: Whether the pictures are sent encoded anew, after a refusal that asks for it
            (``EngineError.reencode``). No part of what is asked.
        brief: The facts of the prompt as data, for an engine that does not read prose
            (the sketch engine). Other engines ignore it.
    """

    model: str
    prompt: str
    schema: type[BaseModel]
    pictures: tuple[Picture, ...] = ()
    labels: tuple[str, ...] = ()
    system: str = ""
    seed: int = 0
    timeout_s: float = 120.0
    max_output_tokens: int = 16_384
    reencoded: bool = False
    brief: Mapping[str, object] = field(default_factory=dict, repr=False)

    def sent(self, most_bytes: int) -> list[Picture]:
        """Gives the pictures as they are sent, with so many bytes together at most."""
        return _sent(self.pictures, most_bytes, anew=self.reencoded)


@dataclass(frozen=True, slots=True)
class TextReply:
    """A structured answer: ``text`` is JSON that fits the request's schema."""

    text: str
    usage: Usage = Usage()
    model_version: str = ""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One picture asked for.

    Attributes:
        model: The provider's name of the model.
        prompt: What is asked, in prose, with the words to set on the picture in it.
        pictures: References in order: the source slide first, then the photos of the product.
        labels: As in :class:`TextRequest`.
        hidden: Parts of the first picture that are blurred before it is sent.
        hidden_words: What stands there; blurred, too, wherever an OCR program that is installed
            finds it. No part of what a call is known by, since machines may differ in that.
        aspect_ratio: ``"9:16"`` and the like.
        size: ``"1K"``, ``"2K"`` or ``"4K"``.
        seed: The same seed and request should give the same picture, as far as the model can.
        timeout_s: Longest wait for the whole answer, in seconds.
        options: What only some models know, by our names: ``negative_prompt``, ``steps``,
            ``guidance``. :func:`pressrun.engines.options.fit` leaves out what the model does
            not know.
        reencoded: As in :class:`TextRequest`.
        brief: As in :class:`TextRequest`.
    """

    model: str
    prompt: str
    pictures: tuple[Picture, ...] = ()
    labels: tuple[str, ...] = ()
    hidden: tuple[Box, ...] = ()
    hidden_words: str = ""
    aspect_ratio: str = "9:16"
    size: str = "1K"
    seed: int = 0
    timeout_s: float = 180.0
    options: Mapping[str, int | float | str] = field(default_factory=dict)
    reencoded: bool = False
    brief: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> tuple[Picture, ...]:
        """The pictures without what is hidden of the first."""
        first, *others = self.pictures or (None,)
        if not first:
            return ()
        boxes = (*self.hidden, *boxes_of(first, self.hidden_words))
        return (hidden(first, boxes), *filter(None, others))

    def sent(self, most_bytes: int) -> list[Picture]:
        """Gives what is shown as it is sent, with so many bytes together at most."""
        return _sent(self.shown, most_bytes, anew=self.reencoded)


def _sent(pictures: Sequence[Picture], most_bytes: int, *, anew: bool) -> list[Picture]:
    return bounded([*map(encoded_anew, pictures)] if anew else pictures, most_bytes)


@dataclass(frozen=True, slots=True)
class ImageReply:
    """One picture, as the provider sent it and checked to be one."""

    picture: Picture
    usage: Usage = Usage()
    model_version: str = ""


class Engine(Protocol):
    """An adapter to one provider. One instance serves many threads."""

    name: str

    def text(self, request: TextRequest) -> TextReply:
        """Asks for a structured answer; raises :class:`~pressrun.errors.EngineError`."""
        ...

    def image(self, request: ImageRequest) -> ImageReply:
        """Asks for one picture; raises :class:`~pressrun.errors.EngineError`."""
        ...

    def close(self) -> None:
        """Ends connections. The engine cannot be used afterwards."""
        ...

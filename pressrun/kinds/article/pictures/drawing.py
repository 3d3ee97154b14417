"""The calls that draw an article's pictures, after its text is right: one a picture.

A picture that the model refuses for good is left out and said; what may pass, or would stop other
articles as well, fails the article until it is retried. Then neither the text is paid again nor the
refused picture asked for.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pressrun.calls.caller import Caller
from pressrun.errors import EngineError
from pressrun.kinds.article.pictures.placing import ArticlePictures
from pressrun.kinds.article.pictures.prompt import (
    TYPICAL_SCENE,
    PlannedPicture,
    image_request,
)
from pressrun.kinds.base import Chain, ExpectedCall, Output
from pressrun.pictures.provenance import Finisher

logger = logging.getLogger(__name__)

MEDIA_TYPE = "image/jpeg"
#: As web pages show pictures: enough for a column on a dense screen, and no heavier.
QUALITY, WIDEST = 82, 1600


def expected_pictures(
    spec: dict[str, Any], settings: dict[str, Any], count: int
) -> list[ExpectedCall]:
    """Lists the calls that so many pictures of an article take."""
    planned = PlannedPicture(heading="", scene=TYPICAL_SCENE, alt="")
    asked = (image_request(spec, settings, number, planned) for number in range(1, count + 1))
    return [
        ExpectedCall(_slot(number), one.model, "image", one.size, characters=len(one.prompt))
        for number, one in enumerate(asked, 1)
    ]


def chain_of_pictures(settings: Mapping[str, Any], count: int) -> Chain:
    """Lists slot and model of the same calls."""
    return [(_slot(number), settings["model"]) for number in range(1, count + 1)]


def draw_pictures(
    batch_id: str,
    item_key: str,
    spec: dict[str, Any],
    settings: dict[str, Any],
    wanted: Sequence[PlannedPicture],
    stem: str,
    caller: Caller,
) -> ArticlePictures:
    """Draws an article's pictures in their order.

    Args:
        batch_id: The batch, and
        item_key: the item, that they are made for.
        spec: Of the item.
        settings: Of the batch.
        wanted: What the article's model asks for; the first is the lead picture.
        stem: How the names of the article's files begin.
        caller: Makes the calls.

    Raises:
        PressrunError: What may pass, or what stops other items too.
    """
    records, files = list[dict[str, Any]](), list[Output]()
    for number, planned in enumerate(_leading(wanted), 1):
        request = image_request(spec, settings, number, planned)
        record = planned.model_dump() | {"model": request.model, "prompt": request.prompt}
        finish = Finisher(
            request.model, request.prompt, batch_id, item_key, MEDIA_TYPE, QUALITY, WIDEST
        )
        try:
            picture, paid = caller.image(_slot(number), request, finish)
        except EngineError as error:
            if error.retryable or error.stops_route:
                raise
            logger.warning("Picture %d of %s is left out: %s", number, item_key, error)
            records.append(record | {"missing": str(error), "kind": error.kind})
            continue
        name = f"{stem}-{number}.{picture.extension}"
        files.append(
            Output(name, picture.media_type, picture.data, paid.sha256, finish.beside(picture))
        )
        records.append(
            record
            | {
                "file": name,
                "seed": request.seed,
                "sha256": picture.sha256,
                "width": picture.width,
                "height": picture.height,
                "cost_usd": round(paid.cost_usd, 9),
            }
        )
    return ArticlePictures(tuple(records), tuple(files))


def _leading(wanted: Sequence[PlannedPicture]) -> list[PlannedPicture]:
    """Puts the first above the text: a heading, whatever the answer says, would put it below."""
    return [*(one.model_copy(update={"heading": ""}) for one in wanted[:1]), *wanted[1:]]


def _slot(number: int) -> str:
    return f"picture_{number}"

"""The offline engine: honest drafts of slides and copy, with no network, no key and no cost.

Pictures are real layouts of the given photos and words, marked SKETCH; texts are built from the
product description's own words. The same request gives the same bytes on the same machine. What
it makes is for trying a batch out and for tests; it knows nothing of recipes and ledgers.
"""

import io
import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest
from pressrun.engines.sizes import pixel_size
from pressrun.engines.sketch_copy import write_slideshow
from pressrun.engines.sketch_look import look_at, look_of, pixels
from pressrun.engines.sketch_paint import Photo, Sheet, abstract, paint
from pressrun.errors import Refused
from pressrun.pictures import Picture

_QUALITY = 88
_LARGE_PIXELS = 6_000_000
_TITLE_WORDS = 9  # of a prompt that names no words to set

#: What writes the answer for each kind of brief.
WRITERS: Mapping[str, Callable[[TextRequest], dict[str, Any]]] = {"slideshow": write_slideshow}

# However many threads ask, memory holds a drawing a core, and of very large ones only one.
_drawings = threading.BoundedSemaphore(min(os.cpu_count() or 1, 8))
_large_drawing = threading.Lock()


class SketchEngine:
    """As :class:`pressrun.engines.base.Engine`. Holds nothing that must be closed."""

    name = "sketch"

    def text(self, request: TextRequest) -> TextReply:
        """Answers a brief in JSON, by the writer for its ``kind``.

        Raises:
            Refused: A kind that no writer is known for.
            PictureError: A damaged picture.
        """
        kind = request.brief.get("kind")
        if not isinstance(kind, str) or kind not in WRITERS:
            raise Refused(
                f"The sketch engine cannot write for a brief of kind {kind!r}. "
                f"Use a brief of kind {', '.join(WRITERS)}, or another model.",
                kind="unknown_brief",
            )
        with _drawings:
            answer = WRITERS[kind](request)
        return TextReply(json.dumps(answer, ensure_ascii=False), model_version=self.name)

    def image(self, request: ImageRequest) -> ImageReply:
        """Draws one slide.

        Raises:
            Refused: An aspect ratio or a size that does not exist.
            PictureError: A damaged picture.
        """
        size = pixel_size(request.aspect_ratio, request.size)
        with _drawings:
            if size[0] * size[1] < _LARGE_PIXELS:
                picture = _draw(request, size)
            else:
                with _large_drawing:
                    picture = _draw(request, size)
        return ImageReply(picture, model_version=self.name)

    def close(self) -> None:
        """Nothing to end."""


def _draw(request: ImageRequest, size: tuple[int, int]) -> Picture:
    link, variation = divmod(request.seed, 1000)
    scene, colours = _scene(request)
    sheet = Sheet(
        width=size[0],
        height=size[1],
        scene=scene,
        inset=_inset(request, scene),
        colours=colours,
        text=_words(request),
        role=str(request.brief.get("role", "other")),
        variation=variation,
        link=link,
    )
    out = io.BytesIO()
    paint(sheet).save(out, "JPEG", quality=_QUALITY)
    return Picture(out.getvalue(), "image/jpeg", *size)


def _scene(request: ImageRequest) -> tuple[Photo, tuple[tuple[int, int, int], ...]]:
    if not request.pictures:
        drawn = abstract(request.seed)
        return drawn, look_of(drawn.pixels).colours
    look = look_at(request.pictures[0])
    return Photo(pixels(request.pictures[0]), look.focus), look.colours


def _inset(request: ImageRequest, scene: Photo) -> Photo:
    if len(request.pictures) > 1:
        product = request.pictures[1]
        return Photo(pixels(product), look_at(product).focus)
    # Without a product, its place shows a detail of the scene.
    width, height = scene.pixels.size
    x, y = scene.focus
    left, top = round(x * width / 2), round(y * height / 2)
    box = (left, top, left + max(1, width // 2), top + max(1, height // 2))
    return Photo(scene.pixels.crop(box))


def _words(request: ImageRequest) -> str:
    if "text" in request.brief:
        return str(request.brief["text"])
    return " ".join(request.prompt.split()[:_TITLE_WORDS])

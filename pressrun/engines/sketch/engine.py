"""The offline engine: honest drafts of slides and copy, with no network, no key and no cost.

Pictures are real layouts of the given photos and words, marked SKETCH; texts are built from the
product description's own words. The same request gives the same bytes on the same machine. What
it makes is for trying a batch out and for tests; it knows nothing of recipes and ledgers.
"""

import io
import json
import os
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from PIL import Image

from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest
from pressrun.engines.catalogue import catalogue, pixel_size
from pressrun.engines.sketch.article import write_article, write_outline
from pressrun.engines.sketch.copy import repeat_answer, write_enhanced, write_slideshow
from pressrun.engines.sketch.look import Seen, see, see_pixels
from pressrun.engines.sketch.paint import Photo, Sheet, abstract, cover, paint, put_label
from pressrun.engines.sketch.scene import paint_scene
from pressrun.engines.sketch.styles import Style, style_named
from pressrun.errors import Refused
from pressrun.pictures.picture import Picture
from pressrun.pictures.processors import all_processors

_QUALITY = 88
_LARGE_PIXELS = 6_000_000
_TITLE_WORDS = 9  # of a prompt that names no words to set

#: What writes the answer for each kind of brief.
WRITERS: Mapping[str, Callable[[TextRequest], dict[str, Any]]] = {
    "slideshow": write_slideshow,
    "prompts": repeat_answer,
    "enhance": write_enhanced,
    "article_outline": write_outline,
    "article": write_article,
}

# However many engines there are, memory holds only one very large drawing.
_large_drawing = threading.Lock()


class SketchEngine:
    """As :class:`pressrun.engines.base.Engine`.

    Its own threads draw, one a core, however many threads ask: that bounds the drawings in memory.
    A semaphore would too, but then every asking thread leaves freed pixels in a heap of its own.
    """

    name = "sketch"

    def __init__(self) -> None:
        self._hands = ThreadPoolExecutor(min(os.cpu_count() or 1, 8), thread_name_prefix="sketch")

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
        answer = self._hands.submit(WRITERS[kind], request).result()
        return TextReply(json.dumps(answer, ensure_ascii=False), model_version=self.name)

    def image(self, request: ImageRequest) -> ImageReply:
        """Draws one slide.

        Raises:
            Refused: An aspect ratio or a size that does not exist.
            PictureError: A damaged picture.
        """
        size = pixel_size(request.aspect_ratio, request.size)
        picture = self._hands.submit(draw, request, size).result()
        return ImageReply(picture, model_version=self.name)

    def close(self) -> None:
        """Ends the drawing threads."""
        self._hands.shutdown()


def draw(request: ImageRequest, size: tuple[int, int]) -> Picture:
    """Draws one sketch of that size in pixels; only one that is very large at a time."""
    if size[0] * size[1] < _LARGE_PIXELS:
        return _draw(request, size)
    with _large_drawing:
        return _draw(request, size)


@all_processors()
def _draw(request: ImageRequest, size: tuple[int, int]) -> Picture:
    link, variation = divmod(request.seed, 1000)
    pictures, style = request.pictures, _style(request)
    if request.brief.get("text") == "":  # Pressrun sets the words, or there are none
        return _encoded(_scene(request, size, style) if pictures else _shapes(request, size, style))
    scene = see(pictures[0]) if pictures else see_pixels(abstract(request.seed))
    sheet = Sheet(
        width=size[0],
        height=size[1],
        scene=_treated(Photo(scene.pixels, scene.look.focus), style),
        inset=_inset(pictures, scene, style),
        colours=style.colours or scene.look.colours,
        text=_words(request),
        role=str(request.brief.get("role", "other")),
        variation=variation,
        link=link,
    )
    return _encoded(paint(sheet))


def _scene(request: ImageRequest, size: tuple[int, int], style: Style) -> Image.Image:
    scene, *products = request.pictures
    seen = see(scene)
    ground = _treated(Photo(seen.pixels, seen.look.focus), style)
    product = _treated(_product(products[0]), style) if products else None
    return paint_scene(size, ground, product, random.Random(f"{request.seed} {scene.sha256}"))


def _shapes(request: ImageRequest, size: tuple[int, int], style: Style) -> Image.Image:
    image = cover(style.treat(abstract(request.seed)), size, (0.5, 0.5), 1.0)
    put_label(image, (size[0] * size[1]) ** 0.5 / 134)
    return image


def _encoded(image: Image.Image) -> Picture:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return Picture(out.getvalue(), "image/jpeg", *image.size)


def _style(request: ImageRequest) -> Style:
    """Finds the look that the catalogue's entry fixes for the model."""
    entry = catalogue().get(request.model)
    return style_named(str(entry.fixed.get("style", "")) if entry else "", request.seed)


def _treated(photo: Photo, style: Style) -> Photo:
    return replace(photo, pixels=style.treat(photo.pixels))


def _inset(pictures: Sequence[Picture], scene: Seen, style: Style) -> Photo | None:
    if not pictures:
        return None
    return _treated(_product(pictures[1]) if len(pictures) > 1 else _detail(scene), style)


def _product(picture: Picture) -> Photo:
    seen = see(picture)
    return Photo(seen.pixels, seen.look.focus)


def _detail(scene: Seen) -> Photo:
    # Without a product, its place shows a detail of the scene.
    width, height = scene.pixels.size
    x, y = scene.look.focus
    left, top = round(x * width / 2), round(y * height / 2)
    box = (left, top, left + max(1, width // 2), top + max(1, height // 2))
    return Photo(scene.pixels.crop(box))


def _words(request: ImageRequest) -> str:
    if "text" in request.brief:
        return str(request.brief["text"])
    words = request.prompt.split()
    more = "…" if len(words) > _TITLE_WORDS else ""
    return " ".join(words[:_TITLE_WORDS]) + more

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
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest
from pressrun.engines.catalogue import catalogue, pixel_size
from pressrun.engines.sketch.article import write_article, write_outline
from pressrun.engines.sketch.copy import repeat_answer, write_enhanced, write_slideshow
from pressrun.engines.sketch.look import Seen, see
from pressrun.engines.sketch.phrases import ROLES
from pressrun.engines.sketch.poster import paint_poster
from pressrun.engines.sketch.scene import cut_out, paint_slide
from pressrun.engines.sketch.styles import Style, style_named
from pressrun.engines.sketch.words import put_label
from pressrun.errors import Refused
from pressrun.pictures.picture import Picture
from pressrun.pictures.processors import all_processors
from pressrun.pictures.recent import RecentCache

_QUALITY = 88
_LARGE_PIXELS = 6_000_000

#: What writes the answer for each kind of brief.
WRITERS: Mapping[str, Callable[[TextRequest], dict[str, Any]]] = {
    "slideshow": write_slideshow,
    "prompts": repeat_answer,
    "enhance": write_enhanced,
    "article_outline": write_outline,
    "article": write_article,
}

#: Photos of products, cut out and in their style: the slides of all variations share them.
_products: RecentCache[Seen] = RecentCache(8)
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
    with _large_drawing if size[0] * size[1] > _LARGE_PIXELS else nullcontext():
        return _draw(request, size)


@all_processors()
def _draw(request: ImageRequest, size: tuple[int, int]) -> Picture:
    entry = catalogue().get(request.model)
    style = style_named(str(entry.fixed.get("style", "")) if entry else "", request.seed)
    words = str(request.brief.get("text", request.prompt))
    if request.pictures:
        source, *photos = request.pictures
        product = _product(photos[0], style) if photos else None
        link, variation = divmod(request.seed, 1000)
        role = str(request.brief.get("role", ""))
        form = link + variation + (ROLES.index(role) if role in ROLES else 0)
        chance = random.Random(f"{request.seed} {source.sha256}")
        image = paint_slide(size, see(source), product, words, style.colours, form, chance)
    else:
        shown = str(request.brief.get("scene", "")) or words or request.prompt
        image = paint_poster(size, shown, words, request.seed, style)
    put_label(image)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return Picture(out.getvalue(), "image/jpeg", *image.size)


def _product(photo: Picture, style: Style) -> Seen:
    """Cuts a product from its ground where that is plain, and draws it in its style."""

    def made() -> Seen:
        seen = see(photo)
        return replace(seen, pixels=style.treat(cut_out(seen.pixels) or seen.pixels))

    return _products.get(f"{photo.sha256} {style.colours}", made)

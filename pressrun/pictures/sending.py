"""Pictures as they are sent to a model: encoded anew, and small enough together.

Providers refuse a request above a size. Pictures that are small enough stay as they are; the others
share what is left, alike.
"""

import io
import logging
import math
import threading
from collections.abc import Sequence

from PIL import Image

from pressrun.pictures.decoding import decoding
from pressrun.pictures.picture import Picture, decode
from pressrun.pictures.processors import all_processors
from pressrun.pictures.recent import RecentCache

logger = logging.getLogger(__name__)

#: Models see no more of a picture than this: Google's scale larger ones down to it.
_LONGEST_SIDE = 3072
_QUALITY, _ANEW = 90, 95
#: Of what a first attempt promises; the next one has to fit.
_CAREFULLY = 0.95
#: A product's photos are in each of its requests.
_made: RecentCache[Picture] = RecentCache(32)
_one_at_a_time = threading.Lock()


def most_bytes_each(sizes: Sequence[int], most_bytes: int) -> int:
    """Computes the most bytes that one of several pictures may have, so that all of them fit.

    Args:
        sizes: Of the pictures, in bytes.
        most_bytes: Of all together.
    """
    left, count = most_bytes, len(sizes)
    for size in sorted(sizes):
        if size * count > left:
            return left // count
        left, count = left - size, count - 1
    return most_bytes


def too_large(pictures: Sequence[Picture], most_bytes: int) -> list[int]:
    """Lists the numbers, from 1, of the pictures that have to be smaller for all to fit."""
    each = most_bytes_each([len(one.data) for one in pictures], most_bytes)
    return [number for number, one in enumerate(pictures, 1) if len(one.data) > each]


def bounded(pictures: Sequence[Picture], most_bytes: int) -> list[Picture]:
    """Makes the largest of several pictures smaller, until all fit; what is changed is logged.

    Args:
        pictures: As they are.
        most_bytes: Of all together.
    """
    large = too_large(pictures, most_bytes)
    each = most_bytes_each([len(one.data) for one in pictures], most_bytes)
    return [
        _smaller(one, each) if number in large else one for number, one in enumerate(pictures, 1)
    ]


def encoded_anew(picture: Picture) -> Picture:
    """Encodes a picture as other bytes that look the same, without what else its file holds."""
    with decoding(picture.width * picture.height):
        image = picture.open()
        return Picture(_jpeg(image, _ANEW), "image/jpeg", *image.size)


def _smaller(picture: Picture, most_bytes: int) -> Picture:
    with _one_at_a_time:  # so that requests at the same time find what the first one made
        key = f"{picture.sha256} {most_bytes}"
        return _made.get(key, lambda: _reduced(picture, most_bytes))


def _reduced(picture: Picture, most_bytes: int) -> Picture:
    image = decode(picture.data, (_LONGEST_SIDE, _LONGEST_SIDE))
    while len(data := _jpeg(image, _QUALITY)) > most_bytes and max(image.size) > 1:
        scale = min(math.sqrt(most_bytes / len(data)) * _CAREFULLY, _CAREFULLY)
        size = max(1, int(image.width * scale)), max(1, int(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS)
    logger.warning(
        "A picture of %d x %d pixels and %.1f MB is sent with %d x %d and %.1f MB, so that the "
        "request is not too large.",
        *(picture.width, picture.height, len(picture.data) / 1e6),
        *(*image.size, len(data) / 1e6),
    )
    return Picture(data, "image/jpeg", *image.size)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    with all_processors():
        image.save(out, "JPEG", quality=quality)
    return out.getvalue()

"""Parts of a picture made unreadable, such as the words of a slide that shall not be copied."""

import io
from collections.abc import Sequence

from PIL import Image, ImageFilter

from pressrun.pictures.picture import Picture, decode

#: Top, left, bottom and right in thousandths of the picture's height and width.
Box = tuple[int, int, int, int]
_MARGIN = 12  # thousandths around a box: models give them a little too small
_QUALITY = 92


def hidden(picture: Picture, boxes: Sequence[Box]) -> Picture:
    """Blurs the boxes until no letter is left; a picture without boxes stays as it is."""
    if not boxes:
        return picture
    image = decode(picture.data)
    for box in boxes:
        _blur(image, _pixels(box, image.size))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return Picture(out.getvalue(), "image/jpeg", *image.size)


def checked_boxes(given: Sequence[Sequence[int]]) -> tuple[Box, ...]:
    """Takes those of a model's boxes that are some: four numbers within the picture, in order."""
    return tuple(
        (box[0], box[1], box[2], box[3])
        for box in given
        if len(box) == 4 and 0 <= box[0] < box[2] <= 1000 and 0 <= box[1] < box[3] <= 1000
    )


def _pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    top, left, bottom, right = box
    width, height = size
    return (
        max(0, (left - _MARGIN) * width // 1000),
        max(0, (top - _MARGIN) * height // 1000),
        min(width, (right + _MARGIN) * width // 1000 + 1),
        min(height, (bottom + _MARGIN) * height // 1000 + 1),
    )


def _blur(image: Image.Image, place: tuple[int, int, int, int]) -> None:
    """Blurs a place of an image, and less and less around it: a model would paint its edges."""
    left, top, right, bottom = place
    # The size of letters is not known; they are at most as high as their box.
    radius = max(4.0, (bottom - top) / 3)
    soft = round(radius)
    around = (
        max(0, left - 2 * soft),
        max(0, top - 2 * soft),
        min(image.width, right + 2 * soft),
        min(image.height, bottom + 2 * soft),
    )
    part = image.crop(around)
    mask = Image.new("L", part.size)
    x, y = around[:2]
    mask.paste(255, (left - x, top - y, right - x, bottom - y))
    grown = mask.filter(ImageFilter.BoxBlur(soft // 2)).point(lambda share: 255 if share else 0)
    mask = grown.filter(ImageFilter.GaussianBlur(soft / 4))
    image.paste(part.filter(ImageFilter.GaussianBlur(radius)), around, mask)

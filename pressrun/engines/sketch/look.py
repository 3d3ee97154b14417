"""What the sketch engine sees in a picture: its pixels, its colours and where its detail is.

Both are remembered by digest, since the variations of a slideshow share its pictures. Knows nothing
of layouts and words.
"""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageFilter

from pressrun.pictures.picture import Picture, decode
from pressrun.pictures.recent import RecentCache

Colour = tuple[int, int, int]

_KEPT_EDGE = 1376  # long edge of a remembered picture: what a 1K slide needs
_KEPT_PICTURES = 10  # at about 4 MB each
_GRID = 24  # side of the tiny picture that is looked at


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture decoded for drawing with.

    Attributes:
        pixels: In RGB, upright, and no larger than a 1K slide needs. Shared: not to be changed.
        colours: The main ones, the most frequent first.
        focus: Centre of the detail, as fractions of width and height.
    """

    pixels: Image.Image
    colours: tuple[Colour, ...]
    focus: tuple[float, float]


_seen: RecentCache[Seen] = RecentCache(_KEPT_PICTURES)
_colours: RecentCache[tuple[Colour, ...]] = RecentCache(4096)


def see(picture: Picture) -> Seen:
    """Decodes and looks at a picture.

    Raises:
        PictureError: If the bytes are damaged.
    """
    return _seen.get(picture.sha256, lambda: _look(decode(picture.data, (_KEPT_EDGE, _KEPT_EDGE))))


def colours_of(picture: Picture) -> tuple[Colour, ...]:
    """Finds the main colours alone, and decodes no more of a picture than that takes.

    Raises:
        PictureError: If the bytes are damaged.
    """
    return _colours.get(picture.sha256, lambda: _look(decode(picture.data, (96, 96))).colours)


def _look(image: Image.Image) -> Seen:
    tiny = image.resize((_GRID, _GRID), Image.Resampling.BOX)
    edges = tiny.convert("L").filter(ImageFilter.FIND_EDGES).crop((1, 1, _GRID - 1, _GRID - 1))
    return Seen(image, _main_colours(tiny), _focus(edges))


def _main_colours(tiny: Image.Image) -> tuple[Colour, ...]:
    few = tiny.quantize(6, Image.Quantize.MEDIANCUT)
    values = few.getpalette() or []
    counted = sorted(few.getcolors() or [], key=lambda entry: (-entry[0], entry[1]))
    places = [int(str(index)) * 3 for _, index in counted]
    return tuple((values[at], values[at + 1], values[at + 2]) for at in places)


def _focus(edges: Image.Image) -> tuple[float, float]:
    side = edges.width
    columns = edges.resize((side, 1), Image.Resampling.BOX).tobytes()
    rows = edges.resize((1, side), Image.Resampling.BOX).tobytes()
    # Halfway to where photographers put faces: detail alone would keep a collar and cut the head.
    return (_middle(columns) + 0.5) / 2, (_middle(rows) + 0.38) / 2


def _middle(weights: bytes) -> float:
    # Squared, so that a broad faint texture does not outweigh the one thing in the picture.
    total = sum(weight * weight for weight in weights)
    if not total:
        return 0.5
    at = sum(place * weight * weight for place, weight in enumerate(weights)) / total
    return (at + 0.5) / len(weights)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Mixes a share of another colour into one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Computes the relative luminance, from 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Computes the contrast ratio, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: Colour, *inks: Colour) -> Colour:
    """Chooses the ink that is read best on a ground; black or white where none is read well."""
    best = max(inks, key=lambda ink: contrast(ink, ground))
    if contrast(best, ground) >= 4.5:
        return best
    return max(((0, 0, 0), (255, 255, 255)), key=lambda ink: contrast(ink, ground))


def liveliest(colours: Sequence[Colour]) -> Colour:
    """Finds the colour that catches the eye, at a brightness that shows on a dark ground."""
    hsv = [colorsys.rgb_to_hsv(*(value / 255 for value in colour)) for colour in colours]
    hue, saturation, _ = max(hsv, key=lambda one: one[1] * one[2])
    red, green, blue = colorsys.hsv_to_rgb(hue, min(0.7, saturation * 1.1), 0.85)
    return round(red * 255), round(green * 255), round(blue * 255)


def cover(
    image: Image.Image, size: tuple[int, int], focus: tuple[float, float], zoom: float
) -> Image.Image:
    """Cuts out the part around ``focus`` that fills ``size``, and scales it in the same step."""
    scale = max(size[0] / image.width, size[1] / image.height) * zoom
    width, height = min(size[0] / scale, image.width), min(size[1] / scale, image.height)
    left = min(max(focus[0] * image.width - width / 2, 0), image.width - width)
    top = min(max(focus[1] * image.height - height / 2, 0), image.height - height)
    box = (left, top, left + width, top + height)
    return image.resize(size, Image.Resampling.BILINEAR, box, reducing_gap=2)

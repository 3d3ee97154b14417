"""How a sketch looks: photos as they are, drawn in ink, or printed as a poster in a few colours.

A style treats the photos and names the colours around them; words, layout and the label SKETCH
stay crisp, since they are painted afterwards. Deterministic; knows nothing of requests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from pressrun.engines.sketch.look import Colour

#: Lines and dots are drawn on no less than this, else they are blurred when a slide needs more.
_LEAST_EDGE = 900
_PAPER: Colour = (249, 246, 238)
_INK: Colour = (24, 28, 44)
#: Brightness below which hatching begins, and where it is crossed.
_HATCHED, _CROSSED = 140, 84
#: Dark to light; each has one loud colour between.
_INKS: tuple[tuple[Colour, ...], ...] = (
    ((22, 30, 62), (214, 58, 42), (246, 168, 60), (252, 240, 214)),
    ((34, 20, 54), (18, 130, 124), (244, 110, 92), (250, 236, 226)),
    ((18, 46, 42), (58, 94, 190), (244, 196, 48), (248, 244, 230)),
)


@dataclass(frozen=True, slots=True)
class Style:
    """One look.

    Attributes:
        treat: From a photo to its drawing.
        colours: Of grounds and words; None for the photo's own.
    """

    treat: Callable[[Image.Image], Image.Image]
    colours: tuple[Colour, ...] | None = None


def style_named(name: str, turn: int) -> Style:
    """Finds the style of that name; photos as they are for any other.

    Args:
        name: ``ink``, ``poster`` or empty.
        turn: Selects among the colours that a style has.
    """
    make = _STYLES.get(name)
    return make(turn) if make else Style(lambda image: image)


def _ink_style(_turn: int) -> Style:
    return Style(_draw_in_ink, (_PAPER,))


def _poster_style(turn: int) -> Style:
    inks = _INKS[turn % len(_INKS)]
    return Style(lambda image: _print_poster(image, inks), inks)


_STYLES: Mapping[str, Callable[[int], Style]] = {"ink": _ink_style, "poster": _poster_style}


def _draw_in_ink(image: Image.Image) -> Image.Image:
    """Draws outlines where brightness changes, and hatching in the shadows."""
    grey = ImageOps.autocontrast(_large_enough(image.convert("L")), cutoff=1)
    soft = grey.filter(ImageFilter.BoxBlur(2))  # a third of the time of a Gaussian one
    wide = soft.filter(ImageFilter.BoxBlur(8))
    marks = ImageChops.subtract(wide, soft, scale=0.14).point(lambda value: 255 * (value > 70))
    for below, turned in ((_HATCHED, False), (_CROSSED, True)):
        shadow = soft.point(lambda value, below=below: 255 * (value < below))
        marks = ImageChops.lighter(marks, ImageChops.multiply(shadow, _hatching(grey.size, turned)))
    drawing = Image.new("RGB", grey.size, _PAPER)
    drawing.paste(_INK, (0, 0), marks.filter(ImageFilter.BoxBlur(0.6)))
    return drawing


def _print_poster(image: Image.Image, inks: tuple[Colour, ...]) -> Image.Image:
    """Prints flat areas of a few inks, with dots where two of them meet."""
    grey = ImageOps.equalize(_large_enough(image.convert("L")))
    flat = grey.filter(ImageFilter.BoxBlur(6))
    dotted = ImageChops.add(flat, _dots(grey.size), offset=-18)
    steps = len(inks)
    plate = dotted.point([min(steps - 1, value * steps // 256) for value in range(256)])
    plate.putpalette([channel for ink in inks for channel in ink])
    return plate.convert("RGB")


def _large_enough(image: Image.Image) -> Image.Image:
    scale = _LEAST_EDGE / max(image.size)
    if scale <= 1:
        return image
    size = (round(image.width * scale), round(image.height * scale))
    return image.resize(size, Image.Resampling.BICUBIC)


@lru_cache(maxsize=32)
def _hatching(size: tuple[int, int], turned: bool) -> Image.Image:
    """Draws slanted strokes, white on black."""
    strokes = Image.new("L", size)
    draw = ImageDraw.Draw(strokes)
    for start in range(-size[1], size[0], 13):
        ends = (start, size[1], start + size[1], 0)
        draw.line(ends, fill=255, width=2)
    return ImageOps.mirror(strokes) if turned else strokes


@lru_cache(maxsize=32)
def _dots(size: tuple[int, int]) -> Image.Image:
    """Draws a printer's screen: soft dots, from black between them to a little light."""
    side = 12
    cell = Image.new("L", (side, side))
    ImageDraw.Draw(cell).ellipse((3, 3, side - 4, side - 4), fill=36)
    screen = Image.new("L", size)
    for x in range(0, size[0], side):
        screen.paste(cell, (x, 0))
    row = screen.crop((0, 0, size[0], side))
    for number, y in enumerate(range(0, size[1], side)):
        screen.paste(ImageChops.offset(row, (number % 2) * side // 2, 0), (0, y))
    return screen

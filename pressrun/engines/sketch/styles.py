"""How a sketch looks: photos as they are, drawn in ink, or printed as a poster in a few colours.

A style treats photos and drawings and names the colours around them; words and the label SKETCH
stay crisp, since they are painted afterwards. Deterministic; knows nothing of requests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from pressrun.engines.sketch.look import Colour

_PAPER: Colour = (249, 246, 238)
_INK: Colour = (24, 28, 44)
#: Brightness below which hatching begins, and where it is crossed.
_HATCHED, _CROSSED = 140, 84
#: How much darker than its surroundings an outline is.
_EDGE = 7
#: How bright each colour counts: warm ones darker than to the eye, so that they leave the paper.
_GREY = (0.25, 0.4, 0.35, 0)
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
        colours: Of grounds and words, from dark to light; none for the photo's own.
        drawn: From a photo to its drawing; None leaves it as it is.
    """

    colours: tuple[Colour, ...] = ()
    drawn: Callable[[Image.Image], Image.Image] | None = None

    def treat(self, image: Image.Image) -> Image.Image:
        """Draws a photo in this style; what is cut out of its ground stays so."""
        if not self.drawn:
            return image
        drawing = self.drawn(image.convert("RGB"))
        if image.mode == "RGBA":
            drawing.putalpha(image.getchannel("A").resize(drawing.size))
        return drawing


def style_named(name: str, turn: int) -> Style:
    """Finds the style of that name; photos as they are for any other.

    Args:
        name: ``ink``, ``poster`` or empty.
        turn: Selects among the colours that a style has.
    """
    inks = _INKS[turn % len(_INKS)]
    styles = {
        "ink": Style((_PAPER,), _draw_in_ink),
        "poster": Style(inks, partial(_print_poster, inks=inks)),
    }
    return styles.get(name, Style())


def _draw_in_ink(image: Image.Image) -> Image.Image:
    """Draws outlines where brightness changes, and hatching in the shadows."""
    soft, outlines = _outlined(image)
    marks = ImageChops.lighter(outlines, ImageChops.subtract(_hatching(soft.size), soft))
    strokes = marks.point([255 * (value > 0) for value in range(256)])
    return ImageOps.colorize(strokes.filter(ImageFilter.BoxBlur(0.6)), _PAPER, _INK)


def _print_poster(image: Image.Image, inks: tuple[Colour, ...]) -> Image.Image:
    """Prints flat areas of a few inks, with dots where two of them meet, and dark outlines."""
    soft, outlines = _outlined(image)
    flat = soft.filter(ImageFilter.BoxBlur(4))
    # Halfway to areas of one size: all of it would make a bright sky as dark as what is before it.
    flat = Image.blend(flat, ImageOps.equalize(flat), 0.5)
    dotted = ImageChops.add(flat, _dots(soft.size), offset=-18)
    steps = len(inks)
    light = dotted.point([min(steps - 1, value * steps // 256) for value in range(256)])
    plate = ImageChops.subtract(light, outlines)
    plate.putpalette([channel for ink in inks for channel in ink])
    return plate.convert("RGB")


def _outlined(image: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Gives a picture in soft grey, and where it is darker than around: above zero there."""
    grey = ImageOps.autocontrast(image.convert("L", _GREY), cutoff=1)
    soft = grey.filter(ImageFilter.BoxBlur(2))  # a third of the time of a Gaussian one
    return soft, ImageChops.subtract(soft.filter(ImageFilter.BoxBlur(8)), soft, offset=-_EDGE)


@lru_cache(maxsize=16)
def _hatching(size: tuple[int, int]) -> Image.Image:
    """Draws slanted strokes both ways, each as bright as what it is drawn below."""
    strokes = Image.new("L", size)
    draw = ImageDraw.Draw(strokes)
    for below, top, bottom in ((_CROSSED, size[1], 0), (_HATCHED, 0, size[1])):
        for start in range(-size[1], size[0], 13):
            draw.line((start, top, start + size[1], bottom), fill=below, width=2)
    return strokes


@lru_cache(maxsize=16)
def _dots(size: tuple[int, int]) -> Image.Image:
    """Draws a printer's screen: soft dots, from black between them to a little light."""
    screen, (width, height) = Image.new("L", size), size
    places = [(x + y // 2 % 12, y) for y in range(6, height, 12) for x in range(0, width, 12)]
    ImageDraw.Draw(screen).point(places, fill=255)
    soft = screen.filter(ImageFilter.BoxBlur(2.5)).filter(ImageFilter.BoxBlur(1))
    return soft.point([min(36, value * 7) for value in range(256)])

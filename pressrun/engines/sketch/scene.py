"""Draws a slide: the source slide as a soft dark ground, the product large before it, the words.

Nothing of the source can be read through it. The upper part is left calm: words belong there.
"""

import random
from collections.abc import Sequence
from functools import partial

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from pressrun.engines.sketch.look import Colour, Seen, cover, liveliest
from pressrun.engines.sketch.words import set_words

#: The ground is drawn so small before it is softened: no word of the source is left.
_COARSE = 36
#: How far apart the edge's colours are in a photo with a plain ground, and what is cut off as such.
_PLAIN, _ALIKE = 26, 34
#: Edges of a product that is cut out, and of the picture in which its ground is followed.
_LONGEST, _SEARCHED = 900, 300
#: Of a cut-out, what is left at least and at most where it has found the product.
_LEAST, _MOST = 0.05, 0.92
_WORDS = (0.08, 0.15, 0.92, 0.40)
_MIDDLE = 0.67  # of the height: where the product stands
_PAPER: Colour = (250, 248, 244)


def paint_slide(
    size: tuple[int, int],
    source: Seen,
    product: Seen | None,
    words: str,
    colours: Sequence[Colour],
    form: int,
    chance: random.Random,
) -> Image.Image:
    """Paints a slide.

    Args:
        size: Width and height in pixels.
        source: The source slide.
        product: With an alpha channel where it was cut from its ground; None: no product.
        words: Empty where Pressrun sets them.
        colours: Of the style, from dark to light; none: those of the source.
        form: Which arrangement; neighbours have different ones.
        chance: Decides on crop, light and tilt, so that no two variations look the same.
    """
    accent = colours[len(colours) // 2] if colours else liveliest(source.colours)
    image = _ground(size, source, accent, chance, toned=bool(colours))
    if product and product.pixels.mode == "RGBA":
        _stand(image, product.pixels, accent if form % 2 == 0 else None, chance)
    elif product:
        _FORMS[form % len(_FORMS)](image, product, chance)
    set_words(image, words, _WORDS)
    return image


def _ground(
    size: tuple[int, int], source: Seen, accent: Colour, chance: random.Random, *, toned: bool
) -> Image.Image:
    x, y = (min(1.0, max(0.0, at + chance.uniform(-0.3, 0.3))) for at in source.focus)
    small = (_COARSE, max(1, round(_COARSE * size[1] / size[0])))
    coarse = cover(source.pixels, small, (x, y), chance.uniform(1.1, 1.9))
    if toned:
        coarse = ImageOps.colorize(coarse.convert("L"), "black", accent)
    # Letters are thin: the median of a place is what lies behind them, without their grey.
    soft = coarse.filter(ImageFilter.MedianFilter(9)).filter(ImageFilter.GaussianBlur(4))
    vivid = ImageEnhance.Color(soft).enhance(chance.uniform(1.3, 1.8))
    dark = ImageEnhance.Brightness(vivid).enhance(chance.uniform(0.4, 0.55))
    # A pool of light where the product stands, in a colour of the source: some are nearly black.
    light = Image.radial_gradient("L").point([max(0, 180 - value) for value in range(256)])
    pool = light.crop((64, -51, 192, 154)).resize(small)
    glow = Image.new("RGB", small, accent)
    bright = Image.blend(ImageEnhance.Brightness(dark).enhance(1.9), glow, 0.2)
    lit = Image.composite(bright, dark, pool)
    # So soft that every second pixel is enough, at a fifth of the time.
    half = lit.resize((size[0] // 2, size[1] // 2), Image.Resampling.BICUBIC)
    return half.resize(size, Image.Resampling.NEAREST)


def _stand(
    image: Image.Image, shape: Image.Image, accent: Colour | None, chance: random.Random
) -> None:
    """Stands a product that was cut out on the ground, before a disc if it has a colour."""
    width, height = image.size
    if accent:
        side = round(min(width * 0.84, height * 0.5))
        corner = ((width - side) // 2, round(height * _MIDDLE) - side // 2)
        image.paste(accent, corner, _mask((side, side), side / 2))
    room = (round(width * chance.uniform(0.7, 0.84)), round(height * chance.uniform(0.42, 0.48)))
    shape = ImageOps.contain(shape, room, Image.Resampling.BILINEAR)
    _lay(image, shape, chance, tilt=5, aside=0 if accent else 0.2)


def _bleed(image: Image.Image, photo: Seen, chance: random.Random) -> None:
    """Fills the lower part from edge to edge."""
    size = (image.width, round(image.height * chance.uniform(0.58, 0.62)))
    part = cover(photo.pixels, size, photo.focus, chance.uniform(1, 1.1))
    part.putalpha(255)
    _paste(image, part, (0, image.height - size[1]))


def _arch(image: Image.Image, photo: Seen, chance: random.Random) -> None:
    """Stands on the lower edge, round above."""
    width, height = image.size
    size = (round(min(width * chance.uniform(0.74, 0.82), height)), round(height * 0.56))
    part = cover(photo.pixels, size, photo.focus, chance.uniform(1, 1.1))
    part.putalpha(_mask((size[0], size[1] + size[0]), size[0] / 2).crop((0, 0, *size)))
    _paste(image, part, ((width - size[0]) // 2, height - size[1]))


def _framed(image: Image.Image, photo: Seen, chance: random.Random, *, as_disc: bool) -> None:
    """Lays it down with a light edge: as a disc, or as a print a little askew."""
    side = round(min(image.width * chance.uniform(0.78, 0.84), image.height * 0.46))
    edge = side // (70 if as_disc else 22)
    inner = (side - 2 * edge, side - 2 * edge)
    card = Image.new("RGB", (side, side if as_disc else side + 2 * edge), _PAPER)
    part = cover(photo.pixels, inner, photo.focus, chance.uniform(1, 1.1))
    card.paste(part, (edge, edge), _mask(inner, inner[0] / 2 if as_disc else 0))
    card.putalpha(_mask(card.size, side / 2 if as_disc else edge / 2))
    _lay(image, card, chance, tilt=0 if as_disc else 6, aside=0.25)


_FORMS = (_bleed, _arch, partial(_framed, as_disc=False), partial(_framed, as_disc=True))


def _lay(
    image: Image.Image, shape: Image.Image, chance: random.Random, tilt: float, aside: float
) -> None:
    """Lays a shape where products stand, turned and moved aside by chance, up to so much."""
    # Turned with an empty edge around it, without which its own would be jagged.
    angle = tilt * chance.uniform(0.5, 1) * chance.choice((-1, 1))
    shape = ImageOps.expand(shape, 2).rotate(angle, Image.Resampling.BILINEAR, expand=True)
    left = round((image.width - shape.width) * (0.5 + chance.uniform(-aside, aside)))
    _paste(image, shape, (left, round(image.height * _MIDDLE - shape.height / 2)))


def _paste(image: Image.Image, shape: Image.Image, at: tuple[int, int]) -> None:
    """Pastes a shape over its soft shadow."""
    spread = image.width // 14
    shadow = ImageOps.expand(shape.getchannel("A"), spread)
    soft = shadow.reduce(8).filter(ImageFilter.GaussianBlur(spread / 18))
    soft = soft.point([value * 6 // 10 for value in range(256)])
    soft = soft.resize(shadow.size, Image.Resampling.BILINEAR)
    image.paste((0, 0, 0), (at[0] - spread, at[1] - spread + spread // 3), soft)
    image.paste(shape, at, shape)


def cut_out(photo: Image.Image) -> Image.Image | None:
    """Cuts a product from a plain ground, onto an alpha channel; None where none is plain."""
    image, small = photo.copy(), photo.copy()
    image.thumbnail((_LONGEST, _LONGEST))
    small.thumbnail((_SEARCHED, _SEARCHED))
    width, height = small.size
    edge = [(x, y) for x in range(0, width, 3) for y in (0, height - 1)]
    edge += [(x, y) for y in range(0, height, 3) for x in (0, width - 1)]
    channels = [sorted(of) for of in zip(*map(small.getpixel, edge), strict=True)]
    if any(of[len(of) * 19 // 20] - of[len(of) // 20] > _PLAIN for of in channels):
        return None
    mark = (255, 0, 254)
    for point in edge[:: max(1, len(edge) // 24)]:
        if small.getpixel(point) != mark:
            ImageDraw.floodfill(small, point, mark, thresh=_ALIKE)
    away = ImageChops.difference(small, Image.new("RGB", small.size, mark)).convert("L")
    found = away.point([255 * (value > 0) for value in range(256)])
    whole = found.filter(ImageFilter.MedianFilter(3))
    if not _LEAST < whole.histogram()[255] / (width * height) < _MOST:
        return None
    # A little less than what was found, so that nothing of the ground is left along its edge.
    mask = whole.filter(ImageFilter.MinFilter(3)).resize(image.size, Image.Resampling.BICUBIC)
    image.putalpha(mask)
    return image.crop(mask.getbbox())


def _mask(size: tuple[int, int], radius: float) -> Image.Image:
    # Drawn twice as large and reduced: smooth edges.
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    box = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, 2 * radius, fill=255)
    return mask.reduce(2)

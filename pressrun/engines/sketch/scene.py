"""Draws a slide: the source slide as a soft dark ground, the product large before it, the words.

Nothing of the source can be read through it. The upper part is left calm: words belong there.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from pressrun.engines.sketch.look import Colour, cover, hex_of
from pressrun.engines.sketch.words import put_label, set_words

#: The ground is drawn so small before it is softened: no word of the source is left.
_COARSE = 36
#: How far apart the edge's colours are in a photo with a plain ground, and what is cut off as such.
_PLAIN, _ALIKE = 26, 34
_LONGEST = 900  # of a product that is cut out, in pixels
#: Of a cut-out, what is left at least and at most where it has found the product.
_LEAST, _MOST = 0.05, 0.92
_WORDS = (0.08, 0.15, 0.92, 0.40)
_PAPER: Colour = (250, 248, 244)


@dataclass(frozen=True, slots=True)
class Photo:
    """Decoded pixels and the point that a crop should keep, as fractions."""

    pixels: Image.Image
    focus: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class SlideSketch:
    """What is to be drawn.

    Attributes:
        size: Width and height in pixels.
        source: The source slide.
        product: With an alpha channel where it was cut from its ground; None: no product.
        accent: A colour of the source, for what stands behind the product.
        colours: Of the style, from dark to light; None: those of the source.
        form: Which arrangement; neighbours have different ones.
        chance: Decides on crop, light and tilt, so that no two variations look the same.
    """

    size: tuple[int, int]
    source: Photo
    product: Photo | None
    accent: Colour
    colours: Sequence[Colour] | None
    form: int
    chance: random.Random


def paint_slide(sketch: SlideSketch, words: str = "") -> Image.Image:
    """Paints a slide; without words where Pressrun sets them."""
    image = _ground(sketch)
    if sketch.product and sketch.product.pixels.mode == "RGBA":
        _stand(image, sketch.product.pixels, sketch)
    elif sketch.product:
        _FORMS[sketch.form % len(_FORMS)](image, sketch.product, sketch.chance)
    width, height = image.size
    left, top, right, bottom = _WORDS
    box = (round(left * width), round(top * height), round(right * width), round(bottom * height))
    set_words(image, words, box)
    put_label(image)
    return image


def _ground(sketch: SlideSketch) -> Image.Image:
    size, scene, chance = sketch.size, sketch.source, sketch.chance
    x, y = (min(1.0, max(0.0, at + chance.uniform(-0.3, 0.3))) for at in scene.focus)
    small = (_COARSE, max(1, round(_COARSE * size[1] / size[0])))
    coarse = cover(scene.pixels, small, (x, y), chance.uniform(1.1, 1.9))
    if sketch.colours:
        tone = sketch.colours[len(sketch.colours) // 2]
        coarse = ImageOps.colorize(coarse.convert("L"), "black", hex_of(tone))
    if chance.random() < 0.5:
        coarse = coarse.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    # Letters are thin: the median of a place is what lies behind them, without their grey.
    soft = coarse.filter(ImageFilter.MedianFilter(9)).filter(ImageFilter.GaussianBlur(4))
    vivid = ImageEnhance.Color(soft).enhance(chance.uniform(1.3, 1.8))
    dark = ImageEnhance.Brightness(vivid).enhance(chance.uniform(0.4, 0.55))
    # A pool of light where the product stands.
    light = Image.radial_gradient("L").resize((small[0] * 2, small[1] * 5 // 4))
    left, top = small[0] // 2, -(small[1] // 4)
    pool = Image.new("L", small)
    pool.paste(light.point([max(0, 180 - value) for value in range(256)]), (-left, -top))
    lit = Image.composite(ImageEnhance.Brightness(dark).enhance(1.9), dark, pool)
    # So soft that every second pixel is enough, at a fifth of the time.
    half = lit.resize((size[0] // 2, size[1] // 2), Image.Resampling.BICUBIC)
    return half.resize(size, Image.Resampling.NEAREST)


def _stand(image: Image.Image, shape: Image.Image, sketch: SlideSketch) -> None:
    """Stands a product that was cut out on the ground, before a disc in some forms."""
    width, height = image.size
    chance = sketch.chance
    room = (round(width * chance.uniform(0.7, 0.84)), round(height * chance.uniform(0.42, 0.48)))
    scale = min(room[0] / shape.width, room[1] / shape.height)
    size = (max(1, round(shape.width * scale)), max(1, round(shape.height * scale)))
    shape = shape.resize(size, Image.Resampling.BILINEAR, reducing_gap=2)
    before_disc = sketch.form % 2 == 0
    if before_disc:
        side = round(min(width * 0.84, height * 0.5))
        box = ((width - side) // 2, round(height * 0.67) - side // 2)
        image.paste(sketch.accent, box, _mask((side, side), side / 2))
    shape = shape.rotate(chance.uniform(-5, 5), Image.Resampling.BILINEAR, expand=True)
    aside = 0 if before_disc else chance.uniform(-0.2, 0.2)
    left = round((width - shape.width) * (0.5 + aside))
    _lay(image, shape, (left, round(height * 0.67 - shape.height / 2)))


def _bleed(image: Image.Image, photo: Photo, chance: random.Random) -> None:
    """Fills the lower part from edge to edge, and fades out upwards."""
    width, height = image.size
    size = (width, round(height * chance.uniform(0.58, 0.62)))
    fade = Image.linear_gradient("L").point([min(255, value * 4) for value in range(256)])
    part = cover(photo.pixels, size, photo.focus, chance.uniform(1, 1.1))
    image.paste(
        part,
        (0, height - size[1]),
        fade.crop((0, 0, 1, 256)).resize((1, size[1])).resize(size, Image.Resampling.NEAREST),
    )


def _arch(image: Image.Image, photo: Photo, chance: random.Random) -> None:
    """Stands on the lower edge, round above."""
    width, height = image.size
    size = (round(min(width * chance.uniform(0.74, 0.82), height)), round(height * 0.56))
    mask = _mask((size[0], size[1] + size[0]), size[0] / 2).crop((0, 0, *size))
    part = cover(photo.pixels, size, photo.focus, 1 + 0.1 * chance.random())
    part.putalpha(mask)
    _lay(image, part, ((width - size[0]) // 2, height - size[1]))


def _framed(image: Image.Image, photo: Photo, chance: random.Random, *, as_disc: bool) -> None:
    """Lays it down with a light edge: as a disc, or as a print a little askew."""
    width, height = image.size
    side = round(min(width * chance.uniform(0.78, 0.84), height * 0.46))
    edge = side // (70 if as_disc else 22)
    inner = (side - 2 * edge, side - 2 * edge)
    card = Image.new("RGB", (side, side if as_disc else side + 2 * edge), _PAPER)
    part = cover(photo.pixels, inner, photo.focus, 1 + 0.1 * chance.random())
    card.paste(part, (edge, edge), _mask(inner, inner[0] / 2 if as_disc else 0))
    card.putalpha(_mask(card.size, side / 2 if as_disc else edge / 2))
    if not as_disc:
        tilt = chance.uniform(3, 6) * chance.choice((-1, 1))
        card = card.rotate(tilt, Image.Resampling.BILINEAR, expand=True)
    left = round((width - card.width) * (0.5 + chance.uniform(-0.25, 0.25)))
    _lay(image, card, (left, round(height * 0.67 - card.height / 2)))


_FORMS = (_bleed, _arch, partial(_framed, as_disc=False), partial(_framed, as_disc=True))


def _lay(image: Image.Image, shape: Image.Image, at: tuple[int, int]) -> None:
    """Pastes a shape over its soft shadow."""
    spread = image.width // 14
    coarse = Image.new("L", ((shape.width + 2 * spread) // 8, (shape.height + 2 * spread) // 8))
    small = shape.getchannel("A").resize((shape.width // 8 + 1, shape.height // 8 + 1))
    coarse.paste(small, (spread // 8, spread // 8))
    soft = coarse.filter(ImageFilter.GaussianBlur(spread / 18))
    soft = soft.point([value * 6 // 10 for value in range(256)])
    place = (at[0] - spread, at[1] - spread + spread // 3)
    large = (coarse.width * 8, coarse.height * 8)
    image.paste((0, 0, 0), place, soft.resize(large, Image.Resampling.BILINEAR))
    image.paste(shape, at, shape)


def cut_out(photo: Image.Image) -> Image.Image | None:
    """Cuts a product from a plain ground, onto an alpha channel; None where none is plain."""
    image = photo.copy()
    image.thumbnail((_LONGEST, _LONGEST))
    width, height = image.size
    edge = [(x, y) for x in range(0, width, 8) for y in (0, height - 1)]
    edge += [(x, y) for y in range(0, height, 8) for x in (0, width - 1)]
    colours = [image.getpixel(point) for point in edge]
    channels = [sorted(channel) for channel in zip(*colours, strict=True)]
    if any(of[len(of) * 19 // 20] - of[len(of) // 20] > _PLAIN for of in channels):
        return None
    marked, mark = image.copy(), (255, 0, 254)
    for point in edge[:: max(1, len(edge) // 24)]:
        if marked.getpixel(point) != mark:
            ImageDraw.floodfill(marked, point, mark, thresh=_ALIKE)
    away = ImageChops.difference(marked, Image.new("RGB", image.size, mark)).convert("L")
    mask = away.point(lambda value: 255 * (value > 0)).filter(ImageFilter.MedianFilter(5))
    share = mask.histogram()[255] / (width * height)
    box = mask.getbbox()
    if not box or not _LEAST < share < _MOST:
        return None
    image.putalpha(mask.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(1)))
    return image.crop(box)


def _mask(size: tuple[int, int], radius: float) -> Image.Image:
    # Drawn twice as large and reduced: smooth edges.
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    box = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, 2 * radius, fill=255)
    return mask.reduce(2)

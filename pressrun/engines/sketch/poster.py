"""Draws a prompt: the things that it names in their colours, or a pattern, and its words once.

The drawing stands on one part of a poster, the words on a plain one, so that they are always read.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageColor, ImageDraw, ImageOps

from pressrun.engines.sketch.look import Colour, hex_of, ink_on
from pressrun.engines.sketch.things import Drawn, Scenery, draw_thing, read_scenery
from pressrun.engines.sketch.words import Box, put_label, set_words

#: Dark, light, accent and a second colour.
_PALETTES = tuple(
    tuple(ImageColor.getrgb(f"#{name}")[:3] for name in names.split())
    for names in (
        "1d2b4f f6efe2 e4572e f2b134", "123c3a f1f0e6 2a9d8f e9c46a", "3a1f4d f8eef4 d6588f f6b26b",
        "1f2937 eef3f8 3b82c4 f5a65b", "3d2314 fbf1e3 c9663d 7fa38b", "0f3d2e f4f6ea 5fa052 f2c14e",
        "2b1d3f f3effa 7a5cc9 58c4b8", "4a1523 fcefe9 c8364b 3f6f8f", "14333f eaf6f6 17829a f4845f",
        "33302a f7f3ea a6894f 5c7a8a", "1c1f3a eeeefb 4857c9 ff8c69", "263a1c f5f7e8 7a9a3a d8573c",
    )
)  # fmt: skip
#: Where the drawing stands, and where the words: for squares and tall pictures, and for wide ones.
_TALL = (
    ((0, 0, 1, 0.66), (0.08, 0.69, 0.92, 0.96)),
    ((0.08, 0.31, 0.92, 0.94), (0.08, 0.1, 0.92, 0.28)),
    ((0.08, 0.1, 0.92, 0.7), (0.08, 0.73, 0.92, 0.95)),
    ((0, 0.36, 1, 1), (0.08, 0.1, 0.92, 0.33)),
)
_WIDE = (
    ((0, 0, 0.6, 1), (0.63, 0.08, 0.97, 0.92)),
    ((0.42, 0.08, 0.96, 0.92), (0.04, 0.12, 0.39, 0.92)),
    ((0.4, 0, 1, 1), (0.04, 0.12, 0.37, 0.92)),
    ((0.04, 0.12, 0.56, 0.92), (0.59, 0.1, 0.96, 0.9)),
)
_FINE = 1600  # drawn twice as large up to this long edge, so that edges are smooth


@dataclass(frozen=True, slots=True)
class PosterSketch:
    """What is to be drawn.

    Attributes:
        size: Width and height in pixels.
        prompt: What the drawing follows.
        words: What is set.
        seed: The item's thousand and its picture: neighbours differ in layout and colours.
        treat: From a drawing to its style.
        colours: Of the style's grounds; None: a palette of the item's own.
    """

    size: tuple[int, int]
    prompt: str
    words: str
    seed: int
    treat: Callable[[Image.Image], Image.Image]
    colours: Sequence[Colour] | None


def paint_poster(sketch: PosterSketch) -> Image.Image:
    """Paints a poster."""
    item, number = divmod(sketch.seed, 1000)
    width, height = sketch.size
    own = _PALETTES[(item + 5 * number) % len(_PALETTES)]
    dark, light, accent, _ = own
    grounds = sketch.colours or (light, dark, accent)
    ground = grounds[(item + number) % len(grounds)]
    layouts = _WIDE if width > height * 1.15 else _TALL
    drawing, words = layouts[(item + number) % len(layouts)]
    image = Image.new("RGB", sketch.size, ground)
    box = _pixels(drawing, sketch.size)
    size = (box[2] - box[0], box[3] - box[1])
    image.paste(sketch.treat(_draw(size, sketch, own)).resize(size, Image.Resampling.BILINEAR), box)
    set_words(image, sketch.words, _pixels(words, sketch.size), ink_on(ground, dark, light))
    put_label(image)
    return image


def _pixels(part: Sequence[float], size: tuple[int, int]) -> Box:
    left, top, right, bottom = part
    width, height = size
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def _draw(size: tuple[int, int], sketch: PosterSketch, palette: Sequence[Colour]) -> Image.Image:
    fine = 2 if max(size) <= _FINE else 1
    large = (size[0] * fine, size[1] * fine)
    chance, scenery = random.Random(f"{sketch.seed} {sketch.prompt}"), read_scenery(sketch.prompt)
    if scenery.things or scenery.below:
        image = _draw_scenery(large, scenery, chance, palette)
    else:
        image = _draw_pattern(large, chance, (*palette, *scenery.colours))
    return image.reduce(fine) if fine > 1 else image


def _draw_scenery(
    size: tuple[int, int], scenery: Scenery, chance: random.Random, palette: Sequence[Colour]
) -> Image.Image:
    width, height = size
    _dark, light, accent, second = palette
    usual = hex_of(_mixed(light, second, 0.3)), hex_of(_mixed(light, accent, 0.3))
    above, under = scenery.sky or usual
    strip = ImageOps.colorize(Image.linear_gradient("L").crop((0, 0, 1, 256)), above, under)
    image = strip.resize((1, height)).resize(size, Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(image)
    sky = [thing for thing in scenery.things if thing.in_sky]
    earth = [thing for thing in scenery.things if not thing.in_sky]
    if not scenery.sky and not scenery.below:
        radius = min(size) * chance.uniform(0.4, 0.46)
        draw.circle((width / 2, height * 0.52), radius, fill=_mixed(second, light, 0.15))
    if earth or scenery.below:
        _draw_row(draw, sky, (0.1 * width, 0.06 * height, 0.9 * width, 0.42 * height), chance)
    if scenery.below:
        _draw_below(draw, size, *scenery.below, chance)
    if earth:
        top = 0.3 if sky else 0.12
        _draw_row(draw, earth, (0.08 * width, top * height, 0.92 * width, 0.92 * height), chance)
    elif not scenery.below:
        _draw_row(draw, sky, (0.14 * width, 0.14 * height, 0.86 * width, 0.88 * height), chance)
    if scenery.strewn:
        for _ in range(26):
            at = (chance.uniform(0, width), chance.uniform(0, height))
            draw.circle(at, min(size) * chance.uniform(0.005, 0.014), fill=scenery.strewn)
    return image


def _draw_row(
    draw: ImageDraw.ImageDraw,
    things: Sequence[Drawn],
    room: tuple[float, float, float, float],
    chance: random.Random,
) -> None:
    """Draws things side by side on one line, the first one largest."""
    each = [thing for thing in things for _ in range(thing.count)]
    if not each:
        return
    left, top, right, bottom = room
    shares = [1.0 if thing == things[0] else 0.62 for thing in each]
    side = min(bottom - top, (right - left) / sum(shares))
    free = (right - left) - side * sum(shares)
    x = left + free * chance.uniform(0.4, 0.6)
    for thing, share in zip(each, shares, strict=True):
        jitter = 0.0 if not thing.in_sky else chance.uniform(0, bottom - top - side * share) * 0.6
        draw_thing(draw, thing, (x, bottom - side * share - jitter, side * share))
        x += side * share


def _draw_below(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    kind: str,
    named: str,
    chance: random.Random,
) -> None:
    width, height = size
    near = ImageColor.getrgb(named)[:3]
    far, line = _mixed(near, (255, 255, 255), 0.35), height * chance.uniform(0.66, 0.72)
    if kind == "hills":
        at = width * chance.uniform(0.1, 0.9)
        draw.ellipse((at - width, line - height * 0.06, at + width, 2 * height), fill=far)
        draw.ellipse(
            (width - at - width, line + 0.06 * height, 2 * width - at, 2 * height), fill=near
        )
        return
    draw.rectangle((0, line, width, height), fill=far if kind == "waves" else near)
    if kind == "waves":
        step = width / chance.choice((5, 6, 7))
        for row, colour in enumerate((near, _mixed(near, far, 0.5), near)):
            y = line + row * height * 0.11
            for number in range(-1, round(width / step) + 2):
                x = (number + row / 2) * step
                draw.ellipse((x, y, x + step, y + step), fill=colour)
            draw.rectangle((0, y + step / 2, width, max(height, y + step)), fill=colour)


def _draw_pattern(
    size: tuple[int, int], chance: random.Random, colours: Sequence[Colour]
) -> Image.Image:
    """Lays tiles of discs, their halves and quarters, triangles and stripes."""
    across = chance.choice((3, 4, 5))
    side = -(-max(size) // across)
    image = Image.new("RGB", size, colours[1])
    draw = ImageDraw.Draw(image)
    for x in range(0, size[0], side):
        for y in range(0, size[1], side):
            ground, ink = chance.sample(colours, 2)
            box = (x, y, x + side, y + side)
            draw.rectangle(box, fill=ground)
            kind, turn = chance.randrange(5), chance.randrange(4)
            corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
            if kind == 0:  # a quarter of a disc
                draw.pieslice(_around(corners[turn], side), 90 * turn, 90 * turn + 90, fill=ink)
            elif kind == 1:
                draw.pieslice(box, 90 * turn, 90 * turn + 180, fill=ink)
            elif kind == 2:
                draw.circle((x + side / 2, y + side / 2), side * 0.32, fill=ink)
            elif kind == 3:
                draw.polygon([*corners[:turn], *corners[turn + 1 :]], fill=ink)
            else:
                for number in range(0, 6, 2):
                    top = y + side * number / 6
                    draw.rectangle((x, top, x + side, top + side / 6), fill=ink)
    return image


def _around(point: tuple[int, int], radius: int) -> Box:
    return point[0] - radius, point[1] - radius, point[0] + radius, point[1] + radius


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue

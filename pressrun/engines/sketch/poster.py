"""Draws a prompt: the things that it names in their colours, or a pattern, and its words once.

The drawing stands on one part of a poster, the words on a plain one, so that they are always read.
Without words the drawing is all.
"""

import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageOps

from pressrun.engines.sketch.look import Colour, ink_on, mixed
from pressrun.engines.sketch.styles import Style
from pressrun.engines.sketch.things import PALETTES, SKY, Drawn, Scenery, draw_thing, read_scenery
from pressrun.engines.sketch.words import Part, pixels_of, set_words

#: Where the drawing stands, and where the words: for squares and tall pictures, and for wide ones.
_TALL: Sequence[tuple[Part, Part]] = (
    ((0, 0, 1, 0.66), (0.08, 0.69, 0.92, 0.96)),
    ((0.08, 0.31, 0.92, 0.94), (0.08, 0.1, 0.92, 0.28)),
    ((0.08, 0.1, 0.92, 0.7), (0.08, 0.73, 0.92, 0.95)),
    ((0, 0.36, 1, 1), (0.08, 0.1, 0.92, 0.33)),
)
_WIDE: Sequence[tuple[Part, Part]] = (
    ((0, 0, 0.6, 1), (0.63, 0.08, 0.97, 0.92)),
    ((0.42, 0.08, 0.96, 0.92), (0.04, 0.12, 0.39, 0.92)),
    ((0.4, 0, 1, 1), (0.04, 0.12, 0.37, 0.92)),
    ((0.04, 0.12, 0.56, 0.92), (0.59, 0.1, 0.96, 0.9)),
)
_ALL: Part = (0, 0, 1, 1)
_FINE = 1600  # drawn twice as large up to this long edge, so that edges are smooth


def paint_poster(
    size: tuple[int, int], prompt: str, words: str, seed: int, style: Style
) -> Image.Image:
    """Paints a poster.

    Args:
        size: Width and height in pixels.
        prompt: What the drawing follows.
        words: What is set; empty for a drawing alone.
        seed: The item's thousand and its picture: neighbours differ in layout and colours.
        style: How it is drawn; without colours, in a palette of the item's own.
    """
    item, number = divmod(seed, 1000)
    palette = PALETTES[(item + 5 * number) % len(PALETTES)]
    dark, light, accent, _ = palette
    grounds = style.colours or (light, dark, accent)
    ground = grounds[(item + number) % len(grounds)]
    layouts = _WIDE if size[0] > size[1] * 1.15 else _TALL
    drawing, place = layouts[(item + number) % len(layouts)]
    left, top, right, bottom = box = pixels_of(drawing if words.strip() else _ALL, size)
    image = Image.new("RGB", size, ground)
    drawn = style.treat(_draw((right - left, bottom - top), prompt, seed, palette))
    image.paste(drawn.resize((right - left, bottom - top), Image.Resampling.BILINEAR), box)
    set_words(image, words, place, ink_on(ground, dark, light))
    return image


def _draw(size: tuple[int, int], prompt: str, seed: int, palette: Sequence[Colour]) -> Image.Image:
    fine = 2 if max(size) <= _FINE else 1
    chance, scenery = random.Random(f"{seed} {prompt}"), read_scenery(prompt)
    large = (size[0] * fine, size[1] * fine)
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
    above, under = scenery.sky or (mixed(light, second, 0.3), mixed(light, accent, 0.3))
    strip = ImageOps.colorize(Image.linear_gradient("L").crop((0, 0, 1, 256)), above, under)
    image = strip.resize((1, height)).resize(size, Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(image)
    sky = [thing for thing in scenery.things if thing.name in SKY]
    earth = [thing for thing in scenery.things if thing.name not in SKY]
    if not scenery.sky and not scenery.below:
        radius = min(size) * chance.uniform(0.4, 0.46)
        draw.circle((width / 2, height * 0.52), radius, fill=mixed(second, light, 0.15))
    # What is in the sky alone has all of it; what is behind something looks out above it.
    alone = not earth and not scenery.below
    top, bottom = (0.14, 0.88) if alone else (0.34, 0.82) if scenery.behind else (0.06, 0.42)
    half = (top + bottom) / 2 if sky[1:] else bottom
    _draw_row(draw, sky[:1], (0.1 * width, top * height, 0.9 * width, half * height))
    _draw_row(draw, sky[1:], (0.2 * width, half * height, 0.8 * width, bottom * height))
    if scenery.below:
        _draw_below(draw, size, *scenery.below, chance)
    top = 0.3 if sky else 0.12
    _draw_row(draw, earth, (0.08 * width, top * height, 0.92 * width, 0.92 * height))
    for _ in range(26 if scenery.strewn else 0):
        at = (chance.uniform(0, width), chance.uniform(0, height))
        radius = min(size) * chance.uniform(0.005, 0.014)
        draw.circle(at, radius, fill=scenery.strewn)
    return image


def _draw_row(draw: ImageDraw.ImageDraw, things: Sequence[Drawn], room: Part) -> None:
    """Draws things side by side on one line, the first one largest."""
    each = [thing for thing in things for _ in range(thing.count)]
    shares = [1.0 if thing == things[0] else 0.62 for thing in each]
    left, top, right, bottom = room
    side = min(bottom - top, (right - left) / max(1, sum(shares)))
    x = (left + right - side * sum(shares)) / 2
    for thing, share in zip(each, shares, strict=True):
        draw_thing(draw, thing, (x, bottom - side * share, side * share))
        x += side * share


def _draw_below(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], kind: str, near: Colour, chance: random.Random
) -> None:
    width, height = size
    far, line = mixed(near, (255, 255, 255), 0.35), height * chance.uniform(0.66, 0.72)
    if kind == "hills":
        at, slope = width * chance.uniform(0.1, 0.9), height * 0.06
        draw.ellipse((at - width, line - slope, at + width, 2 * height), fill=far)
        draw.ellipse((-at, line + slope, 2 * width - at, 2 * height), fill=near)
        return
    draw.rectangle((0, line, width, height), fill=far if kind == "waves" else near)
    if kind == "waves":
        step = width / chance.choice((5, 6, 7))
        for row, colour in enumerate((near, mixed(near, far, 0.5), near)):
            y = line + row * height * 0.11
            for number in range(-1, round(width / step) + 2):
                x = (number + row / 2) * step
                draw.ellipse((x, y, x + step, y + step), fill=colour)
            draw.rectangle((0, y + step / 2, width, max(height, y + step)), fill=colour)


def _draw_pattern(
    size: tuple[int, int], chance: random.Random, colours: Sequence[Colour]
) -> Image.Image:
    """Lays tiles of discs, their halves and quarters, and triangles."""
    (width, height), side = size, -(-max(size) // chance.choice((3, 4, 5)))
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for x, y in ((x, y) for x in range(0, width, side) for y in range(0, height, side)):
        ground, ink = chance.sample(colours, 2)
        kind, turn = chance.randrange(4), chance.randrange(4)
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        box = (x, y, x + side, y + side)
        draw.rectangle(box, fill=ground)
        if kind == 0:  # a quarter of a disc
            across, down = corners[turn]
            around = (across - side, down - side, across + side, down + side)
            draw.pieslice(around, 90 * turn, 90 * turn + 90, fill=ink)
        elif kind == 1:
            draw.pieslice(box, 90 * turn, 90 * turn + 180, fill=ink)
        elif kind == 2:
            draw.circle((x + side / 2, y + side / 2), side * 0.32, fill=ink)
        else:
            draw.polygon([*corners[:turn], *corners[turn + 1 :]], fill=ink)
    return image

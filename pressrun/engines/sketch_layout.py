"""The seven layouts of a sketch, and where their parts stand on tall and wide pages.

A layout is a painter and two plans (fractions of the page); the seed chooses it, so that photo
variations with neighbouring seeds differ at first sight.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from pressrun.engines.sketch_page import (
    INK,
    WHITE,
    Page,
    Source,
    blend,
    contrast,
    defocus,
    readable_on,
    round_mask,
    tint,
)
from pressrun.engines.sketch_type import LINE_HEIGHT, Box, draw_block, line_width, placed
from pressrun.pictures import Picture

Fractions = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where things stand, as fractions of the page: left, top, right, bottom."""

    text: Fractions
    product: Fractions
    slide: Fractions = (0, 0, 1, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to put slide, product and words together."""

    paint: Callable[[Page, Plan], None]
    tall: Plan
    wide: Plan


def draw_sketch(
    size: tuple[int, int],
    slide: Picture | None,
    product: Picture | None,
    text: str,
    role: str,
    seed: int,
) -> Image.Image:
    """A labelled draft.

    Args:
        size: Width and height in pixels.
        slide: The slide that it follows.
        product: The product's photo.
        text: Words to set on it; may be empty.
        role: What the slide does in the slideshow.
        seed: Chooses the layout and its version.

    Raises:
        PictureError: A picture is damaged.
    """
    look, number = divmod(seed, len(LAYOUTS))
    layout = LAYOUTS[number]
    page = Page(size, slide, product, text, role, look % 60)
    layout.paint(page, layout.tall if size[1] >= size[0] else layout.wide)
    page.label()
    return page.image


def _depth(page: Page, plan: Plan) -> None:
    """The slide out of focus, the product sharp on a card before it."""
    ground = defocus(page.photo("slide", page.size, 1.1), 12)
    page.image.paste(ground)
    page.shade(page.box((0, 0.35, 1, 1)), page.scheme.deep, 0.92, upward=True)
    page.shade(page.box((0, 0, 1, 0.25)), INK, 0.45, upward=False)
    box = page.box(plan.product)
    page.place(page.photo("product", _extent(box)), box, page.unit * 5, page.unit * 1.4)
    text = page.box(plan.text)
    bar = (text[0], text[1] - round(page.unit * 3), text[0] + round(page.unit * 14))
    page.draw.rectangle((*bar, bar[1] + round(page.unit * 1.1)), _glow(page))
    page.set_text(text, WHITE, anchor="top")


def _split(page: Page, plan: Plan) -> None:
    """The slide above, a field of colour with the words below, the product round on the seam."""
    page.image.paste(page.scheme.deep, (0, 0, *page.size))
    box = page.box(plan.slide)
    page.image.paste(page.photo("slide", _extent(box)), box[:2])
    circle = _square(page.box(plan.product))
    side = _extent(circle)
    page.place(page.photo("product", side), circle, side[0] / 2, page.unit * 1.6)
    page.set_text(page.box(plan.text), WHITE, anchor="middle")


def _prints(page: Page, plan: Plan) -> None:
    """Two photographic prints, thrown on a table of pale paper."""
    page.image.paste(page.scheme.paper, (0, 0, *page.size))
    turn = 5 if page.look % 2 else -5
    _print(page, "slide", page.box(plan.slide), turn)
    _print(page, "product", page.box(plan.product), -turn * 0.8)
    page.set_text(page.box(plan.text), blend(page.scheme.deep, INK, 0.5), align="center")


def _spotlight(page: Page, plan: Plan) -> None:
    """The slide in shades of one colour, the product in a ring of light."""
    ground = page.photo("slide", page.size, 1.25)
    page.image.paste(tint(ground, blend(page.scheme.deep, INK, 0.55), page.scheme.accent))
    page.shade(page.box((0, 0, 1, 0.55)), page.scheme.deep, 0.85, upward=False)
    circle = _square(page.box(plan.product))
    page.place(
        page.photo("product", _extent(circle)), circle, _extent(circle)[0] / 2, page.unit * 2
    )
    page.set_text(page.box(plan.text), WHITE, align="center", outline=page.scheme.deep)


def _banner(page: Page, plan: Plan) -> None:
    """Slide and product in halves, a slanted banner with the words across the middle."""
    halves: tuple[tuple[Source, Fractions], ...] = (
        ("slide", plan.slide),
        ("product", plan.product),
    )
    for source, place in halves:
        box = page.box(place)
        page.image.paste(page.photo(source, _extent(box)), box[:2])
    text = page.box(plan.text)
    slant, rise = round(page.unit * 4), round(page.unit * 3.5)
    colour = page.scheme.accent if contrast(page.scheme.accent, WHITE) > 3 else page.scheme.deep
    _slanted(page, (0, text[1] - rise * 2, page.size[0], text[3] + rise * 2), slant, WHITE)
    inner = (0, text[1] - rise - rise // 2, page.size[0], text[3] + rise + rise // 2)
    _slanted(page, inner, slant, colour)
    page.set_text(text, readable_on(colour), align="center")


def _poster(page: Page, plan: Plan) -> None:
    """Headline on paper, the slide as a framed picture, the product laid over its corner."""
    page.image.paste(page.scheme.paper, (0, 0, *page.size))
    product, slide = page.box(plan.product), page.box(plan.slide)
    disc = round(page.unit * 36)
    centre = (slide[2] - disc // 3, slide[1] + disc // 6)
    page.image.paste(
        blend(page.scheme.accent, page.scheme.paper, 0.35),
        (centre[0] - disc, centre[1] - disc),
        round_mask((disc * 2, disc * 2), disc),
    )
    page.place(page.photo("slide", _extent(slide)), slide, page.unit * 4)
    page.place(page.photo("product", _extent(product)), product, page.unit * 4, page.unit * 1.6)
    page.set_text(page.box(plan.text), blend(page.scheme.deep, INK, 0.5), anchor="middle")


def _captions(page: Page, plan: Plan) -> None:
    """The product fills the page, the slide is cut in on a diagonal; each line on its own strip."""
    page.image.paste(page.photo("product", page.size))
    box = page.box(plan.slide)
    page.image.paste(page.photo("slide", _extent(box)), box[:2], _wedge(_extent(box)))
    _diagonal(page, box)
    text = page.box(plan.text)
    block = page.fit_text(_grown(text, -round(page.unit * 3)))
    if block is None:
        return
    pad = block.size * 0.3
    for line, x, y in placed(block, text, "center", "middle"):
        strip = (x - pad, y - block.size * 0.04, x + line_width(line, block.size) + pad)
        bottom = y + block.size * (LINE_HEIGHT + 0.04)
        page.draw.rounded_rectangle((*strip, bottom), block.size * 0.22, WHITE)
    draw_block(page.draw, block, text, INK, align="center")


LAYOUTS = (
    Layout(
        _depth,
        Plan(text=(0.08, 0.71, 0.92, 0.95), product=(0.12, 0.2, 0.88, 0.64)),
        Plan(text=(0.53, 0.24, 0.95, 0.88), product=(0.07, 0.2, 0.46, 0.84)),
    ),
    Layout(
        _split,
        Plan((0.08, 0.72, 0.92, 0.96), (0.5, 0.44, 0.94, 0.69), (0, 0, 1, 0.57)),
        Plan((0.62, 0.42, 0.96, 0.94), (0.46, 0.06, 0.66, 0.4), (0, 0, 0.56, 1)),
    ),
    Layout(
        _prints,
        Plan((0.08, 0.79, 0.92, 0.96), (0.34, 0.38, 0.9, 0.74), (0.08, 0.1, 0.66, 0.47)),
        Plan((0.62, 0.2, 0.96, 0.85), (0.28, 0.24, 0.56, 0.9), (0.05, 0.14, 0.33, 0.8)),
    ),
    Layout(
        _spotlight,
        Plan((0.1, 0.15, 0.9, 0.38), (0.1, 0.42, 0.9, 0.9)),
        Plan((0.06, 0.3, 0.5, 0.88), (0.53, 0.12, 0.95, 0.88)),
    ),
    Layout(
        _banner,
        Plan((0.06, 0.45, 0.94, 0.58), (0, 0.5, 1, 1), (0, 0, 1, 0.5)),
        Plan((0.06, 0.62, 0.94, 0.82), (0.5, 0, 1, 1), (0, 0, 0.5, 1)),
    ),
    Layout(
        _poster,
        Plan((0.08, 0.13, 0.92, 0.33), (0.08, 0.68, 0.54, 0.93), (0.18, 0.38, 0.92, 0.8)),
        Plan((0.06, 0.3, 0.44, 0.9), (0.42, 0.54, 0.64, 0.92), (0.5, 0.1, 0.94, 0.8)),
    ),
    Layout(
        _captions,
        Plan((0.06, 0.41, 0.94, 0.61), (0, 0, 1, 1), (0, 0, 1, 0.56)),
        Plan((0.08, 0.62, 0.92, 0.9), (0, 0, 1, 1), (0, 0, 1, 0.72)),
    ),
)


def _print(page: Page, source: Source, box: Box, degrees: float) -> None:
    border, foot = round(page.unit * 2.2), round(page.unit * 7)
    width, height = _extent(box)
    card = Image.new("RGBA", (width, height), (*WHITE, 255))
    inner = (width - 2 * border, height - border - foot)
    card.paste(page.photo(source, inner), (border, border))
    framed = Image.new("RGBA", (width + 4, height + 4), (*WHITE, 0))  # so that the edge is smooth
    framed.paste(card, (2, 2))
    turned = framed.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(*WHITE, 0))
    left = box[0] - (turned.width - width) // 2
    top = box[1] - (turned.height - height) // 2
    page.shadow(box, page.unit)
    page.image.paste(turned, (left, top), turned)


def _slanted(page: Page, box: Box, slant: int, colour: tuple[int, int, int]) -> None:
    """A band that rises to the right, with a smooth edge."""
    width, height = _extent(box)
    mask = Image.new("L", (width, (height + slant * 2) * 2), 0)
    corners = [(0, slant * 4), (width, 0), (width, height * 2), (0, (height + slant * 2) * 2)]
    ImageDraw.Draw(mask).polygon(corners, 255)
    smooth = mask.resize((width, height + slant * 2), Image.Resampling.BOX)
    page.image.paste(colour, (box[0], box[1] - slant), smooth)


def _wedge(size: tuple[int, int]) -> Image.Image:
    width, height = size
    mask = Image.new("L", (width, height * 2), 0)
    ImageDraw.Draw(mask).polygon([(0, 0), (width, 0), (width, height * 1.6), (0, height * 2)], 255)
    return mask.resize(size, Image.Resampling.BOX)


def _diagonal(page: Page, box: Box) -> None:
    height, thick = _extent(box)[1], max(round(page.unit * 1.2), 2)
    ends = ((box[0] - thick, box[3]), (box[2] + thick, box[1] + height * 0.8))
    page.draw.line(ends, WHITE, thick)


def _glow(page: Page) -> tuple[int, int, int]:
    return blend(page.scheme.accent, WHITE, 0.35)


def _square(box: Box) -> Box:
    """The largest square in the middle of the box."""
    width, height = _extent(box)
    side = min(width, height)
    left, top = box[0] + (width - side) // 2, box[1] + (height - side) // 2
    return left, top, left + side, top + side


def _extent(box: Box) -> tuple[int, int]:
    return max(box[2] - box[0], 1), max(box[3] - box[1], 1)


def _grown(box: Box, by: int) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by

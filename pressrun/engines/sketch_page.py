"""The drawing board of a sketch: colours that go together, photographs in frames, panels, the label.

It draws single elements where it is told; which elements make a slide is
:mod:`pressrun.engines.sketch_layout`.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFilter

from pressrun.engines.sketch_look import crop, look_at, saturation
from pressrun.engines.sketch_type import (
    Align,
    Anchor,
    Block,
    Box,
    Colour,
    draw_block,
    fit,
    font,
)
from pressrun.pictures import Picture

WHITE: Colour = (255, 255, 255)
INK: Colour = (20, 20, 26)
LABEL = "SKETCH"
LABEL_COLOUR: Colour = (255, 214, 10)
# For pictures without a colour of their own (grass, bricks, nothing at all).
ACCENTS: tuple[Colour, ...] = ((232, 93, 66), (24, 128, 122), (70, 86, 196), (196, 68, 124))
_READABLE = 4.5  # contrast that WCAG 2 asks for text
_CENTRE = (0.5, 0.5)

Source = Literal["slide", "product"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """Colours of one sketch: a strong one, a deep one to carry white text, and a pale one."""

    accent: Colour
    deep: Colour
    paper: Colour


@dataclass(slots=True)
class Page:
    """A picture in the making.

    Attributes:
        size: Width and height in pixels.
        slide: The source slide, or None.
        product: The product's photo; the slide stands in where there is none.
        text: Words to set.
        role: The slide's role in the slideshow.
        look: Number of the version of a layout: another accent, another crop.
    """

    size: tuple[int, int]
    slide: Picture | None
    product: Picture | None
    text: str
    role: str
    look: int
    scheme: Scheme = field(init=False)
    image: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.scheme = choose_scheme([p for p in (self.slide, self.product) if p], self.look)
        self.image = Image.new("RGB", self.size, self.scheme.paper)

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side, in pixels."""
        return min(self.size) / 100

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """For shapes with hard edges."""
        return ImageDraw.Draw(self.image)

    def box(self, fractions: tuple[float, float, float, float]) -> Box:
        """Fractions of the page in pixels."""
        width, height = self.size
        left, top, right, bottom = fractions
        return (
            round(left * width),
            round(top * height),
            round(right * width),
            round(bottom * height),
        )

    def photo(self, source: Source, size: tuple[int, int], zoom: float = 1.0) -> Image.Image:
        """The slide or the product, cropped to a size; a plain colour field if there is neither."""
        picture = self.slide or self.product
        if source == "product":
            picture = self.product or self.slide
        if picture is None:
            return _colour_field(size, self.scheme, self.look)
        x, y = look_at(picture).focus
        if source == "slide":
            y = max(y, 0.58)  # captions of slides stand in the upper third; the sketch sets its own
        shift = 0.06 * (self.look % 3 - 1)
        return crop(picture, size, (x + shift, y), zoom + 0.12 * (self.look % 3))

    def place(self, photo: Image.Image, box: Box, radius: float, border: float = 0) -> None:
        """A photograph with round corners, a white border and a soft shadow under it."""
        self.shadow(box, radius)
        if border:
            outer = _grow(box, round(border))
            self.image.paste(WHITE, outer[:2], round_mask(_size(outer), round(radius + border)))
        self.image.paste(photo, box[:2], round_mask(photo.size, round(radius)))

    def shade(self, box: Box, colour: Colour, strength: float, *, upward: bool) -> None:
        """A gradient of one colour, from nothing to ``strength`` (0 to 1) at the box's end."""
        ramp = Image.linear_gradient("L").point([round(v * strength) for v in range(256)])
        if not upward:
            ramp = ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        self.image.paste(colour, box[:2], ramp.resize(_size(box), Image.Resampling.BILINEAR))

    def set_text(
        self,
        box: Box,
        fill: Colour,
        *,
        align: Align = "left",
        anchor: Anchor = "middle",
        outline: Colour | None = None,
    ) -> Block | None:
        """Fits the page's words to the box and draws them; gives how, or None without words."""
        block = self.fit_text(box)
        if block:
            draw_block(self.draw, block, box, fill, align=align, anchor=anchor, outline=outline)
        return block

    def fit_text(self, box: Box) -> Block | None:
        """The words broken and sized for the box; an opening slide speaks louder."""
        if not self.text.strip():
            return None
        largest = round(self.unit * (13 if self.role == "hook" else 11))
        return fit(self.text, *_size(box), largest, max(round(self.unit * 3.4), 8))

    def label(self) -> None:
        """The ribbon over the corner that says what this is. Drawn last, over everything."""
        ribbon = _ribbon(round(self.unit * 29))
        self.image.paste(ribbon, (0, 0), ribbon)

    def shadow(self, box: Box, radius: float) -> None:
        """A soft shadow of a shape that will be drawn at the box."""
        blur, scale = max(self.unit * 2.4, 2), 8
        outer = _grow(box, round(blur * 2))
        mask = _soft_mask(_size(outer), round(blur * 2), round(radius), round(blur), scale)
        self.image.paste((0, 0, 0), (outer[0], outer[1] + round(blur * 0.6)), mask)


def choose_scheme(pictures: list[Picture], look: int) -> Scheme:
    """Colours taken from the pictures, or a set of our own where they have none."""
    found = [colour for picture in pictures for colour in look_at(picture).colours]
    vivid = sorted((c for c in found if saturation(c) > 0.28), key=saturation, reverse=True)
    choice: list[Colour] = vivid[:3] or list(ACCENTS)
    accent = _settle(choice[look % len(choice)])
    deep = accent
    while contrast(deep, WHITE) < _READABLE * 1.6:
        deep = blend(deep, INK, 0.15)
    return Scheme(accent, deep, blend(accent, WHITE, 0.88))


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2 contrast, from 1 (none) to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable_on(ground: Colour) -> Colour:
    """White or ink, whichever reads better."""
    return WHITE if contrast(ground, WHITE) >= contrast(ground, INK) else INK


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """``share`` (0 to 1) of the other colour in the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def defocus(photo: Image.Image, strength: int) -> Image.Image:
    """The photograph out of focus: computed small, as the eye cannot tell."""
    small = photo.reduce(strength).filter(ImageFilter.GaussianBlur(1.6))
    return small.resize(photo.size, Image.Resampling.BICUBIC)


def tint(photo: Image.Image, dark: Colour, light: Colour) -> Image.Image:
    """The photograph in shades between two colours."""
    grey = photo.convert("L")
    bands = [
        grey.point([round(d + (b - d) * v / 255) for v in range(256)])
        for d, b in zip(dark, light, strict=True)
    ]
    return Image.merge("RGB", bands)


@lru_cache(maxsize=24)
def round_mask(size: tuple[int, int], radius: int) -> Image.Image:
    """Where a shape with round corners is, smooth at its edge. Not to be drawn on."""
    width, height = size
    mask = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), radius * 2, 255)
    return mask.reduce(2)


@lru_cache(maxsize=24)
def _soft_mask(
    size: tuple[int, int], inset: int, radius: int, blur: int, scale: int
) -> Image.Image:
    width, height = max(size[0] // scale, 1), max(size[1] // scale, 1)
    mask = Image.new("L", (width, height), 0)
    edge = inset / scale
    ImageDraw.Draw(mask).rounded_rectangle(
        (edge, edge, max(width - edge, edge + 1), max(height - edge, edge + 1)), radius / scale, 110
    )
    return mask.filter(ImageFilter.GaussianBlur(blur / scale)).resize(
        size, Image.Resampling.BICUBIC
    )


@lru_cache(maxsize=8)
def _ribbon(reach: int) -> Image.Image:
    """A band across the upper left corner that ends ``reach`` pixels from it on both edges."""
    side, thick = reach * 2, max(reach // 4, 8)
    band = Image.new("RGBA", (side, side), (*LABEL_COLOUR, 0))
    draw = ImageDraw.Draw(band)
    # Drawn level through the middle, then turned: the middle comes to lie on the corner's diagonal.
    top = side / 2 - thick
    draw.rectangle((0, top, side, top + thick), (*LABEL_COLOUR, 255))
    for y in (top, top + thick):
        draw.line((0, y, side, y), (*INK, 255), max(thick // 20, 1))
    letters = font(round(thick * 0.62))
    draw.text(
        (side / 2, top + thick * 0.5), LABEL, (*INK, 255), letters, "mm", stroke_width=thick / 45
    )
    turned = band.rotate(45, Image.Resampling.BICUBIC)
    corner = round(reach * 0.5)
    return turned.crop((side // 2 - corner, side // 2 - corner, side, side))


def _colour_field(size: tuple[int, int], scheme: Scheme, look: int) -> Image.Image:
    """Soft discs of the scheme's colours, for a sketch without a picture to start from."""
    width, height = (max(side // 4, 1) for side in size)
    small = Image.new("RGB", (width, height), scheme.deep)
    draw = ImageDraw.Draw(small)
    short = min(width, height)
    for number, colour in enumerate((scheme.accent, scheme.paper, blend(scheme.accent, INK, 0.4))):
        turn = (look + number * 2) % 5
        x, y = width * (0.15 + 0.18 * turn), height * (0.2 + 0.3 * number)
        reach = short * (0.5 - 0.11 * number)
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), colour)
    soft = small.filter(ImageFilter.GaussianBlur(short / 30))
    return soft.resize(size, Image.Resampling.BICUBIC)


def _settle(colour: Colour) -> Colour:
    """Not so dark that it is no colour, not so light that it vanishes on paper."""
    while _luminance(colour) < 0.1:
        colour = blend(colour, WHITE, 0.12)
    while _luminance(colour) > 0.42:
        colour = blend(colour, INK, 0.1)
    return colour


def _luminance(colour: Colour) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _size(box: Box) -> tuple[int, int]:
    return max(box[2] - box[0], 1), max(box[3] - box[1], 1)


def _grow(box: Box, by: int) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by

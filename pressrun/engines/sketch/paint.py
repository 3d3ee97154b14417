"""Paints one sketched slide: photos into their frames, words onto their panel, the label on top.

Deterministic, and at the final size from the start: a slide costs a few full-size operations.
"""

import random
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

from pressrun.engines.sketch.layout import Copy, Frame, Ground, layout_for
from pressrun.engines.sketch.lettering import Box, Setting, draw_words, fit
from pressrun.engines.sketch.look import Colour, Palette, contrast, palette_of

Point = tuple[float, float]

LABEL = "SKETCH"
WHITE: Colour = (255, 255, 255)
_DIM = 0.44  # brightness left in a dimmed photo: white on it keeps a contrast above 4.5
_SCRIM = 226


@dataclass(frozen=True, slots=True)
class Photo:
    """Decoded pixels and the point that a crop should keep, as fractions."""

    pixels: Image.Image
    focus: Point = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be drawn.

    Attributes:
        scene: The source slide, or soft shapes where none was given.
        inset: The product, or a detail of the scene; None for words without a photo.
        variation: From 0; selects the layout.
        link: With the variation, selects mirroring, crops and tint.
    """

    width: int
    height: int
    scene: Photo
    inset: Photo | None
    colours: tuple[Colour, ...]
    text: str
    role: str
    variation: int
    link: int


def paint(sheet: Sheet) -> Image.Image:
    """Paints a whole slide."""
    return _Painter(sheet).paint()


class _Painter:
    """The state of one drawing; a unit is a hundredth or so of the slide's size."""

    def __init__(self, sheet: Sheet):
        self.sheet = sheet
        size, bare = (sheet.width, sheet.height), sheet.inset is None
        self.layout = layout_for(*size, sheet.variation, sheet.link, bare=bare)
        self.palette: Palette = palette_of(sheet.colours, sheet.variation + sheet.link)
        self.unit = (sheet.width * sheet.height) ** 0.5 / 134
        self.chance = random.Random(sheet.link * 1000 + sheet.variation)
        self.tint = _tint(self.chance, muted=sheet.role == "problem")
        self.image = Image.new("RGB", (sheet.width, sheet.height), self._colour(self.layout.ground))

    def paint(self) -> Image.Image:
        for frame in self.layout.scenes:
            self._frame(frame, self.sheet.scene, self.tint)
        for frame in self.layout.insets:
            self._frame(frame, self.sheet.inset or self.sheet.scene, None)
        self._copy(self.layout.copy)
        self._label()
        return self.image

    def _colour(self, ground: Ground) -> Colour:
        colours = {"dark": self.palette.dark, "light": self.palette.light}
        return colours.get(ground, self.palette.accent)

    def _box(self, box: tuple[float, float, float, float]) -> Box:
        width, height = self.image.size
        left, top, right, bottom = box
        return (
            round(left * width),
            round(top * height),
            round(right * width),
            round(bottom * height),
        )

    def _frame(self, frame: Frame, photo: Photo, tint: list[int] | None) -> None:
        box = self._box(frame.box)
        if frame.shape == "polaroid":
            self._polaroid(frame, photo, tint, box)
        elif frame.shape == "plain":
            self.image.paste(self._cut(frame, photo, tint, _size(box)), box[:2])
        else:
            self._cut_out(frame, photo, tint, _square(box) if frame.shape == "circle" else box)

    def _cut(
        self, frame: Frame, photo: Photo, tint: list[int] | None, size: tuple[int, int]
    ) -> Image.Image:
        zoom = (1.7 if frame.close else 1) + 0.12 * self.chance.random()
        x = photo.focus[0] + 0.3 * frame.shift + self.chance.uniform(-0.05, 0.05)
        image = cover(photo.pixels, size, (x, photo.focus[1]), zoom)
        if frame.dim:
            tint = [round(value * _DIM) for value in tint or _IDENTITY]
        return image.point(tint) if tint else image

    def _cut_out(self, frame: Frame, photo: Photo, tint: list[int] | None, box: Box) -> None:
        """Draws a photo cut to a shape; an inset gets a border and a shadow."""
        edge = round(0.9 * self.unit) if frame in self.layout.insets else 0
        if edge:
            self._shadow(box, frame.shape == "circle")
            mask = _mask(_size(box), frame.shape, self.unit)
            self.image.paste(self.palette.light, box, mask)
        inner = (box[0] + edge, box[1] + edge, box[2] - edge, box[3] - edge)
        cut = self._cut(frame, photo, tint, _size(inner))
        self.image.paste(cut, inner[:2], _mask(_size(inner), frame.shape, self.unit * 0.75))

    def _polaroid(self, frame: Frame, photo: Photo, tint: list[int] | None, box: Box) -> None:
        width, height = _size(box)
        height = min(height, round(width * 1.22))
        width = min(width, round(height / 1.08))
        edge, foot = round(width * 0.05), round(width * 0.16)
        print_ = Image.new("RGBA", (width, height), (*WHITE, 255))
        cut = self._cut(frame, photo, tint, (width - 2 * edge, height - edge - foot))
        print_.paste(cut, (edge, edge))
        turned = print_.rotate(frame.tilt, Image.Resampling.BILINEAR, expand=True)
        left = (box[0] + box[2] - turned.width) // 2
        top = (box[1] + box[3] - turned.height) // 2
        around = round(edge * 0.6)
        self._shadow(
            (left + around, top + around, left + turned.width - around, top + turned.height),
            round_=False,
        )
        self.image.paste(turned, (left, top), turned)

    def _shadow(self, box: Box, round_: bool) -> None:
        spread, coarse = 2.4 * self.unit, 8
        left, top = round(box[0] - spread), round(box[1] - spread * 0.6)
        width, height = round(box[2] - box[0] + 2 * spread), round(box[3] - box[1] + 2 * spread)
        small = Image.new("L", (max(1, width // coarse), max(1, height // coarse)))
        draw = ImageDraw.Draw(small)
        inset = spread / coarse
        shape = (inset, inset, small.width - inset, small.height - inset)
        (draw.ellipse if round_ else draw.rectangle)(shape, fill=110)
        small = small.filter(ImageFilter.GaussianBlur(inset * 0.55))
        mask = small.resize((width, height), Image.Resampling.BILINEAR)
        self.image.paste((0, 0, 0), (left, top, left + width, top + height), mask)

    def _copy(self, copy: Copy) -> None:
        box = self._below_label(self._box(copy.box))
        pad = round((0 if copy.panel == "none" else 4.4) * self.unit)
        inside = (box[0] + pad, box[1] + pad, box[2] - pad, box[3] - pad)
        button = 9 * self.unit if self.sheet.role == "call_to_action" else 0
        largest = (11.5 if self.sheet.role == "hook" else 10) * self.unit
        room = _size(inside)[1] - round(button)
        setting = fit(self.sheet.text, _size(inside)[0], room, round(largest), round(3 * self.unit))
        if not setting.lines:
            return
        ground = self._panel(copy, box, setting, round(2 * pad + button))
        ink = ink_on(ground, self.palette)
        top, bottom = box[1] + pad, box[3] - pad
        if copy.align == "left":
            top = max(top, bottom - setting.height - round(button))
            self._rule(inside[0], bottom - setting.height - button)
        middle = (inside[0], top, inside[2], bottom - round(button))
        draw_words(ImageDraw.Draw(self.image), setting, middle, ink, copy.align)
        if button:
            self._button(middle, setting, copy, ink, ground)

    def _below_label(self, box: Box) -> Box:
        """Moves a box out from under the label where it reaches that corner."""
        if box[0] > 30 * self.unit or self.layout.copy.panel == "band":
            return box
        return box[0], max(box[1], round(13 * self.unit)), box[2], box[3]

    def _rule(self, left: int, y: float) -> None:
        """Draws a short line in the accent colour above words that are aligned left."""
        bar = (left, y - 2.2 * self.unit, left + 12 * self.unit, y - 1.3 * self.unit)
        ImageDraw.Draw(self.image).rectangle(bar, fill=self.palette.accent)

    def _panel(self, copy: Copy, box: Box, setting: Setting, around: int) -> Colour:
        """Draws what the words stand on; returns its colour."""
        ground = self._colour(copy.ground)
        if copy.panel in {"none", "band"}:
            return ground
        # A panel hugs its words: an empty half of a box would hide the photo for nothing.
        height = min(box[3] - box[1], setting.height + around)
        middle = (box[1] + box[3]) // 2
        tight = (box[0], middle - height // 2, box[2], middle - height // 2 + height)
        if copy.panel == "card":
            self._shadow(tight, round_=False)
        mask = _mask(_size(tight), "rounded", self.unit)
        if copy.panel == "scrim":
            mask = mask.point(lambda value: value * _SCRIM // 255)
        self.image.paste(ground, tight, mask)
        return ground

    def _button(self, box: Box, setting: Setting, copy: Copy, ink: Colour, ground: Colour) -> None:
        """Draws an arrow in a pill under the words: a call to action without words of its own."""
        unit, width = self.unit, 17 * self.unit
        middle = (box[0] + box[2]) / 2
        left = box[0] if copy.align == "left" else middle - width / 2
        below = box[3] if copy.align == "left" else (box[1] + box[3] + setting.height) / 2
        top = below + 2 * unit
        bottom = top + 6.4 * unit
        draw = ImageDraw.Draw(self.image)
        draw.rounded_rectangle((left, top, left + width, bottom), radius=3.2 * unit, fill=ink)
        y, tip = (top + bottom) / 2, left + width * 0.68
        stroke = max(2, round(0.75 * unit))
        draw.line((left + width * 0.3, y, tip, y), fill=ground, width=stroke)
        head = [(tip - 1.6 * unit, y - 1.6 * unit), (tip, y), (tip - 1.6 * unit, y + 1.6 * unit)]
        draw.line(head, fill=ground, width=stroke, joint="curve")

    def _label(self) -> None:
        """Puts the word SKETCH in a corner, on its own ground: readable on any photo."""
        put_label(self.image, self.unit)


_IDENTITY = list(range(256)) * 3


def put_label(image: Image.Image, unit: float) -> None:
    """Puts the label into the upper left corner."""
    small, margin = _label(round(unit * 100)), round(3.4 * unit)
    image.paste(small, (margin, margin), small)


@lru_cache(maxsize=16)
def _label(hundredth: int) -> Image.Image:
    unit = hundredth / 100
    setting = fit(" ".join(LABEL), 9999, 9999, round(3.3 * unit), 6)
    size = (round(setting.width + 5 * unit), round(6 * unit))
    label = Image.new("RGBA", size)
    draw = ImageDraw.Draw(label)
    shape = (0, 0, size[0] - 1, size[1] - 1)
    line = max(1, round(0.25 * unit))
    draw.rounded_rectangle(
        shape, radius=3 * unit, fill=(18, 18, 22, 255), outline=(*WHITE, 255), width=line
    )
    draw_words(draw, setting, (0, 0, *size), WHITE)
    return label


def ink_on(ground: Colour, palette: Palette) -> Colour:
    """Chooses the palette's dark or light colour; black or white where that is hard to read."""
    best = max((palette.dark, palette.light), key=lambda ink: contrast(ink, ground))
    if contrast(best, ground) >= 4.5:
        return best
    return max(((0, 0, 0), WHITE), key=lambda ink: contrast(ink, ground))


def cover(image: Image.Image, size: tuple[int, int], focus: Point, zoom: float) -> Image.Image:
    """Cuts out the part around ``focus`` that fills ``size``, and scales it in the same step."""
    scale = max(size[0] / image.width, size[1] / image.height)
    # Barely larger than its place: a plain cut costs a twentieth of scaling it.
    scale = 1.0 if 0.88 <= scale <= 1 else scale * zoom
    width, height = min(size[0] / scale, image.width), min(size[1] / scale, image.height)
    left = min(max(focus[0] * image.width - width / 2, 0), image.width - width)
    top = min(max(focus[1] * image.height - height / 2, 0), image.height - height)
    if scale == 1:
        x, y = int(left), int(top)
        return image.crop((x, y, x + size[0], y + size[1]))
    box = (left, top, left + width, top + height)
    return image.resize(size, Image.Resampling.BILINEAR, box, reducing_gap=2)


def _mask(size: tuple[int, int], shape: str, unit: float) -> Image.Image:
    # Drawn twice as large and reduced: smooth edges.
    width, height = size[0] * 2, size[1] * 2
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    box = (0, 0, width - 1, height - 1)
    if shape == "circle":
        draw.ellipse(box, fill=255)
    elif shape == "arch":
        radius = min(width, height) / 2
        draw.rounded_rectangle(box, radius, fill=255, corners=(True, True, False, False))
    else:
        draw.rounded_rectangle(box, 5 * unit, fill=255)
    return mask.reduce(2)


def _size(box: Box) -> tuple[int, int]:
    return max(1, box[2] - box[0]), max(1, box[3] - box[1])


def _square(box: Box) -> Box:
    side = min(_size(box))
    left, top = (box[0] + box[2] - side) // 2, (box[1] + box[3] - side) // 2
    return left, top, left + side, top + side


def _tint(chance: random.Random, *, muted: bool) -> list[int]:
    """Makes a table for ``Image.point``: a little warmth, coolness, contrast or fade."""
    warmth = chance.uniform(-0.06, 0.06)
    low, high = (34, 205) if muted else (chance.choice((0, 0, 14)), 255)
    gains = (1 + warmth, 1.0, 1 - warmth)
    return [
        min(255, round((low + (high - low) * value / 255) * gain))
        for gain in gains
        for value in range(256)
    ]


def abstract(seed: int) -> Image.Image:
    """Draws soft shapes in related colours, for a prompt without pictures."""
    chance = random.Random(seed)
    hue = chance.randrange(360)
    ground = Image.new("RGB", (48, 86), f"hsl({hue}, 45%, 78%)")
    draw = ImageDraw.Draw(ground)
    for number in range(7):
        x, y, radius = chance.randrange(48), chance.randrange(86), chance.randrange(8, 26)
        turn = (hue + chance.choice((0, 25, 40, 180))) % 360
        fill = f"hsl({turn}, 55%, {35 + 7 * number}%)"
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    soft = ground.filter(ImageFilter.GaussianBlur(2.2))
    return soft.resize((384, 688), Image.Resampling.BICUBIC)

"""The picture that words are set on: cut to its frame; how calm and how bright its places are."""

from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageFilter, ImageOps, ImageStat

from pressrun.pictures.lettering.options import WIDTH
from pressrun.pictures.picture import Picture

PixelBox = tuple[int, int, int, int]
#: Looked at in a picture so much smaller: noise of a camera is no detail.
_SMALLER = 6


@dataclass(frozen=True)  # no slots: what is seen once is kept
class Ground:
    """Pixels in RGB, and what is seen in them."""

    pixels: Image.Image

    def unrest(self, box: PixelBox) -> float:
        """Measures the detail in a part: 0 for a plain ground, above 0.1 for a busy one."""
        return ImageStat.Stat(self._edges.crop(_small(box))).mean[0] / 255

    def contrast(self, box: PixelBox) -> float:
        """Computes the contrast of white with the bright places of a part (WCAG 2.2)."""
        part = sorted(self._light.crop(_small(box)).tobytes())
        bright = part[len(part) * 9 // 10] / 255
        return 1.05 / (_linear(bright) + 0.05)

    @cached_property
    def _light(self) -> Image.Image:
        width, height = self.pixels.size
        size = (width // _SMALLER, height // _SMALLER)
        return self.pixels.resize(size, Image.Resampling.BOX, reducing_gap=1).convert("L")

    @cached_property
    def _edges(self) -> Image.Image:
        return self._light.filter(ImageFilter.FIND_EDGES)


def framed(picture: Picture, aspect_ratio: str) -> Image.Image:
    """Decodes a picture, 1080 pixels or more on its short side, cut at its middle to the ratio.

    Raises:
        PictureError: It is damaged.
    """
    across, down = map(int, aspect_ratio.split(":"))
    side = max(WIDTH, min(picture.width, picture.height))
    size = (round(side * max(1, across / down)), round(side * max(1, down / across)))
    return ImageOps.fit(picture.open(), size, Image.Resampling.BICUBIC)


def _small(box: PixelBox) -> PixelBox:
    left, top, right, bottom = (round(place / _SMALLER) for place in box)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)

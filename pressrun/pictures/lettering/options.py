"""How words stand on a slide: styles and margins as makers of slideshows know them, in pixels.

All numbers are of a slide that is 1080 x 1920; others are scaled. Where the apps lay their buttons
and captions over a picture was measured by many and is told by none; they change it now and then.
"""

from dataclasses import dataclass
from typing import Literal

LetteringStyle = Literal["outline", "white box", "black box"]
LetteringMargins = Literal["organic", "ads"]
Zone = Literal["upper", "middle", "lower"]

WIDTH, HEIGHT = 1080, 1920
#: Faces whose letters reach far above and below the line.
_TALL = ("arabic", "devanagari", "bengali", "tamil", "thai")


@dataclass(frozen=True, slots=True)
class LetteringOptions:
    """What a person chooses.

    Attributes:
        style: White letters with a black outline, or letters on rounded boxes.
        margins: What is kept free: for a post, or for an advertisement, which has more laid over.
    """

    style: LetteringStyle = "outline"
    margins: LetteringMargins = "organic"


@dataclass(frozen=True, slots=True)
class Area:
    """Where words may stand, in pixels: left, top, right, bottom; and where in it they belong."""

    zone: Zone
    box: tuple[int, int, int, int]

    @property
    def width(self) -> int:
        """From left to right."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.box[3] - self.box[1]

    def top_of(self, height: float) -> float:
        """Gives where a block of that height begins."""
        top, bottom = self.box[1], self.box[3]
        if self.zone == "lower":
            return bottom - height
        if self.zone == "middle":
            return (top + bottom - height) / 2
        return min(max(top, 0.18 * HEIGHT), bottom - height)


#: The column of buttons stands in the lower half: above it lines may be wider.
AREAS: dict[LetteringMargins, tuple[Area, ...]] = {
    "organic": (
        Area("upper", (65, 200, 1015, 850)),
        Area("middle", (162, 640, 918, 1240)),
        Area("lower", (162, 900, 918, 1520)),
    ),
    "ads": (
        Area("upper", (192, 288, 888, 850)),
        Area("middle", (192, 488, 888, 1048)),
        Area("lower", (192, 688, 888, 1248)),
    ),
}


@dataclass(frozen=True, slots=True)
class LineShape:
    """What a line takes up beside its letters, in sizes of its letters.

    Attributes:
        pitch: From one line to the next.
        pad: Left of a line, and right of it.
    """

    pitch: float
    pad: float

    @classmethod
    def of(cls, style: LetteringStyle, face: str) -> "LineShape":
        """Gives the shape of a style's lines in a face."""
        tall = 0.3 if face.rpartition("-")[2] in _TALL else 0.0
        return cls(1.16 + tall, 0.08) if style == "outline" else cls(1.4 + tall, 0.38)

"""The layouts of a sketched slide, as data: where the photos stand, and where the words.

Boxes are fractions of the slide's width and height, once for tall and square slides and once for
wide ones. Knows nothing of pixels and colours.
"""

from dataclasses import dataclass, replace
from typing import Literal

FractionBox = tuple[float, float, float, float]
Shape = Literal["plain", "rounded", "circle", "arch", "polaroid"]
Ground = Literal["dark", "light", "accent"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A photo's place.

    Attributes:
        box: Left, top, right, bottom.
        shape: What the photo is cut to; polaroids and circles keep their shape inside the box.
        tilt: Degrees, counter-clockwise.
        shift: Moves the crop sideways, from -1 to 1: several frames of one photo differ by it.
        close: Shows a part of the photo from near.
        dim: Darkens the photo, so that it stays behind the rest.
    """

    box: FractionBox
    shape: Shape = "plain"
    tilt: float = 0
    shift: float = 0
    close: bool = False
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """The words' place: on ``ground``, as a ``panel`` of its own or the bare slide."""

    box: FractionBox
    ground: Ground = "dark"
    panel: Literal["none", "card", "band", "scrim"] = "none"
    align: Literal["centre", "left"] = "centre"


@dataclass(frozen=True, slots=True)
class SketchLayout:
    """One arrangement: the slide's ground, frames in the order they are painted, the words."""

    name: str
    ground: Ground
    scenes: tuple[Frame, ...]
    insets: tuple[Frame, ...]
    copy: Copy

    def mirrored(self) -> "SketchLayout":
        """Makes the same arrangement with left and right exchanged."""
        return replace(
            self,
            scenes=tuple(map(_flip, self.scenes)),
            insets=tuple(map(_flip, self.insets)),
            copy=replace(self.copy, box=_flip_box(self.copy.box)),
        )


def _flip(frame: Frame) -> Frame:
    return replace(frame, box=_flip_box(frame.box), tilt=-frame.tilt, shift=-frame.shift)


def _flip_box(box: FractionBox) -> FractionBox:
    return 1 - box[2], box[1], 1 - box[0], box[3]


WHOLE = (0.0, 0.0, 1.0, 1.0)

TALL = (
    SketchLayout(
        "full bleed",
        "dark",
        (Frame(WHOLE),),
        (Frame((0.50, 0.645, 0.93, 0.885), "rounded"),),
        Copy((0.07, 0.10, 0.93, 0.36), "dark", "scrim"),
    ),
    SketchLayout(
        "split",
        "accent",
        (Frame((0, 0, 1, 0.41)),),
        (Frame((0, 0.59, 1, 1)),),
        Copy((0, 0.41, 1, 0.59), "accent", "band"),
    ),
    SketchLayout(
        "polaroids",
        "light",
        (Frame((0.06, 0.075, 0.80, 0.535), "polaroid", 4),),
        (Frame((0.46, 0.45, 0.96, 0.76), "polaroid", -5),),
        Copy((0.07, 0.785, 0.93, 0.955), "light"),
    ),
    SketchLayout(
        "circle",
        "dark",
        (Frame(WHOLE, dim=True),),
        (Frame((0.12, 0.29, 0.88, 0.71), "circle"),),
        Copy((0.08, 0.73, 0.92, 0.93), "dark"),
    ),
    SketchLayout(
        "magazine",
        "light",
        (Frame((0.07, 0.315, 0.93, 0.90)),),
        (Frame((0.03, 0.715, 0.47, 0.955), "rounded"),),
        Copy((0.07, 0.085, 0.93, 0.295), "light", align="left"),
    ),
    SketchLayout(
        "film strip",
        "dark",
        (
            Frame((0.07, 0.79, 0.342, 0.945), "rounded", shift=-1, close=True),
            Frame((0.364, 0.79, 0.636, 0.945), "rounded", close=True),
            Frame((0.658, 0.79, 0.93, 0.945), "rounded", shift=1, close=True),
        ),
        (Frame((0, 0, 1, 0.62)),),
        Copy((0.07, 0.545, 0.93, 0.755), "light", "card"),
    ),
    SketchLayout(
        "arch",
        "light",
        (Frame((0.12, 0.085, 0.88, 0.665), "arch"),),
        (Frame((0.53, 0.525, 0.97, 0.765), "circle"),),
        Copy((0.07, 0.785, 0.93, 0.95), "light"),
    ),
)

WIDE = (
    SketchLayout(
        "full bleed",
        "dark",
        (Frame(WHOLE),),
        (Frame((0.66, 0.48, 0.95, 0.91), "rounded"),),
        Copy((0.05, 0.50, 0.60, 0.91), "dark", "scrim"),
    ),
    SketchLayout(
        "split",
        "accent",
        (Frame((0, 0, 0.36, 1)),),
        (Frame((0.64, 0, 1, 1)),),
        Copy((0.36, 0, 0.64, 1), "accent", "band"),
    ),
    SketchLayout(
        "polaroids",
        "light",
        (Frame((0.03, 0.12, 0.34, 0.92), "polaroid", 4),),
        (Frame((0.30, 0.22, 0.57, 0.88), "polaroid", -5),),
        Copy((0.60, 0.15, 0.95, 0.85), "light"),
    ),
    SketchLayout(
        "circle",
        "dark",
        (Frame(WHOLE, dim=True),),
        (Frame((0.06, 0.14, 0.48, 0.90), "circle"),),
        Copy((0.51, 0.18, 0.94, 0.82), "dark"),
    ),
    SketchLayout(
        "magazine",
        "light",
        (Frame((0.42, 0.08, 0.96, 0.92)),),
        (Frame((0.345, 0.50, 0.58, 0.96), "rounded"),),
        Copy((0.05, 0.15, 0.39, 0.47), "light", align="left"),
    ),
    SketchLayout(
        "film strip",
        "dark",
        (
            Frame((0.74, 0.07, 0.96, 0.34), "rounded", shift=-1, close=True),
            Frame((0.74, 0.365, 0.96, 0.635), "rounded", close=True),
            Frame((0.74, 0.66, 0.96, 0.93), "rounded", shift=1, close=True),
        ),
        (Frame((0, 0, 0.70, 1)),),
        Copy((0.05, 0.60, 0.62, 0.90), "light", "card"),
    ),
    SketchLayout(
        "arch",
        "light",
        (Frame((0.06, 0.09, 0.40, 1), "arch"),),
        (Frame((0.31, 0.50, 0.56, 0.95), "circle"),),
        Copy((0.58, 0.14, 0.95, 0.86), "light"),
    ),
)


#: For words alone, where no photo was given: nothing that could be taken for one.
BARE = (
    SketchLayout(
        "poster", "dark", (Frame(WHOLE, dim=True),), (), Copy((0.09, 0.16, 0.91, 0.88), "dark")
    ),
    SketchLayout(
        "caption",
        "light",
        (Frame((0, 0, 1, 0.6)),),
        (),
        Copy((0.08, 0.63, 0.92, 0.96), "light", align="left"),
    ),
    SketchLayout(
        "label",
        "accent",
        (Frame(WHOLE),),
        (),
        Copy((0.08, 0.3, 0.92, 0.86), "light", "card"),
    ),
)


def layout_for(width: int, height: int, variation: int, link: int, *, bare: bool) -> SketchLayout:
    """Chooses the layout of a photo variation (from 0); every other round and link is mirrored.

    Args:
        width: Of the slide, in pixels.
        height: Likewise.
        variation: From 0.
        link: The slideshow's number, or the prompt's.
        bare: Whether there are words and no photo.
    """
    if bare:
        return BARE[(variation + link) % len(BARE)]
    layouts = WIDE if width > height * 1.15 else TALL
    layout = layouts[variation % len(layouts)]
    return layout.mirrored() if (variation // len(layouts) + link) % 2 else layout

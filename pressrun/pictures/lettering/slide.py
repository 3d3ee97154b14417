"""Sets words on a picture, or says why that cannot be done: the face of this package.

The place is the calmest of three. Where none is calm enough for letters with an outline, they stand
on boxes, and what is given back says so.
"""

import io
import unicodedata
from dataclasses import dataclass, replace

from PIL import Image

from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError
from pressrun.pictures.decoding import decoding
from pressrun.pictures.lettering.drawing import draw_lines
from pressrun.pictures.lettering.faces import EMOJI, clusters, face_runs, is_unseen, missing
from pressrun.pictures.lettering.ground import Ground, PixelBox, framed
from pressrun.pictures.lettering.lines import MOST_LETTERS, SetLines, fit, normal
from pressrun.pictures.lettering.options import (
    AREAS,
    HEIGHT,
    WIDTH,
    Area,
    LetteringOptions,
    LetteringStyle,
    Zone,
)
from pressrun.pictures.picture import Picture
from pressrun.pictures.processors import all_processors

#: Detail above which letters need a box, and up to which the usual place is taken as it is.
BUSY, _CALM = 0.06, 0.03
_CALMER = 0.75  # else another place has to be so much calmer
#: Contrast of white letters with the ground: below the first an outline has a shadow too, below the
#: second the ground is so bright that it does not help.
_READABLE, _BRIGHT = 4.5, 1.5
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_NAMED = 5
_LONG_WORD, _ADVISED = 22, 90


@dataclass(frozen=True, slots=True)
class Lettered:
    """A picture with words on it, and how they stand there.

    Attributes:
        style: The one that was asked for, or a box where the picture has no calm place.
        size: Of the letters, in pixels of a picture that is 1080 wide; 0 without words.
        box: Where the words stand, in pixels: left, top, right, bottom.
        note: What a person should know of it; mostly empty.
    """

    picture: Picture
    style: LetteringStyle
    zone: Zone
    size: int
    lines: tuple[str, ...]
    box: PixelBox
    note: str = ""


def problem_of(words: str, options: LetteringOptions) -> str:
    """Says in a sentence why words cannot be set on any slide; empty if they can."""
    words = normal(words)
    if not words:
        return ""
    if len(words) > MOST_LETTERS or not any(_fitted(words, options)):
        return _too_much(words)
    if lacking := missing(words):
        named = ", ".join(f"{one} ({_script(one)})" for one in lacking[:_NAMED])
        more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
        return f"No typeface of Pressrun's draws {named}{more}. Write it with other characters."
    seen = (one for one in clusters(words) if not all(map(is_unseen, one)))
    if all(run.face == EMOJI for one in seen for run in face_runs(one, "tiktok-sans")):
        return "There are only emoji. Add a word to them."
    return ""


@all_processors()
def letter(
    ground: Picture,
    words: str,
    options: LetteringOptions,
    aspect_ratio: str,
    media_type: str,
    quality: int,
) -> Lettered:
    """Sets words on a picture, which becomes 1080 pixels wide or stays wider.

    Args:
        ground: The picture.
        words: Empty: it is only cut to its frame.
        options: How they stand.
        aspect_ratio: Of the frame, such as ``9:16``.
        media_type: Of the picture that is given back.
        quality: 1 to 100, for JPEG and WEBP.

    Raises:
        InputError: The words cannot be set; see :func:`problem_of`.
        PictureError: The ground is damaged.
    """
    if problem := problem_of(words, options):
        raise InputError(problem, kind="bad_words")
    with decoding(ground.width * ground.height + WIDTH * HEIGHT):
        image = framed(ground, aspect_ratio)
        placed = draw_words(image, words, options)
        picture = _encoded(image, media_type, quality)
    if not placed:
        return Lettered(picture, options.style, "upper", 0, (), (0, 0, 0, 0))
    lines = placed.lines
    return Lettered(
        picture, placed.style, placed.zone, lines.size, lines.lines, placed.box, placed.note
    )


def draw_words(image: Image.Image, words: str, options: LetteringOptions) -> "Place | None":
    """Sets words on pixels, which it changes; gives their place, or None if there are no words."""
    words = normal(words)
    if not words:
        return None
    placed, scale = _placed(Ground(image), words, options), _scale(image)
    shadow = placed.contrast < _READABLE
    draw_lines(image, placed.lines, placed.style, placed.middle, scale, shadow=shadow)
    return placed


@dataclass(frozen=True, slots=True)
class Place:
    """Where lines stand, and what the ground is like there."""

    zone: Zone
    lines: SetLines
    style: LetteringStyle
    box: PixelBox
    unrest: float
    contrast: float
    note: str = ""

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the box's upper edge."""
        return (self.box[0] + self.box[2]) / 2, self.box[1]


def _fitted(words: str, options: LetteringOptions) -> list[tuple[Area, SetLines]]:
    """Sets words in each area in which they fit."""
    areas = AREAS[options.margins]
    found = ((area, fit(words, area.width, area.height, options.style)) for area in areas)
    return [(area, lines) for area, lines in found if lines]


def _placed(ground: Ground, words: str, options: LetteringOptions) -> Place:
    found = _calmest(ground, words, options)
    busy = found.unrest > BUSY
    if options.style != "outline" or not (busy or found.contrast < _BRIGHT):
        return found
    why = "has no calm place" if busy else "is too bright"
    boxed = replace(options, style="white box" if found.contrast > _READABLE else "black box")
    if not _fitted(words, boxed):
        return replace(found, note=f"The picture {why} for these words.")
    note = f"The picture {why} for an outline: a {boxed.style} is set."
    return replace(_calmest(ground, words, boxed), note=note)


def _calmest(ground: Ground, words: str, options: LetteringOptions) -> Place:
    """Chooses the usual place, or one that is much calmer."""
    usual, *others = [
        _place(ground, area, lines, options.style) for area, lines in _fitted(words, options)
    ]
    calm = min(others, key=lambda place: place.unrest, default=usual)
    return calm if usual.unrest > _CALM and calm.unrest < usual.unrest * _CALMER else usual


def _place(ground: Ground, area: Area, lines: SetLines, style: LetteringStyle) -> Place:
    width, height = ground.pixels.size
    across, down, scale = width / WIDTH, height / HEIGHT, _scale(ground.pixels)
    half = (max(lines.widths) / 2 + lines.shape.pad * lines.size) * scale
    tall = lines.height * scale
    middle = (area.box[0] + area.box[2]) / 2 * across
    top = area.top_of(tall / down) * down
    box = (round(middle - half), round(top), round(middle + half), round(top + tall))
    return Place(area.zone, lines, style, box, ground.unrest(box), ground.contrast(box))


def _scale(image: Image.Image) -> float:
    return min(image.size) / WIDTH


def _too_much(words: str) -> str:
    longest = max(words.split(), key=len)
    if len(longest) > _LONG_WORD and len(words) <= MOST_LETTERS:
        return (
            f"“{one_line(longest, 60)}” is wider than a slide. Divide it with a hyphen or a space."
        )
    return (
        f"{counted(len(words), 'letter')} do not fit on a slide at a size that can be read. Use "
        f"fewer: {_ADVISED} are read at a glance."
    )


def _script(cluster: str) -> str:
    return unicodedata.name(cluster[0], "unknown").partition(" ")[0].capitalize()


def _encoded(image: Image.Image, media_type: str, quality: int) -> Picture:
    out = io.BytesIO()
    image.save(out, _FORMATS[media_type], quality=quality, compress_level=4, method=2)
    return Picture(out.getvalue(), media_type, *image.size)

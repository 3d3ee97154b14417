"""Sets words in a box of a sketch, through Pressrun's own lettering, and puts its label on."""

import re
from functools import lru_cache

from PIL import Image, ImageDraw

from pressrun.engines.sketch.look import Colour
from pressrun.pictures.lettering.drawing import WHITE, draw_letters, draw_lines
from pressrun.pictures.lettering.faces import load_face, missing
from pressrun.pictures.lettering.lines import SetLines, fit, normal
from pressrun.pictures.lettering.options import WIDTH

#: Left, top, right, bottom, as fractions of a picture.
Part = tuple[float, float, float, float]

LABEL = "SKETCH"
_DARK: Colour = (18, 18, 22)
_LONGEST = 200  # characters; more than that is no title
_LONG_WORD = re.compile(r"\S{25,}")
#: Of the size that words have on a slide: the lettering knows sizes for slides only.
_SCALES = (2.0, 1.0, 0.5, 0.25)


def set_words(image: Image.Image, text: str, part: Part, ink: Colour | None = None) -> None:
    """Sets words as large as they fit, in the middle of a part of a picture.

    What no face draws is left out, and what is too long ends in an ellipsis: it is a sketch.

    Args:
        image: Changed in place.
        text: The words.
        part: Where.
        ink: Of the letters; None for white ones with a black outline.
    """
    left, top, right, bottom = pixels_of(part, image.size)
    found = _fitted(text, right - left, bottom - top, min(image.size) / WIDTH)
    if not found:
        return
    lines, scale = found
    at = ((left + right) / 2, (top + bottom - lines.height * scale) / 2)
    if ink:
        draw_letters(image, lines, ink, at, scale)
    else:
        draw_lines(image, lines, "outline", at, scale, shadow=False)


@lru_cache(maxsize=256)
def _fitted(text: str, width: int, height: int, unit: float) -> tuple[SetLines, float] | None:
    words = _settable(text)
    if not words:
        return None
    for scale in (unit * of for of in _SCALES):
        if lines := fit(words, width / scale, height / scale, "outline"):
            return lines, scale
    return None


def _settable(text: str) -> str:
    words = normal(text[: _LONGEST + 1].replace("\n", " "))
    for one in missing(words):
        words = words.replace(one, "")
    if len(words) > _LONGEST:
        words = words[: max(words.rfind(" "), _LONGEST // 2)] + "…"
    # A word that is wider than a line is broken: it is a sketch, and small letters are no words.
    return normal(_LONG_WORD.sub(lambda word: " ".join(re.findall(".{1,20}", word[0])), words))


def pixels_of(part: Part, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Gives left, top, right and bottom in pixels."""
    left, top, right, bottom = part
    width, height = size
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def put_label(image: Image.Image) -> None:
    """Puts the word SKETCH into the upper left corner, on its own ground: readable on any photo."""
    unit = (image.width * image.height) ** 0.5 / 134
    font = load_face("tiktok-sans", round(2.9 * unit))
    words, edge = "\u2009".join(LABEL), 3.4 * unit
    right, bottom = edge + font.getlength(words) + 5 * unit, edge + 5.6 * unit
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((edge, edge, right, bottom), 2.8 * unit, _DARK, WHITE, round(unit / 4))
    middle = ((edge + right) / 2, (edge + bottom) / 2)
    draw.text(middle, words, fill=WHITE, font=font, anchor="mm")

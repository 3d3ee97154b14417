"""Sets words in a box: chooses a font, wraps, shrinks until they fit, draws.

The font bundled with Pillow has little more than ASCII. Words beyond it are set in a font of the
machine that has their letters; without one, accents are dropped, and what still cannot be set is
greeked: a bar stands for the word, as in any layout sketch. Emoji are left out.
"""

import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageDraw, ImageFont

from pressrun.engines.sketch.look import Colour

Box = tuple[int, int, int, int]
Font = ImageFont.FreeTypeFont

_BUNDLED = ""
# Tried in this order, by file name, where the system keeps its fonts.
_WIDER = (
    "DejaVuSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "arialbd.ttf",
    "msyhbd.ttc",
)
_MEASURE = 100  # size at which words are measured, in pixels
_LEADING = 1.2
_LONGEST = 600  # characters; more than that fits no box legibly
_MARK = "..."
# Typographic characters with a plain twin: dashes, quotes, ligatures and letters with a stroke.
_PLAIN = str.maketrans(
    {"\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
    | {
        "\u2026": "...",
        "\u2022": "-",
        "\u00b7": "-",
        "\u00d7": "x",
        "ß": "ss",
        "œ": "oe",
        "æ": "ae",
    }
    | {"ø": "o", "ł": "l", "Ł": "L", "Ø": "O", "Æ": "AE"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its width in ems; ``greeked`` ones are drawn as a bar."""

    text: str
    ems: float
    greeked: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """Words as they fit a box: lines in a font of ``size`` pixels."""

    lines: tuple[tuple[Word, ...], ...]
    face: str
    size: int

    @property
    def height(self) -> int:
        """Pixels from the top of the first line to the bottom of the last."""
        return round(len(self.lines) * self.size * _LEADING)

    @property
    def width(self) -> int:
        """Pixels of the widest line."""
        gap = _space(self.face)
        return round(max((_line_ems(line, gap) for line in self.lines), default=0) * self.size)


def fit(text: str, width: int, height: int, largest: int, smallest: int) -> Setting:
    """Wraps ``text`` at the largest size at which it fits the box.

    What does not fit at ``smallest`` ends in an ellipsis.
    """
    face, words = _words(text)
    low, high = min(smallest, largest), largest
    while low < high:
        middle = (low + high + 1) // 2
        # A long word is rather broken in two than set at less than half the size.
        if _fits(words, face, (width, height), middle, breaking=middle * 2 < largest):
            low = middle
        else:
            high = middle - 1
    ems = width / low
    lines = _wrap(words, ems, _space(face))
    most = max(1, int(height / (low * _LEADING)))
    if len(lines) > most:
        return Setting((*lines[: most - 1], _shortened(lines[most - 1], ems, face)), face, low)
    return Setting(tuple(_balanced(words, lines, ems, _space(face))), face, low)


def draw_words(
    draw: ImageDraw.ImageDraw, setting: Setting, box: Box, ink: Colour, align: str = "centre"
) -> None:
    """Draws the lines into the box, centred from top to bottom."""
    left, top, right, bottom = box
    font, gap = load_font(setting.face, setting.size), _space(setting.face) * setting.size
    y = top + (bottom - top - setting.height) / 2 + setting.size * 0.93
    for line in setting.lines:
        length = _line_ems(line, _space(setting.face)) * setting.size
        x = left if align == "left" else left + (right - left - length) / 2
        if any(word.greeked for word in line):
            _draw_pieces(draw, line, (x, y), gap, font, setting, ink)
        else:
            _draw_run(draw, " ".join(word.text for word in line), (x, y), font, setting, ink)
        y += setting.size * _LEADING


def _draw_run(
    draw: ImageDraw.ImageDraw,
    text: str,
    at: tuple[float, float],
    font: Font,
    setting: Setting,
    ink: Colour,
) -> None:
    # The bundled font has no bold; an outline in the same ink makes one.
    weight = 0 if setting.face else setting.size * 0.03
    draw.text(at, text, fill=ink, font=font, anchor="ls", stroke_width=weight, stroke_fill=ink)


def _draw_pieces(
    draw: ImageDraw.ImageDraw,
    line: tuple[Word, ...],
    at: tuple[float, float],
    gap: float,
    font: Font,
    setting: Setting,
    ink: Colour,
) -> None:
    x, y = at
    for word in line:
        length = word.ems * setting.size
        if word.greeked:
            bar = (x, y - setting.size * 0.52, x + length, y - setting.size * 0.06)
            draw.rounded_rectangle(bar, radius=setting.size * 0.12, fill=ink)
        else:
            _draw_run(draw, word.text, (x, y), font, setting, ink)
        x += length + gap


@lru_cache(maxsize=128)
def load_font(face: str, size: int) -> Font:
    """Loads the font of that file name, or the bundled one for an empty name."""
    font = ImageFont.truetype(face, size) if face else ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; install its regular wheel.")
    return font


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[str, list[Word]]:
    shown = " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).split())
    shown = "".join(char for char in shown if char == " " or not _ornament(char))
    face = _face_for(shown)
    if not face:
        shown = "".join(map(_folded, shown))
    return face, [_word(part, face) for part in shown.split()]


def _ornament(char: str) -> bool:
    # Emoji, their joiners and selectors, and code points that no font has.
    if "\x20" <= char < "\u0250" and not "\x7f" <= char < "\xa0":
        return False
    category = unicodedata.category(char)
    return category in {"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk"} or char in "\ufe0e\ufe0f"


def _face_for(text: str) -> str:
    odd = [char for char in set(text.translate(_PLAIN)) if not _has(_BUNDLED, char)]
    if not odd:
        return _BUNDLED
    faces = (face for face in _installed() if all(_has(face, char) for char in odd))
    return next(faces, _BUNDLED)


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    return tuple(face for face in _WIDER if _loads(face))


def _loads(face: str) -> bool:
    try:
        load_font(face, _MEASURE)
    except OSError:
        return False
    return True


@lru_cache(maxsize=8192)
def _has(face: str, char: str) -> bool:
    if char == " ":
        return True
    font = load_font(face, 24)
    glyph, missing = font.getmask(char), font.getmask("\uffff")
    return glyph.size != missing.size or bytes(glyph) != bytes(missing)


def _folded(char: str) -> str:
    if _has(_BUNDLED, char):
        return char
    plain = unicodedata.normalize("NFKD", char.translate(_PLAIN))
    bare = "".join(part for part in plain if not unicodedata.combining(part))
    return bare if bare and all(_has(_BUNDLED, part) for part in bare) else char


def _word(text: str, face: str) -> Word:
    if all(_has(face, char) for char in text):
        return Word(text, _ems(text, face))
    return Word(text, 0.55 * len(text), greeked=True)


def _ems(text: str, face: str) -> float:
    return load_font(face, _MEASURE).getlength(text) / _MEASURE * 1.01


@lru_cache(maxsize=16)
def _space(face: str) -> float:
    return _ems(" ", face)


def _line_ems(line: tuple[Word, ...], gap: float) -> float:
    return sum(word.ems for word in line) + gap * max(len(line) - 1, 0)


def _fits(
    words: list[Word], face: str, room: tuple[int, int], size: int, *, breaking: bool
) -> bool:
    if not breaking and max((word.ems for word in words), default=0) * size > room[0]:
        return False
    lines = _wrap(words, room[0] / size, _space(face))
    return len(lines) * size * _LEADING <= room[1]


def _wrap(words: list[Word], ems: float, gap: float) -> list[tuple[Word, ...]]:
    lines: list[tuple[Word, ...]] = []
    line: list[Word] = []
    used = 0.0
    for word in (piece for whole in words for piece in _broken(whole, ems)):
        if line and used + gap + word.ems > ems:
            lines.append(tuple(line))
            line, used = [], -gap
        elif not line:
            used = -gap
        line.append(word)
        used += gap + word.ems
    return [*lines, tuple(line)] if line else lines


def _broken(word: Word, ems: float) -> list[Word]:
    if word.ems <= ems:
        return [word]
    # Letters differ in width; a tenth is spared so that the widest piece fits as well.
    pieces = math.ceil(word.ems / (ems * 0.9))
    step = max(1, len(word.text) // pieces)
    parts = [word.text[at : at + step] for at in range(0, len(word.text), step)]
    return [Word(part, word.ems * len(part) / len(word.text), word.greeked) for part in parts]


def _balanced(
    words: list[Word], lines: list[tuple[Word, ...]], ems: float, gap: float
) -> list[tuple[Word, ...]]:
    """Wraps words into the same number of lines, as even in length as possible."""
    low, high = max((word.ems for line in lines for word in line), default=0.0), ems
    for _ in range(6):
        middle = (low + high) / 2
        tried = _wrap(words, middle, gap)
        if len(tried) > len(lines):
            low = middle
        else:
            high, lines = middle, tried
    return lines


def _shortened(line: tuple[Word, ...], ems: float, face: str) -> tuple[Word, ...]:
    mark = Word(_MARK, _ems(_MARK, face))
    while line and _line_ems((*line, mark), _space(face)) > ems:
        line = line[:-1]
    return (*line, mark)

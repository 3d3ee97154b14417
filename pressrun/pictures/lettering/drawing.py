"""Draws lines of words on a picture: letters with an outline, or on boxes that join.

Letters are drawn at their size, boxes twice as large and reduced, so that their edges are smooth.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter

from pressrun.pictures.lettering.faces import EMOJI, EMOJI_SIZE, load_face
from pressrun.pictures.lettering.lines import SetLines
from pressrun.pictures.lettering.options import LetteringStyle
from pressrun.pictures.lettering.pieces import EMOJI_EM, LinePiece, pieces_of

Colour = tuple[int, int, int]
Point = tuple[float, float]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
#: In sizes of the letters: outline, corners of boxes, and half the height of a capital.
_STROKE, _RADIUS, _HALF_CAPITAL = 0.065, 0.28, 0.35
_FINE = 2  # boxes are drawn so many times larger


def draw_lines(
    image: Image.Image,
    lines: SetLines,
    style: LetteringStyle,
    at: Point,
    scale: float,
    *,
    shadow: bool,
) -> None:
    """Draws lines, centred, into a picture.

    Args:
        image: Changed in place.
        lines: The words.
        style: How.
        at: The middle of the block's upper edge, in pixels.
        scale: Pixels of the picture for each of a slide that is 1080 wide.
        shadow: Whether a soft shadow is laid under an outline, for bright grounds.
    """
    size = lines.size * scale
    if style == "outline":
        placed = list(_placed(lines, size, at))
        if shadow:
            _draw_shadow(image, placed, size)
        _draw_letters(image, placed, size, BLACK, stroke=_STROKE * size)
        _draw_letters(image, placed, size, WHITE)
    else:
        ink, ground = (BLACK, WHITE) if style == "white box" else (WHITE, BLACK)
        _draw_boxes(image, lines, size, at, ground)
        placed = list(_placed(lines, size, at))
        _draw_letters(image, placed, size, ink)
    _draw_emojis(image, placed, size)


def draw_letters(image: Image.Image, lines: SetLines, ink: Colour, at: Point, scale: float) -> None:
    """Draws lines, centred, in one colour and without an outline; else as :func:`draw_lines`."""
    size = lines.size * scale
    placed = list(_placed(lines, size, at))
    _draw_letters(image, placed, size, ink)
    _draw_emojis(image, placed, size)


def _placed(lines: SetLines, size: float, at: Point) -> Iterator[tuple[LinePiece, Point]]:
    """Yields pieces with the left end of their base line."""
    pitch = lines.shape.pitch * size
    for number, line in enumerate(lines.lines):
        pieces = pieces_of(line, lines.voice)
        x = at[0] - sum(piece.ems for piece in pieces) * size / 2
        y = at[1] + (number + 0.5) * pitch + _HALF_CAPITAL * size
        for piece in pieces:
            yield piece, (x, y)
            x += piece.ems * size


def _draw_letters(
    image: Image.Image,
    placed: Sequence[tuple[LinePiece, Point]],
    size: float,
    ink: Colour | int,
    stroke: float = 0.0,
) -> None:
    draw = ImageDraw.Draw(image)
    for piece, place in placed:
        if not piece.is_emoji:
            font = load_face(piece.face, round(size))
            draw.text(
                place,
                piece.text,
                fill=ink,
                font=font,
                anchor="ls",
                direction=piece.direction,
                stroke_width=stroke,
            )


def _draw_shadow(
    image: Image.Image, placed: Sequence[tuple[LinePiece, Point]], size: float
) -> None:
    mask = Image.new("L", image.size)
    _draw_letters(mask, placed, size, 255, stroke=0.1 * size)
    box = mask.getbbox()
    if not box:
        return
    spread = round(0.5 * size)
    left, top = max(0, box[0] - spread), max(0, box[1] - spread)
    box = (left, top, min(image.width, box[2] + spread), min(image.height, box[3] + spread))
    soft = mask.crop(box).filter(ImageFilter.GaussianBlur(0.14 * size))
    image.paste(BLACK, box, soft.point([value * 6 // 10 for value in range(256)]))


def _draw_boxes(
    image: Image.Image, lines: SetLines, size: float, at: Point, ground: Colour
) -> None:
    pad, pitch = lines.shape.pad * size, lines.shape.pitch * size
    widths = [width / lines.size * size + 2 * pad for width in lines.widths]
    halves = _joined([width / 2 for width in widths], _RADIUS * size)
    corners = _corners(halves, pitch)
    width, height = math.ceil(2 * max(halves)) + 2, math.ceil(pitch * len(halves)) + 2
    mask = Image.new("L", (width * _FINE, height * _FINE))
    outline = [
        ((x + width / 2) * _FINE, (y + 1) * _FINE) for x, y in _rounded(corners, _RADIUS * size)
    ]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    image.paste(ground, (round(at[0] - width / 2), round(at[1]) - 1), mask.reduce(_FINE))


def _joined(halves: list[float], radius: float) -> list[float]:
    """Makes neighbours equally wide where a step between them has no room for its corners."""
    while True:
        steps = [at for at, (a, b) in enumerate(pairwise(halves)) if 0 < abs(a - b) < radius]
        if not steps:
            return halves
        for at in steps:
            halves[at] = halves[at + 1] = max(halves[at], halves[at + 1])


def _corners(halves: Sequence[float], pitch: float) -> list[Point]:
    """Lists the corners of all boxes together, clockwise, around the middle of the upper edge."""
    right = list[Point]()
    for number, half in enumerate(halves):
        right += [(half, number * pitch), (half, (number + 1) * pitch)]
    kept = [
        point
        for at, point in enumerate(right)
        if at in (0, len(right) - 1) or right[at - 1][0] != point[0] or right[at + 1][0] != point[0]
    ]
    return [*kept, *((-x, y) for x, y in reversed(kept))]


def _rounded(corners: Sequence[Point], radius: float) -> Iterator[Point]:
    """Rounds the corners of a shape with right angles, those that turn inwards too."""
    for at, (x, y) in enumerate(corners):
        before, after = corners[at - 1], corners[(at + 1) % len(corners)]
        room = min(math.dist(before, (x, y)), math.dist((x, y), after)) / 2
        turn = min(radius, room)
        come, go = _towards((x, y), before, turn), _towards((x, y), after, turn)
        middle = (come[0] + go[0] - x, come[1] + go[1] - y)
        for part in range(9):
            angle = part / 8 * math.pi / 2
            yield (
                middle[0] + (come[0] - middle[0]) * math.cos(angle)
                + (go[0] - middle[0]) * math.sin(angle),
                middle[1] + (come[1] - middle[1]) * math.cos(angle)
                + (go[1] - middle[1]) * math.sin(angle),
            )  # fmt: skip


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end) or 1.0
    part = distance / length
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _draw_emojis(
    image: Image.Image, placed: Sequence[tuple[LinePiece, Point]], size: float
) -> None:
    for piece, place in placed:
        if piece.is_emoji:
            _draw_emoji(image, piece, place, size)


def _draw_emoji(image: Image.Image, piece: LinePiece, place: Point, size: float) -> None:
    drawn = _emoji(piece.text)
    scale = EMOJI_EM * size / EMOJI_SIZE
    small = drawn.resize(
        (round(drawn.width * scale), round(drawn.height * scale)), Image.Resampling.LANCZOS
    )
    top = place[1] - _HALF_CAPITAL * size - small.height / 2
    image.paste(small, (round(place[0]), round(top)), small)


@lru_cache(maxsize=64)
def _emoji(text: str) -> Image.Image:
    """Draws an emoji in its colours, at the one size that there is. Shared: not to be changed."""
    font = load_face(EMOJI, EMOJI_SIZE)
    _, top, right, bottom = font.getbbox(text)
    layer = Image.new("RGBA", (max(1, round(right)), max(1, round(bottom - top))))
    ImageDraw.Draw(layer).text((0, -top), text, font=font, embedded_color=True)
    return layer

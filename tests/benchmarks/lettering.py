"""How well words are set on pictures: 200 texts in twelve scripts, on twenty grounds.

    python -m tests.benchmarks.lettering --json [--keep FOLDER]

Every text is set on one ground, in one of three styles and two margins. Found by pixels, against
the ground without words: ``clipped``, words that reach out of their box or the picture;
``outside_margins``, words where the apps lay their buttons; ``missing_glyphs``, characters drawn as
their face's empty box. ``read_right`` is the share of texts of which an OCR program reads every
line letter for letter, larger or smaller where it does not at once (it doubles a letter now and
then, at one size); in the scripts that the model in its wheel is good at (``read`` counts them:
Latin and Japanese); it is null where rapidocr is not installed, which `make bench-lettering` does.
``ms`` is the processor time of one slide with its JPEG, the median, on one thread; ``ms_most`` the
largest. ``--keep`` writes the slides as files.
"""

import argparse
import json
import random
import statistics
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from pressrun.pictures.lettering.faces import EMOJI, clusters, face_of, face_runs, load_face
from pressrun.pictures.lettering.ground import framed
from pressrun.pictures.lettering.lines import normal
from pressrun.pictures.lettering.options import (
    AREAS,
    LetteringMargins,
    LetteringOptions,
    LetteringStyle,
)
from pressrun.pictures.lettering.slide import Lettered, draw_words, letter
from pressrun.pictures.picture import Picture
from tests.benchmarks.lettering_texts import texts

SIZE = (768, 1376)
STYLES: tuple[LetteringStyle, ...] = ("outline", "white box", "black box")
MARGINS: tuple[LetteringMargins, ...] = ("organic", "ads")
#: Scripts that the model in rapidocr's wheel reads.
READ = ("latin", "japanese")
#: Sizes at which a text is read until each of its lines was read right.
_SCALES = (1, 1.5, 0.6, 0.45)
#: A pixel has changed if a channel differs by more: a soft shadow does not.
_CHANGED = 120


@dataclass(frozen=True, slots=True)
class SetSlide:
    """A text on its ground."""

    script: str
    words: str
    ground: Picture
    options: LetteringOptions
    lettered: Lettered
    ms: float


def grounds() -> list[Picture]:
    """Draws twenty grounds: plain, graded, busy, dark, bright, and some like photos."""
    chance = random.Random(23)
    plain = [Image.new("RGB", SIZE, colour) for colour in ("#f7f3ee", "#101418", "#b8c4a0")]
    graded = [
        _graded(a, b) for a, b in (("#fde2c8", "#5a4a6a"), ("#fff", "#000"), ("#123", "#8ac"))
    ]
    busy = [_noise(chance, grain, sigma) for grain, sigma in ((2, 90), (4, 70), (8, 110), (1, 40))]
    photos = [_photo(chance, light) for light in (0.35, 0.6, 0.9, 1.15, 1.4, 0.75)]
    rest = [_stripes(chance), _checks(), _bokeh(chance), _shelf(chance)]
    return [_picture(image) for image in (*plain, *graded, *busy, *photos, *rest)]


def set_all(most: int = 200) -> Iterator[SetSlide]:
    """Sets the texts, each on one ground."""
    on = grounds()
    for number, (script, words) in zip(range(most), texts(), strict=False):
        options = LetteringOptions(STYLES[number % 3], MARGINS[number // 3 % 2])
        ground = on[number % len(on)]
        begun = time.thread_time()
        lettered = letter(ground, words, options, "9:16", "image/jpeg", 88)
        ms = (time.thread_time() - begun) * 1000
        yield SetSlide(script, words, ground, options, lettered, ms)


def changed_box(slide: SetSlide) -> tuple[int, int, int, int]:
    """Finds by pixels where a slide differs from its ground, before they become a JPEG."""
    bare = framed(slide.ground, "9:16")
    exact = bare.copy()
    draw_words(exact, slide.words, slide.options)
    bands = ImageChops.difference(exact, bare).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return most.point([255 * (value > _CHANGED) for value in range(256)]).getbbox() or (0, 0, 0, 0)


def is_clipped(slide: SetSlide, changed: tuple[int, int, int, int]) -> bool:
    """Says whether words reach out of their box, or to the edge of the picture."""
    box, spare = slide.lettered.box, 2 if slide.lettered.style != "outline" else 8
    return not _within(changed, (box[0] - spare, box[1] - spare, box[2] + spare, box[3] + spare))


def is_outside(slide: SetSlide, changed: tuple[int, int, int, int]) -> bool:
    """Says whether words stand outside of the area that the margins leave."""
    areas = {area.zone: area.box for area in AREAS[slide.options.margins]}
    left, top, right, bottom = areas[slide.lettered.zone]
    return not _within(changed, (left - 1, top - 1, right + 1, bottom + 1))


def missing_glyphs(words: str) -> int:
    """Counts the characters that are drawn as their face's empty box."""
    main, count = face_of(words), 0
    for run in face_runs(normal(words), main):
        font = load_face(run.face, 60)
        empty = bytes(font.getmask("\uffff"))
        if run.face == EMOJI:
            count += font.getlength(run.text) > 1.5 * font.getlength("🔥")
        else:
            count += sum(bytes(font.getmask(one)) == empty for one in clusters(run.text))
    return count


def reader() -> Callable[[Image.Image], list[str]] | None:
    """Gives an OCR program's reading of a picture, by lines; None where it is not installed."""
    try:
        from rapidocr import RapidOCR
    except ImportError:
        return None
    engine = RapidOCR(params={"Global.log_level": "error"})

    def read(image: Image.Image) -> list[str]:
        out = BytesIO()
        image.save(out, "PNG")
        found = engine(out.getvalue())
        if found.txts is None:
            return []
        rows = sorted(
            zip(found.boxes, found.txts, found.scores, strict=True), key=lambda row: row[0][0][1]
        )
        return _in_rows([(box, text) for box, text, score in rows if score >= 0.6])

    return read


def comparable(text: str) -> str:
    """Leaves of a text what is compared: letters and digits, in one case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def is_read_right(slide: SetSlide, read: Callable[[Image.Image], list[str]]) -> bool:
    """Says whether each line is read back letter for letter, at one size or another."""
    left, top, right, bottom = slide.lettered.box
    around = (max(0, left - 60), max(0, top - 60), min(1080, right + 60), bottom + 60)
    crop = slide.lettered.picture.open().crop(around)
    words, seen = comparable(slide.words), set[str]()
    for scale in _SCALES:
        size = round(crop.width * scale), round(crop.height * scale)
        seen |= {comparable(line) for line in read(crop.resize(size))}
        if _is_made_of(words, seen):
            return True
    return False


def _is_made_of(words: str, lines: set[str]) -> bool:
    """Says whether words are some of the lines, one after another."""
    ends = {0}
    for end in range(1, len(words) + 1):
        if any(line and words.endswith(line, 0, end) and end - len(line) in ends for line in lines):
            ends.add(end)
    return len(words) in ends


def main() -> None:
    """Measures, and says it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--keep", type=Path, help="a folder for the slides")
    given = options.parse_args()
    slides, read, figures = list(set_all()), reader(), dict[str, Any]()
    changed = [changed_box(slide) for slide in slides]
    legible = [slide for slide in slides if slide.script in READ]
    right = [is_read_right(slide, read) for slide in legible] if read else []
    figures = {
        "slides": len(slides),
        "clipped": sum(map(is_clipped, slides, changed)),
        "missing_glyphs": sum(missing_glyphs(slide.words) for slide in slides),
        "outside_margins": sum(map(is_outside, slides, changed)),
        "read": len(right),
        "read_right": round(sum(right) / len(right), 4) if right else None,
        "ms": round(statistics.median(slide.ms for slide in slides)),
        "ms_most": round(max(slide.ms for slide in slides)),
    }
    if given.keep:
        _keep(slides, given.keep)
    for slide, box in zip(slides, changed, strict=True):
        if not given.json and (is_clipped(slide, box) or is_outside(slide, box)):
            print(f"Out of its place: {slide.words} ({box}, {slide.lettered.box})")
    for slide, good in zip(legible, right, strict=False):
        if not given.json and not good:
            print(f"Not read right: {slide.words}")
    print(json.dumps(figures) if given.json else "\n".join(f"{k}: {v}" for k, v in figures.items()))


def _keep(slides: list[SetSlide], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, slide in enumerate(slides):
        (folder / f"{number:03}_{slide.script}.jpg").write_bytes(slide.lettered.picture.data)


def _within(box: tuple[int, ...], around: tuple[float, ...]) -> bool:
    return (
        box[0] >= around[0] and box[1] >= around[1] and box[2] <= around[2] and box[3] <= around[3]
    )


def _in_rows(found: list[tuple[Any, str]]) -> list[str]:
    """Joins what was read to lines, each from left to right."""
    rows: list[list[tuple[float, str]]] = []
    last = -1e9
    for box, text in found:
        top, height = float(box[0][1]), float(box[3][1] - box[0][1])
        if top - last > height * 0.5:
            rows.append([])
            last = top
        rows[-1].append((float(box[0][0]), text))
    return ["".join(text for _, text in sorted(row)) for row in rows]


def _picture(image: Image.Image) -> Picture:
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return Picture(out.getvalue(), "image/jpeg", *image.size)


@cache
def _graded(top: str, bottom: str) -> Image.Image:
    mask = Image.linear_gradient("L").resize(SIZE)
    return Image.composite(Image.new("RGB", SIZE, bottom), Image.new("RGB", SIZE, top), mask)


def _noise(chance: random.Random, grain: int, sigma: int) -> Image.Image:
    small = (SIZE[0] // grain // 2, SIZE[1] // grain // 2)
    bands = [Image.frombytes("L", small, chance.randbytes(small[0] * small[1])) for _ in "rgb"]
    image = Image.merge("RGB", bands).resize(SIZE, Image.Resampling.BICUBIC)
    return Image.blend(Image.new("RGB", SIZE, "#808080"), image, sigma / 128)


def _photo(chance: random.Random, light: float) -> Image.Image:
    """Draws what is like a photo: soft shapes of all sizes, a thing in the middle, grain."""
    image = Image.new("RGB", SIZE, (120, 110, 100))
    for grain, share in ((256, 0.6), (96, 0.4), (32, 0.2), (8, 0.1)):
        small = (SIZE[0] // grain + 2, SIZE[1] // grain + 2)
        bands = [Image.frombytes("L", small, chance.randbytes(small[0] * small[1])) for _ in "rgb"]
        image = Image.blend(
            image, Image.merge("RGB", bands).resize(SIZE, Image.Resampling.BICUBIC), share
        )
    draw = ImageDraw.Draw(image)
    x, y = chance.randrange(250, 500), chance.randrange(500, 900)
    for step in range(60, 0, -4):
        fill = (200 - 2 * step, 80 + step, 90 + step)
        draw.ellipse((x - 3 * step, y - 5 * step, x + 3 * step, y + 5 * step), fill=fill)
    soft = image.filter(ImageFilter.GaussianBlur(1.5))
    return soft.point([min(255, round(value * light)) for value in range(256)] * 3)


def _stripes(chance: random.Random) -> Image.Image:
    image = Image.new("RGB", SIZE, "#eee")
    draw = ImageDraw.Draw(image)
    for x in range(0, SIZE[0], 48):
        draw.rectangle((x, 0, x + 23, SIZE[1]), fill=f"hsl({chance.randrange(360)}, 60%, 50%)")
    return image


def _checks() -> Image.Image:
    return Image.effect_mandelbrot(SIZE, (-2.2, -1.6, 0.9, 1.6), 60).convert("RGB")


def _bokeh(chance: random.Random) -> Image.Image:
    image = Image.new("RGB", SIZE, "#1a1420")
    draw = ImageDraw.Draw(image)
    for _ in range(70):
        x, y, r = chance.randrange(SIZE[0]), chance.randrange(SIZE[1]), chance.randrange(20, 90)
        fill = f"hsl({chance.randrange(20, 60)}, 80%, {chance.randrange(30, 75)}%)"
        draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)
    return image.filter(ImageFilter.GaussianBlur(6))


def _shelf(chance: random.Random) -> Image.Image:
    image = Image.new("RGB", SIZE, "#efe6da")
    draw = ImageDraw.Draw(image)
    for y in range(700, SIZE[1], 220):
        for x in range(0, SIZE[0], 40):
            fill = f"hsl({chance.randrange(360)}, 45%, {chance.randrange(25, 70)}%)"
            draw.rectangle((x, y - chance.randrange(120, 200), x + 36, y), fill=fill)
        draw.rectangle((0, y, SIZE[0], y + 16), fill="#7a5a3c")
    return image


if __name__ == "__main__":
    main()

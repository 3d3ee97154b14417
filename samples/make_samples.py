# /// script
# requires-python = ">=3.11"
# dependencies = ["pillow==13.0.0", "scikit-image==0.26.0"]
# ///
"""Makes the sample slideshows and product photos beside this file: ``uv run make_samples.py``.

The photographs come with scikit-image's wheel, so nothing is downloaded but the package; only
those in the public domain are taken (CREDITS.md). It knows nothing of Pressrun, and the same
two packages give the same bytes.
"""

import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

HERE = Path(__file__).parent
SIZE = WIDTH, HEIGHT = 720, 1280
# TikTok lays its buttons over the right edge and the caption over the lowest quarter.
MARGIN = 84
FONT_SIZE, LINE_HEIGHT, WEIGHT, OUTLINE = 60, 78, 2, 6
PRODUCT_SIZE = 560, 560
QUALITY = 75

Box = tuple[int, int, int, int]
Tint = tuple[str, str, str]
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


@dataclass(frozen=True)
class Slide:
    """One slide of a sample.

    Attributes:
        photo: A file of scikit-image's data folder.
        box: Which part of it to show, in its pixels; what is not 9:16 gets a blurred surround.
        text: The words, a line a line.
        top: Where the first line stands, as a share of the height.
        tint: Colours for the dark, middle and light tones of a grey photo.
    """

    photo: str
    box: Box
    text: str
    top: float
    tint: Tint | None = None


SLIDESHOWS = {
    "space": [
        Slide("rocket.jpg", (200, 0, 440, 427), "space facts that\nfix your Monday", 0.15),
        Slide(
            "astronaut.png",
            (70, 0, 358, 512),
            "1. Eileen Collins:\nfirst woman to pilot\nthe Space Shuttle",
            0.52,
        ),
        Slide(
            "hubble_deep_field.jpg",
            (370, 0, 860, 872),
            "2. almost every dot\nhere is a\nwhole galaxy",
            0.36,
        ),
    ],
    "cat": [
        Slide("chelsea.png", (55, 0, 355, 300), "POV: your cat\ngot a garden", 0.07),
        Slide(
            "grass.png",
            (0, 0, 288, 512),
            "day 1: she counted\nevery blade of grass",
            0.4,
            ("#0c190a", "#46702a", "#d3dc9a"),
        ),
        Slide(
            "brick.png",
            (112, 0, 400, 512),
            "day 2: the patio\nbelongs to her now",
            0.4,
            ("#5a2a1e", "#b0654a", "#e8cdb8"),
        ),
    ],
}
CAPTIONS = {
    "space": "Save this for your next coffee break ☕🚀 Which one surprised you? "
    "#space #nasa #learnontiktok #monday",
    "cat": "She has not paid rent once 🐈🌿 Send help (or treats). "
    "#catsoftiktok #garden #catlife #pov",
}
PRODUCTS = {
    "mug": Slide("coffee.png", (80, 5, 475, 400), "", 0),
    "gravel": Slide("gravel.png", (0, 0, 400, 400), "", 0, ("#17130f", "#8f8579", "#fbf6ee")),
}


def main() -> None:
    """Writes every picture and caption."""
    photos = photo_folder()
    for name, slides in SLIDESHOWS.items():
        folder = HERE / "slideshows" / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, slide in enumerate(slides, 1):
            image = fill(load(photos, slide), SIZE)
            write(set_text(image, slide), folder / f"slide_{number}.jpg")
        (folder / "caption.txt").write_text(CAPTIONS[name] + "\n", encoding="utf-8")
    (HERE / "products").mkdir(exist_ok=True)
    for name, product in PRODUCTS.items():
        write(fill(load(photos, product), PRODUCT_SIZE), HERE / "products" / f"{name}.jpg")


def photo_folder() -> Path:
    """The data folder of scikit-image, found without importing the package."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SystemExit("scikit-image is missing. Run this with: uv run samples/make_samples.py")
    return Path(spec.origin).parent / "data"


def load(photos: Path, slide: Slide) -> Image.Image:
    """The part of the photo that the slide shows, in colour."""
    with Image.open(photos / slide.photo) as photo:
        image = photo.crop(slide.box)
    if slide.tint is None:
        return image.convert("RGB")
    dark, middle, light = slide.tint
    return ImageOps.colorize(ImageOps.autocontrast(image.convert("L"), 0.5), dark, light, middle)


def fill(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture as large as it fits, over a blurred copy of itself that fills the rest."""
    sharp = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    sharp = sharp.filter(ImageFilter.UnsharpMask(radius=2, percent=70, threshold=3))
    back = ImageOps.fit(image, size, Image.Resampling.BICUBIC)
    back = back.filter(ImageFilter.GaussianBlur(36)).point(lambda tone: tone * 0.7)
    back.paste(sharp, ((size[0] - sharp.width) // 2, (size[1] - sharp.height) // 2))
    return back


def set_text(image: Image.Image, slide: Slide) -> Image.Image:
    """Sets the words: white, bold, outlined and with a soft shadow, centred line by line."""
    font = ImageFont.load_default(FONT_SIZE)
    shade = Image.new("L", image.size, 255)
    draw_lines(shade, slide, font, 40, OUTLINE + 8)
    shade = shade.filter(ImageFilter.GaussianBlur(9))
    image = ImageChops.multiply(image, shade.convert("RGB"))
    draw_lines(image, slide, font, "#101010", WEIGHT + OUTLINE)
    # Pillow's own font has one weight; a thin stroke of the same colour makes it bold.
    draw_lines(image, slide, font, "white", WEIGHT)
    return image


def draw_lines(
    image: Image.Image, slide: Slide, font: Font, colour: str | int, stroke: int
) -> None:
    """Draws all lines once, with a stroke of ``stroke`` pixels in the same colour."""
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(slide.text.splitlines()):
        if draw.textlength(line, font=font) > WIDTH - 2 * MARGIN:
            raise SystemExit(f"Too long for its line: {line}")
        place = (WIDTH // 2, round(slide.top * HEIGHT) + number * LINE_HEIGHT)
        draw.text(place, line, colour, font, anchor="ma", stroke_width=stroke, stroke_fill=colour)


def write(image: Image.Image, path: Path) -> None:
    """Encodes as JPEG, without metadata."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    path.write_bytes(out.getvalue())


if __name__ == "__main__":
    main()

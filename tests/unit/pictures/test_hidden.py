"""Words of a slide are blurred where they stand, and nothing else is."""

import importlib.util
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from pressrun.engines.base import ImageRequest
from pressrun.pictures import found_words
from pressrun.pictures.found_words import boxes_of
from pressrun.pictures.hidden import Box, checked_boxes, hidden
from pressrun.pictures.lettering.faces import face_of, load_face
from pressrun.pictures.picture import Picture

WORDS = "Stop scrolling"
#: Where they stand below, in thousandths.
PLACE: Box = (90, 150, 170, 850)


def slide() -> Picture:
    image = Image.new("RGB", (540, 960), "#d8c8b0")
    draw = ImageDraw.Draw(image)
    draw.text((270, 125), WORDS, fill="black", font=load_face(face_of(WORDS), 54), anchor="mm")
    draw.ellipse((170, 500, 370, 800), fill="#336699")
    out = BytesIO()
    image.save(out, "PNG")
    return Picture(out.getvalue(), "image/png", *image.size)


def most(image: Image.Image) -> int:
    """The brightest value of a picture, of 255."""
    return max(value for value, count in enumerate(image.convert("L").histogram()) if count)


def edges(image: Image.Image) -> int:
    """How strong the strongest edge is, of 255."""
    found = image.convert("L").filter(ImageFilter.FIND_EDGES)
    return most(found.crop((2, 2, image.width - 2, image.height - 2)))


def test_no_edge_is_left_of_what_is_hidden_and_the_rest_stays() -> None:
    before, after = slide().open(), hidden(slide(), [PLACE]).open()
    upper, lower = (0, 0, 540, 400), (0, 400, 540, 960)
    assert edges(before.crop(upper)) > 200
    assert edges(after.crop(upper)) < 30  # neither letters nor the rim of a box
    assert most(ImageChops.difference(before.crop(lower), after.crop(lower))) < 30  # JPEG alone


def test_a_box_at_the_rim_is_hidden_too() -> None:
    assert hidden(slide(), [(0, 0, 200, 1000)]).open().size == (540, 960)


def test_only_boxes_within_the_picture_are_taken() -> None:
    given = [[90, 150, 170, 850], [170, 150, 90, 850], [0, 0, 1001, 10], [1, 2, 3]]
    assert checked_boxes(given) == (PLACE,)


@pytest.mark.parametrize(
    ("line", "is_theirs"),
    [
        ("stop Scrolling!", True),
        ("StOp scrol1ing", True),  # misread
        ("scrolling", True),
        ("DELI 24h", False),
        ("!?", False),
    ],
)
def test_lines_that_are_part_of_the_words_are_found(
    monkeypatch: pytest.MonkeyPatch, line: str, *, is_theirs: bool
) -> None:
    monkeypatch.setattr(found_words, "is_installed", lambda: True)
    monkeypatch.setattr(found_words, "_lines", lambda _: ((PLACE, line),))
    assert boxes_of(slide(), WORDS) == ((PLACE,) if is_theirs else ())
    assert boxes_of(slide(), "") == ()


@pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None,
    reason="rapidocr is not installed: `make bench-lettering` does",
)
def test_an_ocr_program_finds_where_words_stand() -> None:
    ((top, left, bottom, right),) = boxes_of(slide(), WORDS)
    assert 60 < top < 130 < bottom < 200
    assert 100 < left < 300
    assert 700 < right < 900
    request = ImageRequest("m", "p", (slide(),), hidden_words=WORDS)
    assert edges(request.shown[0].open().crop((0, 0, 540, 400))) < 30

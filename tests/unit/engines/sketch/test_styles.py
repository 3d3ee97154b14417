"""The sketch's three looks: apart from each other, repeatable, and labelled alike."""

import io
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.sketch.engine import SketchEngine
from pressrun.pictures.picture import Picture, read_picture

STYLES = [name for name, model in catalogue().items() if model.engine == "sketch"]
SAMPLES = sorted((Path(__file__).parents[4] / "samples").rglob("*.jpg"))[:2]


@pytest.fixture(scope="module")
def pictures() -> tuple[Picture, ...]:
    return tuple(read_picture(path.read_bytes(), path.name) for path in SAMPLES)


def draw(model: str, pictures: tuple[Picture, ...] = (), seed: int = 1000) -> bytes:
    engine = SketchEngine()
    try:
        return engine.image(
            ImageRequest(model, "A cat on a roof", pictures, seed=seed)
        ).picture.data
    finally:
        engine.close()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.mark.parametrize("seed", [1000, 2001, 3002])
@pytest.mark.parametrize("shown", [False, True])
def test_styles_are_visibly_apart(pictures: tuple[Picture, ...], seed: int, *, shown: bool) -> None:
    drawn = {style: opened(draw(style, pictures if shown else (), seed)) for style in STYLES}
    assert len(drawn) == 3
    for one, other in combinations(drawn.values(), 2):
        apart = ImageStat.Stat(ImageChops.difference(one, other)).mean
        assert sum(apart) / 3 > 20  # of 255, over the whole picture


@pytest.mark.parametrize("style", STYLES)
def test_the_label_stands_in_its_corner_in_every_style(style: str) -> None:
    corner = (48, 34, 150, 60)  # what lies around the label is the style's
    plain, mine = (opened(draw(name)).crop(corner) for name in ("sketch", style))
    assert sum(ImageStat.Stat(ImageChops.difference(plain, mine)).mean) / 3 < 12


@pytest.mark.parametrize("style", STYLES)
def test_the_same_request_is_the_same_picture(style: str, pictures: tuple[Picture, ...]) -> None:
    assert draw(style, pictures) == draw(style, pictures)
    assert draw(style, seed=1000) != draw(style, seed=1001)


@pytest.mark.parametrize(("size", "edge"), [("1K", 1376), ("4K", 5504)])
def test_every_style_is_drawn_at_the_asked_size(size: str, edge: int) -> None:
    engine = SketchEngine()
    for style in STYLES:
        assert engine.image(ImageRequest(style, "A cat", size=size)).picture.height == edge
    engine.close()

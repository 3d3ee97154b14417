"""Small copies of pictures that this process has written."""

import base64
import io

import pytest
from PIL import Image, ImageChops, ImageStat

from pressrun.pictures import picture as pictures
from pressrun.pictures import provenance
from pressrun.pictures.picture import Picture, decode, read_picture, thumbnail
from pressrun.pictures.previews import WIDTH, Previews
from pressrun.pictures.provenance import Finisher


@pytest.fixture(autouse=True)
def previews(monkeypatch: pytest.MonkeyPatch) -> Previews:
    fresh = Previews()
    for module in (pictures, provenance):
        monkeypatch.setattr(module, "previews", fresh)
    return fresh


def drawn(width: int = 1024, height: int = 1024) -> Picture:
    """A picture whose halves differ, so that it shows whether one is the other way round."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((20, 40, 220), (width // 2, 0, width, height))
    out = io.BytesIO()
    image.save(out, "PNG")
    return read_picture(out.getvalue(), "drawn")


def finished(picture: Picture, media_type: str = "image/webp") -> bytes:
    return Finisher("model", "prompt", "batch", "item", media_type, 85)(picture).data


def shown(uri: str) -> Image.Image:
    return decode(base64.b64decode(uri.partition(",")[2]))


@pytest.mark.parametrize("size", [(1024, 1024), (768, 1376), (1376, 768), (640, 4000)])
@pytest.mark.parametrize("width", [96, 160, 320])
def test_a_thumbnail_of_a_small_copy_is_that_of_the_file(
    size: tuple[int, int], width: int, previews: Previews
) -> None:
    data = finished(drawn(*size))
    copy = previews.smaller(data, width)
    assert copy != data
    assert copy.startswith(b"\xff\xd8\xff")
    of_copy = shown(thumbnail(data, width))
    previews._kept.clear()
    assert previews.smaller(data, width) == data
    of_file = shown(thumbnail(data, width))
    assert all(abs(a - b) <= 1 for a, b in zip(of_copy.size, of_file.size, strict=True))
    differs = ImageChops.difference(of_copy, of_file.resize(of_copy.size))
    assert max(ImageStat.Stat(differs).mean) < 4


def test_what_is_wanted_larger_or_was_not_written_here_is_the_file_itself(
    previews: Previews,
) -> None:
    data = finished(drawn())
    assert previews.smaller(data, WIDTH + 1) == data
    assert previews.smaller(data + b"changed", 160) == data + b"changed"
    small = finished(drawn(600, 600))
    assert previews.smaller(small, 160) == small
    as_it_came = finished(drawn(), "image/png")  # its pixels were not decoded
    assert previews.smaller(as_it_came, 160) == as_it_came


def test_the_oldest_copies_go_when_there_are_too_many() -> None:
    files = [finished(drawn(1024 + 8 * n, 1024)) for n in range(4)]
    kept = Previews()
    kept.keep(files[0], drawn().open())
    size = len(kept.smaller(files[0], 160))
    kept = Previews(most_bytes=2 * size)
    for data in (*files, files[-1]):
        kept.keep(data, drawn().open())
    assert [kept.smaller(data, 160) == data for data in files] == [True, True, False, False]
    assert kept._bytes == 2 * size

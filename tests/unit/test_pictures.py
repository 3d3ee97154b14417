"""Pictures are judged by their header; what is dangerous is refused before it is decoded."""

import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image

from pressrun.errors import InputError, PictureError
from pressrun.pictures import Picture, read_picture


def encoded(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, "teal").save(data, kind, **options)
    return data.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_header(width: int, height: int, *extra: bytes) -> bytes:
    """A PNG that claims a size and has next to nothing in it, so that nothing is allocated."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "media_type", "extension"),
    [("JPEG", "image/jpeg", "jpg"), ("PNG", "image/png", "png"), ("WEBP", "image/webp", "webp")],
)
def test_the_bytes_say_what_a_picture_is(kind: str, media_type: str, extension: str) -> None:
    data = encoded(kind)
    picture = read_picture(data, "slide.heic")
    assert (picture.media_type, picture.extension) == (media_type, extension)
    assert (picture.width, picture.height) == (40, 30)
    assert picture.sha256 == hashlib.sha256(data).hexdigest()
    assert picture.open().size == (40, 30)


def test_the_bytes_stay_out_of_logs() -> None:
    assert "data" not in repr(read_picture(encoded(), "slide"))


@pytest.mark.parametrize(
    "data",
    [
        b"This is a text file, whatever its name.",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        encoded("GIF"),
        encoded("BMP"),
        encoded("TIFF"),
    ],
)
def test_what_is_no_jpeg_png_or_webp_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(PictureError, match=r"photo.png is not a JPEG, PNG or WEBP picture. Save"):
        read_picture(data, "photo.png")


def test_an_empty_file_is_named() -> None:
    with pytest.raises(PictureError, match=r"photo.png is empty"):
        read_picture(b"", "photo.png")


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PictureError, match=r"photo.png has 3 MiB; at most 1 MiB"):
        read_picture(bytes(3 * 2**20), "photo.png", max_bytes=2**20)


def test_a_200_megapixel_picture_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(PictureError, match=r"photo.png has too many pixels"):
        read_picture(png_header(20_000, 10_000), "photo.png")


@pytest.mark.parametrize(("width", "height"), [(10_000, 4_001), (9_000, 9_000)])
def test_more_than_40_megapixels_are_refused_with_the_count(width: int, height: int) -> None:
    with pytest.raises(PictureError, match=rf"{width} x {height} = [0-9]+ megapixels; at most 40"):
        read_picture(png_header(width, height), "photo.png")


def test_forty_megapixels_are_read() -> None:
    assert read_picture(png_header(10_000, 4_000), "photo.png").width == 10_000


def test_a_text_that_unfolds_like_a_bomb_is_refused() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 * 2**20), 9))
    with pytest.raises(PictureError):
        read_picture(png_header(40, 30, bomb), "photo.png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_picture_fails_when_it_is_opened(kind: str) -> None:
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    data = io.BytesIO()
    noise.save(data, kind)
    half = data.getvalue()[: len(data.getvalue()) // 2]
    with pytest.raises(PictureError, match=r"damaged|is not a JPEG"):
        read_picture(half, "slide 3").open()


def test_a_picture_is_turned_as_its_exif_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = read_picture(encoded("JPEG", exif=exif), "slide")
    assert (picture.width, picture.height) == (40, 30)
    assert picture.open().size == (30, 40)


def test_transparency_and_palettes_are_opened_as_rgb() -> None:
    data = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(data, "PNG")
    assert read_picture(data.getvalue(), "slide").open().mode == "RGB"


def test_a_picture_error_is_an_input_error() -> None:
    with pytest.raises(InputError):
        read_picture(b"?", "photo.png")
    assert Picture(b"?", "image/png", 1, 1).extension == "png"

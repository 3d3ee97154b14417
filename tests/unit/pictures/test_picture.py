"""Pictures are judged by their header; what is dangerous is refused before it is decoded."""

import hashlib
import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from pressrun.errors import InputError, PictureError, PressrunError
from pressrun.pictures.picture import Picture, decode, read_picture, thumbnail
from tests.support import odd_pictures


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


@pytest.mark.parametrize("behind", [b"\0" * 9, b"a trailer of some phone"])
def test_what_stands_behind_a_whole_jpeg_is_no_fault(behind: bytes) -> None:
    assert read_picture(encoded("JPEG") + behind, "slide").open().size == (40, 30)


HEIC = Path(__file__).parent / "heic"


@pytest.mark.parametrize("name", ["phone.heic", "cut_out.heic"])
def test_heic_becomes_jpeg_on_white(name: str) -> None:
    picture = read_picture((HEIC / name).read_bytes(), name)
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 64, 48)
    teal, white = (picture.open().getpixel(place) for place in ((4, 4), (60, 4)))
    assert ImageStat.Stat(Image.new("RGB", (1, 1), teal)).mean == pytest.approx(
        [0, 128, 128], abs=9
    )
    assert ImageStat.Stat(Image.new("RGB", (1, 1), white)).mean == pytest.approx([255] * 3, abs=9)


def test_heic_that_is_cut_off_is_named() -> None:
    data = (HEIC / "phone.heic").read_bytes()
    for end in (len(data) * 2 // 3, 40, 16):
        with pytest.raises(PictureError, match=r"1.heic is cut off or damaged"):
            read_picture(data[:end], "1.heic")


def test_avif_becomes_jpeg() -> None:
    picture = read_picture(encoded("AVIF"), "1.avif")
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 40, 30)


@pytest.mark.parametrize("kind", ["AVIF", "HEIC"])
def test_bounds_hold_for_what_is_converted(kind: str) -> None:
    data = encoded("AVIF") if kind == "AVIF" else (HEIC / "phone.heic").read_bytes()
    with pytest.raises(PictureError, match=r"photo has .* megapixels; at most 0 are read"):
        read_picture(data, "photo", max_pixels=1000)


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


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("name", odd_pictures.USABLE)
def test_what_phones_and_browsers_make_is_read_and_decoded(name: str) -> None:
    picture = read_picture(odd_pictures.USABLE[name](), name)
    assert picture.media_type in ("image/jpeg", "image/png", "image/webp")
    assert picture.open().mode == "RGB"
    assert thumbnail(picture.data)


@pytest.mark.parametrize("name", odd_pictures.DAMAGED)
def test_what_is_cut_off_behind_its_head_is_named_when_it_is_read(name: str) -> None:
    with pytest.raises(PictureError, match=rf"^{name} is .*cut off or damaged.*\.$"):
        read_picture(odd_pictures.DAMAGED[name](), name)
    assert thumbnail(odd_pictures.DAMAGED[name]()) == ""


@pytest.mark.parametrize("name", odd_pictures.REFUSED)
def test_what_is_no_picture_to_be_read_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(PictureError, match=rf"^{name} (?:is|has) .+\.$"):
        read_picture(odd_pictures.REFUSED[name](), name)


def test_a_photo_with_more_pictures_behind_it_is_a_plain_jpeg() -> None:
    picture = read_picture(odd_pictures.mpo(), "IMG_0001.jpg")
    assert (picture.media_type, picture.extension) == ("image/jpeg", "jpg")
    assert (picture.width, picture.height) == odd_pictures.SIZE
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.format == "JPEG"


@pytest.mark.parametrize("name", ["exif_6.jpg", "mpo_6.jpg", "exif_of_a_phone.jpg"])
def test_a_photo_is_turned_whatever_else_its_exif_says(name: str) -> None:
    width, height = odd_pictures.SIZE
    opened = read_picture(odd_pictures.USABLE[name](), name).open()
    assert opened.size == (height, width)
    corner = opened.crop((height - 13, 11, height - 11, 13))  # it was at the top left
    (red, _), (_, green), _ = ImageStat.Stat(corner).extrema
    assert red > 150 > green


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_an_exif_that_makes_no_sense_turns_nothing() -> None:
    assert read_picture(odd_pictures.USABLE["exif_invalid.jpg"](), "x").open().size == (
        odd_pictures.SIZE
    )


def test_grey_of_16_bits_keeps_its_levels() -> None:
    opened = decode(odd_pictures.gray16())
    assert [opened.getpixel((x, 0)) for x in (0, 128, 255)] == [(x, x, x) for x in (0, 128, 255)]


@pytest.mark.parametrize("name", ["cut_out.png", "cut_out.webp", "gray_with_alpha.png"])
def test_a_cut_out_product_stands_on_white(name: str) -> None:
    opened = decode(odd_pictures.USABLE[name]())
    assert opened.getpixel((0, 0)) == (255, 255, 255)
    assert opened.getpixel((32, 20)) != (255, 255, 255)


def test_a_picture_is_decoded_no_larger_than_asked() -> None:
    assert decode(encoded("JPEG", (900, 300)), (90, 90)).size == (90, 30)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [8, 20, 60])
def test_what_begins_as_a_picture_and_ends_too_soon_is_cut_off(kind: str, kept: int) -> None:
    with pytest.raises(PictureError, match="slide is cut off or damaged"):
        read_picture(encoded(kind, (300, 200))[: kept + 4], "slide")


@pytest.mark.filterwarnings("ignore")  # Pillow's, on what it can still make sense of
@pytest.mark.parametrize("name", odd_pictures.ALL)
def test_a_file_damaged_anywhere_is_a_picture_or_a_sentence(name: str) -> None:
    whole, chance = odd_pictures.ALL[name](), random.Random(name)
    for _ in range(30):
        data = bytearray(whole)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data) + 1) :]
        for _ in range(chance.choice((0, 1, 3, 10))):
            if data:
                at = chance.randrange(len(data)) if chance.random() < 0.3 else 0
                at = at or chance.randrange(min(len(data), 600))
                data[at] = chance.choice((data[at] ^ 1 << chance.randrange(8), 0, 255))
        try:
            picture = read_picture(bytes(data), name)
            if picture.width * picture.height < 3_000_000:
                picture.open()
                thumbnail(picture.data)
        except PressrunError:
            continue


@pytest.mark.parametrize(
    "error", [KeyError("MPO"), struct.error("short"), MemoryError(), ZeroDivisionError("0")]
)
def test_whatever_pillow_raises_is_a_picture_error(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    picture = read_picture(encoded(), "slide")

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(PictureError, match="slide is cut off or damaged"):
        read_picture(encoded(), "slide")
    with pytest.raises(PictureError, match=r"^The picture is damaged: .+\.$"):
        picture.open()
    assert thumbnail(picture.data) == ""

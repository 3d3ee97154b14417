"""A JPEG with several pictures in one becomes the plain JPEG of the first, and all else stays."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from pressrun.pictures.jpeg import first_picture
from tests.support.odd_pictures import drawn, mpo, saved, turned


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def same_pixels(one: bytes, other: bytes) -> bool:
    difference = ImageChops.difference(opened(one).convert("RGB"), opened(other).convert("RGB"))
    return difference.getbbox() is None


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_the_first_picture_is_a_plain_jpeg_with_the_same_pixels(options: dict[str, bool]) -> None:
    several = mpo(**options)
    plain = first_picture(several)
    assert (opened(several).format, opened(plain).format) == ("MPO", "JPEG")
    assert b"MPF\x00" not in plain
    assert plain.endswith(b"\xff\xd9")
    assert len(plain) < len(several) / 2
    assert same_pixels(several, plain)


def test_orientation_and_profile_of_the_photo_stay() -> None:
    exif = turned(6)
    exif[0x010F] = "A phone"
    plain = opened(first_picture(mpo(exif=exif.tobytes(), icc_profile=b"a profile")))
    assert dict(plain.getexif()) == {0x0112: 6, 0x010F: "A phone"}
    assert plain.info["icc_profile"] == b"a profile"


def test_the_end_of_a_thumbnail_in_the_exif_is_not_the_photos_end() -> None:
    several = mpo(exif=b"Exif\x00\x00" + saved("JPEG", drawn(size=(16, 10))))
    assert same_pixels(first_picture(several), several)


def test_a_photo_that_is_cut_off_stays_cut_off() -> None:
    cut = mpo(quality=95)[:1200]
    plain = first_picture(cut)
    assert b"MPF\x00" not in plain
    assert cut.endswith(plain[-200:])


@pytest.mark.parametrize(
    "data",
    [
        saved("JPEG"),
        saved("JPEG") + b"a video behind it, MPF\x00 and all",
        saved("JPEG", comment=b"MPF\x00"),
        saved("PNG") + b"MPF\x00",
        b"\xff\xd8MPF\x00",
        b"",
    ],
)
def test_what_has_no_index_of_pictures_stays_byte_for_byte(data: bytes) -> None:
    assert first_picture(data) == data


@given(st.binary(max_size=300))
def test_nothing_makes_it_fail(junk: bytes) -> None:
    first_picture(b"\xff\xd8\xff\xe2\x00\x08MPF\x00" + junk)
    first_picture(junk)

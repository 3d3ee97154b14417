"""A picture whose maker signed it: its Content Credentials survive, or it says that they did not.

The signed pictures were made with c2pa-python 0.38 and a certificate of our own; its reader finds
their manifests valid, and invalid once a byte beside them is changed.
"""

import io
from pathlib import Path

import pytest
from PIL import Image

from pressrun.pictures import provenance
from pressrun.pictures.metadata import carries_credentials, embed
from pressrun.pictures.picture import Picture, read_picture
from pressrun.pictures.provenance import KEPT, Finisher

SIGNED = sorted((Path(__file__).parent / "signed").iterdir())


def signed(path: Path) -> Picture:
    return read_picture(path.read_bytes(), path.name)


@pytest.fixture(params=SIGNED, ids=lambda path: path.suffix)
def picture(request: pytest.FixtureRequest) -> Picture:
    return signed(request.param)


def test_it_is_delivered_byte_for_byte_with_our_words_beside_it(picture: Picture) -> None:
    finish = Finisher("gpt-image-2", "A cup", "b1", "i1", picture.media_type, 10)
    final = finish(picture)
    assert final.data == picture.data
    beside = finish.beside(final)
    assert beside is not None
    assert beside["content_credentials"] == KEPT
    assert (beside["model"], beside["batch"], beside["item"]) == ("gpt-image-2", "b1", "i1")
    assert beside["digital_source_type"] == provenance.SOURCE_TYPE


def test_in_another_format_it_says_that_they_are_lost(picture: Picture) -> None:
    other = "image/png" if picture.media_type != "image/png" else "image/webp"
    finish = Finisher("gpt-image-2", "A cup", "b1", "i1", other, 80)
    final = finish(picture)
    assert not carries_credentials(final.data, other)
    assert provenance.read(final.data) is not None  # our own words stand in it
    beside = finish.beside(final)
    assert beside is not None
    assert set(beside) == {"content_credentials"}
    assert "lost" in beside["content_credentials"]


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
def test_a_picture_that_nobody_signed_says_everything_in_itself(media_type: str) -> None:
    plain = Picture(*_without_words(media_type))
    finish = Finisher("gpt-image-2", "A cup", "b1", "i1", media_type, 80)
    final = finish(plain)
    assert not carries_credentials(final.data, media_type)
    assert finish.beside(final) is None
    assert provenance.read(final.data) is not None


def test_metadata_put_into_a_signed_picture_leaves_its_credentials_in_place(
    picture: Picture,
) -> None:
    # Which makes them invalid, so that nothing but `encode` decides whether to.
    changed = embed(picture.data, picture.media_type, b"", b"", {})
    assert changed != picture.data
    assert carries_credentials(changed, picture.media_type)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"RIFF", b"\x89PNG\r\n\x1a\n", b"\0" * 40])
def test_what_is_no_picture_carries_none(data: bytes, media_type: str) -> None:
    assert not carries_credentials(data, media_type)


def _without_words(media_type: str) -> tuple[bytes, str, int, int]:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), "teal").save(out, media_type.removeprefix("image/"))
    return out.getvalue(), media_type, 12, 8


def test_a_picture_that_has_lost_nothing_is_not_opened_to_see_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finish = Finisher("gemini-x", "A cup", "b1", "i1", "image/webp", 90)
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(drawn, "PNG")
    final = finish(read_picture(drawn.getvalue(), "a cup"))
    opened: list[object] = []
    monkeypatch.setattr(Image, "open", lambda *given, **_: opened.append(given))
    assert finish.beside(final) is None
    assert opened == []

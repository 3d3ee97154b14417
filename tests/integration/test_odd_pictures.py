"""No picture, whatever it is, fails more than its own rows."""

from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.vaults import vault_of
from pressrun.errors import InputError
from pressrun.inputs.slides import read_slideshow
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Item
from pressrun.pictures.picture import read_picture
from tests.support import odd_pictures
from tests.support.batches import parameters, plan, work, write_slides

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data")


def write(place: Path, name: str) -> Path:
    place.mkdir(exist_ok=True)
    (place / name).write_bytes(odd_pictures.ALL[name]())
    return place / name


def beside_a_good_one(home: Path, name: str) -> dict[str, Any]:
    """A good slideshow, one with the picture as its photo, and one with it among its slides."""
    photo = write(home / "photos", name)
    write_slides(home / "odd", 1)
    write(home / "odd", name)
    given = parameters(home, slides=1)
    given["slides"] += f"\n{home / 'show_1'}\t{photo}\tA cup\n{home / 'odd'}"
    return given


def ended(home: Path, given: dict[str, Any]) -> list[Item]:
    batch = plan(given)
    work(batch)
    return open_ledger().batches.items(batch.id)


@pytest.mark.parametrize("name", odd_pictures.USABLE)
def test_what_phones_and_browsers_make_is_a_photo_and_a_slide(home: Path, name: str) -> None:
    items = ended(home, beside_a_good_one(home, name))
    assert [(item.status, item.error_message) for item in items] == [("completed", None)] * 3
    assert len(items[2].spec["slides"]) == 2


@pytest.mark.parametrize("name", [*odd_pictures.DAMAGED, *odd_pictures.REFUSED])
def test_what_cannot_be_used_fails_its_own_rows_in_a_sentence(home: Path, name: str) -> None:
    good, *odd = ended(home, beside_a_good_one(home, name))
    assert good.status == "completed"
    assert [item.status for item in odd] == ["failed"] * 2
    for item in odd:
        assert item.error_kind in ("bad_picture", "bad_product", "bad_input")
        assert name in str(item.error_message) or "damaged" in str(item.error_message)
        assert "Error" not in str(item.error_message)


@pytest.mark.parametrize("name", odd_pictures.REFUSED)
def test_alone_it_refuses_the_batch_in_a_sentence(home: Path, name: str) -> None:
    photo = write(home / "photos", name)
    with pytest.raises(InputError, match="No slideshow can be made: no product photo can be used"):
        plan(parameters(home, photo=str(photo)))
    with pytest.raises(InputError, match=r"^No slideshow can be made; nothing was made or paid\."):
        plan(parameters(home) | {"slides": str(home / "photos")})


@pytest.mark.parametrize("error", [KeyError("MPO"), RuntimeError("?"), OSError("?"), TypeError()])
def test_an_error_that_nobody_foresaw_is_its_own_rows_failure(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    given = parameters(home, shows=3)

    def stumble(source: str, *rest: Any) -> Any:
        if source.endswith("show_2"):
            raise error
        return read_slideshow(source, *rest)

    monkeypatch.setattr("pressrun.kinds.slideshow.planner.read_slideshow", stumble)
    one, two, three = open_ledger().batches.items(plan(given).id)
    assert (one.error_kind, two.error_kind, three.error_kind) == (None, "bug", None)
    assert type(error).__name__ in str(two.error_message)
    assert "Traceback" in caplog.text  # a fault of ours is to be found


def test_a_photo_that_nobody_foresaw_is_its_own_rows_failure(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = beside_a_good_one(home, "mpo.jpg")

    def stumble(data: bytes, what: str) -> Any:
        if what == "mpo.jpg":
            raise KeyError("MPO")
        return read_picture(data, what)

    monkeypatch.setattr("pressrun.inputs.products.read_picture", stumble)
    one, two, three = open_ledger().batches.items(plan(given).id)
    assert (one.error_kind, two.error_kind, three.error_kind) == (None, "bad_product", None)


def test_what_a_model_is_shown_is_a_plain_jpeg(home: Path) -> None:
    batch = plan(beside_a_good_one(home, "mpo.jpg"))
    _, photo, slides = open_ledger().batches.items(batch.id)
    for kept in (photo.spec["product"], slides.spec["slides"][0]):
        data = vault_of(batch.id).get(kept["sha256"])
        assert kept["media_type"] == "image/jpeg"
        assert b"MPF\x00" not in data
        assert data.endswith(b"\xff\xd9")

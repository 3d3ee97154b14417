"""Which product goes with which slideshow."""

import shutil
from pathlib import Path

import pytest

from pressrun.errors import InputError, SourceError
from pressrun.inputs.photos import natural_order
from pressrun.inputs.products import (
    Product,
    ProductError,
    ProductSource,
    WantedProduct,
)
from pressrun.pictures.picture import Picture
from tests.support.batches import draw_picture


def no_fetch(url: str) -> Picture:
    raise SourceError(f"{url} does not answer.", kind="unreachable")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(("1.png", "2.png", "anna.png", "7430000000000000001.png")):
        draw_picture(folder / name, (number * 50, 0, 0))
    (folder / "notes.txt").write_text("no photo")
    (folder / "empty").mkdir()
    return folder


def chosen(photos: Path, product: Product | InputError) -> str:
    return " ".join(all_chosen(photos, product))


def all_chosen(photos: Path, product: Product | InputError) -> list[str]:
    assert isinstance(product, Product), product
    names = {p.read_bytes(): p.name for p in photos.rglob("*.png")}
    return [names[photo.data] for photo in product.photos]


def reason(product: Product | InputError) -> str:
    assert isinstance(product, InputError)
    assert product.kind == "bad_product"
    assert not str(product).endswith("..")
    return str(product)


def test_one_product_goes_with_all(photos: Path) -> None:
    source = ProductSource(no_fetch, photo=str(photos / "1.png"), description="A mug")
    found = source.match([WantedProduct(), WantedProduct(description="A cup")])
    assert [chosen(photos, p) for p in found] == ["1.png", "1.png"]
    assert [p.description for p in found if isinstance(p, Product)] == ["A mug", "A cup"]


def test_a_rows_own_photo_goes_first_and_starts_from_the_base(photos: Path) -> None:
    source = ProductSource(no_fetch, photo="1.png", description="x", base=photos)
    assert chosen(photos, source.match([WantedProduct(photo="2.png")])[0]) == "2.png"


@pytest.mark.parametrize("cell", ["ANNA.png", "anna", "Anna.PNG"])
def test_a_photo_cell_names_a_file_of_the_folder_in_any_case(photos: Path, cell: str) -> None:
    source = ProductSource(no_fetch, description="x", photos=str(photos))
    assert chosen(photos, source.match([WantedProduct(photo=cell)])[0]) == "anna.png"


def test_photos_are_matched_by_number_post_or_user(photos: Path) -> None:
    source = ProductSource(no_fetch, description="x", photos=str(photos))
    rows = [(2, "", "ben"), (3, "7430000000000000001", ""), (4, "", "anna")]
    wanted = [WantedProduct(number=n, post_id=post, user=user) for n, post, user in rows]
    found = source.match(wanted)
    assert [chosen(photos, p) for p in found] == ["2.png", "7430000000000000001.png", "anna.png"]


def test_photos_are_matched_by_order_if_there_are_as_many(tmp_path: Path) -> None:
    for name in ("b10.png", "b9.png", "a.png"):
        draw_picture(tmp_path / name, (len(name) * 20, ord(name[1]), 0))
    source = ProductSource(no_fetch, description="x", photos=str(tmp_path))
    found = source.match([WantedProduct(), WantedProduct(), WantedProduct()])
    assert [chosen(tmp_path, p) for p in found] == ["a.png", "b9.png", "b10.png"]


def test_a_row_says_everything_that_it_lacks(photos: Path) -> None:
    (found,) = ProductSource(no_fetch, photos=str(photos)).match([WantedProduct()])
    assert reason(found) == (
        "The row has no product description, and has no product photo (no file in "
        f"{photos} has its name)."
    )


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        ("nowhere.png", "no photo called “nowhere.png” was dropped; drop it"),
        (r"C:\Users\Me\mug.jpg", r"There is no file or folder “C:\Users\Me\mug.jpg” on the worker"),
        ("~nobody-at-all/mug.jpg", "There is no file or folder “~nobody-at-all/mug.jpg”"),
        ("notes.txt", "notes.txt is not a JPEG, PNG or WEBP picture"),
        ("empty", "is a folder, not a file"),
        ("1.png; nowhere.png", "no photo called “nowhere.png” was dropped; drop it"),
        ("a\0b", "no photo called “a b” was dropped"),
        ("/dev/zero", "“zero” is a device, not a file"),
        ("https://example.com/a.png", "https://example.com/a.png does not answer."),
    ],
)
def test_a_photo_that_cannot_be_used_is_the_rows_problem(
    photos: Path, photo: str, words: str
) -> None:
    good, bad = ProductSource(no_fetch, description="x", base=photos).match(
        [WantedProduct(photo="1.png"), WantedProduct(photo=photo)]
    )
    assert isinstance(good, Product)
    assert words in reason(bad)


@pytest.mark.parametrize("cell", ['"{}/1.png"', "file://{}/1.png", " {}/1.png "])
def test_a_photo_is_found_however_its_path_was_copied(photos: Path, cell: str) -> None:
    source = ProductSource(no_fetch, photo=cell.format(photos), description="x")
    assert chosen(photos, source.match([WantedProduct()])[0]) == "1.png"
    found = ProductSource(no_fetch, description="x").match(
        [WantedProduct(photo=cell.format(photos))]
    )
    assert chosen(photos, found[0]) == "1.png"


def test_a_photo_of_a_kind_that_is_not_read_is_told_and_keeps_its_place(tmp_path: Path) -> None:
    draw_picture(tmp_path / "1.jfif", (10, 0, 0), "JPEG")
    (tmp_path / "2.heic").write_bytes(b"no picture that is read")
    draw_picture(tmp_path / "3.png", (30, 0, 0))
    (tmp_path / "._3.png").write_bytes(b"what a Mac leaves beside it")
    source = ProductSource(no_fetch, description="x", photos=str(tmp_path))
    first, second, third = source.match([WantedProduct()] * 3)
    assert isinstance(first, Product)
    assert "2.heic is not a JPEG, PNG or WEBP picture. Save it as one" in reason(second)
    assert isinstance(third, Product)


def test_a_row_says_whether_only_its_photo_is_wrong(photos: Path) -> None:
    source = ProductSource(no_fetch, photos=str(photos))
    rows = [
        WantedProduct(photo="nowhere.png", description="x"),
        WantedProduct(photo="1.png"),
        WantedProduct(),
    ]
    found = source.match(rows)
    assert [isinstance(one, ProductError) and one.photo_only for one in found] == [True] + [
        False
    ] * 2


def test_photos_that_are_a_file_or_may_not_be_read_are_told(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"1.png is a file, not a folder of product photos"):
        ProductSource(no_fetch, photos=str(photos / "1.png")).match([WantedProduct()])

    def forbid(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbid)
    with pytest.raises(InputError, match=r"cannot be read \(Permission denied\)"):
        ProductSource(no_fetch, photos=str(photos)).match([WantedProduct()])


def test_a_photo_is_loaded_once_for_all_rows(photos: Path) -> None:
    asked = []

    def fetch(url: str) -> Picture:
        asked.append(url)
        raise SourceError("No.", kind="unreachable")

    ProductSource(fetch, photo="https://example.com/a.png", description="x").match(
        [WantedProduct()] * 3
    )
    assert len(asked) == 1


def test_a_description_may_not_be_endless(photos: Path) -> None:
    source = ProductSource(no_fetch, photo=str(photos / "1.png"))
    assert "over 4,000 characters" in reason(
        source.match([WantedProduct(description="x" * 4001)])[0]
    )


def test_a_folder_that_does_not_exist_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file or folder “nowhere” on the worker"):
        ProductSource(no_fetch, photos="nowhere", base=tmp_path).match([WantedProduct()])


def test_numbers_in_names_are_ordered_as_numbers() -> None:
    names = ["Slide10.png", "slide2.png", "a.png"]
    assert sorted(names, key=natural_order) == ["a.png", "slide2.png", "Slide10.png"]


@pytest.mark.parametrize("cell", ["2.png; 1.png", "2.png, 1.png", "2.png\n1.png", "2.png 1.png"])
def test_a_row_names_several_photos_and_the_first_is_the_main_one(photos: Path, cell: str) -> None:
    source = ProductSource(no_fetch, photo=cell, description="x", base=photos)
    rows = [WantedProduct(), WantedProduct(photo="anna.png;1.png; anna.png")]
    of_all, of_row = source.match(rows)
    assert all_chosen(photos, of_all) == ["2.png", "1.png"]
    assert all_chosen(photos, of_row) == ["anna.png", "1.png"]


def test_a_folder_in_place_of_a_photo_gives_all_in_it_up_to_nine(tmp_path: Path) -> None:
    (tmp_path / "my mug").mkdir()
    for number in range(1, 12):
        draw_picture(tmp_path / "my mug" / f"{number}.png", (number * 20, 0, 0))
    draw_picture(tmp_path / "my mug" / "front.png", (20, 0, 0))
    said: list[str] = []
    source = ProductSource(no_fetch, description="x", base=tmp_path, note=said.append)
    (found,) = source.match([WantedProduct(photo="my mug", number=4)])
    assert all_chosen(tmp_path, found)[1:] == [f"{n}.png" for n in range(2, 10)]
    assert said == ["Row 4 has 12 photos; models are shown the first 9."]


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_a_product_and_names_that_belong_together_are_several_photos(
    tmp_path: Path, packed: bool
) -> None:
    given = tmp_path / "given"
    names = ("mug/b.png", "mug/a.png", "lamp/1.png", "lamp/2.png")
    for at, name in enumerate(names):
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        draw_picture(given / name, (at * 50, 0, 0))
    where = Path(shutil.make_archive(str(tmp_path / "given"), "zip", given)) if packed else given
    said: list[str] = []
    source = ProductSource(no_fetch, photos=str(where), note=said.append)
    rows = [WantedProduct(description="Lamp: bright"), WantedProduct(description="Mug - wide")]
    lamp, mug = source.match(rows)
    assert all_chosen(given, lamp) == ["1.png", "2.png"]
    assert all_chosen(given, mug) == ["a.png", "b.png"]
    (note,) = said
    assert note.startswith("Several photos of one product, the first is the main one: row 0 has 2")


def test_the_same_photo_by_two_names_is_one(tmp_path: Path) -> None:
    for name in ("mug-1.png", "mug-2.png"):
        draw_picture(tmp_path / name, (50, 0, 0))
    source = ProductSource(no_fetch, photos=str(tmp_path), description="Mug: wide")
    (found,) = source.match([WantedProduct(number=1)])
    assert isinstance(found, Product)
    assert len(found.photos) == 1

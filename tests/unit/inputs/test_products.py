"""Which product goes with which slideshow."""

from pathlib import Path

import pytest

from pressrun.errors import InputError, SourceError
from pressrun.inputs.products import Product, Shelf, Wanted, natural_order
from pressrun.pictures import Picture
from tests.batches import draw_picture


def no_fetch(url: str) -> Picture:
    raise SourceError(f"{url} does not answer.", kind="unreachable")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(("1.png", "2.png", "anna.png", "7430000000000000001.png")):
        draw_picture(folder / name, (number * 50, 0, 0))
    (folder / "notes.txt").write_text("no photo")
    return folder


def chosen(photos: Path, product: Product | InputError) -> str:
    assert isinstance(product, Product), product
    return {p.read_bytes(): p.name for p in photos.rglob("*.png")}[product.photo.data]


def reason(product: Product | InputError) -> str:
    assert isinstance(product, InputError)
    assert product.kind == "bad_product"
    return str(product)


def test_one_product_goes_with_all(photos: Path) -> None:
    shelf = Shelf(no_fetch, photo=str(photos / "1.png"), description="A mug")
    found = shelf.match([Wanted(), Wanted(description="A cup")])
    assert [chosen(photos, p) for p in found] == ["1.png", "1.png"]
    assert [p.description for p in found if isinstance(p, Product)] == ["A mug", "A cup"]


def test_a_rows_own_photo_goes_first_and_starts_from_the_base(photos: Path) -> None:
    shelf = Shelf(no_fetch, photo="1.png", description="x", base=photos)
    assert chosen(photos, shelf.match([Wanted(photo="2.png")])[0]) == "2.png"


@pytest.mark.parametrize("cell", ["ANNA.png", "anna", "Anna.PNG"])
def test_a_photo_cell_names_a_file_of_the_folder_in_any_case(photos: Path, cell: str) -> None:
    shelf = Shelf(no_fetch, description="x", photos=str(photos))
    assert chosen(photos, shelf.match([Wanted(photo=cell)])[0]) == "anna.png"


def test_photos_are_matched_by_number_post_or_user(photos: Path) -> None:
    shelf = Shelf(no_fetch, description="x", photos=str(photos))
    names = [{"2", "ben"}, {"3", "7430000000000000001"}, {"4", "anna"}]
    found = shelf.match([Wanted(names=frozenset(n)) for n in names])
    assert [chosen(photos, p) for p in found] == ["2.png", "7430000000000000001.png", "anna.png"]


def test_photos_are_matched_by_order_if_there_are_as_many(tmp_path: Path) -> None:
    for name in ("b10.png", "b2.png", "b1.png"):
        draw_picture(tmp_path / name, (len(name) * 20, int(name[1]), 0))
    shelf = Shelf(no_fetch, description="x", photos=str(tmp_path))
    found = shelf.match([Wanted(), Wanted(), Wanted()])
    assert [chosen(tmp_path, p) for p in found] == ["b1.png", "b2.png", "b10.png"]


def test_a_row_says_everything_that_it_lacks(photos: Path) -> None:
    (found,) = Shelf(no_fetch, photos=str(photos)).match([Wanted()])
    assert reason(found) == (
        "The row has no product description, and has no product photo (no file in "
        f"{photos} has its name)."
    )


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        ("nowhere.png", "'nowhere.png' cannot be read: No such file"),
        ("notes.txt", "notes.txt is not a JPEG, PNG or WEBP picture"),
        (".", "is a folder, not a picture"),
        ("\0", "cannot be read"),
        ("https://example.com/a.png", "https://example.com/a.png does not answer."),
    ],
)
def test_a_photo_that_cannot_be_used_is_the_rows_problem(
    photos: Path, photo: str, words: str
) -> None:
    good, bad = Shelf(no_fetch, description="x", base=photos).match(
        [Wanted(photo="1.png"), Wanted(photo=photo)]
    )
    assert isinstance(good, Product)
    assert words in reason(bad)


def test_a_photo_is_loaded_once_for_all_rows(photos: Path) -> None:
    asked = []

    def fetch(url: str) -> Picture:
        asked.append(url)
        raise SourceError("No.", kind="unreachable")

    Shelf(fetch, photo="https://example.com/a.png", description="x").match([Wanted()] * 3)
    assert len(asked) == 1


def test_a_description_may_not_be_endless(photos: Path) -> None:
    shelf = Shelf(no_fetch, photo=str(photos / "1.png"))
    assert "over 4,000 characters" in reason(shelf.match([Wanted(description="x" * 4001)])[0])


def test_a_folder_that_does_not_exist_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The folder of product photos nowhere does not exist"):
        Shelf(no_fetch, photos="nowhere", base=tmp_path).match([Wanted()])


def test_numbers_in_names_are_ordered_as_numbers() -> None:
    names = ["Slide10.png", "slide2.png", "a.png"]
    ordered = sorted((Path(n) for n in names), key=natural_order)
    assert [p.name for p in ordered] == ["a.png", "slide2.png", "Slide10.png"]

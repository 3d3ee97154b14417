"""From what was pasted to items: order, names, numbers, products, problems."""

from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import InputError
from pressrun.ledger.records import PlannedItem
from pressrun.recipes.slideshow_order import SlideshowOrder
from pressrun.recipes.slideshow_plan import Planner
from pressrun.settings import Settings
from pressrun.vault import Vault
from tests.batches import draw_picture, parameters, write_slides


def planned(tmp_path: Path, said: list[str] | None = None, **given: Any) -> list[PlannedItem]:
    vault = Vault(tmp_path / "vault")
    say = (said if said is not None else []).append
    return Planner(SlideshowOrder.of(given), Settings(), vault, say).plan()


def test_every_link_gets_an_item_a_variation(tmp_path: Path) -> None:
    given = parameters(tmp_path, shows=2, photo_variations=2, text_variations=3)
    items = planned(tmp_path, **given)
    assert [i.key for i in items] == [
        f"link_{link:03d}/variation_{v}" for link in (1, 2) for v in range(1, 7)
    ]
    assert items[7].title == "Link 002 @show_2 · variation 2/6"
    assert [(i.spec["photo_variation"], i.spec["text_variation"]) for i in items[:6]] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    assert sorted({i.position for i in items}) == [i.position for i in items]


def test_pictures_are_in_the_vault_and_items_name_their_digests(tmp_path: Path) -> None:
    items = planned(tmp_path, **parameters(tmp_path, slides=3))
    vault, spec = Vault(tmp_path / "vault"), items[0].spec
    assert [vault.get(slide["sha256"]) for slide in spec["slides"]] == [
        (tmp_path / f"show_1/slide_{n}.jpg").read_bytes() for n in range(3)
    ]
    assert vault.get(spec["product"]["sha256"]) == (tmp_path / "mug.png").read_bytes()


def test_own_slides_bring_their_caption_and_their_own_product(tmp_path: Path) -> None:
    given = parameters(tmp_path, shows=2)
    first, second = given["slides"].splitlines()
    write_slides(tmp_path / "show_1", caption="Look! #x")
    cup = draw_picture(tmp_path / "cup.png", (1, 2, 3))
    given["slides"] = f"{first}\n\n{second}\t{cup}\tA cup\twith tabs"
    one, two = planned(tmp_path, **given)
    assert one.spec["caption"] == "Look! #x"
    assert two.spec["description"] == "A cup\twith tabs"
    assert two.spec["product"] != one.spec["product"]


def test_a_bad_slideshow_is_one_failed_item_among_good_ones(tmp_path: Path) -> None:
    said: list[str] = []
    given = parameters(tmp_path, shows=2, photo_variations=2)
    given["slides"] = f"{tmp_path}/nowhere\n{given['slides']}"
    items = planned(tmp_path, said, **given)
    assert [i.key for i in items] == [
        "link_001",
        "link_002/variation_1",
        "link_002/variation_2",
        "link_003/variation_1",
        "link_003/variation_2",
    ]
    assert "There is no file or folder" in str(items[0].error)
    assert "slides" not in items[0].spec
    assert said[0].startswith("Slideshow 1 of 3 cannot be used: There is no file or folder")
    assert said[1] == "Slideshow 2 of 3: 2 slides of show_1"


def test_what_a_row_lacks_is_said_with_what_is_wrong_with_its_link(tmp_path: Path) -> None:
    given = parameters(tmp_path, description="") | {"links": "https://example.com/"}
    with pytest.raises(InputError) as caught:
        planned(tmp_path, **given)
    link, own = caught.value.problems
    assert link.startswith("line 1: This link does not lead to TikTok.")
    assert "The row has no product description." in link
    assert own.startswith("own slideshow 1: The row has no product description.")


def test_101_own_slideshows_are_too_many(tmp_path: Path) -> None:
    given = parameters(tmp_path)
    given["slides"] = "\n".join([given["slides"]] * 101)
    with pytest.raises(InputError, match="101 own slideshows are named; a batch takes up to 100"):
        planned(tmp_path, **given)


def test_rows_pasted_with_photo_and_description_are_read(tmp_path: Path) -> None:
    given = parameters(tmp_path, photo="", description="") | {"skip_invalid": False}
    given["links"] = f"https://example.com/\t{tmp_path / 'mug.png'}\tA mug"
    given["slides"] = ""
    with pytest.raises(InputError) as caught:
        planned(tmp_path, **given)
    (problem,) = caught.value.problems
    assert "product" not in problem


def test_problems_never_quote_endless_text(tmp_path: Path) -> None:
    given = parameters(tmp_path) | {"slides": "", "links": "https://example.com/" + "x" * 3000}
    with pytest.raises(InputError) as caught:
        planned(tmp_path, **given)
    assert len(str(caught.value)) < 400

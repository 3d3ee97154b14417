"""From what was pasted to items: order, names, numbers, products, problems."""

from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import InputError
from pressrun.inputs.slides import read_slideshow
from pressrun.inputs.web.fetch import Fetcher
from pressrun.kinds.slideshow.parameters import SlideshowParameters
from pressrun.kinds.slideshow.photos import product_photos
from pressrun.kinds.slideshow.planner import SlideshowPlanner
from pressrun.kinds.slideshow.recipe import SlideshowRecipe, folder_of
from pressrun.ledger.records import Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.pictures.picture import read_picture
from pressrun.settings import Settings
from tests.support.batches import draw_picture, parameters, write_slides

ID = 7_430_000_000_000_000_001
POST = f"https://www.tiktok.com/@anna/photo/{ID}"


def failed(link: int) -> Item:
    """An item whose post TikTok did not give for a while."""
    spec = {"link": link, "source": POST}
    return Item(f"link_{link:03d}", link, "Link", "failed", 0, spec, "blocked", "Later.")


def planned(tmp_path: Path, said: list[str] | None = None, **given: Any) -> list[PlannedItem]:
    return planner(tmp_path, said, **given).plan()


def planner(tmp_path: Path, said: list[str] | None = None, **given: Any) -> SlideshowPlanner:
    vault = Vault(tmp_path / "vault")
    log = (said if said is not None else []).append
    return SlideshowPlanner(SlideshowParameters.of(given), Settings(), vault, log)


def refusal(tmp_path: Path, **given: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        planned(tmp_path, **given)
    return caught.value


def test_every_link_gets_an_item_a_variation(tmp_path: Path) -> None:
    given = parameters(tmp_path, shows=2, photo_variations=2, text_variations=3)
    items = planned(tmp_path, **given)
    assert [i.key for i in items] == [
        f"link_{link:03d}/variation_{v}" for link in (1, 2) for v in range(1, 7)
    ]
    assert items[7].title == "Slideshow 002 show_2 · variation 2/6"
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


def test_own_slides_are_called_by_their_name(tmp_path: Path) -> None:
    given = parameters(tmp_path, shows=2)
    first, second = given.pop("slides").splitlines()
    head = "link\tphoto\tdescription\tslideshow name"
    given["links"] = f"{head}\nslides: {first}\t\t\tAutumn  mugs!\nslides: {second}\t\t\t\n"
    named, plain = planned(tmp_path, **given)
    assert named.title == "Slideshow 001 Autumn mugs! · variation 1/1"
    assert folder_of(named.spec) == "Link_001_@Autumn_mugs/variation_1"
    assert plain.title == "Slideshow 002 show_2 · variation 1/1"
    assert "name" not in plain.spec


def test_several_photos_are_kept_named_in_the_spec_and_priced(tmp_path: Path) -> None:
    given = parameters(tmp_path, slides=3, model="gemini-3-pro-image")
    for name, red in (("cup-1.png", 9), ("cup-2.png", 99)):
        draw_picture(tmp_path / name, (red, 2, 3))
    one, two = (
        planned(tmp_path, **given | {"photo": photo})[0].spec
        for photo in (given["photo"], f"{tmp_path}/cup-1.png\n{tmp_path}/cup-2.png")
    )
    vault = Vault(tmp_path / "vault")
    assert [vault.get(photo["sha256"]) for photo in product_photos(two)] == [
        (tmp_path / f"cup-{n}.png").read_bytes() for n in (1, 2)
    ]
    assert one.keys() == two.keys() - {"other_photos"}  # with one photo, as batches always had it
    settings = SlideshowParameters.model_validate(given).model_dump()
    of_one, of_two = (SlideshowRecipe().expect(spec, settings) for spec in (one, two))
    assert [len(call.pictures + call.perhaps) for call in of_one] == [4, 2, 2, 2]
    assert [len(call.pictures + call.perhaps) for call in of_two] == [5, 3, 3, 3]


def test_files_that_are_no_slides_are_named(tmp_path: Path) -> None:
    said: list[str] = []
    given = parameters(tmp_path)
    for n in range(9):
        (tmp_path / f"show_1/note_{n}.txt").write_text("x")
    planned(tmp_path, said, **given)
    [told] = [line for line in said if line.startswith("Left out of “show_1”: ")]
    assert "note_0.txt" in told
    assert told.endswith(" and 1 more.")


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
    link, product = caught.value.problems
    assert link.startswith("line 1: This link does not lead to TikTok.")
    assert product == "line 1, own slideshow 1: The row has no product description."


def test_a_hundred_and_one_lines_without_a_product_say_it_once(tmp_path: Path) -> None:
    links = "\n".join(f"https://www.tiktok.com/@a/photo/{ID + n}" for n in range(101))
    given = parameters(tmp_path, description="") | {"links": links, "slides": ""}
    assert [problem.partition(" (")[0] for problem in refusal(tmp_path, **given).problems] == [
        "101 rows, from line 1 to line 101: The row has no product description.",
        "line 101: Only 100 links fit into one batch. Put this one into the next.",
    ]


def test_what_is_left_out_of_the_links_is_noted(tmp_path: Path) -> None:
    said: list[str] = []
    given = parameters(tmp_path, photo="") | {"links": f"Hello!\n{POST}"}
    with pytest.raises(InputError):
        planned(tmp_path, said, **given)
    assert said[0] == "links: Left out: 1 line without a link (line 1 “Hello!”)."


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


def test_own_slides_for_two_products_are_two_slideshows_and_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def reading(source: str, *rest: Any) -> Any:
        read.append(source)
        return read_slideshow(source, *rest)

    monkeypatch.setattr("pressrun.kinds.slideshow.planner.read_slideshow", reading)
    said: list[str] = []
    given = parameters(tmp_path)
    cup, show = draw_picture(tmp_path / "cup.png", (1, 2, 3)), given["slides"]
    given["slides"] = f"{show}\n{show}\t{cup}\n{show}\t\tAnother mug"
    items = planned(tmp_path, said, **given | {"skip_invalid": False})
    assert [i.key for i in items] == [f"link_00{n}/variation_1" for n in (1, 2, 3)]
    assert [i.error for i in items] == [None] * 3
    made_for = {(i.spec["product"]["sha256"], i.spec["description"]) for i in items}
    assert len(made_for) == 3
    assert read == [show]
    assert not [line for line in said if "same" in line]


def test_own_slides_for_the_same_product_are_made_once_and_noted(tmp_path: Path) -> None:
    said: list[str] = []
    given = parameters(tmp_path, shows=2)
    one, two = given["slides"].splitlines()
    # The same photo by another name, and the description that stands for all.
    again = draw_picture(tmp_path / "copy.png")
    given["slides"] = f"{one}\n{two}\n{one}\t{again}\t{given['description']} "
    items = planned(tmp_path, said, **given | {"skip_invalid": False})
    assert [i.key for i in items] == ["link_001/variation_1", "link_002/variation_1"]
    assert said[0] == (
        "Own slideshow 3 is the same as own slideshow 1 (same slides, same product): made once."
    )
    assert said[1].startswith("Slideshow 1 of 2: ")


def test_what_repeats_lacks_the_same_and_is_told_once(tmp_path: Path) -> None:
    given = parameters(tmp_path, description="") | {"slides": "", "links": f"{POST}\n{POST}"}
    assert refusal(tmp_path, **given).problems == (
        f"line 1: The row has no product description. ({POST})",
    )


def test_a_hundred_links_for_a_product_each_fit_into_a_batch_and_one_more_does_not(
    tmp_path: Path,
) -> None:
    links = "\n".join(f"{POST}\t\tMug {n}" for n in range(101))
    given = parameters(tmp_path, photo="nowhere.png") | {"slides": "", "links": links}
    *_, last = refusal(tmp_path, **given).problems
    assert last.startswith("line 101: Only 100 links fit into one batch.")


def test_a_photo_for_all_that_is_not_there_is_told_once_and_of_the_photo(tmp_path: Path) -> None:
    links = "\n".join(f"https://www.tiktok.com/@a/photo/{ID + n}" for n in range(90))
    photo = r"C:\Users\Me\Desktop\mug.jpg"
    given = parameters(tmp_path, photo=photo) | {"links": links}
    error = refusal(tmp_path, **given)
    first, *rest = str(error).splitlines()
    assert first == (
        "No slideshow can be made: no product photo can be used. Nothing was made or paid."
    )
    assert len(rest) == 1
    (problem,) = error.problems
    assert problem.startswith(
        "91 rows, from line 1 to own slideshow 1: The row has a product photo that cannot be used: "
        f"There is no file or folder “{photo}” on the worker"
    )
    assert len(str(error)) < 600


def test_a_few_rows_that_lack_the_same_are_named_together(tmp_path: Path) -> None:
    given = parameters(tmp_path, shows=3, description="")
    error = refusal(tmp_path, **given)
    assert str(error).startswith("No slideshow can be made; nothing was made or paid.\n")
    assert error.problems == (
        "own slideshow 1, own slideshow 2, own slideshow 3: The row has no product description.",
    )


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("https://example.com/", "1 of 2 links cannot be used; nothing was made or paid."),
        (f"{POST}\tnowhere.png", "1 of 2 product photos cannot be used; nothing"),
        (f"{POST}\t\t{'x' * 4001}", "1 of 2 slideshows cannot be used; nothing"),
    ],
)
def test_a_refusal_is_of_what_is_wrong(tmp_path: Path, bad: str, said: str) -> None:
    given = parameters(tmp_path, skip_invalid=False) | {"links": bad}
    assert str(refusal(tmp_path, **given)).startswith(said)


@pytest.mark.parametrize(
    ("field", "way"),
    [
        ("photo", "Give the picture's address (https://…), or put it into the result store"),
        ("photos", "Name each row's photo by its address (https://…), or put it into the result"),
        ("slides", "Give the addresses of its pictures (https://…), or put it into the result"),
        ("manifest", "Paste its rows into the field of the links, or put it into the result store"),
    ],
)
def test_a_path_of_another_computer_is_answered_with_the_ways_that_work(
    tmp_path: Path, field: str, way: str
) -> None:
    given = parameters(tmp_path) | {field: r'"C:\Users\Me\stuff"'}
    said = str(refusal(tmp_path, **given))
    assert r"There is no file or folder “C:\Users\Me\stuff” on the worker" in said
    assert way in said
    assert "link" not in said.replace("field of the links", "")


def test_a_manifest_is_found_however_its_path_was_copied(tmp_path: Path) -> None:
    (tmp_path / "my rows.csv").write_text(f"link,photo\n{POST},nowhere.png\n")
    for written in ('"{}"', "file://{}"):
        manifest = written.format(tmp_path / "my rows.csv")
        given = parameters(tmp_path, manifest=manifest) | {"slides": ""}
        assert "no photo called “nowhere.png” was dropped" in str(refusal(tmp_path, **given))


def test_a_picture_that_dropbox_shares_is_asked_for_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fetch(_: Fetcher, url: str, what: str = "") -> Any:
        asked.append((url, what))
        return read_picture((tmp_path / "mug.png").read_bytes(), what)

    monkeypatch.setattr(Fetcher, "fetch", fetch)
    given = parameters(tmp_path, photo="https://www.dropbox.com/s/a1/mug.jpg?dl=0")
    given["slides"] = "https://dropbox.com/s/a1/1.jpg?dl=0 https://example.com/2.jpg?dl=0"
    assert [i.error for i in planned(tmp_path, **given)] == [None]
    assert [url for url, _ in asked] == [
        "https://www.dropbox.com/s/a1/mug.jpg?raw=1",
        "https://dropbox.com/s/a1/1.jpg?raw=1",
        "https://example.com/2.jpg?dl=0",
    ]


def test_a_retry_leaves_what_it_cannot_look_at_again_as_it_is(tmp_path: Path) -> None:
    said: list[str] = []
    given = parameters(tmp_path) | {"links": POST, "manifest": "gone.csv"}
    assert planner(tmp_path, said, **given).again([failed(1)]) == {}
    assert said[0].startswith("What failed for a while is left as it is: There is no file")


def test_problems_never_quote_endless_text(tmp_path: Path) -> None:
    given = parameters(tmp_path) | {"slides": "", "links": "https://example.com/" + "x" * 3000}
    with pytest.raises(InputError) as caught:
        planned(tmp_path, **given)
    assert len(str(caught.value)) < 400


def test_own_slides_stand_among_the_links_of_a_table_and_its_rows_are_counted(
    tmp_path: Path,
) -> None:
    given = parameters(tmp_path, shows=2, photo_variations=1)
    one, two = given["slides"].splitlines()
    table = f"link\tphoto\tdescription\nslides: {one}\t\tA jug\nhttps://example.com/\nSlides: {two}"
    items = planned(tmp_path, **given | {"links": table, "slides": ""})
    assert [item.key for item in items] == [
        "link_001/variation_1",
        "link_002",
        "link_003/variation_1",
    ]
    assert (items[0].spec["source"], items[0].spec["description"]) == ("show_1", "A jug")
    assert items[1].spec["own"] is False
    bad = f"link\tphoto\tdescription\nhttps://example.com/\nslides: {tmp_path / 'nowhere'}"
    problems = refusal(tmp_path, **given | {"links": bad, "slides": ""}).problems
    assert [problem.partition(":")[0] for problem in problems] == ["row 1", "row 2"]

"""Which photo goes with which row, by names alone."""

import random

import pytest

from pressrun.inputs.photos import (
    MOST_PHOTOS,
    PhotoMatches,
    PhotoRow,
    as_cell,
    in_order,
    match_photos,
    natural_order,
    photos_in,
)

POSTS = ["7430000000000000001", "7430000000000000002", "7430000000000000003"]
USERS = ["anna", "ben.b", "cleo_c"]
PRODUCTS = ["Orbit Mug: keeps coffee warm", "Blue Tee - soft cotton", "Night Lamp"]
ROWS = [
    PhotoRow(n, "", post, user, product)
    for n, (post, user, product) in enumerate(zip(POSTS, USERS, PRODUCTS, strict=True), 1)
]


def by_row(found: PhotoMatches, photos: list[str]) -> list[tuple[str, str]]:
    return [("" if not m.places else photos[m.places[0]], m.by) for m in found.matches]


@pytest.mark.parametrize(
    ("photos", "expected"),
    [
        (["3.jpg", "1.jpg", "2.jpg"], "number"),
        (["003.png", "01.png", "2.png"], "number"),
        (["3_lamp.jpg", "01-mug.jpg", "2 tee.jpg"], "number"),
        (["row 3.jpg", "Row_1.jpg", "row2.jpg"], "number"),
        (["link_003.jpg", "link_001.jpg", "link_002.jpg"], "number"),
        (["3) lamp.jpg", "1) mug.jpg", "2) tee.jpg"], "number"),
        (["photo 3.jpg", "photo 1.jpg", "photo 2.jpg"], "number"),
        (["mug (3).jpg", "mug (1).jpg", "mug (2).jpg"], "number"),
        ([f"{POSTS[2]}.jpg", f"{POSTS[0]}.jpg", f"{POSTS[1]}.jpg"], "post"),
        ([f"lamp-{POSTS[2]}.jpg", f"{POSTS[0]}_mug.jpg", f"x {POSTS[1]} y.jpg"], "post"),
        (["cleo_c.jpg", "@anna.jpg", "Ben.B.jpg"], "user"),
        (["@cleo_c_lamp.jpg", "@anna-mug.jpg", "tee of @ben.b.jpg"], "user"),
        (["night lamp.jpg", "Orbit-Mug.jpg", "BLUE_TEE.png"], "product"),
    ],
)
def test_a_photos_name_says_its_row(photos: list[str], expected: str) -> None:
    found = match_photos(ROWS, photos)
    third, first, second = photos
    assert by_row(found, photos) == [(first, expected), (second, expected), (third, expected)]
    assert not found.left_over
    assert not found.notes
    assert not found.missing


@pytest.mark.parametrize(
    "photos",
    [
        ["b10.png", "b9.png", "b8.png"],
        ["IMG_0041.jpg", "IMG_0039.jpg", "IMG_0040.jpg"],
        ["2024-05-03.jpg", "2024-05-01.jpg", "2024-05-02.jpg"],
        ["03-05-2024 c.jpg", "01-05-2024 a.jpg", "02-05-2024 b.jpg"],
        ["c.jpg", "a.jpg", "b.jpg"],
    ],
)
def test_as_many_photos_as_rows_go_by_their_order(photos: list[str]) -> None:
    given = match_photos(ROWS, photos)
    assert by_row(given, photos) == [(name, "order") for name in photos]
    photos = sorted(photos, key=natural_order)
    found = match_photos(ROWS, photos)
    assert [by for _, by in by_row(found, photos)] == ["order"] * 3
    names = [name for name, _ in by_row(found, photos)]
    assert sorted(names) == sorted(photos)
    assert names[0] in ("b8.png", "IMG_0039.jpg", "2024-05-01.jpg", "01-05-2024 a.jpg", "a.jpg")


@pytest.mark.parametrize("cell", ["Mug.JPG", "mug", r"C:\pics\mug.jpg", "pics/mug.jpg"])
def test_a_rows_own_word_goes_before_all_else(cell: str) -> None:
    rows = [PhotoRow(1), PhotoRow(2, cell, user="anna")]
    photos = ["2.jpg", "anna.jpg", "mug.jpg"]
    found = match_photos(rows, photos)
    assert by_row(found, photos)[1] == ("mug.jpg", "file name")


def test_a_photo_that_a_row_has_elsewhere_takes_none_of_these() -> None:
    rows = [PhotoRow(1, "https://example.com/1.jpg"), PhotoRow(2, "upload:x/1.jpg"), PhotoRow(3)]
    photos = ["1.jpg"]
    found = match_photos(rows, photos)
    assert by_row(found, photos) == [("", "elsewhere"), ("", "elsewhere"), ("1.jpg", "order")]
    assert not found.missing


def test_one_photo_never_goes_with_two_rows_without_a_word() -> None:
    """It did: named for the third row, and first in the order as well."""
    photos = ["3.jpg", "a.jpg", "b.jpg"]
    found = match_photos(ROWS, photos)
    assert by_row(found, photos) == [("a.jpg", "order"), ("b.jpg", "order"), ("3.jpg", "number")]


def test_a_users_photo_goes_with_all_rows_of_that_user_and_that_is_told() -> None:
    rows = [PhotoRow(1, user="anna"), PhotoRow(2, user="ben"), PhotoRow(3, user="anna")]
    photos = ["anna.jpg"]
    found = match_photos(rows, photos)
    assert by_row(found, photos) == [("anna.jpg", "user"), ("", ""), ("anna.jpg", "user")]
    assert found.notes == ["Photo “anna.jpg” goes with rows 1, 3: by the user in its name."]
    assert found.missing == [2]


def test_of_two_photos_for_one_row_none_is_taken_and_both_are_named() -> None:
    photos = ["2_mug.jpg", "2_lid.jpg", "1.jpg"]
    found = match_photos(ROWS, photos)
    assert by_row(found, photos) == [("1.jpg", "number"), ("", "several"), ("", "")]
    assert found.missing == [2, 3]
    assert not found.left_over
    (note,) = found.notes
    assert note.startswith("Row 2: “2_mug.jpg” and “2_lid.jpg” could be meant; rename one, or")


def test_what_a_whole_name_says_goes_before_a_part_of_it() -> None:
    photos = ["2 old.jpg", "2.jpg"]
    found = match_photos(ROWS, photos)
    assert by_row(found, photos)[1] == ("2.jpg", "number")
    assert found.left_over == [0]
    rows = [PhotoRow(n, description=text) for n, text in ((1, "Tee"), (3, "3-in-1 Tool: sharp"))]
    assert match_photos(rows, ["3-in-1 tool.jpg"]).matches[1].by == "product"


def test_photos_that_go_with_no_row_are_named() -> None:
    photos = [f"other {n}.jpg" for n in range(40, 50)]
    found = match_photos(ROWS, photos)
    assert found.left_over == list(range(10))
    assert found.missing == [1, 2, 3]
    (note,) = found.notes
    assert note.startswith("10 photos without a row: “other 40.jpg”, ")
    assert note.endswith(" and 5 more.")


def test_fewer_photos_than_rows_are_not_matched_by_their_order() -> None:
    assert match_photos(ROWS, ["a.jpg", "b.jpg"]).missing == [1, 2, 3]


@pytest.mark.parametrize(
    "photos",
    [
        ["mug-1.jpg", "mug-2.jpg", "lamp.jpg"],
        ["lamp.jpg", "Backpack (1).jpg", "Backpack (2).jpg"],
        ["mug-1.jpg", "mug-2.jpg"],
        ["mug-1.jpg", "mug-2.jpg", "mug-3.jpg", "mug-4.jpg"],
        ["mug-1.jpg", "mug-2.jpg", "mug-4.jpg"],
        ["mug.jpg", "mug-1.jpg", "mug-2.jpg"],
        ["mug-1.jpg", "mug-2.jpg", "lamp-1.jpg", "lamp-2.jpg"],
        ["mug_front.jpg", "mug_back.jpg", "lamp.jpg"],
    ],
)
def test_numbers_that_count_photos_are_neither_rows_nor_an_order(photos: list[str]) -> None:
    """They were: a product's two photos went to the rows of two others."""
    rows = [PhotoRow(n) for n in (1, 2, 3)]
    found = match_photos(rows, photos)
    assert found.missing == [1, 2, 3]
    assert found.left_over == [*range(len(photos))]
    assert "alike but for a number or a view are taken for one product" in found.notes[-1]


@pytest.mark.parametrize(
    "photos", [["photo-8.jpg", "photo-9.jpg"], ["DSC_0001.jpg", "DSC_0002.jpg"]]
)
def test_numbers_that_begin_elsewhere_count_something_else(photos: list[str]) -> None:
    found = match_photos([PhotoRow(n) for n in (1, 2, 3)], photos)
    assert found.left_over == [0, 1]
    assert "one product" not in found.notes[-1]


def test_numbers_are_rows_where_all_are_called_so_and_each_row_has_one() -> None:
    """Also where some of them went with their rows before."""
    photos = ["photo 2.jpg", "photo 1.jpg", "photo 3.jpg"]
    rows = [PhotoRow(n) for n in (1, 2, 3)]
    assert [by for _, by in by_row(match_photos(rows, photos), photos)] == ["number"] * 3
    later = match_photos(rows, photos, taken=[0])
    assert by_row(later, photos) == [
        *(("photo 1.jpg", "number"), ("", ""), ("photo 3.jpg", "number"))
    ]
    others = match_photos(rows[:2], ["mug-1.jpg", "mug-2.jpg", "lamp.jpg"], taken=[2])
    assert others.missing == [1, 2]


def test_what_goes_with_a_row_already_goes_with_no_other_unless_one_names_it() -> None:
    rows = [PhotoRow(1), PhotoRow(2, "mug.jpg"), PhotoRow(3, description="Lamp")]
    photos = ["mug.jpg", "lamp.jpg", "1.jpg"]
    found = match_photos(rows, photos, taken=[0, 1, 2])
    assert by_row(found, photos) == [("", ""), ("mug.jpg", "file name"), ("", "")]
    assert not found.left_over


def test_accents_are_the_same_however_a_mac_writes_them() -> None:
    rows = [PhotoRow(1, "caf\u00e9.jpg"), PhotoRow(2)]
    assert match_photos(rows, ["cafe\u0301.jpg"]).matches[0].by == "file name"


def test_every_row_and_photo_is_accounted_for_whatever_the_names() -> None:
    chance = random.Random(21)
    words = ["1", "02", "3_x", "anna", "@ben", "mug", "Mug 2", "7430000000000000001", "", "é", "p9"]
    words += ["mug-1", "mug-3", "a/1", "a/2", "b/mug", "3_1", "3_2", "mug_front"]
    for _ in range(300):
        rows = [
            PhotoRow(
                n, chance.choice(["", "", "mug.jpg", "https://x/y"]), *(chance.choices(words, k=3))
            )
            for n in range(1, chance.randrange(1, 6))
        ]
        photos = [f"{chance.choice(words)}.jpg" for _ in range(chance.randrange(6))]
        found = match_photos(rows, photos)
        assert [one.row for one in found.matches] == [row.number for row in rows]
        taken = [at for one in found.matches for at in one.places]
        held = {at for one in found.matches for at in one.possible}
        assert {*taken} | held | {*found.left_over} == {*range(len(photos))}
        assert not {*found.left_over} & ({*taken} | held)
        twice = [photos[at] for at in {*taken} if taken.count(at) > 1]
        assert all(
            any(f"“{name}” goes with rows" in note for note in found.notes) for name in twice
        )


def together(found: PhotoMatches, photos: list[str]) -> list[list[str]]:
    return [[photos[at] for at in match.places] for match in found.matches]


@pytest.mark.parametrize(
    ("photos", "row", "by"),
    [
        (["orbit mug-2.jpg", "orbit mug-1.jpg", "orbit mug-3.jpg"], 1, "product"),
        (["Orbit Mug (2).jpg", "Orbit Mug.jpg"], 1, "product"),
        (["orbit-mug_back.jpg", "orbit-mug_front.jpg"], 1, "product"),
        (["3_2.jpg", "3_1.jpg"], 3, "number"),
        (["row 3 back.jpg", "row 3 front.jpg"], 3, "number"),
        ([f"{POSTS[1]}_2.jpg", f"{POSTS[1]}_1.jpg"], 2, "post"),
        (["@anna-2.jpg", "@anna-1.jpg"], 1, "user"),
        (["night lamp/IMG_9.jpg", "night lamp/IMG_10.jpg", "x/1.jpg"], 3, "product"),
        (["all/ben.b/2.jpg", "all/ben.b/1.jpg", "all/y/2.jpg"], 2, "user"),
    ],
)
def test_photos_that_clearly_belong_together_go_together_and_that_is_told(
    photos: list[str], row: int, by: str
) -> None:
    found = match_photos(ROWS, photos)
    match = found.matches[row - 1]
    named = [at for at, name in enumerate(photos) if not name.endswith(("x/1.jpg", "y/2.jpg"))]
    assert sorted(match.places) == named
    assert match.by == by
    first = photos[match.places[0]]
    assert first.rpartition("/")[2].endswith(("1.jpg", "Mug.jpg", "front.jpg", "IMG_9.jpg"))
    assert any(f"row {row} has {len(named)} (“{first}”" in note for note in found.notes)


def test_products_with_photos_of_their_own_go_by_order_where_no_name_says_more() -> None:
    rows = [PhotoRow(1), PhotoRow(2), PhotoRow(3)]
    photos = ["c.jpg", "a-2.jpg", "b-1.jpg", "a-1.jpg", "b-2.jpg"]
    found = match_photos(rows, photos)
    assert together(found, photos) == [["c.jpg"], ["a-1.jpg", "a-2.jpg"], ["b-1.jpg", "b-2.jpg"]]
    folders = ["b/1.jpg", "a/1.jpg", "a/2.jpg", "c/1.jpg"]
    found = match_photos(rows, folders)
    assert together(found, folders) == [["b/1.jpg"], ["a/1.jpg", "a/2.jpg"], ["c/1.jpg"]]
    loose = ["1.jpg", "more/2.jpg", "more/3.jpg"]  # no folder a product: names say all
    assert [by for _, by in by_row(match_photos(rows, loose), loose)] == ["number"] * 3
    one = match_photos(rows[:1], ["cup-1.jpg", "cup-2.jpg"])
    assert one.matches[0].places == (0, 1)


def test_numbers_of_rows_are_no_photos_of_one_product() -> None:
    photos = ["row 1.jpg", "row 2.jpg", "row 7.jpg"]
    found = match_photos([PhotoRow(n, description="Row: wide") for n in (1, 2, 3)], photos)
    assert together(found, photos)[:2] == [photos[:1], photos[1:2]]
    products = [PhotoRow(1, description="Mug"), PhotoRow(2, description="Mug 2")]
    photos = ["mug.jpg", "mug-2.jpg"]
    assert together(match_photos(products, photos), photos) == [["mug.jpg"], ["mug-2.jpg"]]
    sizes = ["tea 250.jpg", "tea 500.jpg"]
    assert match_photos([PhotoRow(1, description="Tea")], sizes).left_over == [0, 1]


def test_a_row_names_several_photos_here_and_elsewhere_in_its_order() -> None:
    cell = "back.jpg; https://a.example/1.jpg; front.jpg"
    rows = [PhotoRow(1, cell), PhotoRow(2, "mug")]
    photos = ["mug-2.jpg", "front.jpg", "back.jpg", "mug-1.jpg"]
    found = match_photos(rows, photos)
    assert found.matches[0].photos == (2, "https://a.example/1.jpg", 1)
    assert together(found, photos)[1] == ["mug-1.jpg", "mug-2.jpg"]
    assert not found.left_over


def test_more_photos_than_models_are_shown_are_told_and_go_with_no_other_row() -> None:
    photos = [f"night lamp {n}.jpg" for n in range(1, 13)]
    found = match_photos([*ROWS, PhotoRow(4), PhotoRow(5)], photos)
    assert found.matches[2].places == tuple(range(MOST_PHOTOS))
    assert found.left_over == [9, 10, 11]
    assert found.missing == [1, 2, 4, 5]
    assert "Row 3 has 12 photos; models are shown the first 9." in found.notes


UPLOAD = f"upload:{'a' * 64}/mug-{{}}.jpg"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", []),
        ("mug.jpg", ["mug.jpg"]),
        ("my mug.jpg", ["my mug.jpg"]),
        ("mug, blue.jpg", ["mug, blue.jpg"]),
        ("mug;blue.jpg", ["mug;blue.jpg"]),
        ("mug, blue", ["mug, blue"]),
        ("mug.jpg (new)", ["mug.jpg (new)"]),
        ("a.jpg;", ["a.jpg"]),
        ("a.jpg, b.png; c.webp | d.heic", ["a.jpg", "b.png", "c.webp", "d.heic"]),
        ("a.jpg b.jpg and c.jpg", ["a.jpg", "b.jpg", "c.jpg"]),
        ("my mug.jpg other mug.jpg", ["my mug.jpg", "other mug.jpg"]),
        ("a.jpg\n\nb.jpg\r\na.jpg", ["a.jpg", "b.jpg"]),
        ("mug-1; mug-2", ["mug-1", "mug-2"]),
        ("front of mug\nback of mug", ["front of mug", "back of mug"]),
        (r'"C:\my mugs\a b.jpg" "C:\c.jpg"', [r"C:\my mugs\a b.jpg", r"C:\c.jpg"]),
        ("https://a.example/w_1,h_2/m.jpg", ["https://a.example/w_1,h_2/m.jpg"]),
        ("https://a.example/my mug.jpg", ["https://a.example/my mug.jpg"]),
        ("https://a.example/1,https://b.example/2", ["https://a.example/1", "https://b.example/2"]),
        ("https://a.example/?i=1;2; b.jpg", ["https://a.example/?i=1;2", "b.jpg"]),
        (f"{UPLOAD.format(1)} {UPLOAD.format(2)}", [UPLOAD.format(1), UPLOAD.format(2)]),
        ("s3://b/my mug.jpg; drive://ID", ["s3://b/my mug.jpg", "drive://ID"]),
    ],
)
def test_a_cell_is_split_as_people_write_photos(cell: str, expected: list[str]) -> None:
    assert photos_in(cell) == expected
    assert photos_in(as_cell(expected)) == expected


def test_a_long_cell_takes_no_time() -> None:
    assert len(photos_in("a, " * 6_000 + "b.jpg")) == 1
    assert len(photos_in("a.jpg; " * 2_800)) == 1  # all the same
    assert photos_in("x " * 20_000) == ["x " * 19_999 + "x"]


def test_photos_of_one_product_begin_with_the_main_one() -> None:
    names = ["mug_detail.jpg", "mug-10.jpg", "mug.jpg", "mug-2.jpg", "mug_front.jpg"]
    ordered = [names[at] for at in in_order(names)]
    assert ordered == ["mug.jpg", "mug_front.jpg", "mug_detail.jpg", "mug-2.jpg", "mug-10.jpg"]
    assert in_order(["IMG_10.jpg", "IMG_9.jpg"]) == [1, 0]


@pytest.mark.parametrize(
    ("cell", "photos", "taken"),
    [
        ("IMG_2037.JPG", ["IMG_2036.HEIC", "IMG_2037.HEIC"], "IMG_2037.HEIC"),
        (r"C:\Users\me\mug.png", ["mug.webp", "tee.webp"], "mug.webp"),
        ("mug.png", ["mug.webp", "mug.png"], "mug.png"),
        ("mug.png", ["mug.webp", "mug.jpg"], ""),  # which one, a person has to say
        ("/srv/photos/mug.png", ["mug.webp", "tee.webp"], ""),  # a file of the worker
        ("mug.large", ["mug.webp", "tee.webp"], ""),
    ],
)
def test_a_photo_is_found_under_another_ending_where_only_one_has_its_name(
    cell: str, photos: list[str], taken: str
) -> None:
    found = match_photos([PhotoRow(1, cell)], photos)
    assert by_row(found, photos) == [(taken, "file name" if taken else "elsewhere")]

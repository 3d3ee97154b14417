"""References to uploads, as they stand in parameters, and the names in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.boundary.uploads import (
    UploadReference,
    clean_name,
    digest_of,
    is_upload,
    name_of,
    shown,
    uploads_in,
)
from pressrun.errors import InputError
from pressrun.inputs.tables.rows import read_rows

SHA = "0123456789abcdef" * 4
POST = "https://www.tiktok.com/@some.user/photo/7430000000000000001"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("mug.jpg", "mug.jpg"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\Me\My mug.JPG", "My mug.JPG"),
        ("/a/b/", "file"),
        ("a\0b.jpg", "a-b.jpg"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("\ud83d.png", "png"),
        ("mug\u202egpj.exe", "mug-gpj.exe"),
        ("日本 語.png", "日本 語.png"),
        ("e\u0301.jpg", "\u00e9.jpg"),
        ("a\nb\tc.jpg", "a-b-c.jpg"),
    ],
)
def test_of_a_name_its_last_part_stays_in_letters_that_harm_nobody(given: str, name: str) -> None:
    assert clean_name(given) == name


@given(st.text(st.characters(), max_size=60) | st.text("./\\ ab\0\ud83d%é", max_size=5000))
def test_whatever_a_file_is_called_its_reference_reads_back_and_is_one_word(given: str) -> None:
    name = clean_name(given)
    assert clean_name(name) == name
    assert name not in ("", ".", "..")
    assert not {"/", "\\", "\0"} & {*name}
    assert len(name.encode()) <= 120
    reference = str(UploadReference(SHA, name))
    assert UploadReference.parse(reference) == UploadReference(SHA, name)
    assert len(reference.split()) == 1
    assert not {",", ";", "|", '"', "'", "\t"} & {*reference}


def test_five_thousand_letters_become_a_short_name_with_its_ending() -> None:
    assert clean_name("x" * 5000 + ".jpg") == "x" * 100 + ".jpg"


@pytest.mark.parametrize(
    "text",
    [
        "upload:",
        "upload:abc/mug.jpg",
        f"upload:{SHA}",
        f"upload:{SHA}/",
        f"upload:{SHA}/a/b.jpg",
        f"upload:{SHA[:-1]}g/mug.jpg",
        f"upload:{SHA}/mug.jpg and more",
        "mug.jpg",
    ],
)
def test_a_garbled_reference_is_one_sentence(text: str) -> None:
    with pytest.raises(
        InputError, match=r"names no upload: that is upload:, 64 letters"
    ) as refused:
        UploadReference.parse(text)
    assert "\n" not in str(refused.value)


def test_a_reference_is_read_in_any_case_and_its_name_leads_nowhere() -> None:
    found = UploadReference.parse(f" UPLOAD:{SHA.upper()}/..%2F..%2Fetc%2Fpasswd ")
    assert found == UploadReference(SHA, "passwd")
    assert is_upload(f" Upload:{SHA}/x")
    assert not is_upload("uploads/mug.jpg")


def test_references_are_found_wherever_they_stand() -> None:
    other = "f" * 64
    parameters = {
        "links": f"{POST}\tupload:{SHA}/mug.jpg\tA mug\n{POST},UPLOAD:{other}/a.png",
        "count": 3,
        "photo": None,
        "deep": [{"x": (f"upload:{'e' * 64}/x",)}],
    }
    assert uploads_in(parameters) == {SHA, other, "e" * 64}
    assert uploads_in([b"\xff upload:" + SHA.encode()]) == {SHA}
    assert uploads_in(f"upload:{SHA}0/too-long.jpg") == set()


def test_a_digest_is_taken_from_a_reference_or_stands_alone() -> None:
    assert digest_of(f"upload:{SHA}/mug.jpg") == digest_of(SHA.upper()) == SHA
    assert digest_of("mug.jpg") == ""


def test_people_read_the_name_of_a_file_and_not_its_digest() -> None:
    assert shown(f"upload:{SHA}/My%20mug.jpg is gone") == "My mug.jpg is gone"
    assert name_of("https://example.com/a/My%20mug.jpg?x=1") == "My mug.jpg"
    assert name_of("/photos/show 1/") == "show 1"


@pytest.mark.parametrize("between", ["\t", ",", " , ", ";"])
@pytest.mark.parametrize("name", ["mug.jpg", "My mug, blue; 2.jpg", "Bécher 日本.png"])
def test_a_reference_is_a_cell_of_a_row_like_any_photo(between: str, name: str) -> None:
    reference = str(UploadReference(SHA, name))
    rows = read_rows(f"{POST}{between}{reference}{between}A mug that keeps warm").rows
    assert [(row.link, row.photo, row.description) for row in rows] == [
        (POST, reference, "A mug that keeps warm")
    ]


def test_a_column_of_references_is_the_photos_whatever_it_is_called() -> None:
    reference = str(UploadReference(SHA, "mug.jpg"))
    table = f"Video;Bild;Text\n{POST};{reference};A mug\n{POST}0;{reference};A cup\n"
    assert [row.photo for row in read_rows(table).rows] == [reference] * 2
    table = f"a,b,c\n{POST},{reference},A mug\n{POST}0,{reference},A cup\n"
    assert [row.photo for row in read_rows(table).rows] == [reference] * 2

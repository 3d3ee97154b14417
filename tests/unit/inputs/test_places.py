"""Places as people write them, and what is said of those that are on another computer."""

from pathlib import Path

import pytest

from pressrun.errors import InputError
from pressrun.inputs import places
from pressrun.inputs.places import bare, direct, existing

ELSEWHERE = "Give it otherwise."


@pytest.mark.parametrize(
    "written",
    ["{}", ' "{}" ', "'{}'", "\u201c{}\u201d", "file://{}", "FILE:{}", "file://localhost{}"],
)
def test_a_path_is_found_however_it_was_copied(tmp_path: Path, written: str) -> None:
    (tmp_path / "my mug.png").write_text("")
    path = str(tmp_path / "my mug.png")
    assert existing(written.format(path), ELSEWHERE) == Path(path)


def test_a_file_address_may_be_percent_encoded(tmp_path: Path) -> None:
    (tmp_path / "my mug.png").write_text("")
    assert existing(f"file://{tmp_path}/my%20mug.png", ELSEWHERE).name == "my mug.png"


def test_a_relative_path_starts_from_the_base_and_a_tilde_from_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mug.png").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert existing("mug.png", ELSEWHERE, tmp_path) == tmp_path / "mug.png"
    assert existing("~/mug.png", ELSEWHERE, Path("/")) == tmp_path / "mug.png"


@pytest.mark.parametrize(
    "place",
    [
        r"C:\Users\Me\Desktop\mug.jpg",
        "C:/Users/Me/mug.jpg",
        "/Users/me/Desktop/mug.jpg",
        r"\\server\share\mug.jpg",
        "~/Desktop/mug.jpg",
        "~nobody-at-all/mug.jpg",
        "file:///C:/Users/Me/mug.jpg",
        "file://server/etc/hosts",
        '"/Users/me/mug.jpg"',
        "nowhere.png",
        "a\0b",
        "x" * 5000,
        "\ud83d.jpg",
    ],
)
def test_a_path_of_another_computer_is_told_where_it_is_looked_for(place: str) -> None:
    with pytest.raises(InputError) as caught:
        existing(place, places.PICTURE)
    said = str(caught.value)
    assert said.startswith("There is no file or folder \u201c")
    assert place.strip('"')[:20].replace("\0", " ").replace("\ud83d", "") in said
    assert (
        "on the worker, the machine that runs this batch; paths are looked for only there" in said
    )
    assert "Give the picture's address (https://…), or put it into the result store" in said
    assert "s3://bucket/path or drive://ID" in said
    assert len(said) < 600


@pytest.mark.parametrize("text", ["", '"', '""', "'a", 'a"', '5" mug'])
def test_a_quotation_mark_alone_belongs_to_the_name(text: str) -> None:
    assert bare(f" {text} ") == text


@pytest.mark.parametrize(
    ("shared", "file"),
    [
        ("https://www.dropbox.com/s/a1/mug.jpg?dl=0", "https://www.dropbox.com/s/a1/mug.jpg?raw=1"),
        ("https://www.dropbox.com/s/a1/mug.jpg", "https://www.dropbox.com/s/a1/mug.jpg?raw=1"),
        (
            "https://dropbox.com/scl/fi/a1/mug.jpg?rlkey=k%2B1&st=x&dl=1#here",
            "https://dropbox.com/scl/fi/a1/mug.jpg?rlkey=k%2B1&st=x&raw=1#here",
        ),
        *[
            (other, other)
            for other in (
                "https://www.dropbox.com.evil.example/s/a1/mug.jpg?dl=0",
                "https://example.com/mug.jpg?dl=0",
                "https://[::1/mug.jpg",
            )
        ],
    ],
)
def test_a_link_that_dropbox_shares_leads_to_the_file_itself(shared: str, file: str) -> None:
    assert direct(shared) == file

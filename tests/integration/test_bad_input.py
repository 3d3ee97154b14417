"""What a person can get wrong: every case is a sentence, and nothing is left half-written."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressrun.batches.planning import planner_of
from pressrun.engines.account import Account
from pressrun.errors import InputError, SettingError, StoreError
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.ledger.vault import Vault
from pressrun.stores.factory import folder_target
from tests.support.batches import (
    GEMINI,
    delivered,
    draw_picture,
    folder_of,
    parameters,
    plan,
    work,
    write_slides,
)

POST = 7_430_000_000_000_000_001


def refusal(given: dict[str, object]) -> InputError:
    with pytest.raises(InputError) as caught:
        plan(given)
    with pytest.raises(InputError, match="No batch"):
        open_ledger().batches.match("latest")
    return caught.value


def link(number: int) -> str:
    return f"https://www.tiktok.com/@user{number}/photo/{POST + number}"


def test_no_links_at_all(home: Path) -> None:
    error = refusal(parameters(home) | {"slides": " \n"})
    assert str(error).startswith("There are no links. Paste TikTok slideshow links")


def test_the_101st_link_is_one_too_many(home: Path) -> None:
    links = "\n".join(link(n) for n in range(101))
    error = refusal(parameters(home) | {"slides": "", "links": links, "skip_invalid": False})
    (problem,) = error.problems
    assert problem.startswith("line 101: Only 100 links fit into one batch.")


def test_one_post_in_three_spellings_is_one_row(home: Path) -> None:
    links = f"{link(1)}\nhttps://m.tiktok.com/v/{POST + 1}.html\n{link(1)}?lang=de&is_from=share"
    given = parameters(home, description="") | {"slides": "", "links": links}
    (problem,) = refusal(given | {"skip_invalid": False}).problems
    assert problem.startswith("line 1: The row has no product description.")


def test_every_problem_is_named_at_once(home: Path) -> None:
    links = f"{link(1)}\nhttps://example.com/x\nhttps://www.tiktok.com/@someone\nhttps:/nonsense"
    given = parameters(home, photo="", description="") | {"slides": "", "links": links}
    error = refusal(given)
    assert str(error).startswith("No slideshow can be made; nothing was made or paid.")
    assert error.problems[0] == (
        "line 1, line 2, line 3, line 4: The row has no product description, and has no product "
        "photo."
    )
    assert error.problems[1].startswith("line 2: This link does not lead to TikTok.")
    assert len(error.problems) == 4


def test_a_photo_that_is_a_text_file(home: Path) -> None:
    (home / "photo.jpg").write_text("I am not a picture")
    error = refusal(parameters(home, photo=str(home / "photo.jpg")))
    assert "photo.jpg is not a JPEG, PNG or WEBP picture." in str(error)


def test_links_alone_are_told_of_links(home: Path) -> None:
    error = refusal(parameters(home) | {"slides": "", "links": "nonsense\nhttps://example.com/"})
    assert str(error).startswith("No link can be used; nothing was made or paid.")


@pytest.mark.parametrize(
    ("flow", "given", "way"),
    [
        ("image-batch", {"file": r"C:\Users\Me\cards.md"}, "Paste the prompts themselves"),
        ("article-batch", {"file": "/Users/me/topics.csv"}, "Paste the items themselves"),
    ],
)
def test_a_file_of_another_computer_is_told_where_it_is_looked_for(
    home: Path, flow: str, given: dict[str, object], way: str
) -> None:
    kind = find_flow(flow)
    target = folder_target(home / "output")
    with (
        planner_of(
            kind,
            kind.parse_parameters(given),
            target,
            Account,
            Vault(home / "vault"),
            lambda _: None,
        ) as planner,
        pytest.raises(InputError) as caught,
    ):
        planner.plan()
    said = str(caught.value)
    assert f"There is no file or folder “{given['file']}” on the worker" in said
    assert f"{way}, or put it into the result store and give s3://bucket/path" in said


def test_a_picture_of_200_megapixels_is_not_decoded(home: Path) -> None:
    Image.new("1", (20_000, 10_000)).save(home / "huge.png")
    assert "too many pixels" in str(refusal(parameters(home, photo=str(home / "huge.png"))))
    slides = write_slides(home / "huge")
    (home / "huge.png").rename(slides / "slide_9.png")
    error = refusal(parameters(home) | {"slides": str(slides)})
    assert "slide_9.png has too many pixels to be decoded safely." in str(error)


def test_an_archive_that_points_outside_is_refused_whole(home: Path) -> None:
    with zipfile.ZipFile(home / "slides.zip", "w") as archive:
        archive.write(draw_picture(home / "a.jpg"), "a.jpg")
        archive.write(home / "a.jpg", "../evil.jpg")
    before = sorted(home.rglob("*.jpg"))
    error = refusal(parameters(home) | {"slides": str(home / "slides.zip")})
    assert "../evil.jpg points to a place outside the archive." in str(error)
    assert [p for p in sorted(home.rglob("*.jpg")) if "show_" not in str(p)] == before


def test_a_manifest_with_the_wrong_columns(home: Path) -> None:
    (home / "rows.csv").write_text("name;price\nMug;12\n")
    error = refusal(parameters(home) | {"slides": "", "manifest": str(home / "rows.csv")})
    assert str(error) == (
        "rows.csv has no column with links to TikTok: found 'name', 'price', expected link, photo, "
        "description. Name the columns in the first row, or put the link first."
    )


def test_descriptions_that_do_not_match_the_links_in_number(home: Path) -> None:
    given = parameters(home) | {"slides": "", "links": link(1), "descriptions": "One\nTwo"}
    assert "There are 2 product descriptions for 1 links." in str(refusal(given))


def test_code_in_a_description_runs_nowhere(home: Path) -> None:
    evil = '=HYPERLINK("http://evil.example";"x")<script>alert(1)</script>'
    given = parameters(home, description=evil, title="<script>alert(2)</script>", shows=2)
    given["slides"] += f"\n{home}/nowhere/=cmd|<script>"
    write_slides(home / "show_2", caption=evil)
    batch = plan(given)
    outcome = work(batch)
    assert outcome.record.summary() == "2 of 3 completed, 1 failed"
    files = delivered(batch)
    page = files["gallery.html"].decode()
    assert page.count("<script") == 1  # its own, which the policy names by its digest
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    rows = list(csv.reader(io.StringIO(files["items.csv"].decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]
    words = json.loads(files["Link_001_@show_1/variation_1/analysis.json"])
    assert words["product"]["description"] == evil  # data stays as it was given


@pytest.mark.parametrize("title", ["a/b/../../../evil", "..", "/etc/passwd", "C:\\x\\..", " . "])
def test_a_title_never_leads_out_of_the_output_folder(home: Path, title: str) -> None:
    batch = plan(parameters(home, title=title))
    assert work(batch).whole
    assert folder_of(batch).parent == home / "output"
    assert {p.name for p in (home / "output").iterdir()} == {batch.root, "index.html"}
    assert "/" not in batch.root
    assert batch.title == title


def test_an_output_folder_that_is_a_file(home: Path) -> None:
    (home / "taken").write_text("")
    batch = plan(parameters(home, output=str(home / "taken")))
    with pytest.raises(StoreError, match=r"taken cannot be written: .* choose another folder"):
        work(batch)


def test_a_model_without_a_key_says_where_to_put_one(home: Path) -> None:
    batch = plan(parameters(home, **GEMINI))
    with pytest.raises(SettingError, match="needs a key: choose a Model account block"):
        work(batch)
    assert [i.attempts for i in open_ledger().batches.items(batch.id)] == [0]


def test_a_size_that_the_model_does_not_make(home: Path) -> None:
    lite: dict[str, Any] = {
        "model": "gemini-3.1-flash-lite-image",
        "text_model": "sketch",
        "size": "4K",
    }
    with pytest.raises(SettingError, match=r"gemini-3\.1-flash-lite-image makes 1K, not 4K"):
        plan(parameters(home, **lite))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("photo_variations", 0),
        ("text_variations", 11),
        ("concurrency", 501),
        ("quality", 100),
        ("model", "dall-e"),
        ("title", ""),
        ("aspect_ratio", "2:1"),
    ],
)
def test_a_parameter_out_of_bounds_is_named(home: Path, field: str, value: object) -> None:
    with pytest.raises(InputError, match=rf"cannot be used:\n  - {field}: "):
        plan(parameters(home) | {field: value})

"""The samples that ship: small, credited, and read by the same code as a person's own."""

from pathlib import Path

import pytest

from pressrun.inputs.prompts.documents import parse_prompts
from pressrun.inputs.slides import read_folder
from pressrun.pictures.picture import read_picture

SAMPLES = Path(__file__).parents[2] / "samples"
FOLDERS = sorted((SAMPLES / "slideshows").iterdir())
PICTURES = sorted(SAMPLES.rglob("*.jpg"))


def test_the_samples_are_two_slideshows_and_two_products() -> None:
    assert [folder.name for folder in FOLDERS] == ["cat", "space"]
    assert sorted(file.name for file in (SAMPLES / "products").iterdir()) == [
        "gravel.jpg",
        "mug.jpg",
    ]


def test_all_samples_together_stay_under_a_megabyte() -> None:
    assert sum(file.stat().st_size for file in SAMPLES.rglob("*") if file.is_file()) < 1_000_000


@pytest.mark.parametrize("file", PICTURES, ids=lambda file: file.relative_to(SAMPLES).as_posix())
def test_a_sample_picture_is_credited_with_a_free_licence(file: Path) -> None:
    name = f"`{file.relative_to(SAMPLES).as_posix()}`"
    lines = (SAMPLES / "CREDITS.md").read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if name in line]
    assert len(found) == 1
    assert "CC0" in found[0] or "public domain" in found[0]


@pytest.mark.parametrize("file", PICTURES, ids=lambda file: file.relative_to(SAMPLES).as_posix())
def test_a_sample_picture_decodes_whole(file: Path) -> None:
    picture = read_picture(file.read_bytes(), file.name)
    assert picture.media_type == "image/jpeg"
    assert picture.open().size == (picture.width, picture.height)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_sample_slideshow_has_three_upright_slides_and_a_caption(folder: Path) -> None:
    slideshow = read_folder(folder)
    assert [(slide.width, slide.height) for slide in slideshow.slides] == [(720, 1280)] * 3
    assert "#" in slideshow.caption


def test_the_sample_document_has_twelve_cards_of_three_categories_and_two_levels() -> None:
    parsed = parse_prompts((SAMPLES / "prompts" / "cards.md").read_text("utf-8"))
    assert (len(parsed.tasks), parsed.warnings, parsed.unsure) == (12, (), False)
    assert {task.category for task in parsed.tasks} == {"Movement", "Weather", "Gear"}
    assert {task.level for task in parsed.tasks} == {"Level 1", "Level 2"}
    assert all(task.prompt.startswith(parsed.prefix) and task.tags for task in parsed.tasks)

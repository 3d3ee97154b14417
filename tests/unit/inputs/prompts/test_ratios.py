"""Aspect ratios that a document states for single prompts: read, and said."""

import json

import pytest

from pressrun.inputs.prompts.documents import Parsed, parse_list, parse_prompts
from pressrun.inputs.prompts.ratios import cut_ratio, is_of_shape, stated_ratio
from pressrun.inputs.prompts.tasks import check_tasks, written

FIELDS = """## 1. Knight
**Prompt:** A small knight in armour grown over with moss, holding a lance
**Aspect ratio:** 2:3

## 2. Village
**Prompt:** A village built in hollow tree stumps, morning fog, wide shot
**Aspect ratio:** 16:9

## 3. Frog
**Prompt:** A round frog carrying a paper lantern on a stick, side view
"""
TABLE = (
    "Prompt,Size,Count\nA goblin merchant with a backpack,512x512,1\nA ruined castle,1024x576,2\n"
)


def ratios(parsed: Parsed) -> list[str]:
    return [task.aspect_ratio for task in parsed.tasks]


@pytest.mark.parametrize(
    ("words", "ratio"),
    [
        ("16:9", "16:9"),
        ("9 : 16 (vertical)", "9:16"),
        ("8:4", "2:1"),
        ("5:9", "5:9"),
        ("1024x576", "16:9"),
        ("1344 \u00d7 768 px", "16:9"),
        ("1024px x 1024px", "1:1"),
        ("1200x630", "1200x630"),
        ("Square", "1:1"),
        *((words, "") for words in ("landscape", "PNG", "large", "0:0", "12:30:05", "2K", "")),
    ],
)
def test_a_ratio_is_read_as_people_state_it(words: str, ratio: str) -> None:
    assert stated_ratio(words) == ratio


@pytest.mark.parametrize(
    ("label", "is_one"),
    [
        *((label, True) for label in ("Aspect ratio", "aspect_ratio", "Size", "Bildformat", "AR")),
        *((label, False) for label in ("Scene", "Characters", "Emphasise", "Camera", "x" * 200)),
    ],
)
def test_a_label_of_the_shape_is_known(label: str, *, is_one: bool) -> None:
    assert is_of_shape(label) is is_one


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a lamp --ar 16:9", ("a lamp", "16:9")),
        ("a lamp --ar 3:2 --v 6", ("a lamp --v 6", "3:2")),
        ("a lamp —ar 3:2", ("a lamp", "3:2")),
        ("a lamp --aspect=4:5", ("a lamp", "4:5")),
        ("a lamp --art 3:2", ("a lamp --art 3:2", "")),
        ("a clock at 16:9", ("a clock at 16:9", "")),
    ],
)
def test_the_flag_of_a_ratio_is_cut_off(text: str, cut: tuple[str, str]) -> None:
    assert cut_ratio(text) == cut


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        (FIELDS, ["2:3", "16:9", ""]),
        (TABLE, ["1:1", "16:9"]),
        ("- a brass lamp, smoke --ar 16:9\n- a green door, rain --ar 1:1\n", ["16:9", "1:1"]),
        (
            json.dumps([{"prompt": "a cat", "aspect_ratio": "3:4"}, {"prompt": "a dog"}]),
            ["3:4", ""],
        ),
        (
            "| Prompt | Format |\n|---|---|\n| a red fox in snow | 4:5 |\n| a lamp | A4 |\n",
            ["4:5", ""],
        ),
    ],
    ids=["labels", "csv", "flags", "json", "table"],
)
def test_each_prompt_has_the_ratio_that_its_document_states(text: str, stated: list[str]) -> None:
    assert ratios(parse_prompts(text)) == stated


def test_ratios_are_said_and_their_lines_are_no_mere_notes() -> None:
    parsed = parse_prompts(FIELDS)
    assert "2 prompts have their own aspect ratio: 2:3 (1), 16:9 (1)." in parsed.warnings
    assert {line.use for line in parsed.lines if line.text.startswith("Aspect")} == {"aspect ratio"}
    assert all(not task.notes for task in parsed.tasks)


def test_a_size_is_said_to_be_only_noted_but_for_its_ratio() -> None:
    said = [words for words in parse_prompts(TABLE).warnings if "Size" in words]
    (only,) = said
    assert only == (
        "“Size” gives the aspect ratio alone (“512x512”): how large and in which format pictures "
        "are made, the settings say."
    )
    format_ = parse_prompts("Prompt,Format\na red fox in snow,landscape\na lamp,tall\n").warnings
    assert any("“Format” is only noted (“landscape”)" in words for words in format_)


def test_the_same_words_in_another_ratio_are_another_picture() -> None:
    assert not check_tasks(parse_list(["a red fox --ar 16:9", "a red fox --ar 1:1"]).tasks)


@pytest.mark.parametrize("ratio", ["16:9", "1200x630"])
def test_a_ratio_is_in_the_text_of_tasks_that_a_person_edits(ratio: str) -> None:
    tasks = parse_list([{"prompt": "a red fox in snow", "aspect_ratio": ratio}]).tasks
    assert ratios(parse_prompts(written(tasks))) == [ratio]

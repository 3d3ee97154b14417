"""Documents of many styles, each with the tasks that a person finds in it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressrun.inputs.prompts.documents import Parsed, combine, parse_file, parse_list, parse_prompts

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.md"))


def plain(parsed: Parsed) -> dict[str, Any]:
    """What the expectations beside the documents say of them."""
    tasks = [json.loads(json.dumps(asdict(task))) for task in parsed.tasks]
    return {"prefix": parsed.prefix, "tasks": [_without_nothing(task) for task in tasks]}


def _without_nothing(task: dict[str, Any]) -> dict[str, Any]:
    late = ("suffix", "negative", "notes", "aspect_ratio", "made_before")
    return {name: value for name, value in task.items() if value or name not in late}


def specific(text: str) -> list[str]:
    return [task.specific_prompt for task in parse_prompts(text).tasks]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.stem)
def test_a_document_is_read_as_a_person_reads_it(document: Path) -> None:
    expected = json.loads(document.with_suffix(".json").read_text("utf-8"))
    assert plain(parse_prompts(document.read_text("utf-8"))) == expected


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.stem)
def test_line_endings_and_a_byte_order_mark_change_nothing(document: Path) -> None:
    text = document.read_text("utf-8")
    assert parse_prompts("\ufeff" + text.replace("\n", "\r\n")) == parse_prompts(text)


def test_there_are_at_least_forty_documents() -> None:
    assert len(DOCUMENTS) >= 40


@pytest.mark.parametrize(
    ("prefix", "prompt", "combined"),
    [
        ("Icon", "a cat", "Icon a cat"),
        (" Icon, ", " a cat ", "Icon, a cat"),
        ("Icon", "Icon of a cat", "Icon of a cat"),
        ("Icon", "icon of a cat", "icon of a cat"),
        ("Icon", "Iconic tower", "Icon Iconic tower"),
        ("Icon", "Icon", "Icon"),
        ("", "a cat", "a cat"),
        ("Icon", "", "Icon"),
        ("", "", ""),
    ],
)
def test_prefix_and_prompt_are_joined_once_and_by_one_space(
    prefix: str, prompt: str, combined: str
) -> None:
    assert combine(prefix, prompt) == combined


def test_csv_is_read_by_the_titles_of_its_columns() -> None:
    parsed = parse_prompts('Level,Prompt,Category\n1,"Red, with ""wings""",Speed\n2,Blue,Speed\n')
    assert [(t.specific_prompt, t.level, t.category, t.line) for t in parsed.tasks] == [
        ('Red, with "wings"', "Level 1", "Speed", 2),
        ("Blue", "Level 2", "Speed", 3),
    ]


def test_a_csv_file_needs_no_titles(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("a red fox in the snow\na blue whale, singing\n")
    assert [t.specific_prompt for t in parse_file(file).tasks] == [
        "a red fox in the snow",
        "a blue whale, singing",
    ]


def test_the_first_sheet_of_a_workbook_is_a_table(tmp_path: Path) -> None:
    rows = [("Level", "Prompt"), ("1", 'Red <b> & "wings"'), ("", ""), ("2", "Blue")]
    cells = [
        "".join(f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in row)
        for row in rows
    ]
    sheet = "".join(f'<row r="{n}">{row}</row>' for n, row in enumerate(cells, 1))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    file = tmp_path / "list.xlsx"
    with ZipFile(file, "w") as book:
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        )
    assert [(t.specific_prompt, t.level, t.line) for t in parse_file(file).tasks] == [
        ('Red <b> & "wings"', "Level 1", 2),
        ("Blue", "Level 2", 4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '["a cat", "a dog"]',
        '[{"prompt": "a cat"}, {"text": "a dog"}]',
        '{"prompt": "a cat"}\n{"prompt": "a dog"}',
        '{"prompts": ["a cat", "a dog"]}',
    ],
)
def test_json_may_be_a_list_objects_or_lines(text: str) -> None:
    assert specific(text) == ["a cat", "a dog"]


def test_json_gives_tasks_as_they_are_printed() -> None:
    text = (Path(__file__).parent / "documents" / "card_levels.json").read_text("utf-8")
    parsed, printed = parse_prompts(text), json.loads(text)
    for task, told in zip(parsed.tasks, printed["tasks"], strict=True):
        for name in ("prompt", "specific_prompt", "prefix", "order", "category", "level"):
            assert getattr(task, name) == told[name]
        assert list(task.tags) == told["tags"]
        assert told["specific_prompt"] in text.splitlines()[task.line - 1]


def test_names_in_json_are_category_then_tag_and_level() -> None:
    parsed = parse_prompts('{"Speed": {"Quick Feet": {"Level 1": "Red sneakers"}}}')
    (task,) = parsed.tasks
    assert (task.category, task.tags, task.level) == ("Speed", ("Quick Feet",), "Level 1")


def test_headings_above_a_category_are_tags_but_for_titles_of_all() -> None:
    kitchen = "## Kitchen\n### Mugs\n- a red mug\n- a blue mug\n### Plates\n- a plate\n"
    parsed = parse_prompts(f"# Shop\n{kitchen}## Garden\n- a fern\n- a rake\n")
    assert [(task.category, *task.tags) for task in parsed.tasks] == [
        *[("Mugs", "Kitchen")] * 2,
        ("Plates", "Kitchen"),
        *[("Garden",)] * 2,
    ]


def test_half_an_emoji_in_json_spoils_no_other_prompt() -> None:
    text = r'["a red fox", "a fox that smiles \ud83d", "a fox \ud83d\ude00"]'
    assert [task.specific_prompt for task in parse_prompts(text).tasks] == [
        "a red fox",
        "a fox that smiles ?",
        "a fox \N{GRINNING FACE}",
    ]


def test_a_list_holds_texts_and_objects() -> None:
    parsed = parse_list(["a cat", {"prompt": "a dog", "prefix": "Icon", "tags": ["pet"]}])
    assert [(t.prompt, t.tags, t.line) for t in parsed.tasks] == [
        ("a cat", (), 1),
        ("Icon a dog", ("pet",), 2),
    ]


def test_a_row_without_a_prompt_is_said_with_its_line() -> None:
    parsed = parse_prompts("| Name | Prompt |\n|---|---|\n| Home | a house |\n| Cart | |\n")
    assert len(parsed.tasks) == 1
    assert parsed.warnings == ("line 4: there is no prompt here.",)


def test_what_is_no_prompt_in_json_is_said() -> None:
    entries: list[Any] = [
        "a cat",
        {"prompt": 5},
        {"text": None},
        {"prompt": "a dog"},
        None,
        True,
        7,
        1e400,
        [],
    ]
    parsed = parse_list(entries)
    assert [task.specific_prompt for task in parsed.tasks] == ["a cat", "a dog", "7"]
    assert parsed.warnings == (
        "lines 2 to 3: there is no prompt here.",
        "lines 5 to 6: there is no prompt here.",
        "lines 8 to 9: there is no prompt here.",
    )


def test_thousands_of_rows_without_a_prompt_are_a_few_sentences() -> None:
    rows = "".join("| Cart | |\n" if n % 3 else "| Home | a house |\n" for n in range(3000))
    *first, last = parse_prompts("| Name | Prompt |\n|---|---|\n" + rows).warnings
    assert len(first) == 50
    assert first[0] == "lines 4 to 5: there is no prompt here."
    assert last == "… and at 950 more places there is no prompt."
    folded = parse_prompts(json.dumps([{"prompt": "a cat"}, *[{"prompt": 5}] * 9]))
    assert folded.warnings == ("line 1: there is no prompt here (9 entries).",)


def test_a_numbered_name_above_a_labelled_prompt_stays_with_it() -> None:
    found = parse_prompts("1. gate.png\nPrompt: A gate at dusk.\n\n2. well.png\nPrompt: A well.\n")
    assert [task.tags for task in found.tasks] == [("gate.png",), ("well.png",)]


def test_a_line_beside_a_list_that_may_be_a_prompt_is_said() -> None:
    parsed = parse_prompts("- a cat\n- a dog\n\nan owl above the snow at night\n")
    assert [t.specific_prompt for t in parsed.tasks] == ["a cat", "a dog"]
    assert [(left.line, left.why) for left in parsed.left_out] == [(4, "beside the list items")]
    assert parsed.confidence < 1


@pytest.mark.parametrize("text", ["", "\n\n", "# Only a title", "Note: nothing here.", "---"])
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    parsed = parse_prompts(text)
    assert (parsed.tasks, parsed.confidence) == ((), 0.0)


MARKS = st.sampled_from(
    ["# ", "- ", "  - ", "1. ", "> ", "**", "`", "```\n", "|", "---", ":", "\n", "\n\n", "\r\n",
     "Level 2", "Prefix:", "Note:", "a fox", "A Whale", "[", "]", "<b>", "\\", "\t", "é", "$", '"',
     "*"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(MARKS, max_size=40).map("".join))
def test_no_text_is_refused_and_every_prompt_has_words_and_a_line(text: str) -> None:
    parsed = parse_prompts(text)
    lines = len(text.splitlines()) + 1
    assert [task.order for task in parsed.tasks] == list(range(1, len(parsed.tasks) + 1))
    for task in parsed.tasks:
        assert any(char.isalnum() for char in task.specific_prompt)
        assert 1 <= task.line <= lines
        assert task.prompt == combine(task.prefix, task.specific_prompt)
    assert 0 <= parsed.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "> " * 3000 + "a",
        "".join(" " * n * 2 + "- a\n" for n in range(300)),
        "*" * 20_000,
        "[" * 20_000,
        "a:" * 20_000,
        "Level " * 20_000,
        "( " * 20_000,
        "=" * 20_000 + " a",
        "[" * 300 + "]" * 300,
        "|" * 20_000 + "\n" + "|-" * 5_000,
    ],
    ids=["quotes", "nested", "stars", "brackets", "colons", "levels", "spaces", "marks", "json",
         "pipes"],
)  # fmt: skip
@pytest.mark.timeout(10)
def test_hostile_text_takes_no_time(text: str) -> None:
    assert parse_prompts(text).confidence <= 1

"""A new image batch: what a document was read as, its tasks in rows, and what starts unasked."""

from typing import Any

import pytest

from pressrun.desk.new.images.rows import EditedRows, TaskRow, rows_of
from pressrun.errors import InputError
from pressrun.inputs.prompts.documents import parse_prompts
from tests.unit.desk.conftest import ADDRESS, Asked
from tests.unit.desk.drafts import UNSURE, change, new_draft, priced

DOCUMENT = """# Mugs

Here are the prompts that we spoke of.

**Prefix:** Studio photo,

## Enamel

1. A red enamel mug on a wooden table
2. A blue enamel mug beside a book
   with soft focus behind it

Negative prompt: text, watermark

## Glass

- Level 2: A glass mug for {NAME}, backlit
"""


def edited(values: dict[str, Any]) -> EditedRows:
    found = EditedRows.of(values)
    assert found is not None
    return found


def tasks(desk: Asked, place: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.client.get(f"{place}/tasks").json()["rows"]
    return found


def test_every_line_of_a_document_is_accounted_for_beside_it(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts=DOCUMENT)
    seen = priced(desk, place)
    assert "3 prompts" in seen
    assert "Studio photo," in seen.partition("Before every prompt")[2]
    assert "1 line left out" in seen
    assert "Here are the prompts that we spoke of." in seen.partition("left out")[2]
    assert "prompt 2, joined" in seen  # the wrapped line belongs to the second
    assert "{NAME}" in seen
    assert "2 negative prompts are not sent: sketch knows none." in seen
    assert "Start, free" in seen
    assert "with soft focus behind it" in desk.page(f"{place}/lines")


def test_nothing_unsure_starts_before_a_person_or_a_model_reads_it(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts=UNSURE)
    assert "What is one prompt?" in priced(desk, place)
    assert desk.post(f"{place}/start", action="run") == 400
    change(desk, place, text_model="gemini-3.8-flash")
    read = priced(desk, place)
    assert "gemini-3.8-flash reads the text first" in read
    assert 'value="model" checked' in read
    assert "Start for $0.0" in read  # the reading is in the price
    change(desk, place, text_model="", read_as="paragraphs")
    assert "Start, free" in priced(desk, place)
    assert desk.post(f"{place}/start", action="run") == 503  # only Prefect's server is away
    change(desk, place, read_as="model")
    assert desk.post(f"{place}/start", action="run") == 400


def test_edited_rows_hold_until_somebody_goes_back_to_the_document(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts=DOCUMENT)
    priced(desk, place)
    rows = tasks(desk, place)
    assert [row["prompt"][:12] for row in rows] == ["A red enamel", "A blue ename", "A glass mug "]
    change(desk, place, **{"rows": rows, "row:2": {"prompt": "A <b>mug</b> of mine"}})
    change(desk, place, **{"row:1": {"off": True}, "row:ab1": {"prompt": "A new one"}})
    seen = priced(desk, place)
    assert "1 changed, 1 added, 1 left out" in seen
    made = [row["prompt"] for row in tasks(desk, place) if not row["off"]]
    assert made == ["A <b>mug</b> of mine", "A glass mug for {NAME}, backlit", "A new one"]
    lost = desk.page(f"{place}/document")
    assert "1 change, 1 added prompt and 1 that is left out are lost" in lost
    assert desk.post(f"{place}/document") == 303
    assert "Before every prompt" in priced(desk, place)
    assert [row["id"] for row in tasks(desk, place)] == ["1", "2", "3"]


def test_rows_reach_a_run_as_they_stand(desk: Asked) -> None:
    parsed = parse_prompts(DOCUMENT)
    rows = [row.model_dump() for row in rows_of(parsed.tasks)]
    change_ = {"prompt": 'Say "x": 50% — ok\nand more', "category": "Ünique", "level": "hard"}
    found = edited(
        {"rows": rows, "row:1": change_, "row:3": {"off": True}, "row:a9": {"prompt": ""}}
    )
    again = parse_prompts(found.text).tasks
    assert [(t.specific_prompt, t.category, t.level, t.line) for t in again] == [
        (change_["prompt"], "Ünique", "hard", 1),
        ("A blue enamel mug beside a book with soft focus behind it", "Enamel", "", 2),
    ]
    assert [(t.prefix, t.negative) for t in again] == [("Studio photo,", "text, watermark")] * 2
    assert (found.changed, found.added, found.off) == (1, 1, 2)


def test_an_added_row_has_what_the_document_says_of_all(desk: Asked) -> None:
    rows = [TaskRow(id=str(n), prompt=f"mug {n}", prefix="Photo,").model_dump() for n in (1, 2)]
    found = edited({"rows": rows, "row:a1": {"prompt": "a cup"}})
    assert [task.prompt for task in found.tasks] == ["Photo, mug 1", "Photo, mug 2", "Photo, a cup"]


@pytest.mark.parametrize("rows", [5, [5], [{"prompt": "a"}], {"id": []}, "text"])
def test_what_is_no_row_is_one_sentence(desk: Asked, rows: Any) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        EditedRows.of({"rows": rows, "row:1": {}})
    place = new_draft(desk, "image-batch", prompts=DOCUMENT, rows=rows)
    assert "cannot be read" in priced(desk, place)


def test_a_change_whose_rows_were_given_up_changes_nothing() -> None:
    assert EditedRows.of({"prompts": DOCUMENT, "row:2": {"prompt": "late"}}) is None


def test_two_thousand_prompts_are_all_there_and_more_are_refused(desk: Asked) -> None:
    lines = [f"{n}. A mug of the colour number {n} on a table" for n in range(1, 2002)]
    place = new_draft(desk, "image-batch", prompts="\n".join(lines[:2000]))
    assert "2,000 prompts" in priced(desk, place)
    assert len(tasks(desk, place)) == 2000
    change(desk, place, prompts="\n".join(lines))
    assert "takes up to 2,000" in priced(desk, place)


def test_a_wrong_setting_is_said_beside_it_and_the_tasks_stay(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts=DOCUMENT, quality="101")
    page = priced(desk, place)
    assert 'data-wrong="quality"' in page
    assert len(tasks(desk, place)) == 3
    change(desk, place, quality=None, model="gemini-3.1-flash-lite-image", size="4K")
    page = priced(desk, place)
    assert "not 4K" in page
    assert "3 prompts" in page


def test_the_prefix_of_the_settings_is_shown_in_place_of_the_documents(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts=DOCUMENT, prefix="Oil on canvas,")
    page = priced(desk, place)
    assert "Oil on canvas," in page.partition("Before every prompt")[2]
    assert '<dd dir="auto">Studio photo,</dd>' not in page


def test_the_review_is_asked_for_only_by_its_box(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts=UNSURE, review=True)
    assert "Start, free" in priced(desk, place)  # the run waits for a person


def test_a_dropped_table_is_read_by_its_reference_and_one_that_is_gone_is_said(desk: Asked) -> None:
    place = new_draft(desk, "image-batch")
    table = "Prompt;Category\nA red mug;Mugs\nA cat on a roof;Pets\n".encode("utf-16")
    headers = {"Origin": ADDRESS, "X-Desk": "1", "X-Name": "prompts.csv"}
    sent = desk.client.post(f"{place}/uploads", content=table, headers=headers)
    change(desk, place, file=sent.json()["reference"])
    page = priced(desk, place)
    assert "2 prompts" in page
    assert "one a row of the table" in page
    assert [row["category"] for row in tasks(desk, place)] == ["Mugs", "Pets"]
    change(desk, place, size="2K", model="gemini-3-pro-image")
    assert "Start for $0.2" in priced(desk, place)
    change(desk, place, file=f"upload:{'ab' * 32}/gone.csv")
    assert "no longer kept" in priced(desk, place)


PROSE = (
    "Hi team, we need pictures for the new level. The player walks through a swamp and sees a hut. "
    "Please make something nice, maybe also the frog that sits at the door."
)


def test_a_text_that_describes_no_picture_can_be_read_all_the_same(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts=PROSE)
    page = priced(desk, place)
    assert "nothing here describes a picture" in page
    assert "say what one is" in page
    assert "Say above what one prompt is" in page.partition("<footer")[2]
    assert 'id="read-paragraphs"' in page
    assert "read_as to" not in page
    assert "pressrun parse" not in page
    change(desk, place, read_as="paragraphs")
    page = priced(desk, place)
    assert "Start, free" in page
    assert 'id="read-auto"' in page  # and back


def test_titles_above_titles_are_told_from_those_that_prompts_are_called_by(desk: Asked) -> None:
    parts = ("Weapons\n### Iron sword\nA plain iron sword.", "Potions\n### Mana\nA blue potion.")
    text = "\n## ".join(("# Assets", *parts))
    place = new_draft(desk, "image-batch", prompts=text)
    priced(desk, place)
    said = desk.page(f"{place}/lines").split("<td>")
    assert [cell.partition("<")[0] for cell in said[1:]] == [
        "title above: no prompt is called by it",
        *("name, from prompt 1 on", "name, from prompt 1 on", "prompt 1"),
        *("name, from prompt 2 on", "name, from prompt 2 on", "prompt 2"),
    ]
    row = desk.client.get(f"{place}/tasks").json()["rows"][1]
    assert (row["category"], row["tags"]) == ("Mana", ["Potions"])


def test_a_table_counts_its_rows_in_a_sentence(desk: Asked) -> None:
    place = new_draft(desk, "image-batch", prompts="prompt,count\nA red mug,2\nA blue mug,1\n")
    page = priced(desk, place)
    assert "2 prompts <small>one a row of the table</small>" in page
    assert "“count” is only noted: every prompt is made as often" in page


def test_what_goes_with_every_prompt_stays_in_view_when_rows_are_edited(desk: Asked) -> None:
    text = "Style for all: hand-painted, soft light\nNegative prompt: text, blurry\n\n"
    text += "- A red fox in the snow\n- A brass lamp at night for {NAME}\n"
    place = new_draft(desk, "image-batch", prompts=text)
    rows = tasks(desk, place) if "2 prompts" in priced(desk, place) else []
    change(desk, place, rows=rows, **{"row:1": {"prompt": "A red fox, asleep"}})
    seen = priced(desk, place)
    assert "as you edited them" in seen
    assert "hand-painted, soft light" in seen.partition("Before every prompt")[2]
    assert "text, blurry" in seen.partition("Never in a picture")[2]
    assert "{NAME} (the first: “A brass lamp at night for {NAME}”)" in seen


def test_a_prompts_own_aspect_ratio_stands_in_its_row_and_can_be_changed(desk: Asked) -> None:
    text = "- A red fox in the snow --ar 16:9\n- A brass lamp at night --ar 5:9\n"
    place = new_draft(desk, "image-batch", prompts=text)
    assert "5:9 (1). It is made in 1:1." in priced(desk, place)
    rows = tasks(desk, place)
    assert [row["aspect_ratio"] for row in rows] == ["16:9", "5:9"]
    change(desk, place, rows=rows, **{"row:2": {"aspect_ratio": "9:16"}})
    assert "does not make" not in priced(desk, place)
    assert [row["aspect_ratio"] for row in tasks(desk, place)] == ["16:9", "9:16"]

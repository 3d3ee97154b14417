"""A model's reading held against the text: mended where little is wrong, else refused."""

from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import InputError
from pressrun.inputs.prompts.documents import Parsed, parse_prompts
from pressrun.inputs.prompts.model import ParsedAnswer, answer_of, check_answer

TEXT = """# Cards

Prefix: Icon

Some words about it all.

- **Level 1:** `Red sneakers with tiny
  white wings`
- a blue *running* shoe
- a green boot
- a yellow sandal
- a pair of skates
"""
PROMPTS = [
    "Red sneakers with tiny white wings",
    "a blue running shoe",
    "a green boot",
    "a yellow sandal",
    "a pair of skates",
]


def answer(*prompts: str, prefix: str = "Icon", **fields: Any) -> ParsedAnswer:
    task: dict[str, Any] = {"category": "Cards", "level": "", "tags": []} | fields
    return ParsedAnswer.model_validate(
        {"prefix": prefix, "tasks": [{"prompt": p} | task for p in prompts]}
    )


def specific(parsed: Parsed) -> list[str]:
    return [task.specific_prompt for task in parsed.tasks]


def test_a_right_answer_becomes_tasks_with_their_lines() -> None:
    parsed = check_answer(answer(*PROMPTS, level="lv 2", tags=["x"]), TEXT)
    assert specific(parsed) == PROMPTS
    assert [task.line for task in parsed.tasks] == [7, 9, 10, 11, 12]
    first = parsed.tasks[0]
    assert (first.prompt, first.level, first.tags) == (f"Icon {PROMPTS[0]}", "Level 2", ("x",))
    assert (parsed.prefix, parsed.warnings) == ("Icon", ())


def test_a_prompt_with_the_prefix_before_it_is_taken_without() -> None:
    assert specific(check_answer(answer(*(f"Icon {p}" for p in PROMPTS)), TEXT)) == PROMPTS


def test_one_that_is_not_in_the_text_is_left_out_and_said() -> None:
    parsed = check_answer(answer(*PROMPTS, "a purple clog"), TEXT)
    assert specific(parsed) == PROMPTS
    assert parsed.warnings == ("not in the text: 'a purple clog'",)


def test_one_that_is_missing_is_added_at_its_place_and_said() -> None:
    parsed = check_answer(answer(*PROMPTS[:2], *PROMPTS[3:]), TEXT)
    assert specific(parsed) == PROMPTS
    assert parsed.warnings == ("line 10 is missing: 'a green boot'",)


def test_another_order_is_put_back() -> None:
    parsed = check_answer(answer(*reversed(PROMPTS)), TEXT)
    assert specific(parsed) == PROMPTS
    assert "another order" in parsed.warnings[0]


def test_a_reading_of_something_else_is_refused_with_what_is_wrong() -> None:
    with pytest.raises(InputError) as refused:
        check_answer(answer("a castle", "a bridge"), TEXT)
    assert "not in the text: 'a castle'" in refused.value.problems
    assert "line 12 is missing: 'a pair of skates'" in refused.value.problems


def test_a_made_up_prefix_is_not_taken() -> None:
    assert check_answer(answer(*PROMPTS, prefix="4k, best quality"), TEXT).prefix == ""


@pytest.mark.parametrize(
    "document",
    sorted((Path(__file__).parent / "documents").glob("*.md")),
    ids=lambda file: file.stem,
)
def test_what_the_structure_gives_passes_as_an_answer(document: Path) -> None:
    text = document.read_text("utf-8")
    parsed = parse_prompts(text)
    checked = check_answer(answer_of(parsed), text)
    assert specific(checked) == specific(parsed)
    assert checked.warnings == ()

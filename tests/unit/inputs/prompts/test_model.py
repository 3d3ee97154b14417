"""A model's reading held against the text: mended where little is wrong, else refused."""

from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import InputError
from pressrun.inputs.confined.bounded import SMALL
from pressrun.inputs.prompts.bounded import read_answer
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


def answer(
    *prompts: str, prefix: str = "Icon", question: str = "", remark: str = "", **fields: Any
) -> ParsedAnswer:
    task: dict[str, Any] = {"negative": "", "category": "Cards", "level": "", "tags": []} | fields
    return ParsedAnswer.model_validate(
        {
            "prefix": prefix,
            "suffix": "",
            "negative": "",
            "tasks": [{"prompt": p} | task for p in prompts],
            "question": question,
            "remark": remark,
        }
    )


def specific(parsed: Parsed) -> list[str]:
    return [task.specific_prompt for task in parsed.tasks]


def uses(parsed: Parsed) -> dict[int, str]:
    return {line.line: line.use for line in parsed.lines}


def test_a_right_answer_becomes_tasks_with_their_lines() -> None:
    parsed = check_answer(answer(*PROMPTS, level="lv 2", tags=["x"]), TEXT)
    assert specific(parsed) == PROMPTS
    assert [task.line for task in parsed.tasks] == [7, 9, 10, 11, 12]
    first = parsed.tasks[0]
    assert (first.prompt, first.level, first.tags) == (f"Icon {PROMPTS[0]}", "Level 2", ("x",))
    assert (parsed.prefix, parsed.warnings, parsed.unsure) == ("Icon", (), False)
    assert uses(parsed) == {1: "name", 3: "prefix", 5: "left out"} | dict.fromkeys(
        range(7, 13), "prompt"
    )


def test_the_models_way_stands_first_and_those_of_the_form_behind_it() -> None:
    first, *others = check_answer(answer(*PROMPTS), TEXT).readings
    assert (first.name, first.count) == ("model", 5)
    assert others
    assert "model" not in {way.name for way in others}


def test_a_prompt_with_the_prefix_before_it_is_taken_without() -> None:
    assert specific(check_answer(answer(*(f"Icon {p}" for p in PROMPTS)), TEXT)) == PROMPTS


def test_one_that_is_not_in_the_text_is_left_out_and_said() -> None:
    parsed = check_answer(answer(*PROMPTS, "a purple clog"), TEXT)
    assert specific(parsed) == PROMPTS
    assert parsed.warnings == ("not in the text, so it is left out: 'a purple clog'",)
    assert parsed.unsure


def test_words_changed_by_the_model_are_no_words_of_the_text() -> None:
    changed = "a green rubber boot"
    parsed = check_answer(answer(*PROMPTS[:2], changed, *PROMPTS[3:]), TEXT)
    assert changed not in specific(parsed)
    assert parsed.warnings[0] == f"not in the text, so it is left out: {changed!r}"


def test_another_order_is_put_back() -> None:
    parsed = check_answer(answer(*reversed(PROMPTS)), TEXT)
    assert specific(parsed) == PROMPTS
    assert "another order" in parsed.warnings[0]


def test_a_reading_of_something_else_is_refused_with_what_is_wrong() -> None:
    with pytest.raises(InputError) as refused:
        check_answer(answer("a castle", "a bridge"), TEXT)
    assert "not in the text, so it is left out: 'a castle'" in refused.value.problems


def test_a_made_up_prefix_is_not_taken() -> None:
    assert check_answer(answer(*PROMPTS, prefix="4k, best quality"), TEXT).prefix == ""


def test_what_the_model_asks_is_asked_of_the_person() -> None:
    parsed = check_answer(answer(*PROMPTS, question="Which shoes?"), TEXT)
    assert parsed.unsure
    assert parsed.warnings == ("The model asks: Which shoes?",)


def test_a_remark_of_the_model_is_said_and_stops_nothing() -> None:
    parsed = check_answer(answer(*PROMPTS, remark="Skates are no shoes."), TEXT)
    assert not parsed.unsure
    assert parsed.warnings == ("The model says: Skates are no shoes.",)


def test_a_list_that_the_model_has_left_off_in_the_middle_is_asked_about() -> None:
    parsed = check_answer(answer(*PROMPTS[:2]), TEXT)
    assert parsed.unsure
    assert "may have stopped early: behind its last prompt 3 pieces" in parsed.warnings[0]
    assert "line 10: 'Icon a green boot'" in parsed.warnings[0]


def test_prompts_of_the_same_words_are_as_many_as_stand_there() -> None:
    text = "".join(f"- scene_{n}.png: a lighthouse in the fog\n" for n in range(6))
    parsed = check_answer(answer("a lighthouse in the fog", prefix=""), text + "- a green boot\n")
    assert parsed.unsure
    assert "stand there several times" in " ".join(parsed.warnings)


def test_a_single_piece_may_be_taken_for_none_and_its_line_is_said() -> None:
    parsed = check_answer(answer(*PROMPTS[:2], *PROMPTS[3:]), TEXT)
    assert not parsed.unsure
    assert [line.line for line in parsed.left_out] == [5, 10]
    assert parsed.warnings == (
        "The model took for no prompt: 1 piece looks like one (line 10: 'Icon a green boot').",
    )


def test_a_prompt_may_have_the_style_of_its_group_which_stands_elsewhere() -> None:
    text = (
        "Style of all hens: flat vector, thick outline\n\n- a hen that walks\n- a hen that sleeps\n"
    )
    whole = "a hen that sleeps, flat vector, thick outline"
    assert specific(check_answer(answer(whole, prefix=""), text)) == [whole]


def test_a_prompt_of_several_labelled_fields_is_one() -> None:
    text = (
        "## Gate\n**Subject:** a red gate in the fog\n**Author:** Ann\n"
        "**Style:** ink on rough paper\n**Avoid:** people, text\n"
    )
    whole = "Subject: a red gate in the fog\nStyle: ink on rough paper"
    parsed = check_answer(answer(whole, prefix="", negative="people, text"), text)
    assert specific(parsed) == [whole]
    assert parsed.tasks[0].negative == "people, text"
    assert uses(parsed) == {1: "left out", 2: "prompt", 3: "left out", 4: "prompt", 5: "negative"}


def test_a_prompt_in_a_string_of_json_is_found_without_its_escapes() -> None:
    text = 'call({"prompt": "four figures on a table.\\nMake them \\"happy\\" and bright"})'
    whole = 'four figures on a table.\nMake them "happy" and bright'
    assert specific(check_answer(answer(whole, prefix=""), text)) == [whole]


def test_pieces_that_are_too_short_to_be_known_again_are_no_prompt() -> None:
    with pytest.raises(InputError):
        check_answer(answer("a red shoe boot skates wings", prefix=""), TEXT)


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
    assert checked.unsure == parsed.unsure
    assert parsed.unsure or [w for w in checked.warnings if w not in parsed.warnings] == []


def test_an_answer_about_a_long_document_is_checked_in_the_reading_process() -> None:
    text = "".join(f"- a lighthouse of the colour number {n}\n" for n in range(1_000))
    prompts = [f"a lighthouse of the colour number {n}" for n in range(1_000)]
    assert len(text) > SMALL
    assert specific(read_answer(text, answer(*prompts, prefix=""))) == prompts

"""What stands among prompts and is none: to-dos and ticked lines; and what is one all the same."""

import pytest

from pressrun.inputs.prompts.documents import Parsed, parse_prompts

LABELLED = "\n".join(
    f"### 1.{n} {name}\n**Prompt:** {words}\n"
    for n, (name, words) in enumerate(
        {
            "Knight": "A small knight in armour grown over with moss, three-quarter view",
            "Frog": "A round frog carrying a paper lantern on a stick, side view",
            "Witch": "An old witch brewing tea over a tiny fire, seated, full body",
            "Mill": "A watermill at dusk, warm windows, fireflies above the stream",
            "Badge": "A round badge made of bark with the number {LEVEL} in the middle, icon",
        }.items(),
        1,
    )
)
LIST = """- A red fox asleep in the snow, watercolour
- A glass teapot with blooming tea, studio light
- A brass lamp in a dark library, long shadows
- A small town at dusk, warm windows, rain
"""


def specific(parsed: Parsed) -> list[str]:
    return [task.specific_prompt for task in parsed.tasks]


def why(parsed: Parsed) -> dict[str, str]:
    return {line.text: line.why for line in parsed.left_out}


@pytest.mark.parametrize("mark", ["- [x]", "- [X]", "1. [x]", "\u2611"])
def test_a_ticked_line_is_done_and_said(mark: str) -> None:
    parsed = parse_prompts(f"{LIST}{mark} A wet dog in the rain, street light\n")
    assert len(parsed.tasks) == 4
    assert why(parsed) == {"A wet dog in the rain, street light": "ticked: it is done"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- [x] Prompt: A wet dog", "ticked: it is done"),
        ("- ~~A wet dog in the rain~~", "struck out"),
        ("- [ ] ~~Prompt: A wet dog in the rain~~", "struck out"),
    ],
)
def test_a_ticked_prompt_and_one_that_is_struck_out_are_done(line: str, said: str) -> None:
    prompts = "- [ ] Prompt: A red fox in snow\n- [ ] Prompt: A brass lamp, at night\n"
    parsed = parse_prompts((prompts if "Prompt" in line else LIST) + line)
    assert not any("wet dog" in words for words in specific(parsed))
    assert list(why(parsed).values()) == [said]


def test_where_all_is_ticked_a_person_is_asked() -> None:
    parsed = parse_prompts(LIST.replace("- ", "- [x] "))
    assert (len(parsed.tasks), parsed.unsure) == (4, True)


@pytest.mark.parametrize(
    "title", ["To do", "To-do list", "TODO", "Aufgaben", "Offene Punkte", "Action items", "Done"]
)
def test_a_section_of_what_people_have_to_do_has_no_prompts(title: str) -> None:
    text = f"## Props\n\n{LIST}\n## {title}\n\n- [ ] Nina: check licence of the font\n- Ask Tom\n"
    parsed = parse_prompts(text)
    assert (len(parsed.tasks), parsed.unsure) == (4, False)
    assert why(parsed)["Ask Tom"] == "a section of notes"


def test_a_place_to_fill_in_one_prompt_is_named_and_no_doubt() -> None:
    parsed = parse_prompts(LABELLED)
    assert (len(parsed.tasks), parsed.unsure) == (5, False)
    assert any("{LEVEL}" in words for words in parsed.warnings)
    assert (
        len(parse_prompts(f"{LIST}- A round badge of bark with the number {{N}} on it").tasks) == 5
    )


def test_a_template_below_prompts_is_left_out_and_what_makes_that_unsure_is_said() -> None:
    parsed = parse_prompts(f"{LIST}- A {{THING}} in {{STYLE}}, {{LIGHT}}\n")
    assert (len(parsed.tasks), parsed.unsure) == (4, True)
    assert any("Choose 'list items' if it is one" in words for words in parsed.warnings)


def test_each_way_to_read_a_document_stands_once_whatever_is_chosen() -> None:
    text = f"{LIST}- A {{THING}} in {{STYLE}}, {{LIGHT}}\n"
    for read_as in ("auto", "list items"):
        names = [way.name for way in parse_prompts(text, read_as).readings]
        assert len(names) == len(set(names))

"""From a pasted document to items: every prompt judged before anything is paid."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressrun.calls.standalone import ask
from pressrun.engines.account import Access, Account
from pressrun.engines.base import TextRequest
from pressrun.errors import InputError, SettingError
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.kinds.image.planner import ImagePlanner, from_tasks_text
from pressrun.kinds.image.recipe import ImageRecipe, image_request
from pressrun.ledger.records import PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.settings import Settings

DOCUMENT = """# Cards

Prefix: Icon

### Speed

**Quick Feet**

- Level 1: red sneakers
- Level 2: blue shoes

### Defense

- stone shield
"""


TASK = {"negative": "", "category": "", "level": "", "tags": []}
ANSWER = {"prefix": "", "suffix": "", "negative": "", "question": "", "remark": ""}


def planned(
    tmp_path: Path, said: list[str] | None = None, settings: Settings | None = None, **given: Any
) -> list[PlannedItem]:
    log = (said if said is not None else []).append
    vault = Vault(tmp_path / "vault" / "b1")

    def asked(request: TextRequest, check: Callable[[str], None]) -> str:
        return ask(request, check, Account(), vault, "plan")

    return ImagePlanner(ImageParameters.of(given), settings or Settings(), log, str, asked).plan()


def test_every_prompt_is_an_item_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    items = planned(tmp_path, prompts=DOCUMENT)
    assert [(i.key, i.title) for i in items] == [
        ("task_0001", "Task 001 · red sneakers"),
        ("task_0002", "Task 002 · blue shoes"),
        ("task_0003", "Task 003 · stone shield"),
    ]
    assert items[1].spec == {
        "prompt": "Icon blue shoes",
        "specific_prompt": "blue shoes",
        "prefix": "Icon",
        "order": 2,
        "category": "Speed",
        "level": "Level 2",
        "tags": ("Quick Feet",),
        "line": 10,
        "suffix": "",
        "negative": "",
        "notes": (),
        "aspect_ratio": "",
        "made_before": 0,
        "group": "Speed, Level 2",
        "name": "",
    }


def test_the_orders_prefix_stands_in_place_of_the_documents(tmp_path: Path) -> None:
    items = planned(tmp_path, prompts=DOCUMENT, prefix="Oil painting of")
    assert items[2].spec["prompt"] == "Oil painting of stone shield"


def test_a_file_is_read_in_place_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("prompt;level\na cat;1\na dog;2\n")
    assert [i.spec["level"] for i in planned(tmp_path, file=str(file))] == ["Level 1", "Level 2"]
    with pytest.raises(InputError, match="not both"):
        planned(tmp_path, file=str(file), prompts="a cat")


def test_a_bad_prompt_is_one_failed_item_among_good_ones(tmp_path: Path) -> None:
    said: list[str] = []
    settings = Settings(blocked_words="slime")
    text = "- a cat\n- slime and more\n- a cat\n- A cat!"
    items = planned(tmp_path, said, settings, prompts=text)
    assert [i.error.kind if i.error else "" for i in items] == ["", "blocked", "duplicate", ""]
    assert said == [
        "line 2: The prompt is blocked by the rule 'own words' ('slime').",
        "line 3: The prompt is that of line 1 again. It is made once.",
        "line 4: The prompt is nearly that of line 1.",
    ]


def test_a_bad_prompt_refuses_the_batch_if_that_is_asked(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        planned(tmp_path, prompts="- a cat\n- a cat", skip_invalid=False)
    assert refused.value.problems[0].startswith("line 2: The prompt is that of line 1 again")


@pytest.mark.parametrize("prompts", ["", "# Nothing", "Note: to do"])
def test_without_a_prompt_there_is_no_batch(tmp_path: Path, prompts: str) -> None:
    with pytest.raises(InputError, match="There are no prompts"):
        planned(tmp_path, prompts=prompts)


def test_a_batch_takes_as_many_prompts_as_the_setting_says(tmp_path: Path) -> None:
    text = "\n".join(f"- cat number {n}" for n in range(4))
    assert len(planned(tmp_path, settings=Settings(most_prompts=4), prompts=text)) == 4
    with pytest.raises(InputError, match="There are 4 prompts; a batch takes up to 3"):
        planned(tmp_path, settings=Settings(most_prompts=3), prompts=text)


def test_a_size_that_the_model_does_not_make_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="makes 1K, not 4K"):
        planned(tmp_path, prompts="a cat", model="gemini-3.1-flash-lite-image", size="4K")


@pytest.mark.parametrize(
    "given",
    [{"images": 9}, {"delay_s": 31}, {"format": "GIF"}, {"model": "x"}, {"text_model": "x"}],
    ids=lambda given: next(iter(given)),
)
def test_parameters_out_of_bounds_are_refused_by_name(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(given))):
        ImageParameters.of(given)


def test_five_hundred_prompts_are_planned_in_their_order(tmp_path: Path) -> None:
    text = "\n".join(f"- cat number {n}" for n in range(500))
    items = planned(tmp_path, prompts=text)
    assert [item.position for item in items] == list(range(1, 501))


def test_a_model_reads_where_it_is_asked_to_and_its_answer_is_paid_once(
    tmp_path: Path, home: Path
) -> None:
    from pressrun.ledger import open_ledger

    given: dict[str, Any] = {"prompts": DOCUMENT, "read_as": "model", "text_model": "sketch"}
    items = planned(tmp_path, **given)
    assert [i.spec["specific_prompt"] for i in items] == [
        "red sneakers",
        "blue shoes",
        "stone shield",
    ]
    assert planned(tmp_path, **given) == items
    assert open_ledger().calls.totals("b1")[0] == 1


def test_for_a_quote_no_model_is_asked_and_the_calls_that_read_are_expected(
    tmp_path: Path, home: Path
) -> None:
    from pressrun.ledger import open_ledger

    given = {"prompts": "- a cat\n- a dog\n", "read_as": "model", "text_model": "gemini-3.8-flash"}
    settings = ImageParameters.of(given | {"action": "quote"}).model_dump()
    items = planned(tmp_path, **settings)
    assert open_ledger().calls.totals("b1")[0] == 0
    recipe = ImageRecipe()
    assert recipe.models(settings) == ["sketch", "gemini-3.8-flash"]
    calls = [call for item in items for call in recipe.expect(item.spec, settings)]
    assert [(c.slot, c.model, c.kind) for c in calls] == [
        ("reading_1", "gemini-3.8-flash", "text"),
        ("image_1", "sketch", "image"),
        ("image_1", "sketch", "image"),
    ]
    assert calls[0].characters > len(given["prompts"])
    assert calls[0].answer_tokens.expected > 0


def test_reading_by_a_model_needs_a_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Choose a text model"):
        planned(tmp_path, prompts="a cat", read_as="model")


UNSURE = "\n\n".join(
    f"## {name}\n\nA {name} at the sea, wide and calm.\n\nThe same {name} in rain, from above."
    for name in ("Harbour", "Bridge", "Tower")
)


def test_a_doubtful_text_that_nobody_reviews_is_refused_with_its_readings(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not sure how the prompts are to be read") as refused:
        planned(tmp_path, prompts=UNSURE)
    assert any(problem.startswith("headings: 3 (") for problem in refused.value.problems)
    assert any(problem.startswith("paragraphs: 6 (") for problem in refused.value.problems)


@pytest.mark.parametrize("given", [{"review": True}, {"action": "quote"}])
def test_a_doubtful_text_is_shown_with_its_readings(tmp_path: Path, given: dict[str, Any]) -> None:
    said: list[str] = []
    assert planned(tmp_path, said, prompts=UNSURE, **given)
    assert said[0].startswith("The prompts were read as headings: 3 (")
    assert said[1].startswith("If that is wrong, set read_as: paragraphs: 6 (")


def test_a_person_decides_how_a_text_is_read(tmp_path: Path) -> None:
    assert len(planned(tmp_path, prompts=UNSURE, read_as="headings")) == 3
    assert len(planned(tmp_path, prompts=UNSURE, read_as="paragraphs")) == 6


def test_a_model_reads_a_document_once_and_of_a_table_a_sample(tmp_path: Path, home: Path) -> None:
    from pressrun.ledger import open_ledger

    assert planned(tmp_path, prompts="- a cat\n- a dog\n", text_model="sketch")
    assert open_ledger().calls.totals("b1")[0] == 1
    table = "prompt,category\n" + "".join(f"a cat on roof {n},Pets\n" for n in range(500))
    assert len(planned(tmp_path, prompts=table, text_model="sketch")) == 500
    assert open_ledger().calls.totals("b1")[0] == 2
    edited: dict[str, Any] = {"text_model": "sketch"} | from_tasks_text('[{"prompt": "a cat"}]')
    assert planned(tmp_path, **edited)
    assert open_ledger().calls.totals("b1")[0] == 2


CHATS = json.dumps([{"prompt": f"Act as a tutor for lesson {n} and ask me."} for n in range(30)])


@pytest.mark.parametrize("suffix", [".json", ".csv"])
@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        ({"tasks": []}, "takes none of the first 12 prompts for one of a picture"),
        ({"tasks": [], "question": "Is it a chat?"}, "The model asks: Is it a chat?"),
        ({"tasks": [{"prompt": "Act as a tutor"}]}, "takes 1 of the first 12 prompts for one of"),
        ({"tasks": [{"prompt": f"a tutor, {n}"} for n in range(12)]}, ""),
    ],
)
def test_prompts_of_a_table_or_json_that_are_for_no_picture_are_in_doubt(
    tmp_path: Path, home: Path, suffix: str, answer: dict[str, Any], doubt: str
) -> None:
    place = tmp_path / f"chats{suffix}"
    rows = [row["prompt"] for row in json.loads(CHATS)]
    place.write_text(CHATS if suffix == ".json" else "\n".join(["prompt", *rows]))
    asked: list[str] = []

    def ask_model(request: TextRequest, check: Callable[[str], None]) -> str:
        asked.append(request.prompt)
        tasks = [TASK | task for task in answer["tasks"]]
        reply = json.dumps(ANSWER | answer | {"tasks": tasks})
        check(reply)
        return reply

    said: list[str] = []
    given = ImageParameters.of({"file": str(place), "text_model": "sketch", "review": bool(doubt)})
    items = ImagePlanner(given, Settings(), said.append, str, ask_model).plan()
    assert len(items) == 30  # all of them, whatever the sample has
    assert len(asked) == 1
    assert "lesson 11 " in asked[0]
    assert "lesson 12 " not in asked[0]
    assert not doubt or any(doubt in words for words in said), said
    if doubt:
        alone = given.model_copy(update={"review": False})
        with pytest.raises(InputError, match="not sure that these prompts are for pictures"):
            ImagePlanner(alone, Settings(), said.append, str, ask_model).plan()
        chosen = alone.model_copy(update={"read_as": "table"})
        assert len(ImagePlanner(chosen, Settings(), said.append, str, ask_model).plan()) == 30
        assert len(asked) == 2


def test_no_model_is_shown_a_table_with_a_blocked_prompt(tmp_path: Path, home: Path) -> None:
    said: list[str] = []
    blocked = Settings(blocked_words="tutor")
    with pytest.raises(InputError, match="cannot be used"):
        planned(tmp_path, said, blocked, prompts=CHATS, text_model="sketch", skip_invalid=False)
    assert any("is not shown the prompts, since one of them is blocked" in words for words in said)


def test_a_quote_counts_the_sample(tmp_path: Path) -> None:
    given: dict[str, Any] = {"prompts": CHATS, "text_model": "gemini-3.8-flash", "action": "quote"}
    said: list[str] = []
    first = planned(tmp_path, said, **given)[0]
    assert 400 < first.spec["reads"][0] < 1_000
    assert any("looks first whether these prompts are for pictures" in words for words in said)


def test_the_account_chooses_who_reads_where_pictures_are_paid() -> None:
    asked = ImageParameters(prompts="- a cat", model="gemini-nano-banana-2.1")
    keyed = Account((Access(api_key="k"),))
    assert asked.with_account(keyed).text_model == "gemini-3.8-flash"
    assert asked.with_account(Account()).text_model == ""
    assert ImageParameters(prompts="- a cat").with_account(keyed).text_model == ""  # free pictures
    none = asked.model_copy(update={"text_model": ""})
    assert none.with_account(keyed).text_model == ""


def test_what_a_model_asks_is_in_doubt(tmp_path: Path, home: Path) -> None:
    with pytest.raises(InputError) as refused:  # the sketch knows no more than the form
        planned(tmp_path, prompts=UNSURE, text_model="sketch")
    assert "The model asks: What is one prompt in this text?" in refused.value.problems


def test_lines_that_are_no_part_of_a_prompt_are_said(tmp_path: Path) -> None:
    said: list[str] = []
    planned(tmp_path, said, prompts="Hello, here are my prompts.\n\n- a cat\n- a dog\n")
    assert said == [
        (
            "1 line is no part of a prompt (line 1, words about the prompts: “Hello, here are my "
            "prompts.”). `pressrun parse` shows all."
        )
    ]


@pytest.mark.parametrize(
    ("earlier", "present"),
    [
        ({"parser": "model", "text_model": "sketch"}, ("model", "sketch")),
        ({"parser": "structure", "text_model": "sketch"}, ("auto", "")),
        ({"parser": "auto", "text_model": "sketch"}, ("auto", "sketch")),
        ({"parser": "model", "read_as": "lines"}, ("lines", "auto")),
    ],
)
def test_parameters_of_earlier_runs_are_understood(
    earlier: dict[str, Any], present: tuple[str, str]
) -> None:
    parameters = ImageParameters.of({"prompts": "- a cat", **earlier})
    assert (parameters.read_as, parameters.text_model) == present


def test_a_negative_prompt_that_the_model_does_not_know_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    (item, _) = planned(tmp_path, said, prompts="- a cat\n- a dog\n\nNegative prompt: blur\n")
    assert item.spec["negative"] == "blur"
    assert said == ["2 negative prompts are not sent: sketch knows none."]


def test_a_prompt_is_made_in_its_own_aspect_ratio_where_the_model_makes_it(tmp_path: Path) -> None:
    said: list[str] = []
    prompts = "- a red fox --ar 16:9\n- a blue cup --ar 5:9\n- a hat\n"
    specs = [item.spec for item in planned(tmp_path, said, prompts=prompts)]
    assert [spec["prompt"] for spec in specs] == ["a red fox", "a blue cup", "a hat"]
    settings = ImageParameters().model_dump()
    assert [image_request(spec, settings, 1).aspect_ratio for spec in specs] == [
        "16:9",
        "1:1",
        "1:1",
    ]
    assert (
        "1 prompt in an aspect ratio that sketch does not make: 5:9 (1). It is made in 1:1." in said
    )


def test_where_each_prompt_has_its_heading_that_is_its_name_and_the_one_above_its_group(
    tmp_path: Path,
) -> None:
    named = "## Characters\n### Knight\nPrompt: a small knight\n### Frog\nPrompt: a round frog\n"
    named += "## Items\n### Key\nPrompt: a rusty key\n### Acorn\nPrompt: a glowing acorn\n"
    specs = [item.spec for item in planned(tmp_path, prompts=named)]
    assert [(spec["group"], spec["name"]) for spec in specs] == [
        ("Characters", "Knight"),
        ("Characters", "Frog"),
        ("Items", "Key"),
        ("Items", "Acorn"),
    ]
    flat = "## Knight\nPrompt: a small knight\n## Frog\nPrompt: a round frog\n"
    assert [
        (item.spec["group"], item.spec["name"]) for item in planned(tmp_path, prompts=flat)
    ] == [("", "Knight"), ("", "Frog")]

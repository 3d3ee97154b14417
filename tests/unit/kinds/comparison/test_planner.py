"""From prompts and models to items: fitted, made richer, judged, and nothing else paid."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.planning import planner_of
from pressrun.calls.standalone import Ask
from pressrun.engines.account import Access, Account
from pressrun.engines.base import TextRequest
from pressrun.errors import InputError, Unavailable
from pressrun.kinds.comparison.parameters import ComparisonParameters
from pressrun.kinds.comparison.planner import ComparisonPlanner
from pressrun.kinds.registry import find_flow
from pressrun.ledger.records import PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.settings import Settings
from pressrun.stores.factory import folder_target

SKETCHES = ["sketch", "sketch-ink", "sketch-poster"]
EVERYTHING = Account(
    (
        Access("key"),
        Access("sk-key", engine="openai"),
        Access(engine="bedrock", region="us-west-2"),
    )
)
RICH = " ".join(["rich"] * 72)


class Asked:
    """Answers every question with the same long text, or fails; counts."""

    def __init__(self, error: Exception | None = None, text: str = RICH):
        self.requests: list[TextRequest] = []
        self._error, self._text = error, text

    def of(self, _account: Account) -> Ask:
        def ask(request: TextRequest, check: Callable[[str], None]) -> str:
            self.requests.append(request)
            if self._error:
                raise self._error
            answer = json.dumps({"prompt": self._text})
            check(answer)
            return answer

        return ask


def planned(
    said: list[str] | None = None,
    asked: Asked | None = None,
    account: Account | None = None,
    **given: Any,
) -> list[PlannedItem]:
    log = (said if said is not None else []).append
    ask = (asked or Asked(AssertionError("nobody is asked"))).of
    parameters = ComparisonParameters.of(given)
    return ComparisonPlanner(parameters, Settings(), log, lambda: account or Account(), ask).plan()


def enhanced(items: Sequence[PlannedItem]) -> list[str]:
    return [item.spec["enhanced"] for item in items]


def test_every_prompt_is_asked_of_every_model() -> None:
    items = planned(prompts="a cat\na dog", models=["sketch", "sketch-ink"], seed=7)
    assert [(i.key, i.position, i.title) for i in items] == [
        ("prompt_001_sketch", 1, "Prompt 01 · sketch"),
        ("prompt_001_sketch-ink", 2, "Prompt 01 · sketch-ink"),
        ("prompt_002_sketch", 3, "Prompt 02 · sketch"),
        ("prompt_002_sketch-ink", 4, "Prompt 02 · sketch-ink"),
    ]
    assert items[3].spec == {
        "row": 2,
        "line": 2,
        "folder": "Prompt_02",
        "model": "sketch-ink",
        "prompt": "a dog",
        "enhanced": "",
        "dropped": [],
        "aspect_ratio": "1:1",
        "size": "1K",
        "seed": 7,
        "options": {},
    }


def test_one_prompt_is_taken_as_it_is_written() -> None:
    (item,) = planned(prompt="  # A heading\n- and a list  ", models=["sketch"])
    assert item.spec["prompt"] == "# A heading\n- and a list"


@pytest.mark.parametrize(
    "prompts",
    ["# Pets\n\n- a cat\n- a dog\n", '["a cat", "a dog"]', "prompt,level\na cat,1\na dog,2\n"],
)
def test_a_list_is_read_as_any_list_of_prompts(prompts: str) -> None:
    items = planned(prompts=prompts, models=["sketch"])
    assert [item.spec["prompt"] for item in items] == ["a cat", "a dog"]


UNSURE = "\n\n".join(
    f"## {name}\n\nA {name} at the sea, wide and calm.\n\nThe same {name} in rain, from above."
    for name in ("Harbour", "Bridge", "Tower")
)


def test_a_list_that_leaves_doubt_stops_unpaid_unless_somebody_decides() -> None:
    with pytest.raises(InputError, match="not sure how the prompts are to be read") as refused:
        planned(prompts=UNSURE, models=["sketch"])
    assert any(problem.startswith("headings: 3 (") for problem in refused.value.problems)
    for given in ({"review": True}, {"action": "quote"}, {"read_as": "headings"}):
        assert len(planned(prompts=UNSURE, models=["sketch"], **given)) == 3


def test_what_a_model_does_not_know_is_mapped_or_dropped_and_said() -> None:
    wanted: dict[str, Any] = {
        "size": "4K",
        "aspect_ratio": "3:4",
        "seed": 7,
        "steps": 30,
        "guidance": 4.5,
    }
    models = ["sketch", "stable-image-core", "gpt-image-2"]
    items = planned(
        prompt="a cat", models=models, negative_prompt="rain", account=EVERYTHING, **wanted
    )
    sketch, core, gpt = (item.spec for item in items)
    assert (sketch["size"], sketch["aspect_ratio"], sketch["seed"]) == ("4K", "3:4", 7)
    assert (core["size"], core["aspect_ratio"]) == ("1K", "4:5")
    assert core["options"] == {"negative_prompt": "rain"}
    assert "size 4K became 1K" in core["dropped"]
    assert any(phrase.startswith("seed 7 dropped") for phrase in gpt["dropped"])
    for spec in (sketch, core, gpt):
        assert any(phrase.startswith("steps 30 dropped") for phrase in spec["dropped"])
        assert any(phrase.startswith("guidance 4.5 dropped") for phrase in spec["dropped"])


def test_without_a_word_every_model_of_the_account_is_asked() -> None:
    assert [item.spec["model"] for item in planned(prompt="a cat")] == SKETCHES
    only = Account((Access(), Access("sk-key", engine="openai")))
    models = [item.spec["model"] for item in planned(prompt="a cat", account=only)]
    assert models[:3] == SKETCHES
    assert len(models) == 6


def test_nine_models_are_the_most_and_the_others_are_named() -> None:
    said: list[str] = []
    items = planned(said, account=EVERYTHING, prompt="a cat")
    assert len(items) == 9
    assert any("stable-image-ultra are not. Name those" in words for words in said)


def test_a_model_without_an_account_is_said_and_stops_no_other() -> None:
    said: list[str] = []
    items = planned(said, prompt="a cat", models=["sketch", "gpt-image-2"])
    assert [item.error for item in items] == [None, None]
    assert any("gpt-image-2 needs a key of OpenAI" in words for words in said)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "There is no prompt"),
        ({"prompt": "a", "prompts": "b"}, "a prompt or a list of prompts, not both"),
        ({"prompts": "\n".join(f"a cat {n}" for n in range(101))}, "There are 101 prompts"),
        ({"prompt": "x" * 4001}, "No prompt can be used"),
        (
            {"prompt": "a", "models": ["dall-e-2"]},
            "no such model; choose one of sketch, sketch-ink",
        ),
        ({"prompt": "a", "models": ["gemini-3.8-flash"]}, "no such model"),
        ({"prompt": "a", "models": SKETCHES * 4}, "at most 9 items"),
        ({"prompt": "a", "text_model": "sketch-ink"}, "no such model"),
        ({"prompt": "a", "timeout_s": 0}, "timeout_s"),
        ({"prompt": "a", "colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        planned(**given)


def test_a_hundred_prompts_on_nine_models_are_nine_hundred_items() -> None:
    items = planned(prompts="\n".join(f"cat {n}" for n in range(100)), account=EVERYTHING)
    assert len({item.key for item in items}) == len(items) == 900
    assert items[-1].spec["folder"] == "Prompt_100"
    assert items[0].spec["folder"] == "Prompt_001"


def test_a_prompt_that_is_too_long_fails_alone_and_a_repeated_one_is_made_once() -> None:
    said: list[str] = []
    items = planned(said, prompts=f"a cat\n{'x' * 4001}\na cat\na dog", models=["sketch"])
    assert [(i.spec["row"], i.error and i.error.kind) for i in items] == [
        (1, None),
        (2, "too_long"),
        (3, None),
    ]
    assert any("line 3: The prompt is that of line 1 again" in words for words in said)


def test_a_model_named_twice_is_asked_once() -> None:
    assert len(planned(prompt="a cat", models=["sketch", "sketch"])) == 1


def test_prompts_are_made_richer_once_for_all_models() -> None:
    asked = Asked()
    items = planned(asked=asked, prompts="a cat\na dog", enhance=True, text_model="sketch")
    assert len(asked.requests) == 2
    assert [item.spec["prompt"] for item in items] == ["a cat"] * 3 + ["a dog"] * 3
    assert enhanced(items) == [RICH] * 6


@pytest.mark.parametrize(
    ("asked", "given", "warning"),
    [
        (Asked(), {"text_model": ""}, "No text model is set"),
        (Asked(Unavailable("It is down.")), {"text_model": "sketch"}, "It is down."),
        (Asked(text=f"nude {RICH}"), {"text_model": "sketch"}, "runs as it is: the model's text"),
    ],
)
def test_where_that_fails_the_original_runs_and_a_warning_says_so(
    asked: Asked, given: dict[str, Any], warning: str
) -> None:
    said: list[str] = []
    items = planned(said, asked, prompts="a cat\na dog", enhance=True, **given)
    assert enhanced(items) == [""] * 6
    assert all(warning in words for words in said)
    assert said[0].startswith("2 of 2 prompts: ")


def test_a_quote_asks_no_text_model() -> None:
    planned(prompt="a cat", enhance=True, text_model="sketch", action="quote")


@pytest.mark.usefixtures("home")
def test_a_blocked_prompt_is_shown_to_no_model_and_fails_for_all(tmp_path: Path) -> None:
    asked = Asked()
    given: dict[str, Any] = {
        "prompts": "a cat\na nude woman",
        "enhance": True,
        "text_model": "sketch",
    }
    assert enhanced(planned(asked=asked, **given)) == [RICH] * 3 + [""] * 3
    assert len(asked.requests) == 1
    kind = find_flow("model-comparison")
    parameters, target = (
        kind.parse_parameters(given | {"action": "quote"}),
        folder_target(tmp_path),
    )
    vault = Vault(tmp_path / "b1")
    with planner_of(kind, parameters, target, Account, vault, lambda _: None) as planner:
        items = planner.plan()
    assert [item.error and item.error.kind for item in items] == [None] * 3 + ["blocked"] * 3


def test_what_a_model_blocks_is_not_made_richer_either() -> None:
    asked = Asked()

    def ask_of(account: Account) -> Ask:
        def ask(request: TextRequest, check: Callable[[str], None]) -> str:
            if request.brief.get("kind") != "moderation":
                return asked.of(account)(request, check)
            verdicts = [{"number": n, "blocked": n == 2, "rule": "", "reason": ""} for n in (1, 2)]
            return json.dumps({"verdicts": verdicts})

        return ask

    given = {"prompts": "a cat\na dog", "models": ["sketch"], "enhance": True}
    parameters = ComparisonParameters.of(given | {"text_model": "sketch"})
    told = Settings(moderation="model", moderation_model="gemini-3.8-flash")
    items = ComparisonPlanner(parameters, told, lambda _: None, Account, ask_of).plan()
    assert enhanced(items) == [RICH, ""]
    assert len(asked.requests) == 1


def test_a_negative_prompt_may_name_what_must_not_be_seen() -> None:
    kind = find_flow("model-comparison")
    (item,) = planned(prompt="a cat", models=["sketch"], negative_prompt="nudity")
    assert kind.texts(item.spec, {}) == ["a cat", ""]


def test_the_order_names_its_models_once_it_knows_who_pays() -> None:
    assert ComparisonParameters.of({}).with_account(Account()).models == SKETCHES
    named = ComparisonParameters.of({"models": ["gpt-image-2"]})
    assert named.with_account(Account()).models == ["gpt-image-2"]
    assert named.called_models() == []

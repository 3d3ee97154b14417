"""Plans with their blocked items marked, for every kind of batch."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.planning import judged, moderated, planner_of
from pressrun.engines.account import Account
from pressrun.engines.base import TextRequest
from pressrun.errors import InputError, SettingError, SourceError
from pressrun.kinds.registry import find_flow
from pressrun.ledger.records import Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.moderation.words import Match, moderator
from pressrun.settings import Settings, settings
from pressrun.stores.factory import folder_target
from tests.support.batches import parameters


def item(number: int, text: str, error: InputError | None = None) -> PlannedItem:
    return PlannedItem(f"task_{number}", number, f"Task {number}", {"prompt": text}, error)


def texts_of(planned: PlannedItem) -> Sequence[str]:
    return [planned.spec["prompt"]]


class Plan:
    """A planner whose plan stands; what is planned again is the same."""

    def __init__(self, *items: PlannedItem):
        self._items = list(items)

    def plan(self) -> list[PlannedItem]:
        return self._items

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        return {"link_1": self._items}

    def mend(self, item: Item, words: Mapping[str, str]) -> list[PlannedItem]:
        return [replace(self._items[0], spec=item.spec | dict(words))]


def never(request: TextRequest, check: Callable[[str], None]) -> str:
    raise AssertionError("No model may be asked.")


def plan(
    planner: Plan,
    said: list[str] | None = None,
    given: Mapping[str, Any] | None = None,
    ask: Callable[[TextRequest, Callable[[str], None]], str] = never,
    **chosen: Any,
) -> list[PlannedItem]:
    kind = find_flow("image-batch")
    parameters = kind.parse_parameters({"prompts": "a cat"} | dict(given or {}))
    log = (said if said is not None else []).append
    return moderated(planner, kind, parameters, Settings(**chosen), log, ask).plan()


def test_a_blocked_item_has_failed_with_the_rules_name_and_the_others_stand() -> None:
    before = [item(1, "a cat"), item(2, "a n u d e man"), item(3, "a dog")]
    after = judged(before, texts_of, moderator())
    assert [after[0], after[2]] == [before[0], before[2]]
    error = after[1].error
    assert error is not None
    assert (error.kind, error.retryable) == ("blocked", False)
    assert str(error) == (
        "The text is blocked by the rule 'sexual' ('nude'). Nothing was made or paid for it."
    )
    assert replace(after[1], error=None) == before[1]


def test_an_item_that_has_failed_already_keeps_its_reason() -> None:
    gone = SourceError("It is gone.", kind="post_gone")
    (after,) = judged([replace(item(1, "nude"), error=gone)], texts_of, moderator())
    assert after.error is gone


def test_a_text_is_judged_by_the_model_once_and_only_if_the_words_let_it_through() -> None:
    asked: list[str] = []

    def judge(texts: Sequence[str]) -> list[Match | None]:
        asked.extend(texts)
        return [Match("gore", ("Veiled.",)) if "veil" in text else None for text in texts]

    before = [item(1, "a cat"), item(2, "nude"), item(3, "a cat"), item(4, "a veil"), item(5, " ")]
    after = judged(before, texts_of, moderator(), judge)
    assert sorted(asked) == ["a cat", "a veil"]
    assert [bool(planned.error) for planned in after] == [False, True, False, True, False]
    assert "'gore' ('Veiled.')" in str(after[3].error)


def test_blocked_items_are_told_and_the_rest_of_the_batch_runs() -> None:
    said: list[str] = []
    items = plan(Plan(item(1, "a cat"), item(2, "p0rn")), said)
    assert [bool(planned.error) for planned in items] == [False, True]
    assert said == [f"task_2: {items[1].error}"]
    assert said[0].startswith("task_2: The text is blocked by the rule 'sexual' ('p0rn').")


def test_a_blocked_item_refuses_a_batch_that_skips_nothing() -> None:
    with pytest.raises(InputError, match="1 of 2 items are blocked; nothing was made") as refused:
        plan(Plan(item(1, "a cat"), item(2, "p0rn")), given={"skip_invalid": False})
    assert refused.value.problems[0].startswith("task_2: The text is blocked by the rule 'sexual'")


def test_what_is_planned_again_is_judged_again() -> None:
    kind = find_flow("image-batch")
    planner = moderated(
        Plan(item(1, "nude")),
        kind,
        kind.parse_parameters({"prompts": "a"}),
        Settings(),
        print,
        never,
    )
    ((again,),) = planner.again([]).values()
    assert again.error is not None
    assert again.error.kind == "blocked"


def test_the_words_are_the_settings_own_too() -> None:
    items = plan(
        Plan(item(1, "green slime"), item(2, "a nude")), blocked_words="slime", allowed_words="nude"
    )
    assert [bool(planned.error) for planned in items] == [True, False]


def answer(request: TextRequest, check: Callable[[str], None]) -> str:
    prompts = json.loads(request.prompt.partition("<data>")[2].removesuffix("</data>"))
    verdicts = [
        {"number": p["number"], "blocked": "veil" in p["prompt"], "rule": "gore", "reason": ""}
        for p in prompts
    ]
    said = json.dumps({"verdicts": verdicts})
    check(said)
    return said


MODEL: dict[str, Any] = {"moderation": "model", "moderation_model": "gemini-3.8-flash"}


def test_a_model_judges_if_the_settings_say_so_but_not_for_a_quote() -> None:
    one = Plan(item(1, "a cat"), item(2, "a veil"))
    after = plan(one, ask=answer, **MODEL)
    assert [planned.error.kind if planned.error else "" for planned in after] == ["", "blocked"]
    assert not any(planned.error for planned in plan(one, given={"action": "quote"}, **MODEL))


def test_a_model_that_is_not_named_is_a_setting_to_mend() -> None:
    with pytest.raises(SettingError, match="PRESSRUN_MODERATION_MODEL"):
        plan(Plan(item(1, "a cat")), moderation="model")


def planned_by(flow: str, given: Mapping[str, Any], vault: Path) -> list[PlannedItem]:
    kind = find_flow(flow)
    target = folder_target(settings().output)
    with planner_of(
        kind, kind.parse_parameters(given), target, Account, Vault(vault / "b1"), lambda _: None
    ) as planner:
        return planner.plan()


def test_the_description_of_a_slideshow_is_judged(home: Path) -> None:
    given = parameters(home, shows=1) | {"description": "A calendar of n4ked women"}
    (only,) = planned_by("slideshow-batch", given, home / "vault")
    assert only.error is not None
    assert only.error.kind == "blocked"
    assert "'sexual' ('n4ked', 'women')" in str(only.error)


def test_an_image_batch_of_blocked_prompts_alone_is_a_batch_of_failed_items(home: Path) -> None:
    (only,) = planned_by("image-batch", {"prompts": "- s.e.x"}, home / "vault")
    assert only.error is not None
    assert only.error.kind == "blocked"
    assert str(only.error).startswith("line 1: The prompt is blocked by the rule 'sexual'")

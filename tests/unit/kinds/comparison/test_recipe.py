"""One model's answer to one prompt: what is asked, what comes of it, and what is final."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pressrun.calls.admission import Admission
from pressrun.calls.caller import Caller
from pressrun.calls.endpoints import Endpoint
from pressrun.calls.routes import Route
from pressrun.engines.account import Account
from pressrun.engines.base import Engine
from pressrun.engines.catalogue import catalogue
from pressrun.engines.sketch.engine import SketchEngine
from pressrun.errors import EngineError, Unavailable
from pressrun.kinds.comparison.parameters import ComparisonParameters
from pressrun.kinds.comparison.recipe import ComparisonRecipe, image_request
from pressrun.ledger import Ledger
from pressrun.ledger.records import Item
from pressrun.ledger.vault import Vault
from pressrun.pictures import provenance
from pressrun.pictures.provenance import prompt_digest
from pressrun.settings import settings
from tests.unit.calls.test_caller import Provider

MODEL = "sketch-ink"
SPEC: dict[str, Any] = {
    "row": 1,
    "line": 1,
    "folder": "Prompt_01",
    "model": MODEL,
    "prompt": "a cat",
    "enhanced": "a cat in the last light of a long day",
    "dropped": ["steps 30 dropped: it knows none"],
    "aspect_ratio": "3:2",
    "size": "1K",
    "seed": 1000,
    "options": {},
}
ORDER = ComparisonParameters.of({"models": [MODEL], "timeout_s": 45}).model_dump()
Make = Callable[[Engine], list[Any]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    ledger, vault = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}"), Vault(tmp_path / "vault")

    def made(engine: Engine) -> list[Any]:
        endpoint = Endpoint("offline", engine)
        route = Route(catalogue()[MODEL], (endpoint,), Account, Admission(), ledger=ledger)
        caller = Caller(ledger, vault, {MODEL: route}, "b1", "prompt_001_sketch-ink")
        item = Item("prompt_001_sketch-ink", 1, "Prompt 01", "processing", 1, SPEC)
        return list(ComparisonRecipe().make("b1", item, ORDER, caller, vault))

    yield made
    ledger.close()


def test_the_picture_and_its_facts_lie_in_the_prompts_folder(make: Make) -> None:
    engine = SketchEngine()
    picture, facts = make(engine)
    engine.close()
    assert (picture.path, picture.media_type) == ("Prompt_01/sketch-ink.webp", "image/webp")
    assert facts.path == "Prompt_01/sketch-ink.webp.json"
    said = json.loads(facts.data)
    assert said["model"] == MODEL
    assert said["prompt"] == "a cat"
    assert said["enhanced_prompt"] == SPEC["enhanced"]
    assert said["dropped"] == SPEC["dropped"]
    assert said["parameters"] == {"aspect_ratio": "3:2", "size": "1K", "seed": 1000}
    assert said["width"] > said["height"]
    inside = provenance.read(picture.data)
    assert inside
    assert inside.prompt_sha256 == prompt_digest(SPEC["enhanced"])
    assert said["created"] == inside.created.isoformat()


@pytest.mark.parametrize(
    ("kind", "retryable"), [("timeout", False), ("connection", True), ("unavailable", True)]
)
def test_a_model_that_does_not_answer_in_time_is_not_waited_for_again(
    make: Make, kind: str, retryable: bool
) -> None:
    told: list[EngineError | str] = [Unavailable("It gave no answer.", kind=kind)]
    with pytest.raises(Unavailable) as error:
        make(Provider(told))
    assert error.value.retryable is retryable


def test_the_prompt_made_richer_is_what_is_asked() -> None:
    assert image_request(SPEC, ORDER).prompt == SPEC["enhanced"]
    assert image_request(SPEC | {"enhanced": ""}, ORDER).prompt == "a cat"


def test_a_model_may_have_a_time_out_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert image_request(SPEC, ORDER).timeout_s == 45
    monkeypatch.setenv("PRESSRUN_MODEL_TIMEOUTS", json.dumps({MODEL: 200}))
    settings.cache_clear()
    try:
        assert image_request(SPEC, ORDER).timeout_s == 200
    finally:
        settings.cache_clear()


def test_one_call_of_the_items_own_model_is_expected() -> None:
    (call,) = ComparisonRecipe().expect(SPEC, ORDER)
    assert (call.model, call.kind, call.characters) == (MODEL, "image", len(SPEC["enhanced"]))
    assert ComparisonRecipe().models(ORDER) == [MODEL]

"""What must not be made is never paid, and who has asked for enough is told when to come again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from flows.image_batch import image_batch
from pressrun.blocks import ModelAccount
from pressrun.engines.account import Account
from pressrun.errors import InputError
from pressrun.kinds.comparison.enhance import enhance, shared
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.integration.conftest import Written
from tests.servers.gemini import GeminiServer
from tests.support.batches import FAST, IMAGE_MODEL, KEY, TEXT_MODEL, account_at, delivered

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture(scope="module")
def server() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


@pytest.fixture
def gemini(server: GeminiServer) -> GeminiServer:
    server.reset()
    return server


def run(gemini: GeminiServer, prompts: str, **given: Any) -> State[Any]:
    account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
    state: State[Any] = image_batch(
        prompts=prompts, model=IMAGE_MODEL, account=account, **given, return_state=True
    )
    return state


def items() -> list[dict[str, Any]]:
    files = delivered(open_ledger().batches.match("latest"))
    found: list[dict[str, Any]] = json.loads(files["manifest.json"])["items"]
    return found


def test_a_blocked_prompt_is_a_failed_item_and_never_a_call(gemini: GeminiServer) -> None:
    state = run(gemini, "- a cat\n- a n.u.d.e woman\n- a dog")
    assert state.name == "PartiallyFailed"
    assert len(gemini.bill) == 2
    assert [item["status"] for item in items()] == ["completed", "failed", "completed"]
    error = items()[1]["error"]
    assert error["kind"] == "blocked"
    assert "'sexual' ('nude')" in error["message"]


def test_a_batch_of_nothing_but_a_blocked_prompt_calls_nobody(
    gemini: GeminiServer, logs: Written
) -> None:
    state = run(gemini, "- a n4ked woman")
    assert state.is_failed()
    assert gemini.bill == []
    assert items()[0]["error"]["kind"] == "blocked"
    assert "sexual" in logs.text
    assert "Traceback" not in logs.text
    assert logs.errors == []


def test_a_quote_of_blocked_prompts_is_nothing(gemini: GeminiServer) -> None:
    state = run(gemini, "- nude", action="quote")
    assert (state.message or "").startswith("0 items, 0 calls, $0.0000")


def test_a_blocked_prompt_refuses_a_batch_that_skips_nothing(gemini: GeminiServer) -> None:
    state = run(gemini, "- a cat\n- p0rn", skip_invalid=False)
    assert state.is_failed()
    assert "line 2: The prompt is blocked by the rule 'sexual'" in (state.message or "")
    assert gemini.bill == []
    with pytest.raises(InputError, match="No batch"):
        open_ledger().batches.match("latest")


def test_over_the_limit_the_run_fails_at_once_with_the_time_of_the_next_place(
    gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch, logs: Written
) -> None:
    monkeypatch.setenv("PRESSRUN_MOST_BATCHES_AN_HOUR", "1")
    settings.cache_clear()
    assert run(gemini, "- a cat", text_model="").is_completed()
    first = open_ledger().batches.match("latest")
    paid = len(gemini.bill)
    state = run(gemini, "- a dog", text_model=TEXT_MODEL, read_as="model")
    assert state.is_failed()
    assert "The next place is free at" in (state.message or "")
    assert "Traceback" not in logs.text
    assert logs.errors == []
    assert open_ledger().batches.match("latest").id == first.id
    assert len(gemini.bill) == paid


def test_a_prompt_that_a_model_enhances_is_paid_once_even_if_the_answer_is_of_no_use(
    gemini: GeminiServer,
) -> None:
    # The server writes texts of its own length, so both answers miss and both are kept.
    account: Account = account_at(gemini.url)
    first = enhance("cat", shared(account), TEXT_MODEL)
    assert "missed twice" in first.warning
    assert len(gemini.bill) == 2
    assert enhance("cat", shared(account), TEXT_MODEL) == first
    assert len(gemini.bill) == 2

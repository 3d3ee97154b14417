"""Budgets and quotas of a whole flow run: where it stops, what it says, how it goes on."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from flows.slideshow_batch import slideshow_batch
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.servers.gemini import GeminiServer
from tests.support.batches import GEMINI, KEY, parameters

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        monkeypatch.setenv("PRESSRUN_LIMITS", '{"gemini-nano-banana-2.1": 6000}')
        settings.cache_clear()
        yield server


def run(given: dict[str, Any]) -> State[Any]:
    state: State[Any] = slideshow_batch(**given, return_state=True)
    return state


def images_only(home: Path, shows: int, **changes: Any) -> dict[str, Any]:
    """One paid picture an item."""
    changes = {"concurrency": 4, "text_model": "sketch"} | changes
    return parameters(home, shows, slides=1, model=GEMINI["model"], **changes)


def test_a_batch_stops_before_its_budget_and_says_what_would_finish_it(
    home: Path, gemini: GeminiServer
) -> None:
    state = run(images_only(home, 8, budget_usd=0.2))
    assert 0.1 < gemini.bill_usd <= 0.2
    assert state.name == "PartiallyFailed"
    assert "Not begun: the batch's budget ($0.20) leaves $0.0" in (state.message or "")
    assert "3 items are not made; $0.1" in (state.message or "")
    batch = open_ledger().batches.match("latest")
    kinds = {item.error_kind for item in open_ledger().batches.items(batch.id, "failed")}
    assert kinds == {"budget"}


def test_a_days_cap_of_the_account_holds_over_batches(
    home: Path, gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_DAILY_USD", "0.2")
    settings.cache_clear()
    for _ in range(2):
        run(images_only(home, 4))
    assert 0.1 < gemini.bill_usd <= 0.2


def test_a_spent_day_ends_the_run_until_the_reset_or_schedules_it(
    home: Path, gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gemini.fail("per_day", every=3, times=100)
    state = run(images_only(home, 5, concurrency=1))
    assert state.name == "PartiallyFailed"
    assert "UTC" in (state.message or "")
    served = len(gemini.bill)
    monkeypatch.setenv("PRESSRUN_RESUME_AT_RESET", "true")
    settings.cache_clear()
    state = run(images_only(home, 2))
    assert (state.name, state.is_scheduled()) == ("AwaitingRetry", True)
    reset = state.state_details.scheduled_time
    assert reset
    assert 0 < reset.timestamp() - time.time() <= 25 * 3600
    assert len(gemini.bill) == served  # closed for all batches: not asked to hear it again


def test_what_is_tuned_while_it_runs_stands_in_the_ledger(home: Path) -> None:
    from pressrun.cli import main

    run(parameters(home, concurrency=3, priority="high", budget_usd=1.5))
    batch = open_ledger().batches.match("latest")
    assert (batch.concurrency, batch.priority, batch.budget_usd) == (3, "high", 1.5)
    assert (
        main(["update", batch.id, "--concurrency", "9", "--priority", "low", "--budget", "0"]) == 0
    )
    batch = open_ledger().batches.match("latest")
    assert (batch.concurrency, batch.priority, batch.budget_usd) == (9, "low", None)
    assert main(["update", batch.id, "--concurrency", "501"]) == 2

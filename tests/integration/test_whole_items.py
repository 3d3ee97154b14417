"""Batches whose cap lasts for some of their items: those are whole, and nothing else is begun."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches import beginnings
from pressrun.batches.run import BatchRun
from pressrun.errors import PressrunError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.reports.progress import read_progress
from pressrun.settings import settings
from tests.servers.gemini import GeminiServer
from tests.support.articles import TOPICS
from tests.support.batches import (
    GEMINI,
    IMAGE_MODEL,
    KEY,
    account_at,
    make,
    parameters,
    plan,
    work,
    write_slides,
)

pytestmark = pytest.mark.usefixtures("home")

#: What a slideshow of three slides costs here: 0.106, and 0.111 as it is expected.
SHOW_USD = 0.111


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


def slideshows(home: Path, shows: int, **changes: Any) -> Batch:
    return plan(parameters(home, shows, slides=3, **GEMINI, **changes))


def completed(batch: Batch) -> set[str]:
    return {item.title for item in open_ledger().batches.items(batch.id, "completed")}


def begun_in_vain(batch: Batch) -> list[str]:
    """The items for which something was paid and that are not made."""
    costs = open_ledger().batches.costs(batch.id)
    left = open_ledger().batches.items(batch.id, "pending", "processing", "failed", "cancelled")
    return [item.key for item in left if costs.get(item.key)]


def test_a_cap_for_two_of_six_slideshows_makes_two_whole_ones(
    home: Path, gemini: GeminiServer
) -> None:
    batch = slideshows(home, 6, budget_usd=0.3)
    work(batch, account_at(gemini.url), concurrency=5)
    ledger = open_ledger()
    assert ledger.batches.counts(batch.id) == {"completed": 2, "failed": 4}
    assert begun_in_vain(batch) == []
    assert 0.2 < gemini.bill_usd <= 0.3
    failed = ledger.batches.items(batch.id, "failed")
    assert {item.error_kind for item in failed} == {"budget"}
    said = r"Not begun: the batch's budget \(\$0\.30\) leaves \$0\.0\d{3}, it would take about \$"
    assert all(re.match(said, item.error_message or "") for item in failed)
    progress = read_progress(ledger, ledger.batches.match(batch.id))
    assert progress.short.startswith("For lack of budget 4 items are not made; a retry helps only")
    assert progress.advice == "Raise the cap first: 4 of the failed were kept back by it."

    served = len(gemini.bill)
    work(batch, account_at(gemini.url), concurrency=5)  # a retry under the same cap
    assert len(gemini.bill) == served
    ledger.batches.mark(batch.id, budget_usd=0.3 + 2 * SHOW_USD)
    work(ledger.batches.match(batch.id), account_at(gemini.url), concurrency=5)
    assert ledger.batches.counts(batch.id) == {"completed": 4, "failed": 2}
    assert begun_in_vain(batch) == []
    assert read_progress(ledger, batch).short.startswith("For lack of budget 2 items")


def test_what_an_ended_process_has_begun_is_finished_before_anything_else_begins(
    home: Path, gemini: GeminiServer
) -> None:
    batch, ledger = slideshows(home, 6), open_ledger()
    begun = ledger.batches.items(batch.id)[3]
    run = BatchRun(batch, account_at(gemini.url), 1)
    run.begin()
    gemini.fail("503", every=3, times=1)
    assert isinstance(make(run, begun.key, tries=1), PressrunError)
    run.close()
    gemini.reset()
    spent = ledger.batches.costs(batch.id)[begun.key]
    assert 0 < spent < SHOW_USD / 2
    # For another slideshow alone this is enough, and not beside the rest of the one that is begun.
    ledger.batches.mark(batch.id, budget_usd=spent + SHOW_USD + 0.03)
    work(ledger.batches.match(batch.id), account_at(gemini.url), concurrency=5)
    assert completed(batch) == {begun.title}
    assert begun_in_vain(batch) == []


def test_a_smaller_item_may_begin_where_a_larger_one_may_not(
    home: Path, gemini: GeminiServer
) -> None:
    folders = [write_slides(home / name, count) for name, count in (("long", 8), ("short", 1))]
    given = parameters(home, 1, slides=3, **GEMINI, budget_usd=0.12)
    batch = plan(given | {"slides": "\n".join(map(str, folders))})
    work(batch, account_at(gemini.url), concurrency=1)
    assert [title.split(" · ")[0] for title in completed(batch)] == ["Slideshow 002 short"]
    assert begun_in_vain(batch) == []


def test_several_pictures_an_image_are_whole_or_not_begun(gemini: GeminiServer) -> None:
    prompts = "\n".join(f"- A harbour at dusk, number {n}" for n in range(8))
    given = {"prompts": prompts, "images": 4, "model": IMAGE_MODEL, "text_model": ""}
    batch = plan(given | {"delay_s": 0, "budget_usd": 0.45}, flow="image-batch")
    work(batch, account_at(gemini.url), concurrency=5)
    assert open_ledger().batches.counts(batch.id) == {"completed": 3, "failed": 5}
    assert begun_in_vain(batch) == []
    assert gemini.bill_usd <= 0.45


def test_articles_with_pictures_are_whole_or_not_begun(
    gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.cache_clear()
    given = {"items": "\n".join(TOPICS[:6]), "words": "300-400", "pictures": 2}
    given |= {"model": IMAGE_MODEL, "delay_s": 0, "budget_usd": 0.26}
    batch = plan(given, flow="article-batch")
    work(batch, account_at(gemini.url), concurrency=5)
    made = open_ledger().batches.counts(batch.id)
    assert made == {"completed": 3, "failed": 3}
    assert begun_in_vain(batch) == []
    assert gemini.bill_usd <= 0.26


def test_a_day_s_cap_lasts_for_whole_slideshows_too(home: Path, gemini: GeminiServer) -> None:
    batch = slideshows(home, 4)
    account = replace(account_at(gemini.url), daily_usd=0.3)
    work(batch, account, concurrency=4)
    assert open_ledger().batches.counts(batch.id) == {"completed": 2, "failed": 2}
    assert begun_in_vain(batch) == []
    reasons = {item.error_message for item in open_ledger().batches.items(batch.id, "failed")}
    assert all("the account's day (UTC) ($0.30) leaves" in (words or "") for words in reasons)


def test_where_the_prices_are_wrong_the_cap_holds_and_others_that_are_begun_go_on(
    home: Path, gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginnings, "price_calls", lambda *_: [])
    batch = slideshows(home, 3, budget_usd=0.2)
    work(batch, account_at(gemini.url), concurrency=3)
    assert gemini.bill_usd <= 0.2
    counts = open_ledger().batches.counts(batch.id)
    assert counts["failed"] >= 2
    messages = {item.error_message for item in open_ledger().batches.items(batch.id, "failed")}
    assert all("of the batch's budget ($0.20) are spent" in (words or "") for words in messages)

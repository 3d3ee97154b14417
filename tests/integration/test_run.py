"""A batch on a Gemini model without Prefect: what is asked, paid, kept, repeated and given up."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from pressrun.batches.run import BatchRun
from pressrun.engines.account import Account
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import calls
from pressrun.ledger.records import Batch
from pressrun.reports.writing import Outcome
from tests.servers.gemini import GeminiServer
from tests.support.batches import (
    GEMINI,
    IMAGE_MODEL,
    KEY,
    TEXT_MODEL,
    account_at,
    delivered,
    folder_of,
    parameters,
    plan,
    work,
)


@pytest.fixture(scope="module")
def running() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


@pytest.fixture
def server(running: GeminiServer) -> GeminiServer:
    running.reset()
    return running


@pytest.fixture
def account(server: GeminiServer) -> Account:
    return account_at(server.url)


def kinds(outcome: Outcome) -> list[str | None]:
    return [record.item.error_kind for record in outcome.record.items]


def attempts(outcome: Outcome) -> list[int]:
    return [record.item.attempts for record in outcome.record.items]


def calls_of(batch: Batch) -> list[Any]:
    with open_ledger().database.read() as connection:
        query = select(calls).where(calls.c.batch_id == batch.id)
        return list(connection.execute(query))


def assert_paid_as_billed(outcome: Outcome, server: GeminiServer) -> None:
    paid = [call for call in calls_of(outcome.record.batch) if call.cost_nusd]
    assert len(paid) == len(server.bill)
    assert outcome.record.cost_usd == pytest.approx(server.bill_usd, abs=1e-9)
    assert sum(r.cost_usd for r in outcome.record.items) == pytest.approx(server.bill_usd, abs=1e-9)


def test_the_ledger_and_the_providers_bill_agree_to_the_last_call(
    home: Path, server: GeminiServer, account: Account
) -> None:
    batch = plan(parameters(home, slides=3, photo_variations=2, text_variations=2, **GEMINI))
    outcome = work(batch, account)
    assert outcome.whole
    assert_paid_as_billed(outcome, server)
    rows = calls_of(batch)
    assert Counter(row.status for row in rows) == {"settled": 4 * (1 + 3)}
    assert len({row.call_key for row in rows}) == len(rows)
    assert {(row.item_key, row.slot) for row in rows} == {
        (f"link_001/variation_{v}", slot)
        for v in range(1, 5)
        for slot in ("analysis", "slide_0", "slide_1", "slide_2")
    }
    files = delivered(batch)
    for record in outcome.record.items:
        folder = record.files[0].path.rpartition("/")[0]
        words = json.loads(files[f"{folder}/analysis.json"])
        assert words["cost_usd"] == pytest.approx(record.cost_usd, abs=1e-9)
        assert len(words["slides"]) == 3


def test_text_variations_ask_for_other_copy_and_photo_variations_for_other_pictures(
    home: Path, server: GeminiServer, account: Account
) -> None:
    work(plan(parameters(home, photo_variations=2, text_variations=2, **GEMINI)), account)
    texts = Counter((c.seed, c.prompt_sha256) for c in server.bill if c.kind == "text")
    # Two copies for each of two looks, which both photo variations have of their own.
    assert sorted(texts.values()) == [1, 1, 1, 1]
    assert Counter(seed for seed, _ in texts) == {1000: 2, 1001: 2}
    images = [c for c in server.bill if c.kind == "image"]
    assert Counter(c.seed for c in images) == {1000: 4, 1001: 4}
    assert len({c.prompt_sha256 for c in images}) == 8
    with_product = ("text", "image/jpeg", "text", "image/png", "text")
    assert {c.parts for c in images} <= {with_product, ("image/jpeg", "text")}


def test_the_seeds_follow_from_the_links_number_too(
    home: Path, server: GeminiServer, account: Account
) -> None:
    work(plan(parameters(home, shows=2, slides=1, **GEMINI)), account)
    assert sorted(c.seed for c in server.bill) == [1000, 1000, 2000, 2000]


def test_at_the_accounts_own_pace_the_provider_rejects_no_call(home: Path) -> None:
    window_s, allowed = 6.0, 8
    with GeminiServer(rpm=allowed, window_s=window_s) as server:
        pace = {IMAGE_MODEL: allowed * 60 / window_s, TEXT_MODEL: allowed * 60 / window_s}
        given = parameters(home, slides=3, text_variations=3, **GEMINI)
        outcome = work(plan(given), account_at(server.url, limits=pace), concurrency=3)
        assert outcome.whole
        assert len([c for c in server.bill if c.kind == "image"]) == 9 > allowed
        assert server.rejected == {}


@pytest.mark.parametrize("fault", ["500", "503", "drop"])
def test_a_failing_provider_costs_an_attempt_and_no_call_that_was_paid(
    home: Path, server: GeminiServer, account: Account, fault: str
) -> None:
    # The second picture fails: the analysis and the first one are paid by then.
    server.fail(fault, model=IMAGE_MODEL, every=2, times=1, retry_after_s=1)
    outcome = work(plan(parameters(home, **GEMINI)), account)
    assert outcome.whole
    assert attempts(outcome) == [2]
    assert len(server.bill) == 3
    assert_paid_as_billed(outcome, server)


def test_an_item_that_keeps_failing_is_given_up_with_its_reason(
    home: Path, server: GeminiServer, account: Account
) -> None:
    server.fail("503", picture_seed=1001, retry_after_s=0)
    outcome = work(plan(parameters(home, photo_variations=2, **GEMINI)), account)
    assert (outcome.whole, outcome.empty) == (False, False)
    assert kinds(outcome) == [None, "unavailable"]
    assert attempts(outcome) == [1, 4]
    assert outcome.record.summary() == "1 of 2 completed, 1 failed"
    assert_paid_as_billed(outcome, server)


def test_being_throttled_is_waited_for_and_is_no_attempt(
    home: Path, server: GeminiServer, account: Account
) -> None:
    server.fail("per_minute", times=2, retry_after_s=0.2)
    outcome = work(plan(parameters(home, text_variations=2, slides=1, **GEMINI)), account)
    assert outcome.whole
    assert attempts(outcome) == [1, 1]
    assert server.rejected == {"per_minute": 2}
    refused = [c for c in calls_of(outcome.record.batch) if c.status == "failed"]
    assert [(c.error_kind, c.cost_nusd) for c in refused] == [("throttled", 0)] * 2


@pytest.mark.parametrize("fault", ["block_prompt", "block_answer"])
def test_a_safety_block_is_final(
    home: Path, server: GeminiServer, account: Account, fault: str
) -> None:
    struck = server.fail(fault, picture_seed=1001)
    batch = plan(parameters(home, photo_variations=2, **GEMINI))
    outcome = work(batch, account)
    assert kinds(outcome) == [None, "blocked"]
    assert attempts(outcome) == [1, 1]
    assert_paid_as_billed(outcome, server)
    again = work(batch, account)
    assert kinds(again) == [None, "blocked"]
    assert struck.struck == 1


@pytest.mark.parametrize(
    ("fault", "model"),
    [("truncated_picture", IMAGE_MODEL), ("invalid_json", TEXT_MODEL), ("no_image", IMAGE_MODEL)],
)
def test_a_useless_answer_is_asked_again_if_that_helps_and_paid_in_the_ledger(
    home: Path, server: GeminiServer, account: Account, fault: str, model: str
) -> None:
    server.fail(fault, model=model, times=1)
    outcome = work(plan(parameters(home, **GEMINI)), account)
    assert_paid_as_billed(outcome, server)
    # A picture that did not come is asked for again at once, which is no further attempt.
    assert attempts(outcome) == [1 if fault == "no_image" else 2]
    assert outcome.whole
    assert len(server.bill) == 4


@pytest.mark.parametrize("fault", ["per_day", "prepayment"])
def test_a_spent_quota_ends_the_batch_without_another_call(
    home: Path, server: GeminiServer, account: Account, fault: str
) -> None:
    server.fail(fault, model=IMAGE_MODEL, every=1)
    batch = plan(parameters(home, shows=4, **GEMINI))
    outcome = work(batch, account, concurrency=1)
    expected = {"per_day": "quota_exhausted", "prepayment": "prepayment_depleted"}[fault]
    assert kinds(outcome) == [expected] * 4
    assert sum(server.rejected.values()) == 1
    assert len(server.bill) == 1  # the analysis of the first item
    assert outcome.empty
    assert "resume the batch" in outcome.first_reason


def test_a_spent_days_quota_also_holds_for_the_next_run(
    home: Path, server: GeminiServer, account: Account
) -> None:
    server.fail("per_day", model=IMAGE_MODEL, times=1)
    batch = plan(parameters(home, **GEMINI))
    work(batch, account)
    again = work(batch, account)
    assert kinds(again) == ["quota_exhausted"]
    assert "Closed until" in again.first_reason
    assert len(server.bill) == 1
    assert sum(server.rejected.values()) == 1


def test_a_second_run_makes_only_what_failed(
    home: Path, server: GeminiServer, account: Account
) -> None:
    failing = server.fail("503", picture_seed=1001, retry_after_s=0)
    batch = plan(parameters(home, photo_variations=2, **GEMINI))
    first = work(batch, account, tries=1)
    before = delivered(batch)
    stamps = {p: p.stat().st_mtime_ns for p in folder_of(batch).rglob("slide_*.jpg")}
    assert first.record.summary() == "1 of 2 completed, 1 failed"
    assert len(server.bill) == 4

    failing.times = 0
    second = work(batch, account, tries=1)
    assert second.whole
    assert len(server.bill) == 6  # two pictures; the second item's analysis was paid before
    assert_paid_as_billed(second, server)
    assert attempts(second) == [1, 2]
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps
    beside = {path.name for path in folder_of(batch).parent.iterdir()}
    assert beside == {batch.root, "index.html"}
    was, now = (json.loads(f["manifest.json"]) for f in (before, delivered(batch)))
    assert (was["totals"]["completed"], now["totals"]["completed"]) == (1, 2)
    assert was["items"][0] == now["items"][0]
    assert now["items"][1]["error"] is None


def test_a_third_run_of_a_whole_batch_pays_nothing(
    home: Path, server: GeminiServer, account: Account
) -> None:
    batch = plan(parameters(home, **GEMINI))
    work(batch, account)
    files = delivered(batch)
    outcome = work(batch, account)
    assert outcome.whole
    assert len(server.bill) == 3
    made = {path: data for path, data in delivered(batch).items() if "/" in path}
    assert made == {path: data for path, data in files.items() if "/" in path}
    # The vault is clean by now: the page's thumbnails come from the destination.
    pictures = b"data:image/jpeg;base64,"
    assert delivered(batch)["gallery.html"].count(pictures) == files["gallery.html"].count(pictures)
    assert pictures in files["gallery.html"]


def test_a_picture_lost_from_the_vault_is_asked_again_and_both_are_in_the_ledger(
    home: Path, server: GeminiServer, account: Account
) -> None:
    server.fail(
        "503", contains="Answer with the", model=IMAGE_MODEL, every=2, times=1, retry_after_s=0
    )
    batch = plan(parameters(home, **GEMINI))
    work(batch, account, tries=1)
    (kept,) = [c for c in calls_of(batch) if c.slot == "slide_0" and c.status == "settled"]
    (home / "data" / "vault" / batch.id / kept.sha256[:2] / kept.sha256).write_bytes(b"damaged")
    outcome = work(batch, account)
    assert outcome.whole
    assert len(server.bill) == 4
    assert_paid_as_billed(outcome, server)


def test_a_wrong_key_is_a_sentence_and_stands_nowhere(
    home: Path, server: GeminiServer, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "AIza-a-wrong-key-987654321"
    caplog.set_level("DEBUG")
    batch = plan(parameters(home, shows=3, **GEMINI))
    outcome = work(batch, account_at(server.url, wrong), concurrency=1)
    assert outcome.empty
    assert outcome.first_reason.startswith("Gemini does not accept the API key")
    assert server.rejected == {"wrong_key": 1}  # the others did not knock too
    places = [p for p in home.rglob("*") if p.is_file()]
    assert len(places) > 3
    assert not [p for p in places if wrong.encode() in p.read_bytes()]
    assert wrong not in caplog.text
    assert "Traceback" not in caplog.text

    mended = work(batch, account_at(server.url))
    assert mended.whole
    assert len(server.bill) == 9


def test_a_bug_is_a_failed_item_and_not_one_in_work(
    home: Path, account: Account, server: GeminiServer
) -> None:
    batch = plan(parameters(home, **GEMINI))
    broken = Batch(
        **{name: getattr(batch, name) for name in Batch.__slots__}
        | {"parameters": {**batch.parameters, "size": object()}}
    )
    with pytest.raises(TypeError):
        work(broken, account)
    assert [i.error_kind for i in open_ledger().batches.items(batch.id)] == ["bug"]


def test_a_batch_whose_ledger_is_away_goes_on_as_it_was_last_read(home: Path) -> None:
    batch, ledger = plan(parameters(home)), open_ledger()

    def execute(sql: str) -> None:
        with ledger.database.write() as connection:
            connection.execute(text(sql))

    ledger.batches.mark(batch.id, concurrency=7)
    with closing(BatchRun(batch, Account(), 1)) as run:
        assert run.refresh().concurrency == 7
        execute("ALTER TABLE batches RENAME TO not_here")
        assert run.refresh().concurrency == 7
        execute("ALTER TABLE not_here RENAME TO batches")
        ledger.batches.mark(batch.id, concurrency=9)
        assert run.refresh().concurrency == 9

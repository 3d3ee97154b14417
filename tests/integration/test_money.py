"""Quote, bill and time left, against the local Gemini's own bill."""

import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.run import BatchRun
from pressrun.cli import main
from pressrun.engines.limits import Limits, Load
from pressrun.ledger import open_ledger
from pressrun.ledger.costs import read_bills
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Batch
from pressrun.reports.progress import Progress, read_progress
from pressrun.reports.quote import Quote, quote_items
from tests.servers.gemini import GeminiServer
from tests.support.batches import (
    FAST,
    GEMINI,
    IMAGE_MODEL,
    TEXT_MODEL,
    account_at,
    make,
    parameters,
    plan,
    work,
)


@pytest.fixture(scope="module")
def running() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server


@pytest.fixture
def server(running: GeminiServer) -> GeminiServer:
    running.reset()
    return running


def quoted(batch: Batch, server: GeminiServer) -> Quote:
    items = open_ledger().batches.items(batch.id, "pending", "failed")
    account = account_at(server.url)
    return quote_items(
        open_ledger(), batch.kind, items, batch.parameters, batch.concurrency, account, batch.id
    )


def billed(server: GeminiServer, model: str) -> float:
    return sum(call.cost_usd for call in server.bill if call.model == model)


@pytest.mark.parametrize("size", ["1K", "4K"])
def test_the_quote_is_the_bill_within_two_percent_for_images_and_an_interval_for_text(
    home: Path, server: GeminiServer, size: str
) -> None:
    given = parameters(home, shows=2, slides=3, photo_variations=2, size=size, **GEMINI)
    batch = plan(given)
    quote = quoted(batch, server)
    assert work(batch, account_at(server.url)).whole
    text, image = quote.models
    assert image.cost_usd.expected == pytest.approx(billed(server, IMAGE_MODEL), rel=0.02)
    assert image.cost_usd.low <= billed(server, IMAGE_MODEL) <= image.cost_usd.high
    assert text.cost_usd.low <= billed(server, TEXT_MODEL) <= text.cost_usd.high
    assert quote.calls == len(server.bill) == 2 * 2 * (1 + 3)
    ledger = {bill.of: bill for bill in read_bills(open_ledger().database, "model")}
    for model in quote.models:
        bill = ledger[model.model]
        assert (bill.calls, bill.image_tokens) == (model.calls, model.image_tokens)
        assert bill.cost_usd == pytest.approx(billed(server, model.model), abs=1e-9)
        assert model.input_tokens.low <= bill.input_tokens <= model.input_tokens.high
        written = bill.output_tokens + bill.thought_tokens
        assert model.output_tokens.low <= written <= model.output_tokens.high


def test_a_retry_is_quoted_for_what_is_left_of_it(home: Path, server: GeminiServer) -> None:
    server.fail("503", picture_seed=1001, retry_after_s=0)
    batch = plan(parameters(home, slides=2, photo_variations=2, **GEMINI))
    work(batch, account_at(server.url), tries=1)
    rest = quoted(batch, server)
    assert (rest.items, rest.calls, rest.settled) == (1, 2, 1)
    server.reset()
    assert work(batch, account_at(server.url)).whole
    assert rest.cost_usd.expected == pytest.approx(server.bill_usd, rel=0.02)
    assert (quoted(batch, server).calls, quoted(batch, server).cost_usd.high) == (0, 0)


def test_the_quote_keeps_the_pace_that_refusals_have_taught(
    home: Path, server: GeminiServer
) -> None:
    batch = plan(parameters(home, slides=3, photo_variations=10, concurrency=10, **GEMINI))
    before, quotas = quoted(batch, server).seconds, open_ledger().quotas
    access = account_at(server.url).accesses[0]
    quota = Quota(access.name, IMAGE_MODEL, Limits(FAST[IMAGE_MODEL]))
    for _ in range(12):  # each halves it: from a thousand calls a second to one in four seconds
        with open_ledger().database.write() as connection:
            taken = [quotas.take(connection, quota, Load(), time.time()) for _ in range(2)]
        quotas.refused(quota, taken[1], 1.0, taken[1].send_at)
    assert quotas.rate(quota, time.time()).per_s < 0.5
    assert quoted(batch, server).seconds.low > 2 * before.low


def write_parameters(home: Path, **changes: Any) -> str:
    file = home / "params.json"
    file.write_text(json.dumps(parameters(home, shows=2, slides=2, **changes)))
    return str(file)


def test_the_command_quotes_a_flow_and_leaves_nothing_behind(
    home: Path, capsys: pytest.CaptureFixture[str], server: GeminiServer
) -> None:
    file = write_parameters(home, **GEMINI)
    before = {path for path in home.rglob("*") if path.is_file()}
    assert main(["quote", "slideshow-batch", "--params", file, "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["items"], told["calls"], told["settled"]) == (2, 6, 0)
    assert [model["model"] for model in told["models"]] == [TEXT_MODEL, IMAGE_MODEL]
    assert told["cost_usd"]["low"] < told["cost_usd"]["expected"] < told["cost_usd"]["high"]
    assert "Slideshow 2 of 2: 2 slides of show_2" in err
    left = {path for path in home.rglob("*") if path.is_file()} - before
    assert {path.name.partition("-")[0] for path in left} == {"ledger.db"}
    assert server.bill == []

    assert main(["quote", "slideshow-batch", "--params", file]) == 0
    assert "2 items, 6 calls: $" in capsys.readouterr().out


def test_what_cannot_be_used_is_not_quoted_and_said(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = parameters(home, **GEMINI)
    given["slides"] += f"\n{home / 'nowhere'}"
    (home / "params.json").write_text(json.dumps(given))
    command = ["quote", "slideshow-batch", "--params", str(home / "params.json"), "--json"]
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["items"] == 1
    assert "Slideshow 2 of 2 cannot be used: There is no file or folder" in err


@pytest.mark.parametrize(
    ("flow", "text", "sentence"),
    [
        (
            "nonsense",
            "{}",
            "There is no flow 'nonsense'. Choose one of: slideshow-batch, image-batch",
        ),
        ("slideshow-batch", "{", "is not JSON"),
        ("slideshow-batch", "[]", "does not hold a JSON object"),
        ("slideshow-batch", '{"size": "9K"}', "size:"),
        ("slideshow-batch", '{"account": {"$ref": 1}}', "Give the model-account block"),
        ("slideshow-batch", "{}", "There are no links."),
    ],
    ids=["flow", "broken", "list", "parameter", "block", "empty"],
)
def test_a_mistake_in_a_quote_is_a_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], flow: str, text: str, sentence: str
) -> None:
    (home / "params.json").write_text(text)
    assert main(["quote", flow, "--params", str(home / "params.json")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert "Traceback" not in err


def test_the_limits_of_a_saved_account_set_the_time(
    home: Path, capsys: pytest.CaptureFixture[str], prefect_server: None
) -> None:
    from pressrun.blocks import ModelAccount

    block = ModelAccount(
        api_key="AIza-a-key-for-nothing-0123456789",
        limits=[{"model": IMAGE_MODEL, "requests_per_minute": 1}],
    )
    block.save("slow", overwrite=True)
    file = write_parameters(home, account="slow", **GEMINI)
    assert main(["quote", "slideshow-batch", "--params", file, "--json"]) == 0
    # Four pictures, one a minute.
    assert json.loads(capsys.readouterr().out)["seconds"]["expected"] > 3 * 60


def test_costs_and_stats_agree_with_the_provider(
    home: Path, server: GeminiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.fail("invalid_json", model=TEXT_MODEL, times=1)
    server.fail("503", model=IMAGE_MODEL, times=1, retry_after_s=0)
    given = parameters(home, slides=2, text_variations=2, title="=Sale, now", **GEMINI)
    batch = plan(given)
    assert work(batch, account_at(server.url)).whole

    assert main(["costs", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cost_usd"] == pytest.approx(server.bill_usd, abs=1e-9)
    assert {row["of"]: row["calls"] for row in told["rows"]} == {TEXT_MODEL: 3, IMAGE_MODEL: 4}

    assert main(["costs", "--by", "batch", "--csv", "--since", "1d"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert (row["batch"], row["title"], row["calls"]) == (batch.id, "'=Sale, now", "7")
    assert float(row["cost_usd"]) == pytest.approx(server.bill_usd, abs=1e-8)

    assert main(["costs", "--by", "day"]) == 0
    assert f"7 calls, ${server.bill_usd:.4f}" in capsys.readouterr().out

    assert main(["stats", "--json"]) == 0
    rows = {row["of"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    text, image = rows[TEXT_MODEL], rows[IMAGE_MODEL]
    assert (text["settled"], text["success_rate"], text["attempts"]) == (2, 2 / 3, 1.5)
    assert (image["calls"], image["settled"]) == (5, 4)
    assert sum(text["failures"].values()) == sum(image["failures"].values()) == 1
    assert image["latency_p50_s"] <= image["latency_p90_s"] <= image["latency_p99_s"]

    assert main(["stats", "--by", "batch"]) == 0
    assert "=Sale, now" in capsys.readouterr().out


def test_nothing_was_paid_before_the_beginning(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["costs", "--since", "2026-01-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []
    assert main(["costs", "--since", "yesterday"]) == 2
    assert "Write 2026-11-01 (UTC), or 7d" in capsys.readouterr().err


def test_the_time_left_is_told_in_work_and_gone_at_the_end(
    home: Path, server: GeminiServer
) -> None:
    batch = plan(parameters(home, shows=4, slides=2, concurrency=2, **GEMINI))
    assert progress(batch).left_s is None
    with closing(BatchRun(batch, account_at(server.url), 2)) as run:
        run.begin()
        for item in run.todo()[:2]:
            make(run, item.key)
    told = progress(batch)
    assert told.left_low_s is not None
    assert told.left_s is not None
    assert told.left_high_s is not None
    assert told.left_low_s <= told.left_s <= told.left_high_s
    assert " left (" in told.line()
    assert work(batch, account_at(server.url)).whole
    assert progress(batch).left_s is None


def progress(batch: Batch) -> Progress:
    now = open_ledger().batches.find(batch.id)
    assert now is not None
    return read_progress(open_ledger(), now)

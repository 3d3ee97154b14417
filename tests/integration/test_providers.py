"""Whole batches on the further providers: paid once, delivered, and within their caps."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.planning import new_batch, planner_of
from pressrun.batches.vaults import vault_of
from pressrun.engines.account import Access, Account, available
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.pictures.provenance import KEPT
from pressrun.reports.quote import quote_items
from pressrun.settings import settings
from pressrun.stores.factory import folder_target
from tests.servers.bedrock import BedrockServer
from tests.servers.openai_images import OpenAIServer
from tests.servers.provider import ProviderServer
from tests.support.batches import delivered, time_of, work
from tests.support.providers import aws_access

pytestmark = pytest.mark.usefixtures("home")
FLARE, CORE = "gpt-image-2.5-flare", "stable-image-core"
SIGNED = Path(__file__).parents[1] / "unit" / "pictures" / "signed" / "signed.png"
PROMPTS = "- a red mug\n- a blue mug\n- a green mug\n"


@pytest.fixture
def openai() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys={"sk-good"}) as server:
        yield server


@pytest.fixture
def bedrock() -> Iterator[BedrockServer]:
    with BedrockServer(keys={"AKIAGOOD"}) as server:
        yield server


@pytest.fixture
def account(openai: OpenAIServer, bedrock: BedrockServer) -> Account:
    pace = Limits(requests_per_minute=60_000.0)
    return Account(
        (
            Access("gemini-key", base_url="http://127.0.0.1:9"),  # nobody there: must not be asked
            Access("sk-good", base_url=openai.base_url, engine="openai"),
            aws_access("AKIAGOOD", bedrock.url),
        ),
        {FLARE: pace, CORE: pace},
    )


def plan(**given: Any) -> Batch:
    """An image batch of three prompts, planned as its flow does."""
    kind, batch_id = find_flow("image-batch"), str(uuid.uuid4())
    parameters, target = (
        kind.parse_parameters({"prompts": PROMPTS} | given),
        folder_target(settings().output),
    )
    vault = vault_of(batch_id)
    with planner_of(kind, parameters, target, Account, vault, lambda _: None) as planner:
        items = planner.plan()
    batch = new_batch(kind, parameters, target, batch_id, time_of(1_767_225_600))
    return open_ledger().batches.create(replace(batch, created_at=time.time()), items)


def server_of(model: str, openai: OpenAIServer, bedrock: BedrockServer) -> ProviderServer:
    return openai if model == FLARE else bedrock


@pytest.mark.parametrize("model", [FLARE, CORE])
def test_a_batch_is_delivered_and_its_ledger_is_the_bill(
    model: str, account: Account, openai: OpenAIServer, bedrock: BedrockServer
) -> None:
    server = server_of(model, openai, bedrock)
    server.fail("500" if model == FLARE else "InternalServerException")
    batch = plan(model=model)
    outcome = work(batch, account)
    assert outcome.whole
    files = delivered(batch)
    assert sum(name.endswith(".webp") for name in files) == 3
    totals = json.loads(files["manifest.json"])["totals"]
    assert totals["cost_usd"] == pytest.approx(float(server.bill_usd), abs=1e-12)
    assert open_ledger().calls.totals(batch.id) == (4, float(server.bill_usd))
    assert len(server.bill) == 3
    assert "sk-good" not in str(files["manifest.json"])


def test_a_signed_picture_is_delivered_byte_for_byte_and_the_manifest_says_the_rest(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = SIGNED.read_bytes()
    monkeypatch.setattr("tests.servers.openai_images.drawn", lambda *_: signed)
    batch = plan(model=FLARE, format="PNG")
    assert work(batch, account).whole
    files = delivered(batch)
    assert [data for name, data in files.items() if name.endswith(".png")] == [signed] * 3
    (picture,) = json.loads(files["manifest.json"])["items"][0]["files"]
    assert picture["provenance"]["content_credentials"] == KEPT
    assert picture["provenance"]["model"] == FLARE


@pytest.mark.parametrize("model", [FLARE, CORE])
def test_the_quote_of_pictures_is_what_they_come_to(
    model: str, account: Account, openai: OpenAIServer, bedrock: BedrockServer
) -> None:
    batch, server = plan(model=model), server_of(model, openai, bedrock)
    items = open_ledger().batches.items(batch.id)
    quote = quote_items(open_ledger(), batch.kind, items, batch.parameters, 2, account)
    assert server.asked == []
    work(batch, account)
    assert quote.cost_usd.low <= float(server.bill_usd) <= quote.cost_usd.high
    if model == CORE:
        assert quote.cost_usd.low == quote.cost_usd.high == pytest.approx(0.12)


@pytest.mark.parametrize(
    ("model", "budget_usd", "most"),
    [(CORE, 0.0799, 1), (CORE, 0.08, 2), (CORE, 0.039, 0), (FLARE, 0.02, 1)],
)
def test_a_budget_is_never_passed(
    model: str,
    budget_usd: float,
    most: int,
    account: Account,
    openai: OpenAIServer,
    bedrock: BedrockServer,
) -> None:
    outcome = work(plan(model=model, budget_usd=budget_usd), account)
    server = server_of(model, openai, bedrock)
    assert not outcome.whole
    assert len(server.bill) == most
    assert float(server.bill_usd) <= budget_usd


def test_what_was_paid_is_not_paid_again(account: Account, bedrock: BedrockServer) -> None:
    batch = plan(model=CORE)
    bedrock.fail("content filter")
    assert work(batch, account).record.count("completed") == 2
    assert (len(bedrock.asked), len(bedrock.bill)) == (3, 2)
    work(open_ledger().batches.find(batch.id) or batch, account)
    assert (len(bedrock.asked), len(bedrock.bill)) == (3, 2)  # a block is final


def test_the_models_of_an_account_are_those_with_an_access(account: Account) -> None:
    sketches = ["sketch", "sketch-ink", "sketch-poster"]
    assert available(Account()) == sketches
    engines = {catalogue()[name].engine for name in available(account)}
    assert engines == {"sketch", "gemini", "openai", "bedrock"}
    only = Account(account.accesses[1:2])
    assert {catalogue()[name].engine for name in available(only)} == {"sketch", "openai"}

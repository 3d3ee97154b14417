"""The flow ``model-comparison`` on a real Prefect server, with three local providers."""

import importlib
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow
from ruamel.yaml import YAML

import deployments
from deployments.demo import comparison_order
from flows.model_comparison import model_comparison
from pressrun.batches.audit import audit
from pressrun.batches.delete import delete, survey
from pressrun.batches.planning import new_batch, planner_of
from pressrun.batches.vaults import vault_of
from pressrun.blocks import ModelAccount
from pressrun.engines.account import Account
from pressrun.kinds.comparison.parameters import ComparisonParameters
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, Item
from pressrun.reports.progress import read_progress
from pressrun.settings import settings
from pressrun.stores.factory import folder_target
from tests.servers.bedrock import BedrockServer
from tests.servers.gemini import GeminiServer
from tests.servers.openai_images import OpenAIServer
from tests.servers.provider import ProviderServer
from tests.support.batches import KEY, TEXT_MODEL, delivered, folder_of, opened, time_of
from tests.support.waiting import until

pytestmark = [pytest.mark.usefixtures("prefect_server", "home"), pytest.mark.timeout(300)]

SKETCHES = ["sketch", "sketch-ink", "sketch-poster"]
BANANA, PRO = "gemini-nano-banana-2.1", "gemini-3-pro-image"
FLARE, SUNBURST = "gpt-image-2.5-flare", "gpt-image-2.5-sunburst"
CORE, ULTRA = "stable-image-core", "stable-image-ultra"
NINE = [*SKETCHES, BANANA, PRO, FLARE, SUNBURST, CORE, ULTRA]


@dataclass(frozen=True)
class Providers:
    gemini: GeminiServer
    openai: OpenAIServer
    bedrock: BedrockServer

    @property
    def others(self) -> tuple[ProviderServer, ProviderServer]:
        return self.openai, self.bedrock

    @property
    def billed(self) -> int:
        return len(self.gemini.bill) + sum(len(server.bill) for server in self.others)

    def account(self, **changes: Any) -> ModelAccount:
        given: dict[str, Any] = {
            "api_key": KEY,
            "base_url": self.gemini.url,
            "openai_key": "sk-good",
            "openai_base_url": self.openai.base_url,
            "aws_region": "us-west-2",
            "bedrock_endpoint_url": self.bedrock.url,
            "limits": dict.fromkeys([*NINE, TEXT_MODEL], 60_000.0),
        }
        return ModelAccount(**given | changes)


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAGOOD")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    with (
        GeminiServer(keys={KEY}) as gemini,
        OpenAIServer(keys={"sk-good"}) as openai,
        BedrockServer(keys={"AKIAGOOD"}) as bedrock,
    ):
        yield Providers(gemini, openai, bedrock)


def run(**given: Any) -> State[Any]:
    state: State[Any] = model_comparison(**given, return_state=True)
    return state


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def of_model(*models: str) -> list[Item]:
    return [i for i in open_ledger().batches.items(latest().id) if i.spec["model"] in models]


def kinds(*models: str) -> set[str | None]:
    return {item.error_kind for item in of_model(*models)}


def status() -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder_of(latest()) / "status.json").read_bytes())
    return said


def test_nine_models_of_three_providers_and_the_sketches_answer_side_by_side(
    providers: Providers,
) -> None:
    account = providers.account()
    state = run(prompts="a red mug\na blue mug", models=NINE, account=account, steps=30, seed=7)
    assert (state.name, state.message) == ("Completed", "18 of 18 completed")
    files = delivered(latest())
    pictures = {name for name in files if name.endswith(".webp")}
    assert pictures == {f"Prompt_{row:02d}/{model}.webp" for row in (1, 2) for model in NINE}
    assert {f"{name}.json" for name in pictures} <= set(files)
    facts = json.loads(files[f"Prompt_02/{CORE}.webp.json"])
    assert (facts["model"], facts["prompt"]) == (CORE, "a blue mug")
    assert facts["dropped"] == ["steps 30 dropped: it knows none"]
    assert providers.bedrock.asked[0]["seed"] == 7
    manifest = json.loads(files["manifest.json"])
    bills = [providers.gemini.bill_usd, *(float(s.bill_usd) for s in providers.others)]
    assert manifest["totals"]["cost_usd"] == pytest.approx(float(sum(bills)), abs=1e-9)
    assert providers.billed == 12
    assert manifest["items"][0]["asked"]["model"] == "sketch"
    page = files["gallery.html"].decode()
    assert all(f"{model}" in page for model in NINE)
    assert b"sk-good" not in b"".join(files.values())


def test_the_eight_do_not_wait_for_one_that_hangs(providers: Providers) -> None:
    providers.gemini.fail("hang", model=BANANA)
    prompts = "a red mug\na blue mug"
    state = run(
        prompts=prompts, models=NINE, account=providers.account(), timeout_s=6, format="JPEG"
    )
    assert (state.name, state.message or "") == ("PartiallyFailed", state.message)
    assert (state.message or "").startswith("16 of 18 completed, 2 failed")
    hanging, others = of_model(BANANA), of_model(*(m for m in NINE if m != BANANA))
    assert {item.status for item in others} == {"completed"}
    # Each ends at its own time-out, which is not begun anew; by then all others have ended.
    assert [(item.error_kind, item.attempts) for item in hanging] == [("timeout", 1)] * 2
    first = min(item.ended_at or 0.0 for item in hanging)
    assert max(item.ended_at or 0.0 for item in others) < first


@pytest.mark.usefixtures("quick_retries")
def test_what_stops_one_model_stops_no_other(providers: Providers) -> None:
    gemini, bedrock = providers.gemini, providers.bedrock
    gemini.fail("per_minute", model=PRO, times=2, retry_after_s=0.3)
    gemini.fail("per_day", model=BANANA, every=1)
    gemini.fail("block_prompt", contains="blue", model=PRO)
    bedrock.fail("AccessDeniedException", times=1)
    models = [m for m in NINE if m not in (SUNBURST, ULTRA)]
    account = providers.account(openai_key=None)
    state = run(prompts="a red mug\na blue mug\na green mug", models=models, account=account)
    assert (state.message or "").startswith("11 of 21 completed, 10 failed")
    assert kinds(*SKETCHES) == {None}
    # Throttled: waited for, no attempt. Refused for its content: final, and asked once.
    assert [(i.status, i.error_kind, i.attempts) for i in of_model(PRO)] == [
        ("completed", None, 1),
        ("failed", "blocked", 1),
        ("completed", None, 1),
    ]
    # Spent, not permitted, without an account: said once, and nothing is sent to hear it again.
    assert kinds(BANANA) == {"quota_exhausted"}
    assert kinds(CORE) == {"no_permission"}
    assert len(bedrock.asked) == 1
    assert kinds(FLARE) == {"setting"}
    assert "needs a key of OpenAI" in (of_model(FLARE)[0].error_message or "")
    assert gemini.rejected["per_day"] == 1
    # With a key, a retry makes what was lacking, and pays for nothing twice.
    gemini.reset()
    again = run_again(providers.account())
    assert kinds(FLARE, CORE) == {None}
    assert (again.message or "").startswith("17 of 21 completed, 4 failed")
    assert gemini.bill == []


def run_again(account: ModelAccount) -> Any:
    """The same flow run once more, as when a person retries it."""
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(UUID(latest().id))
    given = {"account": account}
    return run_flow(model_comparison, flow_run, parameters=given, return_type="state")


@pytest.mark.usefixtures("quick_retries")
def test_a_model_that_is_down_is_left_alone_also_by_the_next_batch(providers: Providers) -> None:
    prompts = "\n".join(f"a mug number {n}" for n in range(4))
    providers.bedrock.fail("ServiceUnavailableException", times=100)
    run(prompts=prompts, models=["sketch", CORE], account=providers.account(), concurrency=2)
    asked = len(providers.bedrock.asked)
    assert asked == 5  # four tries of the first, one of the second: then the breaker is open
    assert [(i.error_kind, i.attempts) for i in of_model(CORE)] == [
        ("unavailable", 4),
        ("left_alone", 2),
        ("left_alone", 1),
        ("left_alone", 1),
    ]
    assert kinds("sketch") == {None}
    assert "The last time: Bedrock" in (of_model(CORE)[3].error_message or "")
    run(prompt="a mug", models=["sketch", CORE, ULTRA], account=providers.account())
    assert len(providers.bedrock.asked) == asked + 4  # the other model's alone
    assert "left alone until" in (of_model(CORE)[0].error_message or "")
    assert kinds(CORE) == {"left_alone"}
    assert kinds("sketch") == {None}


def test_a_blocked_prompt_makes_no_call_not_even_to_enhance_it(providers: Providers) -> None:
    given = {"models": [BANANA, FLARE, CORE], "enhance": True, "text_model": TEXT_MODEL}
    state = run(prompt="a n.u.d.e woman", account=providers.account(), **given)
    assert state.is_failed()
    assert kinds(BANANA, FLARE, CORE) == {"blocked"}
    assert providers.billed == 0
    assert status()["status"] == "failed"


def test_a_richer_prompt_is_paid_once_and_kept_beside_the_original() -> None:
    for _ in range(2):
        state = run(prompts="a cat\na dog", models=SKETCHES, enhance=True, text_model="sketch")
        assert state.message == "6 of 6 completed"
    (cat, *_), *_ = (of_model(model) for model in SKETCHES)
    assert cat.spec["prompt"] == "a cat"
    assert cat.spec["enhanced"].startswith("a cat, ")
    facts = json.loads(delivered(latest())["Prompt_01/sketch.webp.json"])
    assert facts["enhanced_prompt"] == cat.spec["enhanced"]
    assert open_ledger().calls.totals("enhance")[0] == 2


def test_a_text_model_that_fails_leaves_the_prompt_as_it_was(providers: Providers) -> None:
    providers.gemini.fail("503", model=TEXT_MODEL)
    account = providers.account()
    state = run(
        prompt="a cat", models=[BANANA], enhance=True, text_model=TEXT_MODEL, account=account
    )
    assert state.is_completed()
    assert of_model(BANANA)[0].spec["enhanced"] == ""


def test_status_json_follows_the_job_and_is_the_batchs_own() -> None:
    with GeminiServer(keys={KEY}, latency_s=3.0) as gemini:
        account = ModelAccount(api_key=KEY, base_url=gemini.url)
        given = {"prompt": "a mug", "models": ["sketch", BANANA], "account": account}
        states: list[State[Any]] = []
        thread = threading.Thread(target=lambda: states.append(run(**given)))
        thread.start()
        said = until(_half_done)
        found = audit(opened(latest()))
        assert (found.changed, found.missing, found.extra) == ((), (), ())
        thread.join(60)
    by_model = {result["model"]: result for result in said["results"]}
    assert by_model[BANANA]["status"] == "in_progress"
    assert by_model["sketch"]["url"].endswith("/Prompt_01/sketch.webp")
    assert (said["status"], said["totalModels"], said["completedModels"]) == ("in_progress", 2, 1)
    assert states[0].is_completed()
    last, folder = status(), folder_of(latest())
    assert (last["status"], last["jobId"]) == ("completed", latest().id)
    assert last["updatedAt"] > said["updatedAt"]
    manifest = folder / "manifest.json"
    assert (folder / "status.json").stat().st_mtime <= manifest.stat().st_mtime
    assert audit(opened(latest())).in_order
    delete(opened(latest()), survey(opened(latest())))
    assert not folder.exists()


def _half_done() -> dict[str, Any] | None:
    try:
        said = status()
    except Exception:  # noqa: BLE001 - nothing is planned or written yet
        return None
    done = Counter(result["status"] for result in said["results"])
    return said if done["completed"] == 1 else None


def test_a_quote_counts_every_cell_and_makes_nothing() -> None:
    given = {"prompts": "a cat\na dog", "models": SKETCHES, "action": "quote"}
    state = run(enhance=True, text_model="sketch", **given)
    assert (state.message or "").startswith("6 items, 6 calls, $0.0000")
    assert open_ledger().calls.totals("enhance")[0] == 0


def test_launching_gives_a_run_at_once_and_makes_nothing_yet(home: Path) -> None:
    prompts = "\n".join(f"cat {n}" for n in range(100))
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("model-comparison")
        deployment = client.create_deployment(flow_id, "test")
        begun = time.monotonic()
        flow_run = client.create_flow_run_from_deployment(
            deployment, parameters={"prompts": prompts, "models": SKETCHES}
        )
        # A bound for a busy machine; tests.benchmarks.comparison measures.
        assert time.monotonic() - begun < 5
        assert client.read_flow_run(flow_run.id).state_name == "Scheduled"
    assert not (home / "output").exists()


def test_where_nine_hundred_answers_stand_is_read_at_once() -> None:
    batch = planned(prompts="\n".join(f"cat {n}" for n in range(100)), models=NINE)
    begun = time.monotonic()
    progress = read_progress(open_ledger(), batch)
    assert time.monotonic() - begun < 5
    assert (progress.total, progress.remaining) == (900, 900)


def planned(**given: Any) -> Batch:
    """A batch in the ledger of which nothing is made yet."""
    kind, target = find_flow("model-comparison"), folder_target(settings().output)
    parameters, batch_id = kind.parse_parameters(given), str(uuid.uuid4())
    vault = vault_of(batch_id)
    with planner_of(kind, parameters, target, Account, vault, lambda _: None) as planner:
        items = planner.plan()
    batch = new_batch(kind, parameters, target, batch_id, time_of(time.time()))
    return open_ledger().batches.create(batch, items)


def test_the_deployment_names_the_flow_and_parameters_that_it_takes() -> None:
    read = YAML(typ="safe").load(Path(deployments.__file__).with_name("prefect.yaml"))
    (mine,) = (d for d in read["deployments"] if d["entrypoint"].endswith(".model_comparison"))
    module, _, name = mine["entrypoint"].rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    assert isinstance(flow, Flow)
    assert (mine["name"], flow.name) == ("comparisons", "model-comparison")
    flow.validate_parameters(mine.get("parameters", {}))


def test_the_form_offers_the_models_as_a_list_and_every_field_of_the_order() -> None:
    schema = model_comparison.parameters.model_dump()["properties"]
    assert schema["models"]["items"]["enum"][:3] == SKETCHES
    assert schema["models"]["maxItems"] == 9
    assert set(schema) == set(ComparisonParameters.model_fields) | {"account", "store"}
    assert all("title" in field for field in schema.values())


def test_the_demos_order_is_three_prompts_on_the_three_sketches() -> None:
    parameters = ComparisonParameters.of(comparison_order())
    assert (len(parameters.prompts.splitlines()), parameters.models) == (3, SKETCHES)

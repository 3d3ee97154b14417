"""Whether one dead model of nine delays the other eight, and how soon a comparison answers.

    python -m tests.benchmarks.comparison --prompts 20 --latency 0.5 --json

Runs the real flow on a real Prefect server, each in a process of its own, with nine models of
three local providers in a third process: once without the ninth, and once with it, when it takes
every call and never answers. Both are done several times in turn, each time with a ledger of its
own, after one run that loads all code.

- ``alone_s``, ``with_dead_s``: from the first start to the last end of the eight models' items,
  the median of all runs; ``ratio`` is the median of what each pair of runs came to.
- ``create_ms``: creating a run of the deployment, over HTTP.
- ``progress_ms``: reading where a batch of 900 items stands, half of them completed.
- ``status_file_ms``: reading all of them and writing them as ``status.json`` has them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from pressrun.batches.planning import new_batch, planner_of
from pressrun.batches.vaults import vault_of
from pressrun.engines.account import Account
from pressrun.engines.base import Usage
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.ledger.calls import CallLoad, Intent, Settlement
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Batch, MadeFile
from pressrun.reports.manifest import read_record
from pressrun.reports.progress import read_progress
from pressrun.reports.status import current_status
from pressrun.settings import settings
from pressrun.stores.factory import folder_target
from tests.servers.bedrock import BedrockServer
from tests.servers.gemini import GeminiServer
from tests.servers.openai_images import OpenAIServer
from tests.servers.prefect_server import prefect_server
from tests.support.batches import KEY, time_of

DEAD = "gemini-3.1-flash-lite-image"
EIGHT = (
    *("gemini-nano-banana-2.1", "gemini-3-pro-image"),
    *("gpt-image-2.5-flare", "gpt-image-2.5-sunburst", "gpt-image-2"),
    *("stable-image-core", "stable-diffusion-3.5-large", "stable-image-ultra"),
)
TIMEOUT_S = 2.0


def main() -> int:
    """Runs the benchmark and prints its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--latency", type=float, default=0.5, help="seconds of every answer")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return _serve(options.latency)
    with tempfile.TemporaryDirectory(prefix="pressrun-compare-") as name:
        folder = Path(name)
        with prefect_server(folder / "server") as url, _providers(options.latency) as places:
            os.environ |= {
                "PREFECT_HOME": str(folder / "home"),
                "PREFECT_API_URL": url,
                "PREFECT_LOGGING_LEVEL": "CRITICAL",
                "PRESSRUN_LEDGER_URL": "",
                "AWS_ACCESS_KEY_ID": "AKIAGOOD",
                "AWS_SECRET_ACCESS_KEY": "hush",
            }
            figures = _measure(folder, places, options.prompts, options.repeats)
    words = "\n".join(f"{name:16}{value}" for name, value in figures.items())
    print(json.dumps(figures) if options.json else words)
    return 0


def _measure(folder: Path, places: dict[str, str], prompts: int, repeats: int) -> dict[str, Any]:
    _run(folder / "first", places, 1, EIGHT, timeout_s=60.0)
    alone, with_dead = [], []
    for number in range(repeats):
        alone.append(_run(folder / f"alone-{number}", places, prompts, EIGHT))
        with_dead.append(_run(folder / f"dead-{number}", places, prompts, (*EIGHT, DEAD)))
    batch = _half_of_900(folder / "large")
    return {
        "prompts": prompts,
        "alone_s": round(median(alone), 2),
        "with_dead_s": round(median(with_dead), 2),
        "ratio": round(median(b / a for a, b in zip(alone, with_dead, strict=True)), 3),
        "alone_all_s": [round(seconds, 2) for seconds in alone],
        "with_dead_all_s": [round(seconds, 2) for seconds in with_dead],
        "create_ms": _ms(_created()),
        "progress_ms": _ms(lambda: read_progress(open_ledger(), batch)),
        "status_file_ms": _ms(lambda: current_status(read_record(open_ledger(), batch, 0.0))),
    }


def _run(
    home: Path,
    places: dict[str, str],
    prompts: int,
    models: tuple[str, ...],
    timeout_s: float = TIMEOUT_S,
) -> float:
    """The seconds that the eight took in a batch of its own."""
    from flows.model_comparison import model_comparison
    from pressrun.blocks import ModelAccount

    _use(home)
    account = ModelAccount(
        api_key=KEY,
        base_url=places["gemini"],
        openai_key="sk-good",
        openai_base_url=places["openai"],
        aws_region="us-west-2",
        bedrock_endpoint_url=places["bedrock"],
        limits=dict.fromkeys((*EIGHT, DEAD), 60_000.0),
    )
    model_comparison(
        prompts="\n".join(f"A mug, number {number}" for number in range(prompts)),
        models=list(models),
        account=account,
        timeout_s=timeout_s,
        format="PNG",
        return_state=True,
    )
    items = open_ledger().batches.items(open_ledger().batches.match("latest").id)
    eight = [item for item in items if item.spec["model"] in EIGHT]
    assert not (bad := [(i.title, i.error_message) for i in eight if i.error_kind]), bad
    begun = min(item.started_at or 0.0 for item in eight)
    return max(item.ended_at or 0.0 for item in eight) - begun


def _half_of_900(home: Path) -> Batch:
    _use(home)
    kind, batch_id = find_flow("model-comparison"), str(uuid.uuid4())
    prompts = "\n".join(f"A mug, number {number}" for number in range(100))
    parameters = kind.parse_parameters({"prompts": prompts, "models": [*EIGHT, DEAD]})
    target, vault = folder_target(settings().output), vault_of(batch_id)
    with planner_of(kind, parameters, target, Account, vault, lambda _: None) as planner:
        items = planner.plan()
    batch = new_batch(kind, parameters, target, batch_id, time_of(time.time()))
    batch = open_ledger().batches.create(batch, items)
    for item in items[:450]:
        _complete(batch, item.key, item.spec["model"])
    return batch


def _complete(batch: Batch, key: str, model: str) -> None:
    """As an item's call and its delivery leave the ledger."""
    ledger, now = open_ledger(), time.time()
    ledger.batches.start(batch.id, key)
    intent = Intent(batch.id, key, "image", key, "", model)
    reserved = ledger.calls.intend(intent, [Quota("access", model, None)], CallLoad(), now)
    paid = Settlement("d" * 64, "image/png", Usage(), Decimal("0.04"), model, 0.5)
    ledger.calls.settle(reserved.call_id, paid, now)
    ledger.batches.finish(batch.id, key, [MadeFile(f"{key}.png", "image/png", 1, "d" * 64)])
    ledger.deliveries.verify(batch.id, key, [(f"{key}.png", "file:///out")])


def _created() -> Callable[[], object]:
    """What creates a run of a deployment, as the UI and the command line do."""
    from prefect.client.orchestration import get_client

    client = get_client(sync_client=True)
    flow_id = client.create_flow_from_name("model-comparison")
    deployment = client.create_deployment(flow_id, "benchmark")
    given = {"prompt": "A mug", "models": list(EIGHT)}
    return lambda: client.create_flow_run_from_deployment(deployment, parameters=given)


def _ms(work: Callable[[], object]) -> float:
    """Median milliseconds of five times."""
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return round(1000 * median(taken), 1)


def _use(home: Path) -> None:
    """A ledger, vault and output of their own: breakers remember over batches."""
    os.environ |= {"PRESSRUN_DATA": str(home / "data"), "PRESSRUN_OUTPUT": str(home / "output")}
    settings.cache_clear()
    open_ledger.cache_clear()


@contextmanager
def _providers(latency_s: float) -> Iterator[dict[str, str]]:
    """The three providers in a process of their own; gives their addresses."""
    command = [sys.executable, "-m", "tests.benchmarks.comparison", "--serve"]
    command += ["--latency", str(latency_s)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def _serve(latency_s: float) -> int:
    """Serves until standard input ends."""
    with (
        GeminiServer(keys={KEY}, latency_s=latency_s, picture_format="PNG") as gemini,
        OpenAIServer(keys={"sk-good"}) as openai,
        BedrockServer(keys={"AKIAGOOD"}) as bedrock,
    ):
        openai.latency_s = bedrock.latency_s = latency_s
        gemini.fail("hang", model=DEAD)
        places = {"gemini": gemini.url, "openai": openai.base_url, "bedrock": bedrock.url}
        print(json.dumps(places), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the desk costs: a page of 600 items in work, ten tabs that follow it, a new batch.

    python -m tests.benchmarks.desk --json

Every half second an item is completed, so that no page is as it was. Prefect's server is real; the
share of a core is the desk's own. Of a new batch: the time from a paste of 100 links to their rows,
and from a changed setting to the price of 600 items. TikTok does not answer.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil
from sqlalchemy import insert

from pressrun.batches.vaults import vault_of
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import calls
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from tests.servers.prefect_server import prefect_server
from tests.support.batches import draw_picture, parameters, plan

LOGIN = "pressrun:benchmark"
ITEMS, MADE = 600, 300
TABS, EVERY_S, FOLLOWED_S = 10, 2.0, 30.0
#: new.js waits so long for more to be typed, and asks again so often.
TYPED_S, AGAIN_S = 0.3, 0.3
MODELS = ("gemini-3-pro-image", "gemini-nano-banana-2.1", "gemini-3-pro-image")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PRESSRUN_DATA"] = str(Path(folder) / "data")
        os.environ["PRESSRUN_OUTPUT"] = str(Path(folder) / "output")
        os.environ["PRESSRUN_INPUT_ROOTS"] = folder
        os.environ["PRESSRUN_TIKTOK_PROXY"] = "http://127.0.0.1:9"  # nobody is there
        figures = measure(Path(folder))
    lines = [json.dumps(figures)] if given.json else [f"{k:25}{v}" for k, v in figures.items()]
    print("\n".join(lines))
    return 0


def measure(folder: Path) -> dict[str, float]:
    """Milliseconds of a page that nobody has just asked for, and the share of a core of tabs."""
    batches = [batch_in_work(folder, number) for number in range(TABS)]
    with prefect_server(folder, LOGIN) as api_url, running_desk(api_url) as (url, process):
        with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as client:
            client.post("/sign-in", data={"password": LOGIN})
            page = f"/batches/{batches[0].id}/live"
            client.get(page)  # what is read once
            times = [timed(client, page) for _ in range(7)]
            pasted = [paste(client) for _ in range(5)]
            priced = [price(client, paste(client)[1], model) for model in MODELS]
            cookie = dict(client.cookies)
        one = share_of_core(process, url, cookie, [batches[0]] * TABS)
        each = share_of_core(process, url, cookie, batches)
    return {
        "batch_600_ms": round(1000 * median(times), 1),
        "paste_100_ms": round(1000 * median(seconds for seconds, _ in pasted), 1),
        "price_600_ms": round(1000 * median(priced), 1),
        "tabs_10_core_share": round(one, 4),
        "tabs_10_of_10_batches_core_share": round(each, 4),
    }


def paste(client: Any) -> tuple[float, str]:
    """Seconds from a paste of 100 links to their rows; and the draft's address."""
    draft = str(client.get("/new/slideshow-batch").headers["location"])
    client.get(f"{draft}/live")
    text = "\n".join(
        f"https://www.tiktok.com/@user{n}/photo/{(1_700_000_000 << 32) + n}\t"
        f"https://shop.example/{n}.jpg\tMug {n}: a wide cup"
        for n in range(100)
    )
    began = time.perf_counter()
    client.post(f"{draft}/rows", json={"act": "paste", "text": text}).raise_for_status()
    page = client.get(f"{draft}/live").text
    took = time.perf_counter() - began
    assert page.count("data-row=") == 100
    return took, draft


def price(client: Any, draft: str, model: str) -> float:
    """Seconds from a changed setting to its price, as the page's script waits and asks."""
    began = time.perf_counter()
    time.sleep(TYPED_S)
    client.post(f"{draft}/values", json={"values": {"model": model}}).raise_for_status()
    while "Start for $" not in (page := client.get(f"{draft}/live").text):
        time.sleep(AGAIN_S)
    assert "600 items" in page
    return time.perf_counter() - began


def batch_in_work(folder: Path, number: int) -> Batch:
    """A batch of 600 items, half of them made, as the ledger has it after ten minutes."""
    ledger, now = open_ledger(), time.time()
    first = plan(parameters(folder, title=f"Model {number}"))
    (item,) = ledger.batches.items(first.id)
    batch = replace(first, id=str(uuid.uuid4()), root=f"Batch {number}", created_at=now - 600)
    ledger.batches.create(
        replace(batch, status="running"),
        [PlannedItem(f"item_{n:03d}", n, f"Link {n:03d}", item.spec) for n in range(ITEMS)],
    )
    ledger.batches.remove(first.id)
    made = range(MADE)
    with ledger.database.write() as connection:
        connection.execute(insert(calls), [_call(batch, n, now - 600 + 2 * n) for n in made])
    data = draw_picture(folder / "made.jpg").read_bytes()
    digest = vault_of(batch.id).put(data)
    for n in made:
        complete(batch, n, len(data), digest)
    return batch


def complete(batch: Batch, n: int, size: int, digest: str) -> None:
    """Makes and delivers an item in the ledger."""
    ledger, key, path = open_ledger(), f"item_{n:03d}", f"Link_{n:03d}/slide_0.jpg"
    ledger.batches.start(batch.id, key)
    ledger.batches.finish(batch.id, key, [MadeFile(path, "image/jpeg", size, digest)])
    ledger.deliveries.verify(batch.id, key, [(path, "file:///somewhere")])


def _call(batch: Batch, n: int, at: float) -> dict[str, object]:
    return {
        "id": str(uuid.uuid4()),
        "batch_id": batch.id,
        "item_key": f"item_{n:03d}",
        "slot": "text",
        "call_key": str(uuid.uuid4()),
        "account": "",
        "model": "sketch",
        "status": "settled",
        "send_at": at,
        "settled_at": at + 2,
        "latency_s": 2.0,
        "cost_nusd": 39_000_000,
    }


@contextmanager
def running_desk(api_url: str) -> Iterator[tuple[str, psutil.Process]]:
    """The desk in a process of its own, as ``make up`` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PREFECT_API_URL": api_url,
        "PREFECT_API_AUTH_STRING": LOGIN,
        "PRESSRUN_DESK_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "pressrun.desk"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{url}/health", timeout=2)
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def timed(client: httpx.Client, page: str) -> float:
    """Seconds of one answer, after what was read before is old."""
    time.sleep(3)
    began = time.perf_counter()
    assert client.get(page).status_code == 200
    return time.perf_counter() - began


def share_of_core(
    process: psutil.Process, url: str, cookie: dict[str, str], followed: Sequence[Batch]
) -> float:
    """Processor time of the desk over time, while tabs follow batches and items are completed."""
    over = time.monotonic() + FOLLOWED_S
    tabs = [
        threading.Thread(target=_follow, args=(f"{url}/batches/{batch.id}/live", cookie, over, n))
        for n, batch in enumerate(followed)
    ]
    before, began = process.cpu_times(), time.monotonic()
    for tab in tabs:
        tab.start()
    left = [n for n in range(MADE, ITEMS) if _is_pending(followed[-1], n)]
    for n in left[: int(2 * FOLLOWED_S)]:
        complete(followed[-1], n, 1, "0" * 64)
        time.sleep(0.5)
    for tab in tabs:
        tab.join()
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return used / (time.monotonic() - began)


def _is_pending(batch: Batch, n: int) -> bool:
    return f"item_{n:03d}" in open_ledger().batches.keys(batch.id, "pending")


def _follow(page: str, cookie: dict[str, str], over: float, number: int) -> None:
    """Asks as desk.js does."""
    time.sleep(number * EVERY_S / TABS)  # tabs are not opened in the same moment
    tag = ""
    with httpx.Client(cookies=cookie, timeout=30) as client:
        while time.monotonic() < over:
            answer = client.get(page, headers={"If-None-Match": tag, "X-Desk": "1"})
            tag = answer.headers.get("etag", tag)
            time.sleep(EVERY_S)


if __name__ == "__main__":
    sys.exit(main())

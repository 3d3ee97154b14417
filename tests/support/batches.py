"""Batches for tests: slides and photos on disk, orders for them, and a run without Prefect."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from pressrun.batches.delivered import Delivered
from pressrun.batches.finish import finish
from pressrun.batches.planning import new_batch, planner_of
from pressrun.batches.run import BatchRun, Receipt
from pressrun.batches.vaults import vault_at
from pressrun.engines.account import Access, Account
from pressrun.engines.limits import Limits
from pressrun.errors import PressrunError
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.reports.writing import Outcome
from pressrun.settings import settings
from pressrun.stores.factory import Target, folder_target

KEY = "AIza-a-good-key-0123456789"
TEXT_MODEL = "gemini-3.8-flash"
IMAGE_MODEL = "gemini-nano-banana-2.1"
#: Orders and accounts that go to the local Gemini.
GEMINI: dict[str, Any] = {"model": IMAGE_MODEL, "text_model": TEXT_MODEL}
#: Makes and delivers a batch; ``keep_vault`` keeps its bytes on this machine.
Deliver = Callable[..., Delivered]
FAST = {IMAGE_MODEL: 60_000.0, TEXT_MODEL: 60_000.0}


def account_at(url: str, key: str = KEY, limits: Mapping[str, float] = FAST) -> Account:
    """The account of one key at a local Gemini; limits are requests a minute."""
    told = {model: Limits(requests_per_minute=pace) for model, pace in limits.items()}
    return Account((Access(key, base_url=url),), told)


def write_slides(folder: Path, count: int = 2, caption: str = "") -> Path:
    """A folder of small slides, each of another colour, with a caption if one is given."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        draw_picture(folder / f"slide_{number}.jpg", (30 + 40 * number % 220, 90, 160))
    if caption:
        (folder / "caption.txt").write_text(caption, "utf-8")
    return folder


def draw_picture(
    path: Path, colour: tuple[int, int, int] = (200, 120, 40), kind: str | None = None
) -> Path:
    """A picture of 90 x 160 pixels, of the kind that its suffix says if none is given."""
    image = Image.new("RGB", (90, 160), colour)
    ImageDraw.Draw(image).rectangle((20, 40, 70, 110), fill=(240, 240, 230))
    image.save(path, kind)
    return path


def parameters(home: Path, shows: int = 1, slides: int = 2, **changes: Any) -> dict[str, Any]:
    """Parameters of a batch over own slides in ``home``: one variation a show, one product.

    The model paints the words: then a slide is one file, which is all that most tests need.
    """
    photo = draw_picture(home / "mug.png")
    folders = [write_slides(home / f"show_{n}", slides) for n in range(1, shows + 1)]
    return {
        "links": "",
        "slides": "\n".join(map(str, folders)),
        "photo": str(photo),
        "description": "A mug that keeps coffee warm.",
        "photo_variations": 1,
        "text_variations": 1,
        "lettering": "model",
        "title": "Test",
    } | changes


def plan(
    given: dict[str, Any],
    batch_id: str = "",
    target: Target | None = None,
    flow: str = "slideshow-batch",
) -> Batch:
    """Plans a batch as the task ``plan`` does, for a folder if no target is given."""
    target = target or folder_target(Path(given.get("output") or settings().output))
    kind, batch_id = find_flow(flow), batch_id or str(uuid.uuid4())
    parameters = kind.parse_parameters(given)
    if known := open_ledger().batches.find(batch_id):
        return known
    log, vault = logging.getLogger("plan").info, vault_at(batch_id, target)
    with planner_of(kind, parameters, target, Account, vault, log) as planner:
        items = planner.plan()
    batch = new_batch(kind, parameters, target, batch_id, time_of(1_767_225_600))
    return open_ledger().batches.create(replace(batch, created_at=time.time()), items)


def time_of(seconds: float) -> datetime:
    """A moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def work(
    batch: Batch,
    account: Account | None = None,
    concurrency: int = 2,
    tries: int = 4,
    target: Target | None = None,
) -> Outcome:
    """Makes, delivers and reports a batch as the flow does, without Prefect."""
    run = BatchRun(batch, account or Account(), concurrency, target)
    try:
        run.begin()
        delivery = threading.Thread(target=run.delivery.run, name="delivery")
        delivery.start()
        try:
            with ThreadPoolExecutor(concurrency) as pool:
                list(pool.map(lambda item: make(run, item.key, tries), run.todo()))
        finally:
            run.delivery.generation_over()
            delivery.join()
        return finish(run)
    finally:
        run.close()


def make(run: BatchRun, key: str, tries: int = 4) -> Receipt | PressrunError:
    """Makes one item, again where the error says that it can help; gives the last error."""
    while True:
        tries -= 1
        try:
            return run.make(key)
        except PressrunError as error:
            if not error.retryable or tries == 0:
                run.give_up(key)
                return error


def folder_of(batch: Batch) -> Path:
    """Where the batch is delivered."""
    return Path(batch.destination) / batch.root


def delivered(batch: Batch) -> dict[str, bytes]:
    """Every file of a batch's folder by its path below it."""
    root = folder_of(batch)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def opened(batch: Batch, target: Target | None = None) -> Delivered:
    """The batch as the ledger has it by now, as the maintenance commands find it."""
    ledger = open_ledger()
    return Delivered.open(ledger, ledger.batches.match(batch.id), target)

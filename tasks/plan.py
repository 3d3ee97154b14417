"""The step ``plan``: from parameters to a batch with its items in the ledger."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from pressrun.layout import DEFAULT, Layout
from pressrun.ledger import open_ledger
from pressrun.ledger.batches import Batch, PlannedItem
from pressrun.ledger.places import Places
from pressrun.recipes import slideshow
from pressrun.recipes.order import Order
from pressrun.recipes.slideshow_order import SlideshowOrder
from pressrun.recipes.slideshow_plan import PASSING_KINDS, Planner
from pressrun.run import vault_of
from pressrun.settings import settings
from pressrun.stores.factory import Target, open_store
from pressrun.stores.sources import Sources
from tasks.logs import quiet_logs


@task(name="plan", cache_policy=NO_CACHE, persist_result=False)
def plan_slideshows(given: dict[str, Any], target: Target) -> Batch:
    """Judges the links, fetches the slides and writes the items of a slideshow batch.

    When the flow run is retried, the plan stands; only links that could be had by now are
    looked at once more.

    Args:
        given: The fields of a :class:`SlideshowOrder`.
        target: Where the batch goes.
    """
    quiet_logs()
    order, batch_id, say = SlideshowOrder.of(given), str(flow_run.id), get_run_logger().info
    with TemporaryDirectory(prefix="pressrun-") as folder:
        bring = Sources(target, _places(), Path(folder)).bring
        planner = Planner(order, settings(), vault_of(batch_id), say, bring)
        if known := open_ledger().batches.find(batch_id):
            say("Going on with %s.", known.root)
            _plan_again(known, planner)
            return known
        return _plan(slideshow.KIND, order, target, planner.plan)


def _places() -> Callable[[str], Places]:
    return partial(Places, open_ledger().database)


def _plan_again(batch: Batch, planner: Planner) -> None:
    batches = open_ledger().batches
    blocked = [i for i in batches.items(batch.id, "failed") if i.error_kind in PASSING_KINDS]
    numbers = {item.spec["link"] for item in blocked if "slides" not in item.spec}
    if numbers:
        for key, planned in planner.again(numbers).items():
            batches.replace(batch.id, key, planned)


def _plan(kind: str, order: Order, target: Target, plan: Callable[[], list[PlannedItem]]) -> Batch:
    batch_id, ledger = str(flow_run.id), open_ledger()
    layout = Layout.of(target.path_template or DEFAULT)
    open_store(target, _places()).check()
    try:
        planned = plan()
    except BaseException:
        vault_of(batch_id).clear()
        raise
    now = time.time()
    batch = Batch(
        id=batch_id,
        kind=kind,
        title=order.title,
        destination=target.address,
        root=layout.root_of(order.title, kind, batch_id, datetime.fromtimestamp(now).astimezone()),
        parameters=order.model_dump(),
        created_at=now,
        store=target.name,
        layout=layout.files,
        concurrency=order.concurrency,
        priority=order.priority,
        budget_usd=order.budget_usd or None,
    )
    return ledger.batches.create(batch, planned)

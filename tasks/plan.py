"""The step ``plan``: from parameters to a batch with its items in the ledger."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from pressrun.ledger import open_ledger
from pressrun.ledger.batches import Batch, PlannedItem
from pressrun.names import batch_root
from pressrun.recipes import slideshow
from pressrun.recipes.slideshow_order import SlideshowOrder
from pressrun.recipes.slideshow_plan import PASSING_KINDS, Planner
from pressrun.run import default_destination, vault_of
from pressrun.settings import settings
from pressrun.stores.factory import open_store
from tasks.logs import quiet_logs


@task(name="plan", cache_policy=NO_CACHE, persist_result=False)
def plan_slideshows(given: dict[str, Any]) -> Batch:
    """Judges the links, fetches the slides and writes the items of a slideshow batch.

    When the flow run is retried, the plan stands; only links that could be had by now are
    looked at once more.

    Args:
        given: The fields of a :class:`SlideshowOrder`.
    """
    quiet_logs()
    order = SlideshowOrder.of(given)
    batch_id = str(flow_run.id)
    planner = Planner(order, settings(), vault_of(batch_id), get_run_logger().info)
    if known := open_ledger().batches.find(batch_id):
        get_run_logger().info("Going on with %s.", known.root)
        _plan_again(known, planner)
        return known
    return _plan(slideshow.KIND, order.title, order.output, order.model_dump(), planner.plan)


def _plan_again(batch: Batch, planner: Planner) -> None:
    batches = open_ledger().batches
    blocked = [i for i in batches.items(batch.id, "failed") if i.error_kind in PASSING_KINDS]
    numbers = {item.spec["link"] for item in blocked if "slides" not in item.spec}
    if numbers:
        for key, planned in planner.again(numbers).items():
            batches.replace(batch.id, key, planned)


def _plan(
    kind: str,
    title: str,
    output: str,
    parameters: dict[str, Any],
    plan: Callable[[], list[PlannedItem]],
) -> Batch:
    batch_id = str(flow_run.id)
    destination = default_destination(output)
    open_store(destination).check()
    try:
        planned = plan()
    except BaseException:
        vault_of(batch_id).clear()
        raise
    now = time.time()
    batch = Batch(
        id=batch_id,
        kind=kind,
        title=title,
        destination=destination,
        root=batch_root(title, datetime.fromtimestamp(now).astimezone()),
        parameters=parameters,
        created_at=now,
    )
    return open_ledger().batches.create(batch, planned)

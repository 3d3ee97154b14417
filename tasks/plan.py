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
from pressrun.recipes.slideshow_plan import Planner
from pressrun.run import default_destination, vault_of
from pressrun.settings import settings
from pressrun.stores.factory import open_store
from pressrun.vault import Vault


@task(name="plan", cache_policy=NO_CACHE, persist_result=False)
def plan_slideshows(order: SlideshowOrder) -> Batch:
    """Judges the links, fetches the slides and writes the items of a slideshow batch."""

    def items(vault: Vault) -> list[PlannedItem]:
        return Planner(order, settings(), vault, get_run_logger().info).plan()

    return _plan(slideshow.KIND, order.title, order.output, order.model_dump(), items)


def _plan(
    kind: str,
    title: str,
    output: str,
    parameters: dict[str, Any],
    items: Callable[[Vault], list[PlannedItem]],
) -> Batch:
    batch_id = str(flow_run.id)
    ledger, vault = open_ledger(), vault_of(batch_id)
    if known := ledger.batches.find(batch_id):
        get_run_logger().info("Going on with the plan of %s.", known.root)
        return known
    destination = default_destination(output)
    open_store(destination).check()
    try:
        planned = items(vault)
    except BaseException:
        vault.clear()
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
    return ledger.batches.create(batch, planned)

"""The step ``plan``: from parameters to a batch with its items in the ledger."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from pressrun.layout import Layout
from pressrun.ledger import open_ledger
from pressrun.ledger.batches import Batch, PlannedItem
from pressrun.ledger.places import Places
from pressrun.recipes.order import Order
from pressrun.recipes.registry import Kind, Planner
from pressrun.run import vault_of
from pressrun.settings import settings
from pressrun.stores.factory import Target, open_store
from pressrun.stores.sources import Sources


@task(name="plan", cache_policy=NO_CACHE, persist_result=False)
def plan(kind: Kind, given: Mapping[str, Any], target: Target) -> Batch:
    """Checks what was asked, fetches its sources and writes the batch's items.

    When the flow run is retried, the plan stands; only what could be had by now is looked at
    once more.

    Args:
        kind: Of the batch.
        given: The fields of the kind's order.
        target: Where the batch goes.
    """
    order, batches = kind.order(given), open_ledger().batches
    with _planner(kind, order, target) as planner:
        known = batches.find(str(flow_run.id))
        if known is None:
            return _plan(kind, order, target, planner.plan)
        get_run_logger().info("Going on with %s.", known.root)
        for key, planned in planner.again(batches.items(known.id, "failed")).items():
            batches.replace(known.id, key, planned)
        return known


@task(name="plan-only", cache_policy=NO_CACHE, persist_result=False)
def plan_only(kind: Kind, given: Mapping[str, Any], target: Target) -> list[PlannedItem]:
    """Plans as :func:`plan` does, and keeps nothing."""
    with _planner(kind, kind.order(given), target) as planner:
        try:
            return planner.plan()
        finally:
            vault_of(str(flow_run.id)).clear()


@contextmanager
def _planner(kind: Kind, order: Any, target: Target) -> Iterator[Planner]:
    vault, say = vault_of(str(flow_run.id)), get_run_logger().info
    with TemporaryDirectory(prefix="pressrun-") as folder:
        bring = Sources(target, _places(), Path(folder)).bring
        yield kind.planner(order, settings(), vault, say, bring)


def _plan(kind: Kind, order: Order, target: Target, plan: Callable[[], list[PlannedItem]]) -> Batch:
    batch_id = str(flow_run.id)
    layout = Layout.of(target.path_template or kind.path_template)
    open_store(target, _places()).check()
    try:
        planned = plan()
    except BaseException:
        vault_of(batch_id).clear()
        raise
    now = time.time()
    batch = Batch(
        id=batch_id,
        kind=kind.name,
        title=order.title,
        destination=target.address,
        root=layout.root_of(
            order.title,
            kind.name,
            batch_id,
            datetime.fromtimestamp(now).astimezone(),
            getattr(order, "owner", ""),
        ),
        parameters=order.model_dump(),
        created_at=now,
        store=target.name,
        layout=layout.files,
        concurrency=order.concurrency,
        priority=order.priority,
        budget_usd=order.budget_usd or None,
    )
    return open_ledger().batches.create(batch, planned)


def _places() -> Callable[[str], Places]:
    return partial(Places, open_ledger().database)

"""The step ``plan``: from parameters to a batch with its items in the ledger."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from httpx import HTTPError
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

from pressrun.batches.item_queue import WaitingItem
from pressrun.batches.mend import plan_mends, waiting
from pressrun.batches.planning import new_batch, planner_of
from pressrun.batches.run import BatchRun
from pressrun.batches.vaults import local_vault, vault_at
from pressrun.engines.account import Account
from pressrun.kinds.base import Kind, Planner
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, PlannedItem
from pressrun.ledger.reviews import noted, warned
from pressrun.ledger.vault import Vault
from pressrun.stores.factory import Target, open_store
from pressrun.stores.retry import retry_store
from tasks.planning import told_in_state
from tasks.request import BatchRequest
from tasks.review import is_scheduled

Payer = Callable[[], Account]
Hear = Callable[[str], None]


def _ignore(_: str) -> None:
    """Ignores what is said."""


@task(name="plan", cache_policy=NO_CACHE, persist_result=False)
def plan(kind: Kind, given: Mapping[str, Any], target: Target, account: Payer) -> Batch:
    """Checks what was asked, fetches its sources and writes the batch's items.

    When the flow run goes on, the plan stands; only items that could not be planned, and may be
    now, are planned again, and those of which a person changed the words.

    Args:
        kind: Of the batch.
        given: The batch's parameters.
        target: Where the batch goes.
        account: Gives who pays, if a model has to read what was given.
    """
    batches, batch_id = open_ledger().batches, str(flow_run.id)
    vault = vault_at(batch_id, target)
    if known := batches.find(batch_id):
        get_run_logger().info("Going on with %s.", known.root)
        changed = waiting(open_ledger(), known)
        with _planner(kind, known.parameters, target, account, vault) as planner:
            failed = [item for item in batches.items(known.id, "failed") if item not in changed]
            for key, planned in planner.again(failed).items():
                batches.replace(known.id, key, planned)
            if changed:
                plan_mends(planner, open_ledger(), known)
        return batches.find(batch_id) or known
    moment, said, notes = datetime.now(UTC).astimezone(), list[str](), list[str]()
    parameters = kind.parse_parameters(given)
    # Before anything slow: over the limit, nothing is fetched.
    open_ledger().requests.check(batch_id, parameters.requested_by, time.time())
    batch = new_batch(kind, parameters, target, batch_id, moment)
    store = open_store(target, open_ledger().remote_ids)
    retry_store(store.check)
    # Of a scheduled run nobody sees the plan, whatever its parameters say.
    shown = {"review": parameters.review and not is_scheduled()}
    given = {**given, **shown}
    planned_items = _planned(kind, given, target, account, vault, said.append, notes.append)
    batch = noted(warned(batch, said) if parameters.review else batch, notes)
    created = batches.create(batch, planned_items)
    _name_run(created.name)
    return created


def mended(asked: BatchRequest, run: BatchRun) -> list[WaitingItem]:
    """Plans the items that a person changed while the batch was in work; returns them."""
    if run.stopped_by or not waiting(run.ledger, run.batch):
        return []
    vault = vault_at(run.batch.id, asked.target)
    with _planner(asked.kind, run.batch.parameters, asked.target, asked.account, vault) as planner:
        keys = plan_mends(planner, run.ledger, run.batch)
    return run.todo(keys)


def _name_run(name: str) -> None:
    try:
        with get_client(sync_client=True) as client:
            client.update_flow_run(flow_run.id, name=name)
    except (HTTPError, PrefectException) as error:
        get_run_logger().debug("The run keeps the name that it had: %s", error)


@task(name="plan-only", cache_policy=NO_CACHE, persist_result=False)
def plan_only(
    kind: Kind, given: Mapping[str, Any], target: Target, account: Payer, note: Hear
) -> list[PlannedItem]:
    """Plans as :func:`plan` does, and keeps nothing; calls ``note`` with what to know of it."""
    vault = local_vault(str(flow_run.id))
    try:
        return _planned(kind, given, target, account, vault, note=note)
    finally:
        vault.clear()


def _planned(
    kind: Kind,
    given: Mapping[str, Any],
    target: Target,
    account: Payer,
    vault: Vault,
    hear: Hear = _ignore,
    note: Hear = _ignore,
) -> list[PlannedItem]:
    with _planner(kind, given, target, account, vault, hear, note) as planner:
        try:
            return planner.plan()
        except BaseException:
            vault.clear()
            raise


@contextmanager
def _planner(
    kind: Kind,
    given: Mapping[str, Any],
    target: Target,
    account: Payer,
    vault: Vault,
    hear: Hear = _ignore,
    note: Hear = _ignore,
) -> Iterator[Planner]:
    logger = get_run_logger()

    newest = ""

    def log(words: str) -> None:
        nonlocal newest
        newest = words
        logger.info("%s", words)
        hear(words)

    def log_note(words: str) -> None:
        log(words)
        note(words)

    with (
        told_in_state(lambda: newest),
        planner_of(
            kind, kind.parse_parameters(given), target, account, vault, log, log_note
        ) as planner,
    ):
        yield planner

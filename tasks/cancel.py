"""What follows when somebody cancels or rejects a run, or its process dies.

The cancelled process concludes its batch if that has the time; else a fresh one does, as
Prefect's hook. Task runs that a dead process left ``Running`` on the server are ended by a
process that has the batch's lease, so that the process that ran them is known to be dead:
Prefect marks a dead flow run, never its task runs.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx import HTTPError
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, TaskRun
from prefect.exceptions import PrefectException
from prefect.flows import Flow
from prefect.states import Cancelled, Crashed

from pressrun.batches import cancelled
from pressrun.batches.background import repeating
from pressrun.batches.finish import conclude_orphan, drop
from pressrun.blocks import target_named
from pressrun.cli.control import ClientRuns
from pressrun.errors import PressrunError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.reports.notice import End
from pressrun.stores.factory import Target
from tasks.notify import notifier_of
from tasks.process import filter_task_logs

#: Prefect gives a cancelled process 30 s; the process after it waits a little longer for its end.
HEIR_PATIENCE_S = 60.0

logger = logging.getLogger(__name__)
#: About when this process began. Its own task runs began later.
_BEGAN_AT = time.time()
_PAGE = 200
#: A server may record a task run's state a second late (``deployments/up.py``).
_WRITTEN_DOWN_S = 2.0


def reject(batch: Batch) -> State[Any]:
    """Closes a batch whose plan a person has rejected; returns its run's state."""
    gone = drop(batch)
    return Cancelled(name="Rejected", message=f"The plan was rejected: none of {gone} was made.")


def conclude_cancelled(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's names
    """Concludes a batch whose process was killed too early (Prefect's ``on_cancellation``)."""
    filter_task_logs()
    batch = open_ledger().batches.find(str(flow_run.id))
    if batch is None or batch.status == "cancelled":
        return
    if not conclude_orphan(batch, _target_of(batch), HEIR_PATIENCE_S):
        logger.warning("Another process still works on %s and will conclude it.", batch.root)
        return
    end_all(flow_run.id)
    notifier_of(batch).notify(End("Cancelled"))


@contextmanager
def others_concluded() -> Iterator[None]:
    """Concludes other batches that are cancelled and have no process, while this one works."""
    with get_client(sync_client=True) as client:

        def look() -> None:
            try:
                cancelled.conclude_cancelled(ClientRuns(client), open_ledger(), _target_of)
            except (HTTPError, PrefectException, PressrunError) as error:
                logger.debug("Cancelled batches are not looked for this time: %s", error)

        with repeating(look, cancelled.LOOK_S, "cancelled"):
            yield


def _target_of(batch: Batch) -> Target | None:
    return target_named(batch.store, batch.destination)


def end_leftovers(flow_run_id: UUID, before: float = _BEGAN_AT) -> int:
    """Marks the run's task runs of dead processes as crashed; returns how many there were.

    Args:
        flow_run_id: The run.
        before: Those that began before this moment (Unix seconds).
    """
    ended = 0
    try:
        with get_client(sync_client=True) as client:
            left = client.read_task_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id])),
                task_run_filter=TaskRunFilter(
                    state=TaskRunFilterState(
                        type=TaskRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
                    )
                ),
                limit=_PAGE,
            )
            for task_run in (one for one in left if _began_before(one, before)):
                state: State[Any] = Crashed(message="The process that ran it died.")
                client.set_task_run_state(task_run.id, state, force=True)
                ended += 1
    except (HTTPError, PrefectException) as error:
        logger.debug("Task runs of a dead process are left as they are: %s", error)
    return ended


def end_all(flow_run_id: UUID) -> int:
    """Marks as :func:`end_leftovers` does, in a run whose items have all stopped just now."""
    stopped_at = time.time()
    time.sleep(_WRITTEN_DOWN_S)
    return end_leftovers(flow_run_id, stopped_at)


def _began_before(task_run: TaskRun, moment: float) -> bool:
    began = task_run.start_time or task_run.created
    return began is not None and began < datetime.fromtimestamp(moment, UTC)

"""Runs whose process is gone and that nothing on the server lets go on: found, scheduled again.

Two automations of the server do that (``pressrun/cli/automations.py``), by events. A server that
was started anew has forgotten which events it had. It holds back for a quarter of an hour the one
that a run has crashed, where the run's last state is younger than five minutes, and loses it if it
ends meanwhile (Prefect 3.9.1, ``server/events/ordering/memory.py``). Nor does it ever ask again for
a run whose worker died before the run's process had begun. So workers look for such runs
themselves, when they start and at each of their heartbeats.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from anyio import to_thread
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterName,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import AwaitingRetry

from pressrun.batches.lease import is_held
from pressrun.cli.automations import GOES_ON
from pressrun.ledger import open_ledger
from pressrun.ledger.records import OPEN

#: The automation acts after 15 s, and looks every five.
_CRASHED = timedelta(seconds=30)
#: A process that begins takes seconds; on a busy machine it was 40.
_BEGINS = timedelta(minutes=5)
#: What crashed earlier, and stands since, waits for a person: he may count on that by now.
_LATELY = timedelta(days=1)

logger = logging.getLogger("prefect.worker.pressrun")


async def schedule_lost(client: PrefectClient, pool: str) -> None:
    """Schedules again what has crashed or never begun, if the server's automation may do so.

    Whatever a person stopped stays: it is cancelled or suspended, on the server or in the ledger.

    Raises:
        HTTPError, PrefectException: The server does not answer, or refuses.
        LedgerError: The ledger cannot be read.
    """
    found = await _runs(client, pool)
    if not found or not await _may_go_on(client):
        return
    for run in await to_thread.run_sync(_unheld, found):
        if not await _was_deleted(client, run):
            await _schedule(client, run)


async def _runs(client: PrefectClient, pool: str) -> list[FlowRun]:
    now = datetime.now(UTC)
    crashed = await _read(
        client, pool, StateType.CRASHED, end_time=FlowRunFilterEndTime(after_=now - _LATELY)
    )
    pending = await _read(client, pool, StateType.PENDING)
    return [
        run
        for runs, patience in ((crashed, _CRASHED), (pending, _BEGINS))
        for run in runs
        if run.state and run.state.timestamp < now - patience
    ]


async def _read(
    client: PrefectClient, pool: str, state: StateType, **fits: FlowRunFilterEndTime
) -> list[FlowRun]:
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            tags=FlowRunFilterTags(all_=["pressrun"]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[state])),
            **fits,
        ),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
    )


async def _may_go_on(client: PrefectClient) -> bool:
    """Says whether crashed runs are to go on: a person may have switched that off."""
    return any(one.enabled for one in await client.read_automations_by_name(GOES_ON))


def _unheld(runs: Sequence[FlowRun]) -> list[FlowRun]:
    """Gives the runs that are unfinished, and that no process works on.

    A run that was silent for long counts as crashed, and may still be at work.
    """
    ledger = open_ledger()
    known = ledger.batches.statuses([str(run.id) for run in runs])
    return [
        run
        for run in runs
        # One that never began was asked for: also where its batch had ended before.
        if run.state_type == StateType.PENDING or known.get(str(run.id), OPEN[0]) in OPEN
        if not is_held(ledger, str(run.id))
    ]


async def _was_deleted(client: PrefectClient, run: FlowRun) -> bool:
    """Says whether a run's batch was worked on and is not there any more: it is not made anew."""
    if await to_thread.run_sync(open_ledger().batches.find, str(run.id)):
        return False
    return bool(
        await client.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
            task_run_filter=TaskRunFilter(name=TaskRunFilterName(like_="deliver")),
            limit=1,
        )
    )


async def _schedule(client: PrefectClient, run: FlowRun) -> None:
    now = (await client.read_flow_run(run.id)).state
    if not (now and run.state) or now.id != run.state.id:
        return  # another worker was here, or a person
    again: Any = AwaitingRetry(message="Goes on after a crash.")
    await client.set_flow_run_state(run.id, again, force=True)
    logger.info("%s was %s, and goes on.", run.name, now.name)

"""Prefect's process worker, as it is where Pressrun is installed: a stop of it loses no call.

Prefect's own one kills the processes of its runs at once (SIGKILL) when it is stopped, so that they
can end nothing and stay "Running". This one tells them (SIGTERM), waits for their end, and only
then ends itself. It takes the place of Prefect's for ``prefect worker start``, by the entry point
``prefect.collections``; work pools stay of the type ``process``.
"""

import logging
import os
import signal
import warnings
from contextlib import suppress
from typing import Any

import anyio
import anyio.abc
from httpx import HTTPError
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import PrefectException
from prefect.states import AwaitingRetry
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from deployments.lost import schedule_lost
from pressrun.boundary.telemetry.logs import begin_json
from pressrun.errors import PressrunError, SettingError

#: Longest wait for the end of the runs of a worker that is stopped: they let their calls end for
#: 30 s (``tasks/stop.py``), and then put what is paid where others find it.
PATIENCE_S = 45.0

logger = logging.getLogger("prefect.worker.pressrun")

with suppress(SettingError):  # which runs say in a sentence
    begin_json()  # its runs have its environment, so they write JSON from their first line on

with warnings.catch_warnings():
    # Prefect warns that a type takes the place of another.
    warnings.simplefilter("ignore", UserWarning)

    class PatientProcessWorker(ProcessWorker):
        """A process worker that lets its runs end by themselves when it is stopped."""

        type = "process"

        async def sync_with_backend(self) -> None:
            """Sends a heartbeat, and lets runs go on whose process is gone."""
            await super().sync_with_backend()
            try:
                await schedule_lost(self.client, self._work_pool_name)
            except (HTTPError, PrefectException, PressrunError) as error:
                logger.warning("Runs whose process is gone are looked for again later: %s", error)

        async def run(
            self,
            flow_run: FlowRun,
            configuration: ProcessJobConfiguration,
            task_status: anyio.abc.TaskStatus[int] | None = None,
        ) -> ProcessWorkerResult:
            """Runs a flow run in a process, to its own end also where the worker is stopped."""
            process, over = _FlowProcess(task_status), anyio.Event()
            async with anyio.create_task_group() as group:
                group.start_soon(_stop_with_worker, process, over)
                with anyio.CancelScope(shield=True):
                    try:
                        result = await super().run(flow_run, configuration, process)
                        if process.stopped and result.status_code:
                            await self._schedule_again(flow_run)
                    finally:
                        over.set()
            return result

        async def _schedule_again(self, flow_run: FlowRun) -> None:
            """Lets a run go on whose process was stopped before it could say so itself."""
            again: Any = AwaitingRetry(message="Its worker was stopped. It goes on at another one.")
            try:
                state = (await self.client.read_flow_run(flow_run.id)).state
                if state and (state.is_crashed() or state.is_running()):
                    await self.client.set_flow_run_state(flow_run.id, again, force=True)
            except (HTTPError, PrefectException) as error:
                # Its heartbeats end, so that the server's automations see to it.
                logger.warning("The server does not know yet that a run goes on: %s", error)


class _FlowProcess(anyio.abc.TaskStatus[int]):
    """The process of a flow run, known from its start on; it leads a process group."""

    def __init__(self, asked: anyio.abc.TaskStatus[int] | None):
        self._asked, self._pid = asked, 0
        self.stopped = False

    def started(self, value: int | None = None) -> None:
        """Notes the process; one that starts while its worker is stopped is told so at once."""
        self._pid = value or 0
        if self._asked and value is not None:
            self._asked.started(value)
        if self.stopped:
            self.send(signal.SIGTERM)

    def stop(self) -> None:
        """Tells the process that its worker is stopped."""
        self.stopped = True
        self.send(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """Signals the process and what it has started."""
        if not self._pid:
            return
        with suppress(ProcessLookupError):
            if os.getpgid(self._pid) == self._pid:
                os.killpg(self._pid, number)
            else:  # a pool's own command shares the worker's group
                os.kill(self._pid, number)


async def _stop_with_worker(process: _FlowProcess, over: anyio.Event) -> None:
    """Waits for the end of a run; stops its process when the worker is stopped before."""
    try:
        await over.wait()
    except anyio.get_cancelled_exc_class():
        logger.info("The worker is stopped: its runs let their calls end, and go on elsewhere.")
        process.stop()
        with anyio.move_on_after(PATIENCE_S, shield=True) as patience:
            await over.wait()
        if patience.cancelled_caught:
            logger.warning("A run has not ended after %.0f s and is killed.", PATIENCE_S)
            process.send(signal.SIGKILL)
        raise

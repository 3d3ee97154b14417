"""A stop of a run's process (SIGTERM): no call is cut off, and the run is scheduled again at once.

A worker that is drained, redeployed or stopped tells its runs (``deployments/worker.py``), as a
service manager or a container's end does. Prefect raises its signal in the main thread. Then no
further call is sent, those under way end and are kept, and the run goes on where a worker takes it.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeAlias
from uuid import UUID

from httpx import HTTPError
from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import MissingContextError, PrefectException, TerminationSignal
from prefect.runtime import flow_run
from prefect.states import AwaitingRetry

from pressrun.ledger import open_ledger
from tasks.control import is_being_cancelled

#: Longest wait for calls under way, and for files on their way.
GRACE_S = 30.0
#: Signals within so many seconds of the first are the same stop: a service manager tells every
#: process of a group, and the worker tells its runs too.
SAME_S = 3.0
#: How long `pressrun status` says what the batch waits for, if nobody goes on with it.
_NOTED_S = 86_400.0
_SAID = "Its worker was stopped. It goes on at another one, or here when this one is back."

Given = ParamSpec("Given")
_Log: TypeAlias = "logging.Logger | logging.LoggerAdapter[logging.Logger]"

logger = logging.getLogger(__name__)


class Stop:
    """The stop of this process: what ends with it, and when it ends for good."""

    def __init__(self) -> None:
        self._began_at: float | None = None
        self._run_id = ""
        self._log: _Log = logger
        self._close: Callable[[], None] = lambda: None
        self._ending = threading.Lock()

    @contextmanager
    def closing(self, close: Callable[[], None]) -> Iterator[None]:
        """Names what has to be done before the process ends at once; may run beside the block."""
        self._close = close
        try:
            yield
        finally:
            self._close = lambda: None

    def begin(self) -> None:
        """Begins the stop, when its first signal came: calls under way have so long to end."""
        if self._began_at is not None:
            return
        self._began_at, self._run_id, self._log = time.monotonic(), str(flow_run.id), _log()
        signal.signal(signal.SIGTERM, self._again)
        self._in_thread(lambda: time.sleep(GRACE_S), f"after {GRACE_S:.0f} s")
        self._log.warning("Its process is stopped: no further call is sent, those under way end.")

    def _again(self, *_: object) -> None:
        if self._began_at is not None and time.monotonic() - self._began_at >= SAME_S:
            self._in_thread(lambda: None, "at a second signal")

    def _in_thread(self, wait: Callable[[], None], when: str) -> None:
        def end() -> None:
            wait()
            self._end(when)

        threading.Thread(target=end, name="stop", daemon=True).start()

    def _end(self, when: str) -> None:
        """Ends the process without waiting for calls; what is paid and kept is found by others."""
        if not self._ending.acquire(blocking=False):
            return
        try:
            said = "It ends %s: calls that are still under way are cut off, and paid again."
            self._log.warning(said, when)
            self._close()
            _schedule(self._run_id)
        finally:
            os._exit(0)


stop = Stop()


def outlasts_stops(steps: Callable[Given, State[Any]]) -> Callable[Given, State[Any]]:
    """Lets a flow whose process is stopped be scheduled again, whichever step it was in."""

    @wraps(steps)
    def outlasting(*args: Given.args, **kwargs: Given.kwargs) -> State[Any]:
        try:
            return steps(*args, **kwargs)
        except TerminationSignal:
            if is_being_cancelled():
                raise
            stop.begin()
            batch_id = str(flow_run.id)
            if open_ledger().batches.find(batch_id):
                open_ledger().waits.note(batch_id, "", _NOTED_S, _SAID)
            return AwaitingRetry(message=_SAID)

    return outlasting


def _schedule(run_id: str) -> None:
    again: State[Any] = AwaitingRetry(message=_SAID)
    try:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(UUID(run_id)).state
            if state and (state.is_running() or state.is_pending()):
                client.set_flow_run_state(UUID(run_id), again, force=True)
    except (HTTPError, PrefectException) as error:
        logger.warning("The server does not know yet that the run goes on: %s", error)


def _log() -> "_Log":
    try:
        return get_run_logger()
    except MissingContextError:
        return logger

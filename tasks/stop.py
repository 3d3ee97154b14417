"""A stop of a run's process (SIGTERM): no call is cut off, and the run is scheduled again at once.

A worker that is drained, redeployed or stopped tells its runs (``deployments/worker.py``), as a
service manager or a container's end does. Prefect raises its signal in the main thread. Then no
further call is sent, those under way end and are kept, and the run goes on where a worker takes it.
"""

import atexit
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial, wraps
from typing import Any, ParamSpec
from uuid import UUID

from httpx import HTTPError
from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Abort, MissingContextError, PrefectException, TerminationSignal
from prefect.runtime import flow_run
from prefect.states import AwaitingRetry
from prefect.utilities import engine as signals

from pressrun.ledger import open_ledger
from tasks.cancel import end_leftovers
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

logger = logging.getLogger(__name__)


class Stop:
    """The stop of this process: what ends with it, and when it ends for good."""

    def __init__(self) -> None:
        self._began_at: float | None = None
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

    def signalled(self, number: int, *_: object) -> None:
        """Hears SIGTERM: raises the first in the main thread, and ends all at a second one."""
        now = time.monotonic()
        if self._began_at is None:
            self._began_at = now
            # While Python ends, only a signal that is ignored ends nothing.
            atexit.register(signal.signal, number, signal.SIG_IGN)
            self._beside(partial(self._end, "after 30 s", GRACE_S))
            raise TerminationSignal(number)
        if now - self._began_at >= SAME_S:
            self._beside(partial(self._end, "at a second signal"))

    def signalled_outside(self, number: int, *_: object) -> None:
        """Hears SIGTERM before the run and after it, where Prefect's handler is not installed."""
        if self._began_at is None:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def schedule(self, state: State[Any]) -> None:
        """Sets the state in which the run waits; once, since another worker may have it then."""
        self._ending.acquire()  # if the process ends at once, this does not return
        _schedule(state)

    @staticmethod
    def _beside(work: Callable[[], None]) -> None:
        # With the context of the run, which its log lines and its id come from.
        run = partial(copy_context().run, work)
        threading.Thread(target=run, name="stop", daemon=True).start()

    def _end(self, when: str, wait_s: float = 0.0) -> None:
        """Ends the process without waiting for calls; what is paid and kept is found by others."""
        if is_being_cancelled():
            return  # Prefect ends its process itself
        if wait_s:
            _log().warning("Its process is stopped: no further call is sent, those under way end.")
            time.sleep(wait_s)
        if not self._ending.acquire(blocking=False):
            return  # the flow has come to its end meanwhile
        try:
            _log().warning("It ends %s: what is under way is cut off, and asked again.", when)
            self._close()
            end_leftovers(UUID(str(flow_run.id)), time.time())
            _schedule(AwaitingRetry(message=_SAID))
        finally:
            os._exit(0)


stop = Stop()
# Prefect installs what has this name when a flow begins, and tells the worker by it that the
# process will end by itself when it is cancelled.
signals._prefect_sigterm_handler = stop.signalled  # type: ignore[assignment]
if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL and (
    threading.current_thread() is threading.main_thread()
):
    # Once the run has handed back its batch, a second signal of the same stop must not make its
    # process one that has crashed.
    signal.signal(signal.SIGTERM, stop.signalled_outside)


def outlasts_stops(steps: Callable[Given, State[Any]]) -> Callable[Given, State[Any]]:
    """Lets a flow whose process is stopped be scheduled again, whichever step it was in."""

    @wraps(steps)
    def outlasting(*args: Given.args, **kwargs: Given.kwargs) -> State[Any]:
        try:
            state = steps(*args, **kwargs)
        except TerminationSignal:
            if is_being_cancelled():
                raise
            batch_id = str(flow_run.id)
            if open_ledger().batches.find(batch_id):
                open_ledger().waits.note(batch_id, "", _NOTED_S, _SAID)
            state = AwaitingRetry(message=_SAID)
        if state.is_scheduled() and os.environ.get("PREFECT__FLOW_RUN_ID"):
            # Returned, it would be an error in a worker's process, whose run has then crashed.
            stop.schedule(state)
            raise Abort("The run goes on later.")
        return state

    return outlasting


def _schedule(state: State[Any]) -> None:
    try:
        with get_client(sync_client=True) as client:
            now = client.read_flow_run(UUID(str(flow_run.id))).state
            if now is None or now.is_running():
                client.set_flow_run_state(UUID(str(flow_run.id)), state, force=True)
    except (HTTPError, PrefectException) as error:
        logger.warning("The server does not know yet that the run goes on: %s", error)


def _log() -> "logging.Logger | logging.LoggerAdapter[logging.Logger]":
    try:
        return get_run_logger()
    except MissingContextError:
        return logger

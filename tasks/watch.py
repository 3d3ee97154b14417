"""A run looks at its own state: a pause or a cancel from outside is noticed within a second.

Prefect notifies a running flow of nothing: it only refuses to start further task runs. An item
makes several calls, so the run looks, once for all that follows from it: each look is a request,
which costs Prefect's server as much as an item does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

from prefect.client.orchestration import SyncPrefectClient, get_client

from pressrun.batches.background import repeating
from pressrun.batches.run import BatchRun
from tasks.control import HALTS, current_state, is_in_state
from tasks.pause import hold, worded
from tasks.request import BatchRequest

#: Seconds from one look to the next: with its answer, a stop is noticed within a second.
LOOK_S = 0.8
#: The same while a pause has nothing to halt: a form waits for its answer, or a plan is made.
_PAUSED_LOOK_S = 2.0


class Watch:
    """What a look at the run's state leads to.

    Args:
        asked: What the run was asked for.
        client: One for all looks: to make one takes 25 ms of a processor.
    """

    def __init__(self, asked: BatchRequest, client: SyncPrefectClient):
        self._asked, self._client = asked, client
        self._run: BatchRun | None = None

    @contextmanager
    def halting(self, run: BatchRun) -> Iterator[None]:
        """Halts the batch as soon as its flow run is paused or cancelled."""
        self._run = run
        try:
            yield
        finally:
            self._run = None

    def look(self) -> float | None:
        """Looks once; returns the seconds until the next look, where they differ."""
        if not is_in_state(self._client, *HALTS):
            return None
        state, run = current_state(), self._run
        kind = HALTS.get(state.type) if state else None
        if kind and run:
            run.halt(kind)  # first: no further call is sent
        is_held = kind == "paused" and hold(self._asked) is not None
        if run:
            return inf if is_held or kind == "cancelled" else None
        return _PAUSED_LOOK_S


@contextmanager
def watched(asked: BatchRequest) -> Iterator[Watch]:
    """Watches this run from its first step to its last, and lets no pause of it end by itself.

    Raises:
        Pause: Somebody paused the run; with the state that it has then.
    """
    with get_client(sync_client=True) as client:
        watch = Watch(asked, client)
        with repeating(watch.look, LOOK_S, "watch"), worded(asked):
            yield watch

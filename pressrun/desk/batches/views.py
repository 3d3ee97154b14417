"""Batches by their ids, each read once for all who look at it at the same time."""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from pressrun.batches.control import RunState
from pressrun.desk.batches.view import BatchView, read_view
from pressrun.desk.kept import Kept, LastLook
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError
from pressrun.ledger import Ledger
from pressrun.ledger.records import OVER

#: Seconds for which what was read is shown to everybody: of the ledger, and of a batch's run.
LIVE_S, _STATE_S = 1.8, 4.0
#: The same of the server, where a page shows many batches.
_SERVER_S = 8.0
_MOST_SEEN = 200
_NO_WORKER = "Pressrun's worker, which makes the batches, is not running. They start when it is."


class NoBatch(InputError):
    """The ledger has no batch of an id."""

    def __init__(self, batch_id: str):
        self.batch_id = batch_id
        super().__init__("There is no such batch. It may not be planned yet, or was deleted.")


class BatchViews:
    """Reads batches; each once for all who ask at the same time.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
        kept: Answers of the last seconds.
    """

    def __init__(self, open_ledger: Callable[[], Ledger], server: PrefectServer, kept: Kept):
        self._open_ledger, self._server, self._kept = open_ledger, server, kept
        self._seen: OrderedDict[str, LastLook[BatchView]] = OrderedDict()

    def batch(self, batch_id: str) -> BatchView:
        """Reads a batch.

        Raises:
            InputError: There is none of that id.
            LedgerError: The ledger does not answer.
        """
        return self._read(batch_id, _STATE_S)

    def of_list(self, batch_id: str) -> BatchView:
        """Reads a batch as a list of many shows it, which asks less often for its run."""
        return self._read(batch_id, _SERVER_S)

    def warnings(self) -> list[str]:
        """Lists what keeps batches from starting."""
        try:
            there = self._kept.get("worker", _SERVER_S, self._server.has_worker)
        except ServerAway as error:
            return [f"{error} Batches cannot be started or steered meanwhile; this page goes on."]
        except InputError:
            there = False
        return [] if there else [_NO_WORKER]

    def forget(self, batch_id: str) -> None:
        """Lets the next page read a batch anew, which was just changed."""
        for asked in (("batch", batch_id), ("state", batch_id)):
            self._kept.forget(asked)
        self._seen.pop(batch_id, None)

    def _read(self, batch_id: str, state_s: float) -> BatchView:
        # First, and not within the other: a reading that waits for one holds a thread of its pool.
        run = self._kept.get(("state", batch_id), state_s, partial(self._run, batch_id))
        return self._kept.get(("batch", batch_id), LIVE_S, partial(self._batch, batch_id, *run))

    def _batch(self, batch_id: str, state: RunState | None, away: str) -> BatchView:
        ledger = self._open_ledger()
        batch = ledger.batches.find(batch_id)
        if batch is None:
            raise NoBatch(batch_id)
        if batch.status in OVER and state and not state.is_final:
            state, away = self._run(batch_id)  # what was read of it may be older than the end
        stands, seen = (batch, state, away), self._seen.get(batch_id)
        if seen and seen.stands == stands and seen.rests(time.monotonic()):
            return seen.view
        # A tenth of the work: where nothing happened, all stands as it did seconds ago.
        counts = (ledger.batches.counts(batch_id), ledger.calls.totals(batch_id))
        if (
            seen
            and (seen.stands, seen.counts) == (stands, counts)
            and not seen.is_old(time.monotonic())
        ):
            return seen.view
        before = time.thread_time()
        view = read_view(ledger, batch, state, away)
        look = LastLook(view, stands, counts, time.monotonic(), time.thread_time() - before)
        self._seen[batch_id] = look
        while len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)
        return view

    def _run(self, batch_id: str) -> tuple[RunState | None, str]:
        try:
            return self._server.state(batch_id), ""
        except ServerAway as error:
            return None, str(error)
        except InputError:
            return None, "Prefect's server does not know this run."

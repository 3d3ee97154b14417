"""Which batch and item a line of the log, or a span, belongs to."""

import os
from contextvars import ContextVar

#: The item that this thread works on. Each task run has a context of its own, so that Prefect's
#: last line on it still says which item it was.
item: ContextVar[str] = ContextVar("pressrun_item", default="")
#: The one that Prefect's workers give the process of a run.
_RUN = "PREFECT__FLOW_RUN_ID"
#: A process works on one batch; its threads do not all know its context.
_batches: list[str] = []


def begin_batch(batch_id: str) -> None:
    """Notes the batch that this process works on."""
    _batches.append(batch_id)


def end_batch(batch_id: str) -> None:
    """Forgets it."""
    if batch_id in _batches:
        _batches.remove(batch_id)


def batch() -> str:
    """Gives the batch; empty for none yet, or where there are several, as in tests."""
    return _batches[0] if len(_batches) == 1 else ""


def run() -> str:
    """Gives the flow run of this process; empty for none."""
    return os.environ.get(_RUN, "")

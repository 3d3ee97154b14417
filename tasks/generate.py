"""The step ``generate``: one task run for each item; the only layer that retries."""

from typing import Any

import prefect.results
from prefect import Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.serializers import PickleSerializer
from prefect.states import Cancelled, Completed
from prefect.tasks import exponential_backoff

from pressrun.batches.run import BatchRun
from pressrun.errors import Halted, PressrunError

#: What a made item gives to Prefect. Of anything else it works out at each item where it would be
#: kept, though it is not: as much processor time as an event of it takes.
_results: Any = prefect.results
NOTHING = _results.ResultRecord(
    result=None,
    metadata=_results.ResultRecordMetadata(serializer=PickleSerializer(), storage_key=""),
)


async def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Says whether another try can help against the error."""
    error = await state.aresult(raise_on_failure=False)
    return isinstance(error, PressrunError) and error.retryable


@task(
    name="generate",
    task_run_name="{title}",
    retries=3,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_jitter_factor=0.5,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def generate(key: str, title: str, run: BatchRun) -> State[Any]:  # noqa: ARG001 - names the run
    """Makes one item; gives nothing, which Prefect would keep for as long as the flow runs."""
    try:
        run.make(key)
        return Completed(data=NOTHING)
    except Halted as halted:
        return Cancelled(message=f"{halted} The item is made when the run goes on.")
    except PressrunError:
        raise
    except Exception:
        # Prefect shows the trace only where tries are used up.
        get_run_logger().exception("What follows is a fault of Pressrun's own.")
        raise

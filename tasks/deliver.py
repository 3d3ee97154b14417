"""The step ``deliver``: delivers made items while others are made."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from pressrun.batches.run import BatchRun


@task(name="deliver", cache_policy=NO_CACHE, persist_result=False)
def deliver(run: BatchRun) -> int:
    """Delivers until generation is over; returns how many items the destination refused."""
    left = run.delivery.run()
    if left:
        get_run_logger().error(
            "%d items could not be delivered. They are kept; a retry delivers them unpaid.", left
        )
    return left

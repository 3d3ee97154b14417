"""Baseline: mapped Prefect tasks that wait with ``rate_limit()`` for a global limit."""

import time

import httpx
from prefect import flow, task, unmapped
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import rate_limit
from prefect.task_runners import ThreadPoolTaskRunner

from tests.benchmarks.baseline_call import Job, client, pause_s, request

LIMIT = "baseline-calls"


@task(persist_result=False)
def call(number: int, job: Job, http: httpx.Client) -> None:
    """Makes one call."""
    while True:
        rate_limit(LIMIT, strict=True)
        wait_s = pause_s(http.post(**request(job, number)))
        if wait_s is None:
            return
        time.sleep(wait_s)


def run(job: Job) -> None:
    """Makes the calls."""
    # Faster than one slot that decays as quickly, which is the other way to say it.
    limit = GlobalConcurrencyLimitCreate(
        name=LIMIT, limit=round(job.rate), slot_decay_per_second=job.rate
    )
    with get_client(sync_client=True) as server:
        server.create_global_concurrency_limit(limit)

    @flow(name="baseline", persist_result=False)
    def baseline() -> None:
        each = {"number": range(job.calls), "job": unmapped(job), "http": unmapped(http)}
        runner: ThreadPoolTaskRunner[None] = ThreadPoolTaskRunner(max_workers=job.concurrency)
        with runner:
            runner.map(call, each).wait()

    with client(job) as http:
        baseline()


if __name__ == "__main__":
    run(Job.told())

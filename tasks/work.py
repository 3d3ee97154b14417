"""The path that every kind of batch shares: generate, deliver and report a planned batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect import unmapped
from prefect.client.schemas.objects import State
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

from pressrun.account import Account
from pressrun.ledger.batches import Batch
from pressrun.run import BatchRun
from pressrun.stores.factory import Target
from tasks.deliver import deliver
from tasks.generate import generate
from tasks.logs import quiet_logs
from tasks.progress import progress_shown
from tasks.report import final_state, report


def work(
    batch: Batch, account: Account, target: Target, concurrency: int, *, tag_task_runs: bool
) -> State[Any]:
    """Makes and delivers what is not there yet; returns the flow run's final state."""
    with _opened(batch, account, target, concurrency) as run:
        with progress_shown(run):
            _generate(run, concurrency, tag_task_runs=tag_task_runs)
        outcome = report(run)
    return final_state(outcome)


def _generate(run: BatchRun, concurrency: int, *, tag_task_runs: bool) -> None:
    todo = run.todo()
    step = generate.with_options(tags={"pressrun"}) if tag_task_runs else generate
    # One thread more than items at the same time: the delivery runs beside them.
    with _runner(concurrency + 1) as runner:
        delivery = runner.submit(deliver, {"run": run})
        made = runner.map(
            step,
            {
                "key": [item.key for item in todo],
                "title": [item.title for item in todo],
                "run": unmapped(run),
            },
        )
        wait(made)
        run.generation_over()
        delivery.wait()


def _runner(threads: int) -> ThreadPoolTaskRunner[Any]:
    return ThreadPoolTaskRunner(max_workers=threads)


@contextmanager
def _opened(batch: Batch, account: Account, target: Target, concurrency: int) -> Iterator[BatchRun]:
    quiet_logs()
    run = BatchRun(batch, account, concurrency, target)
    try:
        run.begin()
        yield run
    finally:
        run.close()

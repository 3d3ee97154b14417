"""The path that every kind of batch shares: generate, deliver and report a planned batch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, wait
from prefect.task_runners import ThreadPoolTaskRunner

from pressrun.account import Account
from pressrun.ledger.batches import Batch
from pressrun.run import BatchRun
from pressrun.slots import MOST_AT_ONCE, Slots
from pressrun.stores.factory import Target
from tasks.deliver import deliver
from tasks.generate import generate
from tasks.logs import quiet_logs
from tasks.progress import progress_shown
from tasks.report import final_state, report
from tasks.share import shared_slots

Payer = Callable[[], Account]


def work(batch: Batch, account: Payer, target: Target, *, tag_task_runs: bool) -> State[Any]:
    """Makes and delivers what is not there yet; returns the flow run's final state."""
    with _opened(batch, account, target) as run:
        with progress_shown(run), shared_slots(lambda: run.refresh().concurrency) as slots:
            _generate(run, slots, tag_task_runs=tag_task_runs)
        outcome = report(run)
    return final_state(outcome)


def _generate(run: BatchRun, slots: Slots, *, tag_task_runs: bool) -> None:
    step = generate.with_options(tags={"pressrun"}) if tag_task_runs else generate
    # Threads come as they are needed: the slots bound them, and may grow while the batch runs.
    with _runner(MOST_AT_ONCE + 1) as runner:
        delivery = runner.submit(deliver, {"run": run})
        made: list[PrefectFuture[Any]] = []
        for item in run.todo():
            slots.take()
            future = runner.submit(step, {"key": item.key, "title": item.title, "run": run})
            future.add_done_callback(lambda _: slots.give_back())
            made.append(future)
        wait(made)
        run.generation_over()
        delivery.wait()


def _runner(threads: int) -> ThreadPoolTaskRunner[Any]:
    return ThreadPoolTaskRunner(max_workers=threads)


@contextmanager
def _opened(batch: Batch, account: Payer, target: Target) -> Iterator[BatchRun]:
    quiet_logs()
    run = BatchRun(batch, account, batch.concurrency, target)
    try:
        run.begin()
        yield run
    finally:
        run.close()

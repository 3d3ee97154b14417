"""The path that every kind of batch shares: generate, deliver and report a planned batch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, wait
from prefect.task_runners import ThreadPoolTaskRunner

from pressrun.account import Account
from pressrun.ledger.batches import Batch, Item
from pressrun.run import BatchRun
from pressrun.slots import MOST_AT_ONCE
from pressrun.stores.factory import Target
from tasks.deliver import deliver
from tasks.generate import generate
from tasks.logs import quiet_logs
from tasks.preview import wait_for_approval
from tasks.progress import progress_shown
from tasks.report import final_state, report
from tasks.share import shared_slots

Payer = Callable[[], Account]


def work(
    batch: Batch, account: Payer, target: Target, *, preview: bool, tag_task_runs: bool
) -> State[Any]:
    """Makes and delivers what is not there yet; returns the flow run's final state.

    Args:
        batch: As it was planned.
        account: Gives who pays, as it stands at any moment.
        target: Where the batch goes.
        preview: Make one item, then wait until a person resumes the run.
        tag_task_runs: Let Prefect's tag limits apply to items.
    """
    step = generate.with_options(tags={"pressrun"}) if tag_task_runs else generate
    with _opened(batch, account, target) as run:
        if preview and run.is_untouched():
            _generate(run, step, run.todo()[:1])
            if run.is_untouched():  # it failed: no second one is paid to hear it again
                return final_state(run, report(run))
            wait_for_approval(run)
        _generate(run, step, run.todo())
        return final_state(run, report(run))


def _generate(run: BatchRun, step: Any, todo: Sequence[Item]) -> None:
    wanted: Callable[[], int] = lambda: run.refresh().concurrency  # noqa: E731
    # Threads come as they are needed: the slots bound them, and may grow while the batch runs.
    with (
        progress_shown(run),
        shared_slots(wanted) as slots,
        _runner(MOST_AT_ONCE + 1) as runner,
    ):
        delivery = runner.submit(deliver, {"run": run})
        made: list[PrefectFuture[Any]] = []
        for item in todo:
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

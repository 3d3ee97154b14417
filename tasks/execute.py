"""The path that every kind of batch shares: generate, deliver and report a planned batch."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import State
from prefect.exceptions import Pause, TerminationSignal
from prefect.states import Cancelled, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from pressrun.batches.finish import conclude
from pressrun.batches.item_queue import ItemQueue, ItemSlots
from pressrun.batches.run import BatchRun
from pressrun.engines.account import Account
from pressrun.errors import Halted
from pressrun.kinds.parameters import MOST_AT_ONCE
from pressrun.ledger.records import Batch, Item
from pressrun.ledger.reviews import is_approved, require_as_approved
from pressrun.pictures.processors import pinned_to_one_cpu
from pressrun.stores.factory import Target
from tasks.cancel import end_all, end_leftovers
from tasks.concurrency import shared_slots
from tasks.control import controlled, current_state, is_being_cancelled
from tasks.deliver import deliver
from tasks.generate import generate
from tasks.process import filter_task_logs, tuned_gc
from tasks.progress import progress_shown, status_kept
from tasks.report import final_state, report, show_paused
from tasks.review import Reviewer

#: Crashes in a row after which a batch waits for a person.
MOST_CRASHES = 5
Payer = Callable[[], Account]
#: From one start to the next: hundreds at once would hold up the first ones, and their calls.
#: Where enough callers queue up for a quota already, items start at its pace, but not as slowly
#: as this. The time that a start takes counts.
_START_S, _SLOW_START_S = 0.005, 0.1


def work(batch: Batch, reviewer: Reviewer, *, preview: bool, tag_task_runs: bool) -> State[Any]:
    """Makes and delivers what is not there yet; returns the flow run's final state.

    Args:
        batch: As it was planned.
        reviewer: Knows who pays and where the batch goes, and asks about the first item.
        preview: Make one item, then wait until a person approves it.
        tag_task_runs: Let Prefect's tag limits apply to items.
    """
    step = generate.with_options(
        retries=int(batch.parameters.get("retries", 3)),
        tags={"pressrun"} if tag_task_runs else None,
    )
    while True:
        with _opened(batch, reviewer.account, reviewer.target) as run:
            if run.taken_over:
                end_leftovers(UUID(batch.id))
            if run.batch.crashes > MOST_CRASHES:
                return _crashed_too_often(run)
            require_as_approved(run.ledger, run.batch)
            try:
                if preview and not is_approved(run.batch, "preview"):
                    changed = _preview(run, reviewer, step)
                    if isinstance(changed, State):
                        return changed
                    if changed.parameters != run.batch.parameters:
                        batch = changed  # from the start, with other models perhaps
                        continue
                _generate(run, step, run.todo())
            except TerminationSignal:
                # Cancelled, or the worker is being stopped; then another process goes on.
                if is_being_cancelled():
                    conclude(run)
                end_all(UUID(batch.id))
                raise
            return _ended(run)


def _preview(run: BatchRun, reviewer: Reviewer, step: Any) -> Batch | State[Any]:
    """Makes the first item and asks about it: the batch as it goes on, or the run's end."""
    if run.first_made() is None:
        _generate(run, step, run.todo()[:1])
    first = run.first_made()
    if first is None:  # failed or halted: no second one is paid to see it again
        return _ended(run)
    run.ledger.batches.mark(run.batch.id, status="paused")
    goes_on = reviewer.preview(run, first)
    if goes_on is None:
        return Cancelled(name="Rejected", message=conclude(run))
    return goes_on


def _crashed_too_often(run: BatchRun) -> State[Any]:
    return Failed(
        name="TooManyCrashes",
        message=f"The process died {run.batch.crashes} times in a row. What is paid is kept: look "
        "at the worker's log, then retry.",
    )


def _ended(run: BatchRun) -> State[Any]:
    halted = run.stopped_by
    if not isinstance(halted, Halted):
        return final_state(run, report(run))
    if halted.kind == "cancelled":
        return Cancelled(message=conclude(run))
    show_paused(run)
    # Prefect's own signal: the run keeps the state that was set from outside.
    raise Pause(state=current_state())


def _generate(run: BatchRun, step: Any, todo: Sequence[Item]) -> None:
    def wanted() -> int:
        return run.refresh().concurrency

    def halted() -> bool:
        return isinstance(run.stopped_by, Halted)

    # Threads come as they are needed: the slots bound them, and may grow while the batch runs.
    with (
        tuned_gc(),
        pinned_to_one_cpu(),
        controlled(run),
        progress_shown(run),
        status_kept(run),
        shared_slots(wanted, halted) as slots,
        _runner(MOST_AT_ONCE + 1) as runner,
    ):
        delivery = runner.submit(deliver, {"run": run})
        try:
            _map(run, runner, step, todo, slots)
        except BaseException:
            run.halt("stopped")  # so that what is in work ends soon
            raise
        finally:
            run.generation_over()
        _join(run, [delivery.wrapped_future])


def _map(
    run: BatchRun,
    runner: ThreadPoolTaskRunner[Any],
    step: Any,
    todo: Sequence[Item],
    slots: ItemSlots,
) -> None:
    made: list[Future[Any]] = []
    queue = ItemQueue(todo, run.model_of, lambda: slots.allowed)

    def begin(item: Item) -> Future[Any]:
        def end(_: object) -> None:
            slots.release()
            queue.done(item)

        future = runner.submit(step, {"key": item.key, "title": item.title, "run": run})
        future.add_done_callback(end)
        return future.wrapped_future

    due = time.monotonic()
    while item := queue.next():
        slots.acquire()
        if isinstance(run.stopped_by, Halted):
            slots.release()
            break
        made.append(begin(item))
        now = time.monotonic()
        due = max(now, due + max(_START_S, min(run.held_up_s(item), _SLOW_START_S)))
        time.sleep(due - now)
    _join(run, made)


def _join(run: BatchRun, futures: Sequence[Future[Any]]) -> None:
    """Waits for task runs; their own states say how they went."""
    wait(futures)
    for ended in futures:
        # Prefect lets no task run of a paused flow run go on; that may come before we notice.
        if isinstance(ended.exception(), Pause):
            run.halt("paused")


def _runner(threads: int) -> ThreadPoolTaskRunner[Any]:
    return ThreadPoolTaskRunner(max_workers=threads)


@contextmanager
def _opened(batch: Batch, account: Payer, target: Target) -> Iterator[BatchRun]:
    filter_task_logs()
    run = BatchRun(batch, account, batch.concurrency, target)
    try:
        run.begin()
        yield run
    finally:
        run.close()

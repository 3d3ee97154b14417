"""A planned batch in work: opened under its lease, its items generated, halted if asked to."""

import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from prefect import Task
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause, TerminationSignal
from prefect.states import Cancelled, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from pressrun.batches.finish import conclude
from pressrun.batches.item_queue import ItemQueue, ItemSlots, WaitingItem
from pressrun.batches.run import IN_WORK_S, BatchRun
from pressrun.errors import Halted
from pressrun.kinds.parameters import MOST_AT_ONCE
from pressrun.ledger.records import Batch
from pressrun.ledger.reviews import require_as_approved
from pressrun.pictures.processors import pinned_to_one_cpu
from tasks.cancel import end_all, end_leftovers, others_concluded
from tasks.concurrency import shared_slots
from tasks.control import current_state, is_being_cancelled
from tasks.crashes import require_few_crashes
from tasks.events import tell_begins
from tasks.notify import Ended
from tasks.process import filter_task_logs, forget, tuned_gc
from tasks.progress import progress_shown, status_kept
from tasks.request import BatchRequest
from tasks.stop import stop
from tasks.watch import Watch

#: Of so many items at most Prefect shows each one that is in work; of more, those that ended.
_SHOWN_IN_WORK = 100
#: From one start to the next: hundreds at once would delay the first ones, and their calls.
#: Where enough callers wait for a quota already, items start at its rate, but with no longer
#: pause than this. The time that a start takes counts.
_START_S, _SLOW_START_S = 0.005, 0.1


@contextmanager
def opened(asked: BatchRequest, batch: Batch) -> Iterator[BatchRun]:
    """Opens a planned batch under its lease, also after a process that died.

    Raises:
        Ended: Its process died too often.
        SettingError: It is not as it was approved.
    """
    filter_task_logs()
    run = BatchRun(batch, asked.account, batch.concurrency, asked.target)
    with stop.closing(run.close):
        try:
            if not run.begin():
                raise Ended(_still_in_work())
            if run.lease.taken_over:
                end_leftovers(UUID(batch.id))
            require_few_crashes(run.batch.crashes)
            require_as_approved(run.ledger, run.batch)
            yield run
        except TerminationSignal:
            # If not cancelled, the process is stopped: then another one goes on.
            if is_being_cancelled():
                _conclude(run)
            raise
        finally:
            run.close()


def _conclude(run: BatchRun) -> None:
    if not run.lease.is_lost:
        conclude(run)
    end_all(UUID(run.batch.id))


class Work:
    """What a batch in work is made with: Prefect's task runner, and the batch's slots."""

    def __init__(self, run: BatchRun, runner: ThreadPoolTaskRunner[Any], slots: ItemSlots):
        self._run, self._runner, self._slots = run, runner, slots

    def submit(self, step: Task[..., Any], **arguments: Any) -> Future[Any]:
        """Begins a task run beside those in work."""
        return self._runner.submit(step, arguments).wrapped_future

    def map(self, step: Task[..., Any], items: Sequence[WaitingItem]) -> None:
        """Begins a task run for each item, as slots are free, and waits for them all."""
        run, slots, begun = self._run, self._slots, set[Future[Any]]()
        step = _configured(step, run.batch)
        tell_begins(step, told=len(items) <= _SHOWN_IN_WORK)
        queue = ItemQueue(items, lambda: slots.allowed)
        due = time.monotonic()
        while item := queue.next():
            slots.acquire()
            if isinstance(run.stopped_by, Halted):
                slots.release()
                break
            self._begin(step, item, queue, begun)
            now = time.monotonic()
            held_up_s = run.routes.held_up_s(item.model)
            due = max(now, due + max(_START_S, min(held_up_s, _SLOW_START_S)))
            time.sleep(due - now)
        self._join(begun)

    def finish(self, delivery: Future[Any]) -> None:
        """Waits until what is made is delivered."""
        self._run.delivery.generation_over()
        self._join([delivery])

    def _begin(
        self, step: Task[..., Any], item: WaitingItem, queue: ItemQueue, begun: set[Future[Any]]
    ) -> None:
        def end(ended: Future[Any]) -> None:
            self._run.give_up(item.key)  # if it failed: all tries are used up
            self._slots.release()
            queue.done(item)
            self._heed(ended)
            begun.discard(ended)  # with its state: of ten thousand they would fill the memory

        given = {"key": item.key, "title": item.title, "run": self._run}
        submitted = self._runner.submit(step, given)
        future = submitted.wrapped_future
        begun.add(future)
        future.add_done_callback(end)
        future.add_done_callback(lambda _: forget(self._runner, submitted.task_run_id))

    def _join(self, futures: Collection[Future[Any]]) -> None:
        """Waits for task runs; their own states say how they went."""
        left = tuple(futures)
        wait(left)
        for ended in left:
            self._heed(ended)

    def _heed(self, ended: Future[Any]) -> None:
        # Prefect lets no task run of a paused flow run go on; that may come before we notice.
        if isinstance(ended.exception(), Pause):
            self._run.halt("paused")


@contextmanager
def in_work(run: BatchRun, watch: Watch) -> Iterator[Work]:
    """Puts a batch in work: watched for a pause, its progress shown, with its share of slots.

    Raises:
        Ended: Somebody cancelled it.
        Pause: Somebody paused it.
    """
    with _working(run, watch) as work:
        try:
            yield work
        except BaseException as error:
            run.halt("stopped")  # so that what is in work ends soon
            run.delivery.generation_over()
            if isinstance(error, Pause):  # Prefect noticed it first
                _mark_paused(run)
            raise
    _raise_if_halted(run)


@contextmanager
def _working(run: BatchRun, watch: Watch) -> Iterator[Work]:
    def wanted() -> int:
        return run.refresh().concurrency

    def halted() -> bool:
        return isinstance(run.stopped_by, Halted)

    def note(seconds: float, reason: str) -> None:
        waits, batch_id = run.ledger.waits, run.batch.id
        waits.note(batch_id, "", seconds, reason) if seconds else waits.end(batch_id)

    # Threads come as they are needed: the slots bound them, and may grow while the batch runs.
    with (
        tuned_gc(),
        pinned_to_one_cpu(),
        watch.halting(run),
        others_concluded(),
        progress_shown(run),
        status_kept(run),
        shared_slots(wanted, halted, note) as slots,
        ThreadPoolTaskRunner[Any](max_workers=MOST_AT_ONCE + 1) as runner,
    ):
        yield Work(run, runner, slots)


def _configured(step: Task[..., Any], batch: Batch) -> Task[..., Any]:
    """Gives the step the batch's own retries, and a tag where Prefect's tag limits apply."""
    tagged = bool(batch.parameters.get("tag_task_runs"))
    return step.with_options(
        retries=int(batch.parameters.get("retries", 3)), tags={"pressrun"} if tagged else None
    )


def _raise_if_halted(run: BatchRun) -> None:
    halted = run.stopped_by
    if not isinstance(halted, Halted):
        return
    if halted.kind == "cancelled":
        raise Ended(Cancelled(message=conclude(run)))
    if not run.lease.is_lost:
        _mark_paused(run)
    # Prefect's own signal: the run keeps the state that was set from outside.
    raise Pause(state=current_state())


def _mark_paused(run: BatchRun) -> None:
    # While the batch is ours: the process that resumes it marks it as running.
    run.ledger.batches.mark(run.batch.id, status="paused")


def _still_in_work() -> State[Any]:
    return Failed(
        name="StillInWork",
        message=f"Another process has worked on this batch for {IN_WORK_S / 60:.0f} minutes and "
        "still does. Nothing is lost: retry this run when the other one has ended, or cancel that.",
    )

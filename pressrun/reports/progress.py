"""Where a batch and each of its items stand, read from the ledger; the same for every display."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from pressrun.boundary.text import counted, plain_line
from pressrun.engines.token_estimates import Estimate
from pressrun.errors import BudgetSpent
from pressrun.ledger import Ledger
from pressrun.ledger.call_statistics import read_work_s
from pressrun.ledger.database.schema import calls, items
from pressrun.ledger.records import OVER, RUNNING, UNDONE, Batch, Item
from pressrun.ledger.refusals import RefusedCalls, read_refusals
from pressrun.ledger.spending import KeptBack, read_kept_back
from pressrun.ledger.waits import LONG_S, LongWait
from pressrun.reports.time_left import Answered, time_left
from pressrun.reports.unmade import read_queues, read_statuses, read_unmade

_EVENTS = 10
#: Calls looked at for the time left; it takes the rate from the last half of them.
_CALLS = 2000


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an item; ``at`` in Unix seconds."""

    at: float
    item: str
    title: str
    status: str
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a batch. Times in seconds, money in USD.

    Attributes:
        queued: Of the remaining items, those that will begin by themselves.
        processing: Begun and not done: in work, or waiting.
        delivering: Of those in processing, the ones that are made and on their way.
        waiting: Of those in processing, the ones whose next call waits for its moment.
        work_s: Of an ended batch, the seconds in which a call was under way; the others were waits.
        percent: Of the items, those that are done: completed, failed or cancelled.
        ends_at: When the last item will be made, as expected (Unix seconds).
        refusals: Of models that have only refused calls for a while.
        waits: Long ones, for models or for something else.
        short: How many items a spending cap keeps back, and what helps; or nothing.
        advice: What a retry can do, once the batch has ended with failures.
    """

    batch_id: str
    kind: str
    title: str
    name: str
    status: str
    total: int
    completed: int
    queued: int
    processing: int
    delivering: int
    waiting: int
    failed: int
    cancelled: int
    remaining: int
    percent: float
    calls: int
    cost_usd: float
    elapsed_s: float
    work_s: float
    left_s: float | None
    left_low_s: float | None
    left_high_s: float | None
    ends_at: float | None
    output: str
    refusals: tuple[RefusedCalls, ...]
    waits: tuple[LongWait, ...]
    short: str
    advice: str
    events: tuple[Event, ...]

    @property
    def done(self) -> int:
        """Items that nothing more is done for: completed, failed or cancelled."""
        return self.completed + self.failed + self.cancelled

    def line(self) -> str:
        """Writes all of it in one line, as logs and terminals show it."""
        parts = [
            self.done_words(),
            *self.work_words(),
            f"{self.remaining} remaining",
            self.left_words(),
            f"${self.cost_usd:.4f}",
            *self.wait_words(),
        ]
        return ", ".join(part for part in parts if part)

    def done_words(self) -> str:
        """Writes ``4 of 7 done (57%)``, or ``5 of 7 done (71%): 3 completed, 2 failed``."""
        others = [(self.failed, "failed"), (self.cancelled, "cancelled")]
        said = [f"{number} {status}" for number, status in others if number]
        of = f": {', '.join([f'{self.completed} completed', *said])}" if said else ""
        return f"{self.done} of {self.total} done ({self.percent:.0f}%){of}"

    def work_words(self) -> list[str]:
        """Writes ``2 in work``, and ``3 waiting`` where some wait for their quota."""
        waiting = [f"{self.waiting} waiting"] if self.waiting else []
        return [f"{self.processing - self.waiting} in work", *waiting]

    def wait_words(self) -> list[str]:
        """Writes why nothing goes on, if so: whom it waits for, until when, and what was said.

        As ``gemini-3.8-flash has refused every call since 14:03:12: …``, or
        ``gemini-3.8-flash waits (until 14:03:42): …``.
        """
        refused = [
            f"{row.model} has refused every call since {_time(row.since)}: "
            f"{plain_line(row.reason, 160)}"
            for row in self.refusals
        ]
        waiting = [
            f"{wait.model or 'the batch'} waits (until {_time(wait.until)}): "
            f"{plain_line(wait.reason, 160)}"
            for wait in self.waits
        ]
        return refused + waiting

    def left_words(self) -> str:
        """Writes ``4:10 left (3:50 to 4:40)``; nothing while the time is not known."""
        if self.left_s is None:
            return ""
        return f"{clock(self.left_s)} left ({clock(self.left_low_s)} to {clock(self.left_high_s)})"


def read_progress(ledger: Ledger, batch: Batch) -> Progress:
    """Reads where the batch stands now."""
    counts = ledger.batches.counts(batch.id)
    total = sum(counts.values())
    completed, failed = counts.get("completed", 0), counts.get("failed", 0)
    made = counts.get("made", 0)
    if batch.status in OVER:  # paid, and the destination did not take it: as all reports count it
        failed, made = failed + made, 0
    cancelled = counts.get("cancelled", 0)
    remaining = counts.get("pending", 0)
    calls, cost = ledger.calls.totals(batch.id)
    now = time.time()
    left = None if batch.ended_at else _left(ledger, batch, now)
    waits = _waits(ledger, batch, now)
    return Progress(
        batch_id=batch.id,
        kind=batch.kind,
        title=batch.title,
        name=batch.name,
        status=batch.status,
        total=total,
        completed=completed,
        queued=remaining if batch.status in RUNNING else 0,
        processing=counts.get("processing", 0) + made,
        delivering=made,
        waiting=_waiting(ledger, batch, waits, now) if counts.get("processing") else 0,
        failed=failed,
        cancelled=cancelled,
        remaining=remaining,
        percent=round(100 * (completed + failed + cancelled) / total, 1) if total else 100.0,
        calls=calls,
        cost_usd=cost,
        elapsed_s=round((batch.ended_at or now) - batch.created_at, 1),
        work_s=read_work_s(ledger.database, batch.id) if batch.ended_at else 0.0,
        left_s=round(left.expected, 1) if left else None,
        left_low_s=round(left.low, 1) if left else None,
        left_high_s=round(left.high, 1) if left else None,
        ends_at=round(now + left.expected, 1) if left else None,
        output=f"{batch.destination}/{batch.root}",
        refusals=() if batch.ended_at else _refusals(ledger, batch, now),
        waits=waits,
        short=short_words(read_kept_back(ledger.database, batch.id)) if failed else "",
        advice=retry_advice(ledger.batches.each(batch.id, *UNDONE)) if batch.ended_at else "",
        events=_events(ledger, batch),
    )


def short_words(kept_back: KeptBack) -> str:
    """Says in one sentence for the batch what a cap keeps back; empty if it keeps nothing."""
    if not kept_back.count:
        return ""
    return (
        f"For lack of budget {counted(kept_back.count, 'item')} "
        f"{'is' if kept_back.count == 1 else 'are'} not made; a retry helps only with a higher "
        f"cap. {kept_back.reason}"
    )


def retry_advice(failed: Iterable[Item]) -> str:
    """Says what a retry of the run can do for failed items; empty if there are none."""
    of = Counter(
        "short" if item.error_kind == BudgetSpent.kind else item.may_be_retried for item in failed
    )
    again, never, short = of[True], of[False], of["short"]
    if short:
        raised = f"Raise the cap first: {short} of the failed {'was' if short == 1 else 'were'} "
        return f"{raised}kept back by it. {_others(again, never)}".strip()
    return _others(again, never)


def _others(again: int, never: int) -> str:
    if not never:
        return "Retry makes just what failed; what is completed stays." if again else ""
    if not again:
        return (
            "A retry fails in the same way: change the failed items at the desk, or by pressrun "
            "mend."
        )
    return (
        f"Retry makes {again} of the failed; the other {never} would fail in the same way: change "
        "them at the desk, or by pressrun mend."
    )


def clock(seconds: float | None) -> str:
    """Writes seconds as ``1:02:03`` or ``2:03``."""
    minutes, second = divmod(round(seconds or 0), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def _time(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment).astimezone():%H:%M:%S}"


def _refusals(ledger: Ledger, batch: Batch, now: float) -> tuple[RefusedCalls, ...]:
    rows = read_refusals(ledger.database, batch.id)
    # One or two are the usual way to limit the rate.
    return tuple(row for row in rows if now - row.since >= LONG_S)


def _waits(ledger: Ledger, batch: Batch, now: float) -> tuple[LongWait, ...]:
    # A process that was paused leaves its notes behind.
    return tuple(ledger.waits.read(batch.id, now)) if batch.status in RUNNING else ()


def _waiting(ledger: Ledger, batch: Batch, waits: Sequence[LongWait], now: float) -> int:
    """Counts the items in processing whose next call is not sent yet."""
    sent, held_up = _sent(ledger, batch.id), {wait.model for wait in waits}
    in_work = read_statuses(ledger.database, batch.id, "processing")
    queue_of = read_queues(ledger, batch, in_work) if held_up - {""} else {}

    def waits_now(key: str) -> bool:
        if key in sent:
            return sent[key] > now
        # Who reserves no moment yet waits for whatever the whole model or batch waits for.
        return bool(held_up) and ("" in held_up or queue_of.get(key, "") in {"", *held_up})

    return sum(map(waits_now, in_work))


def _left(ledger: Ledger, batch: Batch, now: float) -> Estimate | None:
    answered = _answered(ledger, batch.id)
    if not answered:
        return None
    queues = read_unmade(ledger, batch, _sent(ledger, batch.id))
    slots = max(1, batch.concurrency // queues.count)
    left = []
    for queue, unmade in (queues.unmade or {"": []}).items():
        heard = [answer for answer in answered if queue in ("", answer.model)]
        left.append(time_left(heard, unmade, slots, now))
    # Queues are worked on side by side; of one without an answer yet nothing is known.
    return max(filter(None, left), key=lambda span: span.expected, default=None)


def _sent(ledger: Ledger, batch_id: str) -> dict[str, float]:
    """Reads when calls without an answer yet were, or will be, sent, by their item's key."""
    query = select(calls.c.item_key, calls.c.send_at).where(
        (calls.c.batch_id == batch_id) & (calls.c.status == "intent")
    )
    with ledger.database.read() as connection:
        return dict(connection.execute(query).all())


def _answered(ledger: Ledger, batch_id: str) -> list[Answered]:
    """Reads the last settled calls, in the order of their answers."""
    asked = ("item_key", "model", "send_at", "settled_at", "latency_s")
    last = (
        select(*(calls.c[name] for name in asked))
        .where((calls.c.batch_id == batch_id) & (calls.c.status == "settled"))
        .order_by(calls.c.settled_at.desc())
        .limit(_CALLS)
        .subquery()
    )
    # Joined to so many alone, not to all that the batch has.
    begun = (items.c.batch_id == batch_id) & (items.c.key == last.c.item_key)
    query = select(last, items.c.started_at).join(items, begun).order_by(last.c.settled_at.desc())
    with ledger.database.read() as connection:
        rows = connection.execute(query).all()[::-1]
    answered, before = [], dict[str, float]()
    for key, model, send_at, settled_at, latency_s, started_at in rows:
        # An item waits for its next call since its last one, and for the first since it began.
        since = before.get(key, started_at if len(rows) < _CALLS else None)
        waited_s = send_at - since if since is not None and since <= send_at else None
        answered.append(Answered(model, settled_at, latency_s, waited_s))
        before[key] = settled_at
    return answered


def _events(ledger: Ledger, batch: Batch) -> tuple[Event, ...]:
    moment = func.coalesce(items.c.ended_at, items.c.started_at)
    query = (
        select(moment, items.c.key, items.c.title, items.c.status, items.c.error_message)
        .where((items.c.batch_id == batch.id) & moment.is_not(None))
        .order_by(moment.desc())
        .limit(_EVENTS)
    )
    with ledger.database.read() as connection:
        return tuple(
            Event(at, key, title, _said_of(status, batch), message or "")
            for at, key, title, status, message in connection.execute(query)
        )


@dataclass(frozen=True, slots=True)
class Queued:
    """An item; ``queue_position`` is 1 for the next one, and None for one that does not wait.

    ``status`` is ``pending`` until the batch was approved, then ``queued``, ``processing``, and at
    last ``completed``, ``failed`` or ``cancelled``.
    """

    key: str
    title: str
    status: str
    attempts: int
    queue_position: int | None
    error: str | None


def read_queue(ledger: Ledger, batch: Batch) -> list[Queued]:
    """Reads all items in their order, which is the order in which they are made."""
    waiting, listed = 0, []
    for item in ledger.batches.items(batch.id):
        status = _shown(item, batch)
        waiting += status == "queued"
        place = waiting if status == "queued" else None
        listed.append(
            Queued(item.key, item.title, status, item.attempts, place, item.error_message)
        )
    return listed


def _shown(item: Item, batch: Batch) -> str:
    if item.status == "pending" and batch.status in RUNNING:
        return "queued"
    return _said_of(item.status, batch)


def _said_of(status: str, batch: Batch) -> str:
    """Gives an item's status as people know it: one that is made is in work until the end."""
    if status != "made":
        return status
    return "failed" if batch.status in OVER else "processing"

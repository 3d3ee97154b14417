"""Where a batch stands, read from the ledger in a few queries; the same for every display."""

import time
from dataclasses import dataclass

from sqlalchemy import func, select

from pressrun.ledger import Ledger
from pressrun.ledger.batches import Batch
from pressrun.ledger.schema import items

_EVENTS = 10


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
    """One moment of a batch. Times in seconds, money in USD."""

    batch_id: str
    kind: str
    title: str
    status: str
    total: int
    completed: int
    processing: int
    failed: int
    cancelled: int
    remaining: int
    percent: float
    calls: int
    cost_usd: float
    elapsed_s: float
    left_s: float | None
    output: str
    events: tuple[Event, ...]

    def line(self) -> str:
        """The whole in one line, as logs and terminals show it."""
        parts = [
            f"{self.completed} of {self.total} completed ({self.percent:.0f}%)",
            f"{self.processing} processing",
            f"{self.failed} failed",
            f"{self.remaining} remaining",
            f"{clock(self.left_s)} left" if self.left_s is not None else "",
            f"${self.cost_usd:.4f}",
        ]
        return ", ".join(part for part in parts if part)


def read_progress(ledger: Ledger, batch: Batch) -> Progress:
    """Reads where the batch stands now."""
    counts = ledger.batches.counts(batch.id)
    total = sum(counts.values())
    completed, failed = counts.get("completed", 0), counts.get("failed", 0)
    cancelled = counts.get("cancelled", 0)
    remaining = counts.get("pending", 0)
    calls, cost = ledger.calls.totals(batch.id)
    elapsed = (batch.ended_at or time.time()) - batch.created_at
    return Progress(
        batch_id=batch.id,
        kind=batch.kind,
        title=batch.title,
        status=batch.status,
        total=total,
        completed=completed,
        processing=counts.get("processing", 0) + counts.get("made", 0),
        failed=failed,
        cancelled=cancelled,
        remaining=remaining,
        percent=round(100 * (completed + failed + cancelled) / total, 1) if total else 100.0,
        calls=calls,
        cost_usd=cost,
        elapsed_s=round(elapsed, 1),
        left_s=None if batch.ended_at else _left_s(ledger, batch.id, total),
        output=f"{batch.destination}/{batch.root}",
        events=_events(ledger, batch.id),
    )


def clock(seconds: float | None) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, second = divmod(round(seconds or 0), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def _left_s(ledger: Ledger, batch_id: str, total: int) -> float | None:
    """From the pace since the first item of this run began; None until one has ended."""
    query = select(func.count(), func.min(items.c.started_at)).where(
        (items.c.batch_id == batch_id)
        & items.c.status.in_(("completed", "failed"))
        & items.c.started_at.is_not(None)
    )
    with ledger.database.read() as connection:
        done, begun = connection.execute(query).one()
    if not done:
        return None
    counts = ledger.batches.counts(batch_id)
    waiting = total - sum(counts.get(s, 0) for s in ("completed", "failed", "cancelled"))
    if not waiting:
        return None
    pace_s: float = (time.time() - begun) / done
    return round(pace_s * waiting, 1)


def _events(ledger: Ledger, batch_id: str) -> tuple[Event, ...]:
    moment = func.coalesce(items.c.ended_at, items.c.started_at)
    query = (
        select(moment, items.c.key, items.c.title, items.c.status, items.c.error_message)
        .where((items.c.batch_id == batch_id) & moment.is_not(None))
        .order_by(moment.desc())
        .limit(_EVENTS)
    )
    with ledger.database.read() as connection:
        return tuple(
            Event(at, key, title, "processing" if status == "made" else status, message or "")
            for at, key, title, status, message in connection.execute(query)
        )

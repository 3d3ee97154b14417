"""How well a batch foretells its end: what ``pressrun status`` said while it ran, and what came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import func, select

from pressrun.errors import PressrunError
from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import items
from pressrun.reports.progress import read_progress

EVERY_S = 1.0
#: From here on an estimate has to be good.
FROM_PERCENT = 20.0


@dataclass(frozen=True, slots=True)
class Said:
    """An estimate: the seconds left at a moment (Unix seconds)."""

    at: float
    left_s: float
    low_s: float
    high_s: float


@dataclass(slots=True)
class Foretold:
    """All that was said of one batch."""

    said: list[Said] = field(default_factory=list)
    begun_at: float = 0.0
    ended_at: float = 0.0

    def figures(self) -> dict[str, float | int]:
        """How far estimates were off, as shares of the whole run and of what was left then."""
        whole_s = self.ended_at - self.begun_at
        off = [(abs(s.at + s.left_s - self.ended_at), self.ended_at - s.at) for s in self.said]
        of_whole = sorted(error / whole_s for error, _ in off)
        of_left = sorted(error / left for error, left in off if left > 0)
        held = [s.low_s <= self.ended_at - s.at <= s.high_s for s in self.said]
        if not of_left:
            return {}
        return {
            "estimates": len(off),
            "off_of_whole_max": round(of_whole[-1], 4),
            "off_of_left_median": round(of_left[len(of_left) // 2], 4),
            "off_of_left_p90": round(of_left[int(0.9 * len(of_left))], 4),
            "in_interval": round(sum(held) / len(held), 3),
        }


@contextmanager
def listening(url: str) -> Iterator[Foretold]:
    """Asks the ledger every second while the block runs.

    Args:
        url: The ledger's.
    """
    ledger, foretold, over = Ledger(url), Foretold(), threading.Event()

    def listen() -> None:
        while not over.wait(EVERY_S):
            try:
                batch = ledger.batches.match("latest")
                progress = read_progress(ledger, batch)
            except PressrunError:
                continue  # nothing is planned yet
            foretold.begun_at = batch.created_at
            if progress.left_s is not None and FROM_PERCENT <= progress.percent < 100:
                low_s, high_s = progress.left_low_s or 0.0, progress.left_high_s or 0.0
                foretold.said.append(Said(time.time(), progress.left_s, low_s, high_s))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield foretold
    finally:
        over.set()
        thread.join()
        with ledger.database.read() as connection:
            foretold.ended_at = connection.execute(select(func.max(items.c.ended_at))).scalar_one()
        ledger.close()

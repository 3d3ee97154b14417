"""Scripted faults of the local Drive: which request they strike, and what they do.

``500``, ``502``, ``503``, the rate refusals and ``storage_full`` answer before anything took
place; with ``_after`` (``500_after``) the work is done all the same. ``lost_reply`` does the work
and hangs up; ``hang`` answers nothing until it is let go, ``hang_after`` does the work first;
``reset`` breaks the connection amid the request's body; ``truncate`` keeps only part of the
uploaded bytes; ``garbage`` answers 200 with what is no JSON; ``slow`` waits before the work.
"""

import random
from dataclasses import dataclass, field

from tests.servers.drive_errors import DriveFault, broken, storage_full, too_fast

RATES = frozenset({"userRateLimitExceeded", "rateLimitExceeded", "429"})
BROKEN = frozenset({"500", "502", "503"})
AFTER = frozenset({"500_after", "502_after", "503_after"})
UPLOADS = frozenset({"upload", "chunk", "replace"})
KINDS = (
    RATES
    | BROKEN
    | AFTER
    | {"storage_full", "lost_reply", "hang", "hang_after", "reset", "truncate", "garbage", "slow"}
)


@dataclass
class Fault:
    """One script. Every selector that is given must fit; without any it strikes once.

    Attributes:
        kind: One of ``KINDS``.
        operation: Strikes only these, joined by commas: ``create`` (folders), ``upload``,
            ``start`` and ``chunk`` (resumable), ``replace``, ``update``, ``get``, ``download``,
            ``list``, ``delete``, ``share``, ``ids``, ``about``.
        times: Strikes so many requests, then no more.
        every: Strikes every k-th request that fits the other selectors.
        probability: Strikes with this chance; repeatable through ``seed``.
        retry_after_s: What a rate refusal says.
        delay_s: For how long ``slow`` waits.
    """

    kind: str
    operation: str | None = None
    times: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    retry_after_s: float | None = None
    delay_s: float = 0.0
    struck: int = 0
    _seen: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault called {self.kind!r}.")
        if self.times is None and self.every is None and self.probability is None:
            self.times = 1
        self._random = random.Random(self.seed)

    def strikes(self, operation: str) -> bool:
        """Whether this request is hit; counts it if the selectors fit."""
        if not self._fits(operation):
            return False
        self._seen += 1
        if self.every is not None and self._seen % self.every:
            return False
        if self.probability is not None and self._random.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def _fits(self, operation: str) -> bool:
        if self.times is not None and self.struck >= self.times:
            return False
        if self.kind == "truncate" and operation not in UPLOADS:
            return False
        return self.operation is None or operation in self.operation.split(",")

    def refusal(self) -> DriveFault | None:
        """The error that is answered in place of the work, if that is what it does."""
        if self.kind in RATES:
            return too_fast(self.kind, self.retry_after_s)
        if self.kind in BROKEN:
            return broken(int(self.kind))
        return storage_full() if self.kind == "storage_full" else None

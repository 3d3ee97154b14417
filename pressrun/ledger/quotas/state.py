"""What the ledger knows of one model in one account: a row of the table ``quotas``.

Only the record and its clock; :mod:`~pressrun.ledger.quotas.gcra` reserves on it, and
:mod:`~pressrun.ledger.quotas.adaptive` learns from refusals.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from pressrun.errors import QuotaExhausted

#: Clocks of machines may differ by this. One that goes back further was set.
CLOCK_SLACK_S = 60.0


class QuotaState(NamedTuple):
    """The state of a quota. Moments (``…_tat``, ``…_at``, ``…_until``) are Unix seconds.

    Attributes:
        epoch: Another number means that earlier reservations are no longer valid.
        requests_tat: When the limit on requests has room again; the next three likewise.
        day: The day in California whose requests ``day_count`` counts.
        minute_at: When the minute began whose calls ``minute_count`` counts; ``minute_before``
            are those of the minute before.
        held_until: Nothing is sent before; the provider asked for that.
        wall: Calls a second to which the rate climbs back fast; 0 before the first refusal.
        floor: Calls a second with which that climb began.
        flat_s: How much of ``used_s`` it takes.
        used_s: For how long calls have kept the quota busy since the last refusal.
        since_at: When ``used_s`` began, moved on by every rest.
        told: The limits as they were configured last.
        told_at: When changed limits last made waiting callers reserve again.
        seen_at: The latest moment at which anyone reserved.
        closed_until: Nobody reserves before, for the reason ``closed_why``.
    """

    epoch: int = 0
    requests_tat: float = 0.0
    images_tat: float = 0.0
    tokens_tat: float = 0.0
    spend_tat: float = 0.0
    day: str = ""
    day_count: int = 0
    minute_at: float = 0.0
    minute_count: int = 0
    minute_before: int = 0
    held_until: float = 0.0
    wall: float = 0.0
    floor: float = 0.0
    flat_s: float = 0.0
    used_s: float = 0.0
    since_at: float = 0.0
    told: str = ""
    told_at: float = 0.0
    seen_at: float = 0.0
    closed_until: float = 0.0
    closed_why: str = ""

    @property
    def tats(self) -> tuple[float, float, float, float]:
        """When each limit has room again."""
        return self.requests_tat, self.images_tat, self.tokens_tat, self.spend_tat

    def with_tats(self, tats: tuple[float, ...]) -> "QuotaState":
        """Replaces the moments of the four limits."""
        requests, images, tokens, spend = tats
        return self._replace(
            requests_tat=requests, images_tat=images, tokens_tat=tokens, spend_tat=spend
        )


@dataclass(frozen=True, slots=True)
class Reservation:
    """A moment that is one caller's.

    Attributes:
        send_at: When the call may be sent (Unix seconds).
        latest_at: Sent later, it could be one too many in a window.
        gap_s: How long after it another call like it may be.
        before: The state as it was, and
        after: as it became.
    """

    send_at: float
    latest_at: float
    gap_s: float
    before: QuotaState
    after: QuotaState

    def holds(self, epoch: int, now: float) -> bool:
        """Says whether the call may be sent now (Unix seconds), in that epoch of the state."""
        return epoch == self.after.epoch and now <= self.latest_at


def in_clock(state: QuotaState, now: float) -> QuotaState:
    """Converts the state to a clock that may have been set back.

    A clock that was set forward looks like a rest, and needs no correction.
    """
    back_s = state.seen_at - now
    if back_s <= CLOCK_SLACK_S:
        return state._replace(seen_at=max(state.seen_at, now))
    moments = {
        name: value - back_s
        for name, value in state._asdict().items()
        if name.endswith(("_tat", "_at", "_until"))
    }
    return state._replace(**moments)


def close(state: QuotaState, until: float, why: str) -> QuotaState:
    """Closes the model until ``until``; waiting callers have to reserve again."""
    return state._replace(epoch=state.epoch + 1, closed_until=until, closed_why=why)


def closed(until: float, why: str) -> QuotaExhausted:
    """Makes the error of a caller that may not reserve before ``until``."""
    moment = datetime.fromtimestamp(until, UTC)
    return QuotaExhausted(f"{why} Closed until {moment:%Y-%m-%d %H:%M} UTC.", until=moment)

"""When the next call may be sent: the generic cell rate algorithm (GCRA, ITU-T I.371).

Each limit has a theoretical arrival time, the moment when it has room for the next call; a call
is sent at the latest of them, and moves each on by the time that it keeps the limit busy. A moment
that nobody took, since the machine stood still, is made up for by the next calls
(docs/decisions/0016). Pure: a quota state and a moment in, a reservation out.
"""

from functools import lru_cache
from math import inf

from pressrun.engines.limits import FORGIVEN, MADE_UP, Limits, Load, next_quota_day_at, quota_day
from pressrun.ledger.quotas.adaptive import configured_rate, counted_minute, working_rate
from pressrun.ledger.quotas.state import QuotaState, Reservation, closed, in_clock

#: Changed limits make waiting callers reserve again, at most this often: two batches that have
#: different limits of one account would otherwise make each other reserve again for ever.
RECALL_S = 30.0
#: A caller that is late by more was not delayed: there was nothing to send, so nothing was lost.
STALL_S = 1.0


def reserve(state: QuotaState, limits: Limits, load: Load, now: float) -> Reservation:
    """Takes the next moment at which every limit has room.

    Raises:
        QuotaExhausted: The model is closed, or the day's requests are spent.
    """
    state = in_clock(state, now)
    if state.closed_until > now:
        raise closed(state.closed_until, state.closed_why)
    rate = working_rate(state, limits)
    gaps = (1 / rate, *limits.gaps_s(load))
    state = _heard(state, limits, gaps, now)
    busy = [(tat, gap) for tat, gap in zip(state.tats, gaps, strict=True) if gap]
    spared = limits.burst - 1
    send_at = max(now, state.held_until, *(tat - spared * gap for tat, gap in busy))
    # What refusals have taught is known less well than what spacing leaves over.
    made_up_s = MADE_UP * limits.left_over_s if rate == configured_rate(limits) else 0.0
    free_at = max(state.held_until, *(tat for tat, _ in busy))
    rest_s = max(0.0, _counted_from(free_at, send_at, made_up_s) - free_at)
    counted = [_counted_from(tat, send_at, made_up_s) for tat in state.tats]
    after = state.with_tats(
        tuple(
            at + gap if gap else tat for at, gap, tat in zip(counted, gaps, state.tats, strict=True)
        )
    )
    forgiven_s = FORGIVEN * limits.left_over_s or inf
    latest_at = forgiven_s + min(at for at, gap in zip(counted, gaps, strict=True) if gap)
    gap_s = max(gaps)
    after = counted_minute(_counted_day(after, limits, send_at), send_at)._replace(
        used_s=state.used_s + gap_s,
        since_at=state.since_at + rest_s if state.used_s else send_at,
    )
    return Reservation(send_at, latest_at, gap_s, state, after)


def give_back(state: QuotaState, unused: Reservation) -> QuotaState:
    """Gives back the moment of a reserved call that was never sent.

    Returns the state after that. The moment is free again if nothing happened since; else it is
    lost, and only the day's count is corrected.
    """
    if state == unused.after:
        return unused.before
    if state.day != unused.after.day:
        return state
    return state._replace(day_count=max(0, state.day_count - 1))


def _counted_from(tat: float, send_at: float, made_up_s: float) -> float:
    """Computes the moment that a limit counts a call from.

    That is the moment of sending, so that a limit which is not the bottleneck saves up no burst
    for later; or at most ``made_up_s`` before it, where the call is late.
    """
    return max(tat, send_at - (made_up_s if send_at - tat < STALL_S else 0.0))


def _counted_day(state: QuotaState, limits: Limits, send_at: float) -> QuotaState:
    day = quota_day(send_at)
    count = state.day_count if state.day == day else 0
    if limits.requests_per_day is not None and count >= limits.requests_per_day:
        raise closed(next_quota_day_at(send_at), "The day's requests of the model are used up.")
    return state._replace(day=day, day_count=count + 1)


def _heard(state: QuotaState, limits: Limits, gaps: tuple[float, ...], now: float) -> QuotaState:
    """Notes the limits in the state. If they changed, waiting callers have to reserve again."""
    told = _written(limits)
    if told == state.told:
        return state
    heard = state._replace(told=told)
    if not state.told or now < state.told_at + RECALL_S:
        return heard
    recalled = heard._replace(epoch=state.epoch + 1, told_at=now)
    pairs = zip(state.tats, gaps, strict=True)
    return recalled.with_tats(tuple(min(tat, now + limits.burst * gap) for tat, gap in pairs))


@lru_cache
def _written(limits: Limits) -> str:
    return repr(limits)

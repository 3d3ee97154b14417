"""How fast a model takes calls: as configured, until refusals show a better rate.

A refusal lowers the rate at once; from there it climbs as TCP CUBIC's window does (RFC 9438):
fast to the rate that is known to work, flat there, then ever faster, up to what is
configured. So a limit that is configured too high, or not at all, is found and kept without many
refusals. It climbs only as far as calls are really sent at it. Pure: a quota state and a moment
in, another state out.
"""

from pressrun.engines.limits import MINUTE_S, Limits
from pressrun.ledger.quotas.state import QuotaState, Reservation, in_clock

#: Seconds between the first calls of a model for which nothing is configured.
START_GAP_S = 1.0
#: Calls a second of a limit that nobody configured, where another one sets the rate.
UNLIMITED = 1000.0
#: What a refusal makes of the rate, at most and at least.
LEAST_CUT, MOST_CUT = 0.995, 0.5
#: A climb begins this much below the rate that the refusal showed.
DIP = 0.01
#: A climb is flat for so many calls, and for so many times the pause that the refusal cost, so
#: that refusals and pauses stay rare; but never longer than so many seconds, so that a bad
#: minute is not remembered for an hour.
FLAT_CALLS, FLAT_PAUSES, FLAT_MOST_S = 80, 10, 300.0
#: Beyond the wall the rate has doubled after this time, and from the start of all after this.
#: Providers count by the minute: a faster climb would be far beyond the limit before that shows.
DOUBLING_S, FIRST_DOUBLING_S = 180.0, 60.0
#: Above what is known to work, the rate is at most so many times that of the last minute: a rate
#: at which nobody called proves nothing (RFC 9438, 5.8). Callers that use a whole climb reach 1.9.
MOST_GROWTH = 2.5
#: Waited after a refusal that names no time.
UNNAMED_PAUSE_S = 5.0
#: A late refusal that asks for so little more than the first one of its burst is ignored.
SAME_PAUSE_S = 0.05


def configured_rate(limits: Limits) -> float:
    """Gives the most requests a second that the limits allow."""
    gap_s = limits.request_gap_s()
    return 1 / gap_s if gap_s else UNLIMITED


def working_rate(state: QuotaState, limits: Limits) -> float:
    """Gives the requests a second at the moment at which the state was seen."""
    if state.wall:
        return min(configured_rate(limits), _climbed(state), _followed(state, state.wall))
    if not limits.have_no_rate:
        return configured_rate(limits)
    start = 1 / (limits.start_gap_s() or START_GAP_S)
    return min(configured_rate(limits), _begun(state, start), _followed(state, start))


def refuse(
    state: QuotaState, limits: Limits, refused: Reservation, retry_after_s: float | None, now: float
) -> QuotaState:
    """Lowers the rate after the provider refused a call because of the minute.

    The first refusal of a call reserved in the present epoch lowers the rate, holds everybody
    and begins a new epoch. The rest of its burst was sent before that, and at most lengthens
    the hold.
    """
    state = in_clock(state, now)
    until = now + (UNNAMED_PAUSE_S if retry_after_s is None else retry_after_s)
    if refused.after.epoch != state.epoch:
        return hold(state, limits, until) if until > state.held_until + SAME_PAUSE_S else state
    if refused.before.used_s:
        trust_s = 0.0 if state.wall else limits.trust_s
        state = _taught(state, refused, now, until, trust_s)
    # Else nothing was sent since the last pause: the pause was too short, the rate not too high.
    return hold(state._replace(used_s=0.0), limits, until)


def hold(state: QuotaState, limits: Limits, until: float) -> QuotaState:
    """Lets nobody send before ``until``; waiting callers have to reserve again."""
    burst_s = (limits.burst - 1) / working_rate(state, limits)  # a refusal leaves none of it
    others = (min(tat, until) for tat in state.tats[1:])
    held = state._replace(epoch=state.epoch + 1, held_until=until)
    return held.with_tats((until + burst_s, *others))


def counted_minute(state: QuotaState, send_at: float) -> QuotaState:
    """Counts one call more at ``send_at``."""
    age_s = send_at - state.minute_at
    if age_s < MINUTE_S:
        return state._replace(minute_count=state.minute_count + 1)
    if age_s < 2 * MINUTE_S:
        return state._replace(
            minute_at=state.minute_at + MINUTE_S, minute_before=state.minute_count, minute_count=1
        )
    return state._replace(minute_at=send_at, minute_before=0, minute_count=1)


def _begun(state: QuotaState, start: float) -> float:
    """Computes the rate of a model that was never refused; its first calls have the start's."""
    beyond_s = max(0.0, state.used_s - FLAT_CALLS / start)
    return start * (1 + (beyond_s / FIRST_DOUBLING_S) ** 3)


def _followed(state: QuotaState, known: float) -> float:
    return max(known, MOST_GROWTH * _last_minute(state, state.seen_at))


def _climbed(state: QuotaState) -> float:
    beyond_s = state.used_s - state.flat_s
    if beyond_s < 0:
        return state.wall + (state.wall - state.floor) * (beyond_s / state.flat_s) ** 3
    doubling_s = max(DOUBLING_S, FLAT_CALLS / state.wall)
    return state.wall * (1 + (beyond_s / doubling_s) ** 3)


def _taught(
    state: QuotaState, refused: Reservation, now: float, until: float, trust_s: float
) -> QuotaState:
    """Sets the climb that follows a refusal.

    Its floor is the rate that the refusal shows, its wall the one of the last minute: after a
    burst, a provider's window has less room for a while than it will have.
    """
    rate = 1 / refused.gap_s
    shown = rate * min(LEAST_CUT, max(MOST_CUT, _busy(state, refused, until, trust_s)))
    unsent = 1 + max(0, int((state.requests_tat - now) * rate))
    state = state._replace(minute_count=max(0, state.minute_count - unsent))
    wall = min(LEAST_CUT * rate, max(shown, _last_minute(state, now)))
    floor = shown * (1 - DIP)
    flat_s = max(FLAT_CALLS / wall, FLAT_PAUSES * (until - now), MINUTE_S * (1 - floor / wall))
    return state._replace(wall=wall, floor=floor, flat_s=min(flat_s, FLAT_MOST_S))


def _busy(state: QuotaState, refused: Reservation, until: float, trust_s: float) -> float:
    """Estimates the provider's limit as a share of the rate at which calls were sent.

    A provider that counts in windows admits as many calls as the limit says, and then none until
    its window has room again, however long that is. So the limit is to the rate as the time that
    the calls took is to the time with the pause.
    """
    used_s = refused.before.used_s + trust_s
    return used_s / max(used_s, until - state.since_at + trust_s)


def _last_minute(state: QuotaState, now: float) -> float:
    """Estimates calls a second over the last minute, as a sliding share of the two counted."""
    gone = max(0.0, (now - state.minute_at) / MINUTE_S)
    earlier = state.minute_before * max(0.0, 1 - gone)
    return (earlier + state.minute_count * min(1.0, max(0.0, 2 - gone))) / MINUTE_S

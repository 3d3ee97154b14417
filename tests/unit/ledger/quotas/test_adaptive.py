"""What refusals teach, simulated against the strict windows of the local Gemini server."""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.engines.limits import SPACING, Limits, Load
from pressrun.ledger.quotas.adaptive import FLAT_CALLS, UNNAMED_PAUSE_S, refuse, working_rate
from pressrun.ledger.quotas.gcra import reserve
from pressrun.ledger.quotas.state import QuotaState, Reservation, in_clock
from tests.servers.gemini_books import SlidingWindow

NOW = 1_000_000_000.0


@dataclass
class World:
    """Callers without end, ``ahead`` of them between reserving and sending, and a provider.

    Events come in the order of their moments. Messages take a random time of some milliseconds,
    so that calls arrive unevenly and refusals late. The machine stands still for ``stall_s`` once
    in every ``stall_each_s``.
    """

    limits: Limits
    window: SlidingWindow
    seed: int = 0
    ahead: int = 8
    stall_s: float = 0.0
    stall_each_s: int = 2
    state: QuotaState = field(default_factory=QuotaState)
    start: float = NOW
    admitted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._turn = count()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        for _ in range(self.ahead):
            self._at(self.start, self._reserve)

    def run(self, calls: int) -> "World":
        while len(self.admitted) < calls:
            now, _, happen = heapq.heappop(self._events)
            stalled = int(now) % self.stall_each_s == 1
            happen(max(now, math.floor(now) + self.stall_s) if stalled else now)
        return self

    def used(self, true_rate: float, since: float = 0.0) -> float:
        """The share of the true limit that was used in the last part of the time."""
        end = self.admitted[-1]
        begin = self.start + since * (end - self.start)
        return sum(at > begin for at in self.admitted) / true_rate / (end - begin)

    def pace_of_last(self, calls: int) -> float:
        """Calls a second."""
        last = self.admitted[-calls:]
        return calls / (last[-1] - last[0])

    def refusals(self, since: float = 0.0) -> float:
        """The share of calls that were refused in the last part of the time."""
        begin = self.start + since * (self.admitted[-1] - self.start)
        bad = sum(at > begin for at in self.refused)
        return bad / (bad + sum(at > begin for at in self.admitted))

    def _at(self, moment: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._turn), happen))

    def _soon(self, now: float, happen: Callable[[float], None]) -> None:
        self._at(now + self._random.expovariate(1 / 0.004), happen)

    def _reserve(self, now: float) -> None:
        mine = reserve(self.state, self.limits, Load(), now)
        self.state = mine.after
        self._at(mine.send_at, lambda then: self._wake(then, mine))

    def _wake(self, now: float, mine: Reservation) -> None:
        if not mine.holds(self.state.epoch, now):
            self._reserve(now)
            return
        self._soon(now, lambda then: self._arrive(then, mine))
        self._soon(now, self._reserve)

    def _arrive(self, now: float, mine: Reservation) -> None:
        denial = self.window.denial(now, 1)
        if denial is None:
            self.window.add(now, 1)
            self.admitted.append(now)
            return
        self.refused.append(now)
        self._soon(now, lambda then: self._learn(then, mine, denial.retry_after_s))

    def _learn(self, now: float, mine: Reservation, retry_after_s: float) -> None:
        self.state = refuse(self.state, self.limits, mine, retry_after_s, now)


def world(
    told: float | None, true: float, window_s: float, seed: int = 0, start: float | None = None
) -> World:
    """Rates in calls a second."""
    limits = Limits(told and told * 60, start_per_minute=start and start * 60)
    return World(limits, SlidingWindow("q", "m", round(true * window_s), window_s), seed)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("window_s", [1, 2, 10, 60])
def test_a_limit_told_too_high_is_used_in_full_with_few_refusals(
    window_s: float, seed: int
) -> None:
    seen = world(20, 16, window_s, seed).run(6000)
    assert seen.used(16) >= 0.97
    assert seen.refusals() <= 0.03


def test_a_limit_told_too_high_costs_a_short_batch_no_time() -> None:
    seen = world(20, 16, window_s=1).run(600)
    assert seen.used(16) >= 0.97
    assert seen.refusals() <= 0.03


@pytest.mark.parametrize("true", [16, 5, 1, 1 / 6])
def test_a_limit_that_nobody_told_is_found(true: float) -> None:
    seen = world(None, true, window_s=60).run(round(min(2000 * true, 24_000) + 400))
    assert seen.used(true, since=0.6) >= 0.97
    assert seen.refusals(since=0.6) <= 0.03


@pytest.mark.parametrize(("start", "true"), [(1, 16), (5, 5), (5, 1), (1 / 12, 2)])
@pytest.mark.parametrize("window_s", [1, 60])
def test_an_untold_limit_is_found_from_wherever_the_catalogue_begins(
    start: float, true: float, window_s: float
) -> None:
    seen = world(None, true, window_s, start=start).run(round(2000 * true + 400))
    assert seen.used(true, since=0.6) >= 0.97
    assert seen.refusals() <= 0.03


def test_a_small_batch_goes_no_faster_than_the_catalogue_begins() -> None:
    seen = world(None, 1, window_s=60, start=1).run(FLAT_CALLS)
    assert seen.refused == []
    assert seen.pace_of_last(FLAT_CALLS) <= 1.02


@pytest.mark.parametrize(("told", "true"), [(100, 16), (20, 3), (0.25, 1 / 6), (1, 1 / 6)])
def test_a_limit_told_far_too_high_is_found(told: float, true: float) -> None:
    seen = world(told, true, window_s=60).run(round(600 * max(1, true)))
    assert seen.used(true) >= 0.97
    assert seen.refusals(since=0.3) <= 0.03


def test_a_limit_told_truly_is_never_refused_and_used_in_full() -> None:
    seen = world(20, 20, window_s=60).run(6000)
    assert seen.refused == []
    assert seen.used(20) >= 0.985


def test_a_machine_that_stands_still_now_and_then_uses_the_limit_in_full_all_the_same() -> None:
    limits = Limits(requests_per_minute=3600)
    window = SlidingWindow("q", "m", 3600, 60)
    seen = World(limits, window, ahead=12, stall_s=0.3).run(12_000)
    assert seen.refused == []
    assert seen.used(60) >= 0.985


@pytest.mark.parametrize("ahead", [12, 24, 48, 96])
@pytest.mark.parametrize("stall_s", [0.3, 0.7, 0.95])
def test_however_many_stand_ready_when_a_machine_goes_on_nothing_is_refused(
    ahead: int, stall_s: float
) -> None:
    limits = Limits(requests_per_minute=3600)
    window = SlidingWindow("q", "m", 3600, 60)
    seen = World(limits, window, ahead=ahead, stall_s=stall_s, stall_each_s=70).run(9000)
    assert seen.refused == []
    assert seen.used(60) >= 0.975


def test_a_rate_that_nobody_goes_at_does_not_climb() -> None:
    limits = Limits(start_per_minute=60)
    state, now = QuotaState(), NOW
    for _ in range(1000):
        state = reserve(state, limits, Load(), now).after
        now += 2
    assert working_rate(state, limits) <= 1.35


def test_after_a_rest_calls_begin_as_at_first_and_climb_again() -> None:
    limits = Limits(start_per_minute=60)
    state = reserved(limits, 400)[-1].after
    assert working_rate(state, limits) > 5
    day = in_clock(state, NOW + 86_400)
    assert working_rate(day, limits) == pytest.approx(0.99)
    seen = World(limits, SlidingWindow("q", "m", 16 * 60, 60), state=day, start=NOW + 86_400)
    assert seen.run(8000).refusals() <= 0.03


def test_a_limit_that_falls_is_followed_and_one_that_rises_is_found_again() -> None:
    seen = world(20, 16, window_s=1).run(2000)
    seen.window.limit = 8
    assert seen.run(4000).pace_of_last(1000) >= 0.97 * 8
    seen.window.limit = 16
    assert seen.run(12_000).pace_of_last(2000) >= 0.97 * 16
    assert seen.refusals() <= 0.03


def reserved(limits: Limits, calls: int) -> list[Reservation]:
    """Calls that all ask at once."""
    state, taken = QuotaState(), []
    for _ in range(calls):
        taken.append(reserve(state, limits, Load(), NOW))
        state = taken[-1].after
    return taken


def test_the_refusals_of_one_burst_lower_the_rate_once() -> None:
    limits = Limits(requests_per_minute=600)
    taken = reserved(limits, 10)
    once = refuse(taken[-1].after, limits, taken[5], 3.0, NOW + 0.7)
    again = once
    for late in taken[6:]:
        again = refuse(again, limits, late, 2.9, NOW + 0.75)
    assert again.tats == once.tats
    assert (again.wall, again.epoch) == (once.wall, once.epoch)
    assert 0 < once.wall < 10


def test_a_late_refusal_that_asks_for_more_lengthens_the_hold() -> None:
    limits = Limits(requests_per_minute=600)
    taken = reserved(limits, 10)
    once = refuse(taken[-1].after, limits, taken[5], 3.0, NOW + 0.7)
    longer = refuse(once, limits, taken[6], 30.0, NOW + 0.75)
    assert longer.epoch == once.epoch + 1
    assert longer.wall == once.wall
    assert reserve(longer, limits, Load(), NOW + 1).send_at == pytest.approx(NOW + 30.75)


def test_a_refusal_right_after_a_pause_waits_again_and_lowers_nothing() -> None:
    limits = Limits(requests_per_minute=600)
    taken = reserved(limits, 6)
    state = refuse(taken[-1].after, limits, taken[5], 3.0, NOW + 0.7)
    for n in range(50):  # a provider that says a second and means a minute
        now = NOW + 3.7 + n
        first = reserve(state, limits, Load(), now)
        state = refuse(first.after, limits, first, 1.0, now + 0.01)
    assert working_rate(state, limits) == pytest.approx(
        working_rate(refuse(taken[-1].after, limits, taken[5], 3.0, NOW + 0.7), limits)
    )


def test_a_refusal_that_names_no_time_waits_all_the_same() -> None:
    limits = Limits(requests_per_minute=600)
    (first,) = reserved(limits, 1)
    state = refuse(first.after, limits, first, None, NOW)
    assert reserve(state, limits, Load(), NOW).send_at == NOW + UNNAMED_PAUSE_S


def test_what_was_learned_of_images_slows_images() -> None:
    limits = Limits(requests_per_minute=600, images_per_minute=60)
    state, taken = QuotaState(), []
    for _ in range(31):
        taken.append(reserve(state, limits, Load(images=1), NOW))
        state = taken[-1].after
    # Half a minute of images is all that the provider takes in a minute.
    state = refuse(state, limits, taken[30], 60 - 30 / 0.99, taken[30].send_at)
    assert working_rate(state, limits) == pytest.approx(0.5, rel=0.05)


@given(
    st.floats(1, 1e5),
    st.lists(st.tuples(st.floats(0, 200), st.one_of(st.none(), st.floats(0, 100))), max_size=60),
)
def test_the_rate_never_passes_what_was_told_and_never_dies(
    told: float, events: list[tuple[float, float | None]]
) -> None:
    limits = Limits(requests_per_minute=told)
    state, now = QuotaState(), NOW
    for wait, retry_after_s in events:
        now += wait
        mine = reserve(state, limits, Load(), now)
        state = mine.after
        if retry_after_s is not None:
            state = refuse(state, limits, mine, retry_after_s, mine.send_at)
        rate = working_rate(state, limits)
        assert 0 < rate <= told * SPACING / 60 * (1 + 1e-9)
        again = reserve(state, limits, Load(), now)
        assert again.send_at >= now

"""The arithmetic of reservations, without a database: spacing, bursts, days, spending, clocks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pressrun.engines.limits import MADE_UP, Limits, Load, next_quota_day_at, quota_day
from pressrun.errors import QuotaExhausted
from pressrun.ledger.quotas.adaptive import hold, refuse
from pressrun.ledger.quotas.gcra import RECALL_S, STALL_S, give_back, reserve
from pressrun.ledger.quotas.state import CLOCK_SLACK_S, QuotaState, close

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
waits = st.lists(st.floats(0, 30), min_size=1, max_size=80)


def moments_of(limits: Limits, calls: Sequence[tuple[float, Load]]) -> list[float]:
    """When calls go that ask after such waits."""
    state, now, moments = QuotaState(), NOW, []
    for wait, load in calls:
        now += wait
        reservation = reserve(state, limits, load, now)
        state = reservation.after
        moments.append(reservation.send_at)
    return moments


def most_in_a_window(moments: list[float], amounts: list[float], window_s: float) -> float:
    return max(
        sum(n for at, n in zip(moments, amounts, strict=True) if start <= at < start + window_s)
        for start in moments
    )


@given(waits, st.integers(1, 600), st.integers(1, 4))
def test_no_minute_holds_more_requests_than_the_limit_and_the_burst(
    waits: list[float], per_minute: int, burst: int
) -> None:
    limits = Limits(requests_per_minute=per_minute, burst=burst)
    moments = moments_of(limits, [(wait, Load()) for wait in waits])
    assert most_in_a_window(moments, [1.0] * len(moments), 60) <= per_minute + burst - 1


@given(waits, st.integers(2, 100), st.integers(1, 4))
def test_no_minute_holds_more_images_than_the_limit(
    waits: list[float], per_minute: int, images: int
) -> None:
    limits = Limits(requests_per_minute=600, images_per_minute=per_minute)
    moments = moments_of(limits, [(wait, Load(images=images)) for wait in waits])
    most = most_in_a_window(moments, [images] * len(moments), 60)
    assert most <= max(per_minute, images)


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 5_000)), min_size=1, max_size=80))
def test_no_minute_holds_more_tokens_than_the_limit_and_one_call(
    calls: list[tuple[float, int]],
) -> None:
    limits = Limits(requests_per_minute=6000, input_tokens_per_minute=20_000)
    moments = moments_of(limits, [(wait, Load(input_tokens=n)) for wait, n in calls])
    tokens = [n for _, n in calls]
    assert most_in_a_window(moments, list(map(float, tokens)), 60) <= 20_000 + max(tokens)


@given(waits, st.integers(1, 600))
def test_no_moment_is_lost(waits: list[float], per_minute: int) -> None:
    limits = Limits(requests_per_minute=per_minute)
    moments = moments_of(limits, [(wait, Load()) for wait in waits])
    now, free_at, made_up_s = NOW, 0.0, MADE_UP * limits.left_over_s
    for wait, moment in zip(waits, moments, strict=True):
        now += wait
        assert moment == pytest.approx(max(now, free_at), abs=1e-6)
        held_up = moment - free_at < STALL_S - 1e-6
        free_at = max(free_at, moment - made_up_s * held_up) + limits.request_gap_s()


def paced(limits: Limits, stalls: Sequence[float]) -> list[float]:
    """When calls go whose machine stands still for so long before it asks for each of them."""
    state, now, moments = QuotaState(), NOW, []
    for stall in stalls:
        mine = reserve(state, limits, Load(), now + stall)
        state, now = mine.after, mine.send_at
        moments.append(now)
    return moments


@given(
    st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.3, 0.99, 1.5]), min_size=200, max_size=200),
    st.integers(30, 150),
)
def test_no_minute_is_too_full_however_often_the_machine_stands_still(
    stalls: list[float], per_minute: int
) -> None:
    moments = paced(Limits(requests_per_minute=per_minute), stalls)
    assert most_in_a_window(moments, [1.0] * len(moments), 60) <= per_minute


def test_moments_lost_to_a_stall_are_made_up_for_at_once() -> None:
    limits = Limits(requests_per_minute=3600)
    smooth = paced(limits, [0.0] * 120)
    stalled = paced(limits, [0.0] * 60 + [0.25] + [0.0] * 59)
    assert stalled[60] == pytest.approx(smooth[59] + 0.25)
    assert stalled[-1] == pytest.approx(smooth[-1])
    lost = paced(limits, [0.0] * 60 + [0.9] + [0.0] * 59)
    made_up_s = MADE_UP * limits.left_over_s
    assert lost[-1] == pytest.approx(smooth[-1] + 0.9 - limits.request_gap_s() - made_up_s)


def test_nothing_is_made_up_for_after_a_rest() -> None:
    limits = Limits(requests_per_minute=3600)
    moments = paced(limits, [0.0, STALL_S + limits.request_gap_s(), 0.0, 0.0])
    gaps = [b - a for a, b in pairwise(moments[1:])]
    assert gaps == pytest.approx([limits.request_gap_s()] * 2, abs=1e-6)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(spend_usd=10),  # the pace of requests is learned: nothing is known to be left over
        Limits(requests_per_minute=180, window_s=1),  # a destination that counts by the second
    ],
)
def test_only_what_a_told_minute_leaves_over_is_used(limits: Limits) -> None:
    gap_s = paced(limits, [0.0, 0.0])[1] - NOW
    late, after = paced(limits, [0.0, gap_s + 0.25, 0.0])[1:]
    assert after - late == pytest.approx(gap_s, rel=1e-3)


def test_a_learned_limit_makes_up_for_nothing() -> None:
    limits = Limits(requests_per_minute=3600)
    refused = reserve(reserve(QuotaState(), limits, Load(), NOW).after, limits, Load(), NOW + 1)
    state = refuse(refused.after, limits, refused, 1.0, NOW + 1)
    first = reserve(state, limits, Load(), NOW + 2.5)
    second = reserve(first.after, limits, Load(), NOW + 2.5)
    assert second.send_at - first.send_at == pytest.approx(second.gap_s, rel=1e-2)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
@example([0.0, 6.0])
def test_a_clock_that_jumps_blocks_nobody_and_lets_no_burst_through(jumps: list[float]) -> None:
    limits = Limits(requests_per_minute=60)
    gap_s, made_up_s = limits.request_gap_s(), MADE_UP * limits.left_over_s
    state, now = QuotaState(), NOW
    for jump in jumps:
        now += jump
        asked = []
        for _ in range(5):
            reservation = reserve(state, limits, Load(), now)
            state = reservation.after
            asked.append(reservation.send_at)
        gaps = [b - a for a, b in pairwise(asked)]
        assert gaps[1:] == pytest.approx([gap_s] * 3)
        assert gap_s - made_up_s <= gaps[0] + 1e-6 <= gap_s + 2e-6  # a late call is made up for
        ahead_s = 5 * len(jumps) * gap_s
        assert now <= asked[0] <= now + CLOCK_SLACK_S + ahead_s


def test_a_closing_moves_with_a_clock_that_is_set_back() -> None:
    a_year = 365 * 86_400.0
    state = reserve(QuotaState(), Limits(60), Load(), NOW + a_year).after
    state = close(state, NOW + a_year + 3600, "Spent.")
    with pytest.raises(QuotaExhausted) as caught:
        reserve(state, Limits(60), Load(), NOW)
    assert caught.value.until is not None
    assert caught.value.until.timestamp() == pytest.approx(NOW + 3600)


def test_the_tightest_limit_sets_the_pace() -> None:
    limits = Limits(requests_per_minute=600, images_per_minute=30, input_tokens_per_minute=60_000)
    images = moments_of(limits, [(0, Load(images=1, input_tokens=100))] * 3)
    assert images[2] - images[0] == pytest.approx(2 * 2 / 0.99)
    texts = moments_of(limits, [(0, Load(input_tokens=6000))] * 3)
    assert texts[2] - texts[0] == pytest.approx(2 * 6 / 0.99)
    small = moments_of(limits, [(0, Load(input_tokens=10))] * 3)
    assert small[2] - small[0] == pytest.approx(2 * 0.1 / 0.99)


def test_a_limit_that_was_no_bottleneck_lets_no_burst_through_later() -> None:
    limits = Limits(requests_per_minute=60, images_per_minute=10)
    drawn = [(0.0, Load(images=1))] * 5
    moments = moments_of(limits, [*drawn, *[(0.0, Load())] * 5])
    gaps = [b - a for a, b in pairwise(moments)]
    assert gaps[:4] == pytest.approx([6 / 0.99] * 4)
    assert gaps[4:] == pytest.approx([1 / 0.99] * 5)


def test_a_burst_goes_at_once_and_then_at_the_pace() -> None:
    limits = Limits(requests_per_minute=60, burst=4)
    moments = moments_of(limits, [(0, Load())] * 6)
    assert moments[:4] == pytest.approx([NOW] * 4, abs=1e-3)
    gaps = [b - a for a, b in pairwise(moments[3:])]
    assert gaps == pytest.approx([1 / 0.99] * 2)


def test_spending_is_spread_over_its_window() -> None:
    limits = Limits(requests_per_minute=6000, spend_usd=10, spend_minutes=10)
    worst = Load(cost_nusd=100_000_000)  # 0.10 USD: a hundred of them in ten minutes
    moments = moments_of(limits, [(0, worst)] * 250)
    assert most_in_a_window(moments, [0.1] * 250, 600) <= 10 + 1e-9
    assert moments[200] - moments[100] == pytest.approx(600 / 0.99)


def test_the_day_ends_at_midnight_in_california() -> None:
    limits = Limits(requests_per_minute=6000, requests_per_day=3)
    state = QuotaState()
    for _ in range(3):
        state = reserve(state, limits, Load(), NOW).after
    with pytest.raises(QuotaExhausted, match="day's requests") as caught:
        reserve(state, limits, Load(), NOW)
    assert caught.value.until == datetime(2026, 11, 23, 8, tzinfo=UTC)
    midnight = caught.value.until.timestamp()
    with pytest.raises(QuotaExhausted):
        reserve(state, limits, Load(), midnight - 1)
    assert reserve(state, limits, Load(), midnight).after.day_count == 1


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-06-01", 24)]
)
def test_days_with_a_change_of_the_clock_have_23_or_25_hours(day: str, hours: int) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00-08:00").timestamp()
    end = next_quota_day_at(noon)
    assert quota_day(end - 1) == day
    assert quota_day(end - hours * 3600) == day
    assert quota_day(end - hours * 3600 - 1) < day


def test_reservations_withdrawn_newest_first_leave_no_trace() -> None:
    limits = Limits(requests_per_minute=60, requests_per_day=100)
    start = state = reserve(QuotaState(), limits, Load(), NOW).after
    taken = []
    for _ in range(4):
        taken.append(reserve(state, limits, Load(), NOW))
        state = taken[-1].after
    for reservation in reversed(taken):
        state = give_back(state, reservation)
    assert state == start


def test_an_older_reservation_gives_back_its_place_in_the_day_only() -> None:
    limits = Limits(requests_per_minute=60)
    old = reserve(QuotaState(), limits, Load(), NOW)
    new = reserve(old.after, limits, Load(), NOW)
    state = give_back(new.after, old)
    assert state.tats == new.after.tats
    assert state.day_count == 1


def test_limits_told_anew_hold_from_the_next_reservation_on() -> None:
    first = reserve(QuotaState(), Limits(60), Load(), NOW)
    slower = reserve(first.after, Limits(30), Load(), NOW + 0.5)
    assert slower.after.epoch > first.after.epoch
    later = reserve(slower.after, Limits(30), Load(), NOW + 0.5)
    assert later.send_at - slower.send_at == pytest.approx(2 / 0.99)
    # Nobody holds the moments that were reserved by the old limits, so they are free.
    assert slower.send_at == pytest.approx(first.after.requests_tat)


def test_two_tellers_of_different_limits_do_not_call_each_other_back_all_the_time() -> None:
    state, epochs = QuotaState(), set()
    for n in range(100):
        told = Limits(60) if n % 2 else Limits(30)
        state = reserve(state, told, Load(), NOW + n * 0.1).after
        epochs.add(state.epoch)
    assert len(epochs) <= 1 + 10 / RECALL_S + 1


def test_a_refusal_leaves_nothing_of_a_burst() -> None:
    limits = Limits(requests_per_minute=60, burst=5)
    refused = reserve(QuotaState(), limits, Load(), NOW)
    state = refuse(refused.after, limits, refused, 10.0, NOW + 0.1)
    first = reserve(state, limits, Load(), NOW + 0.2)
    second = reserve(first.after, limits, Load(), NOW + 0.2)
    assert first.send_at == pytest.approx(NOW + 10.1)
    assert second.send_at - first.send_at >= 1 / 0.99 - 1e-6


def test_a_hold_frees_the_moments_that_nobody_holds_any_more() -> None:
    limits = Limits(requests_per_minute=600, images_per_minute=6)
    state = QuotaState()
    for _ in range(8):
        state = reserve(state, limits, Load(images=1), NOW).after
    held = reserve(hold(state, limits, NOW + 2), limits, Load(images=1), NOW)
    assert held.send_at == NOW + 2

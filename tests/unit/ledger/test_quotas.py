"""Reservations: spaced evenly, shared by all, closed when told."""

import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressrun.errors import QuotaExhausted
from pressrun.ledger import Ledger
from pressrun.ledger.quotas import Quota

QUOTA = Quota("account", "model", per_minute=60)


def reserve(ledger: Ledger, now: float, quota: Quota = QUOTA) -> float:
    with ledger.database.write() as connection:
        return ledger.quotas.reserve(connection, quota, now)


def test_the_first_call_goes_at_once_and_the_next_ones_are_spaced_at_99_percent(
    ledger: Ledger,
) -> None:
    moments = [reserve(ledger, 1000.0) for _ in range(4)]
    assert moments[0] == pytest.approx(1000.0)
    gaps = [b - a for a, b in pairwise(moments)]
    assert gaps == pytest.approx([60 / (60 * 0.99)] * 3)


def test_an_idle_quota_saves_nothing_up(ledger: Ledger) -> None:
    reserve(ledger, 1000.0)
    moments = [reserve(ledger, 5000.0) for _ in range(3)]
    assert moments[0] == pytest.approx(5000.0)
    assert moments[2] - moments[0] == pytest.approx(2 * QUOTA.interval_s)


def test_two_accounts_and_two_models_do_not_wait_for_each_other(ledger: Ledger) -> None:
    quotas = [Quota(a, m, 60) for a in "ab" for m in "xy"]
    assert [reserve(ledger, 1000.0, quota) for quota in quotas] == pytest.approx([1000.0] * 4)


def test_a_throttling_moves_everybody_on_and_never_back(ledger: Ledger) -> None:
    ledger.quotas.push("account", "model", 1039.0)
    ledger.quotas.push("account", "model", 1001.0)
    assert reserve(ledger, 1000.0) == pytest.approx(1039.0)


def test_a_closed_model_refuses_with_its_reason_until_the_time(ledger: Ledger) -> None:
    now = time.time()
    ledger.quotas.close("account", "model", now + 3600, "The day's quota is used up.")
    with pytest.raises(QuotaExhausted, match="The day's quota is used up") as caught:
        reserve(ledger, now)
    assert caught.value.until is not None
    assert caught.value.until.timestamp() == pytest.approx(now + 3600)
    assert reserve(ledger, now + 3601) == pytest.approx(now + 3601)


def test_many_threads_get_different_moments(ledger: Ledger) -> None:
    moments: list[float] = []
    _in_threads(8, lambda: moments.extend(reserve(ledger, 1000.0) for _ in range(25)))
    moments.sort()
    gaps = [b - a for a, b in pairwise(moments)]
    assert len(moments) == 200
    assert gaps == pytest.approx([QUOTA.interval_s] * 199)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60), st.integers(1, 600))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_window_of_a_minute_ever_holds_more_than_the_limit(
    ledger: Ledger, waits: list[float], per_minute: int
) -> None:
    quota = Quota("account", f"model {time.monotonic_ns()}", per_minute)
    now, moments = 1000.0, []
    for wait in waits:
        now += wait
        moments.append(reserve(ledger, now, quota))
    for start in moments:
        assert sum(start <= moment < start + 60 for moment in moments) <= per_minute


def _in_threads(count: int, work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

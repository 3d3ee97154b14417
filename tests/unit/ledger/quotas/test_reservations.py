"""Quotas in the ledger: shared by threads and processes, kept, given back, closed when told."""

import contextlib
import threading
import time
from collections.abc import Callable
from itertools import chain, pairwise

import pytest
from sqlalchemy import select

from pressrun.engines.limits import Limits, Load
from pressrun.errors import QuotaExhausted
from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import quotas
from pressrun.ledger.quotas.reservations import Quota, Rate
from pressrun.ledger.quotas.state import QuotaState, Reservation
from tests.support.processes import forks

LIMITS = Limits(requests_per_minute=60)
QUOTA = Quota("account", "model", LIMITS)
LOAD = Load(images=1)
GAP_S = 60 / (60 * 0.99)


def take(ledger: Ledger, now: float, quota: Quota = QUOTA, load: Load = LOAD) -> Reservation:
    with ledger.database.write() as connection:
        return ledger.quotas.take(connection, quota, load, now)


def moment(ledger: Ledger, now: float, quota: Quota = QUOTA) -> float:
    return take(ledger, now, quota).send_at


def row(ledger: Ledger) -> QuotaState:
    with ledger.database.read() as connection:
        found = connection.execute(select(*(quotas.c[name] for name in QuotaState._fields))).one()
    return QuotaState(*found)


def test_the_first_call_goes_at_once_and_the_next_ones_are_spaced_at_99_percent(
    ledger: Ledger,
) -> None:
    moments = [moment(ledger, 1000.0) for _ in range(4)]
    assert moments[0] == pytest.approx(1000.0)
    gaps = [b - a for a, b in pairwise(moments)]
    assert gaps == pytest.approx([GAP_S] * 3)


def test_an_idle_quota_saves_nothing_up(ledger: Ledger) -> None:
    moment(ledger, 1000.0)
    moments = [moment(ledger, 5000.0) for _ in range(3)]
    assert moments[0] == pytest.approx(5000.0)
    assert moments[2] - moments[0] == pytest.approx(2 * GAP_S)


def test_two_accounts_and_two_models_do_not_wait_for_each_other(ledger: Ledger) -> None:
    alone = [Quota(a, m, LIMITS) for a in "ab" for m in "xy"]
    assert [moment(ledger, 1000.0, quota) for quota in alone] == pytest.approx([1000.0] * 4)


def test_what_is_written_is_what_was_reserved(ledger: Ledger) -> None:
    quota = Quota("account", "model", Limits(60, 30, 60_000, 100, 10.0, 10.0, 2))
    mine = take(ledger, 1000.0, quota, Load(images=1, input_tokens=500, cost_nusd=33_600_000))
    assert row(ledger) == mine.after


def test_a_destination_is_a_quota_of_files(ledger: Ledger) -> None:
    quota = Quota("drive://" + "x" * 247, "files", Limits(requests_per_minute=180))
    assert moment(ledger, 1000.0, quota) == 1000.0
    assert moment(ledger, 1000.0, quota) - 1000.0 == pytest.approx(60 / (180 * 0.99))


def test_a_reservation_holds_until_a_refusal_moves_everybody_on(ledger: Ledger) -> None:
    first, second, third = (take(ledger, 1000.0) for _ in range(3))
    assert ledger.quotas.holds(QUOTA, third, third.send_at)
    ledger.quotas.refused(QUOTA, second, 39.0, 1001.2)
    assert not ledger.quotas.holds(QUOTA, third, third.send_at)
    again = take(ledger, 1001.3)
    assert ledger.quotas.holds(QUOTA, again, again.send_at)
    assert again.send_at == pytest.approx(1040.2)
    assert first.send_at == 1000.0


def test_a_reservation_is_lost_to_who_comes_so_late_that_it_could_be_one_too_many(
    ledger: Ledger,
) -> None:
    mine = take(ledger, 1000.0)
    left_over_s = LIMITS.left_over_s
    assert left_over_s == pytest.approx(60 / 99)
    assert ledger.quotas.holds(QUOTA, mine, mine.send_at + 0.89 * left_over_s)
    assert not ledger.quotas.holds(QUOTA, mine, mine.send_at + 0.91 * left_over_s)


def test_what_a_refusal_taught_is_kept_and_shared(ledger: Ledger, ledger_url: str) -> None:
    taken = [take(ledger, 1000.0) for _ in range(31)]
    ledger.quotas.refused(QUOTA, taken[30], 30.0, taken[30].send_at)
    other = Ledger(ledger_url)
    first, second = (take(other, 1031.0) for _ in range(2))
    other.close()
    assert second.send_at - first.send_at == pytest.approx(2.0, rel=0.05)


def test_the_rate_is_what_was_told_until_a_refusal_teaches_another(ledger: Ledger) -> None:
    told = Rate(1 / GAP_S, is_learned=False)
    assert ledger.quotas.rate(QUOTA, 1000.0) == told
    refused = [take(ledger, 1000.0) for _ in range(30)][-1]
    assert ledger.quotas.rate(QUOTA, refused.send_at) == told
    ledger.quotas.refused(QUOTA, refused, 30.0, refused.send_at)
    learned = ledger.quotas.rate(QUOTA, refused.send_at + 30)
    assert learned.is_learned
    assert learned.per_s < 0.6


def test_a_closed_model_refuses_with_its_reason_until_the_time(ledger: Ledger) -> None:
    now = time.time()
    waiting = take(ledger, now)
    ledger.quotas.close("account", "model", now + 3600, "The day's quota is used up.")
    assert not ledger.quotas.holds(QUOTA, waiting, now)
    with pytest.raises(QuotaExhausted, match="The day's quota is used up") as caught:
        take(ledger, now)
    assert caught.value.until is not None
    assert caught.value.until.timestamp() == pytest.approx(now + 3600)
    assert moment(ledger, now + 3601) == pytest.approx(now + 3601)


def test_a_spent_day_takes_nothing_more_and_writes_nothing(ledger: Ledger) -> None:
    quota = Quota("account", "model", Limits(requests_per_minute=60, requests_per_day=2))
    for _ in range(2):
        take(ledger, 1000.0, quota)
    before = row(ledger)
    with pytest.raises(QuotaExhausted, match="day"):
        take(ledger, 1000.0, quota)
    assert row(ledger) == before


def test_a_withdrawn_reservation_gives_its_moment_back(ledger: Ledger) -> None:
    take(ledger, 1000.0)
    unused = take(ledger, 1000.0)
    with ledger.database.write() as connection:
        ledger.quotas.give_back(connection, QUOTA, unused)
    assert moment(ledger, 1000.0) == unused.send_at


def test_a_reservation_rolls_back_with_its_transaction(ledger: Ledger) -> None:
    take(ledger, 1000.0)
    before = row(ledger)
    with contextlib.suppress(RuntimeError), ledger.database.write() as connection:
        ledger.quotas.take(connection, QUOTA, LOAD, 1000.0)
        raise RuntimeError
    assert row(ledger) == before


def test_many_threads_get_different_moments(ledger: Ledger) -> None:
    moments: list[float] = []
    _in_threads(8, lambda: moments.extend(moment(ledger, 1000.0) for _ in range(25)))
    assert _gaps(moments) == pytest.approx([GAP_S] * 199)


def test_many_processes_get_different_moments(ledger: Ledger, ledger_url: str) -> None:
    take(ledger, 1000.0)
    context = forks(__name__)
    with context.Pool(2) as pool:
        moments = list(chain.from_iterable(pool.map(_take_some, [ledger_url] * 2)))
    assert len(moments) == 40
    assert _gaps(moments) == pytest.approx([GAP_S] * 39)


def _take_some(url: str) -> list[float]:
    ledger = Ledger(url)
    moments = [moment(ledger, 1000.0) for _ in range(20)]
    ledger.close()
    return moments


def _gaps(moments: list[float]) -> list[float]:
    return [b - a for a, b in pairwise(sorted(moments))]


def _in_threads(count: int, work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

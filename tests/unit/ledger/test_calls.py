"""Calls: written before they are sent, paid once, counted to the nano-dollar."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import select

from pressrun.engines.base import Usage
from pressrun.engines.limits import NANO, Limits, Load
from pressrun.errors import BadReply, BudgetSpent, QuotaExhausted, Unavailable
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Budget, Cap, books
from pressrun.ledger.calls import CallLoad, Intent, Settlement, free_call
from pressrun.ledger.database.schema import calls
from pressrun.ledger.quotas.reservations import Quota


def intent(call_key: str = "k1", item_key: str = "link_001/variation_1") -> Intent:
    return Intent("batch", item_key, "slide_0", call_key, "account", "model")


def intend(
    ledger: Ledger, call_key: str = "k1", caps: Sequence[Cap] = (), worst_nusd: int = 0
) -> str:
    ask = CallLoad(Load(cost_nusd=worst_nusd), caps)
    free = [Quota("account", "model", None)]
    return ledger.calls.intend(intent(call_key), free, ask, 1000.0).call_id


def settlement(sha256: str = "d" * 64, cost: str = "0.0336") -> Settlement:
    return Settlement(sha256, "image/png", Usage(10, 1120, 1120), Decimal(cost), "v1", 1.5)


def test_a_settled_call_is_found_again_by_what_it_asks(ledger: Ledger) -> None:
    call_id = intend(ledger)
    assert ledger.calls.known("batch", "link_001/variation_1").paid == {}
    ledger.calls.settle(call_id, settlement(), 1002.0)
    paid = ledger.calls.known("batch", "link_001/variation_1").paid
    assert paid["k1"].sha256 == "d" * 64
    assert paid["k1"].cost_usd == pytest.approx(0.0336)


def test_the_tier_that_was_served_is_kept_whatever_came_of_the_call(ledger: Ledger) -> None:
    usage = Usage(10, 1120, 1120, tier="flex")
    answered = Settlement("d" * 64, "image/png", usage, Decimal("0.0168"), "v1", 1.5)
    ledger.calls.settle(intend(ledger, "k1"), answered, 1002.0)
    torn = BadReply("The picture is cut off.", usage=usage)
    ledger.calls.fail(intend(ledger, "k2"), torn, Decimal("0.0168"), 2.0, 1002.0)
    ledger.calls.settle(intend(ledger, "k3"), settlement(), 1002.0)
    with ledger.database.read() as connection:
        tiers = connection.scalars(select(calls.c.tier).order_by(calls.c.call_key)).all()
    assert tiers == ["flex", "flex", ""]


def test_another_item_does_not_find_it(ledger: Ledger) -> None:
    call_id = intend(ledger)
    ledger.calls.settle(call_id, settlement(), 1002.0)
    assert ledger.calls.known("batch", "link_001/variation_2").paid == {}


def test_the_intent_takes_the_quotas_moment(ledger: Ledger) -> None:
    limits = Limits(requests_per_minute=60)
    endpoints = [Quota("account", "model", limits)]
    taken = [ledger.calls.intend(intent(f"k{n}"), endpoints, CallLoad(), 1000.0) for n in range(3)]
    moments = [reserved.reservation.send_at for reserved in taken if reserved.reservation]
    assert moments == pytest.approx([1000.0 + n * limits.request_gap_s() for n in range(3)])


def test_the_way_in_whose_moment_comes_first_is_taken_and_billed(ledger: Ledger) -> None:
    endpoints = [
        Quota("slow", "model", Limits(requests_per_minute=20)),
        Quota("fast", "model", Limits(requests_per_minute=60)),
    ]
    taken = [ledger.calls.intend(intent(f"k{n}"), endpoints, CallLoad(), 1000.0) for n in range(8)]
    assert Counter(reserved.endpoint for reserved in taken) == {0: 2, 1: 6}
    ledger.quotas.close("fast", "model", 2000.0, "The day is over.")
    assert ledger.calls.intend(intent("k9"), endpoints, CallLoad(), 1001.0).endpoint == 0
    ledger.quotas.close("slow", "model", 1500.0, "The credit is spent.")
    with pytest.raises(QuotaExhausted, match="credit"):
        ledger.calls.intend(intent("k10"), endpoints, CallLoad(), 1002.0)


def test_a_withdrawn_call_frees_its_moment(ledger: Ledger) -> None:
    endpoints = [Quota("account", "model", Limits(requests_per_minute=60))]
    ledger.calls.intend(intent("k1"), endpoints, CallLoad(), 1000.0)
    second = ledger.calls.intend(intent("k2"), endpoints, CallLoad(), 1000.0)
    ledger.calls.withdraw(second, endpoints[0])
    again = ledger.calls.intend(intent("k3"), endpoints, CallLoad(), 1000.0)
    assert again.reservation
    assert second.reservation
    assert again.reservation.send_at == second.reservation.send_at
    assert ledger.calls.abandon("batch") == 2


def test_a_failed_call_keeps_its_reason_and_what_it_cost_all_the_same(ledger: Ledger) -> None:
    call_id = intend(ledger)
    error = BadReply("The picture is cut off.", usage=Usage(10, 1120, 1120))
    ledger.calls.fail(call_id, error, Decimal("0.0336"), 2.0, 1002.0)
    assert ledger.calls.known("batch", "link_001/variation_1").paid == {}
    count, cost = ledger.calls.totals("batch")
    assert count == 1
    assert cost == pytest.approx(0.0336)


def test_intents_of_an_ended_process_are_counted_once_as_lost(ledger: Ledger) -> None:
    intend(ledger, "k1")
    intend(ledger, "k2")
    assert ledger.calls.abandon("batch") == 2
    assert ledger.calls.abandon("batch") == 0
    assert ledger.calls.totals("batch") == (0, 0.0)


def test_a_question_answered_twice_is_settled_once_and_both_costs_are_counted(
    ledger: Ledger,
) -> None:
    first = intend(ledger)
    second = intend(ledger)
    ledger.calls.settle(first, settlement("a" * 64), 1001.0)
    ledger.calls.settle(second, settlement("b" * 64), 1002.0)
    assert ledger.calls.known("batch", "link_001/variation_1").paid["k1"].sha256 == "a" * 64
    count, cost = ledger.calls.totals("batch")
    assert count == 2
    assert cost == pytest.approx(0.0672)


def test_a_free_call_is_written_with_its_outcome_once(ledger: Ledger) -> None:
    call = free_call(intent(), "account")
    ledger.calls.settle(call.call_id, settlement(cost="0"), 1002.0, call.unwritten)
    ledger.calls.settle(call.call_id, settlement(cost="0"), 1002.5, call.unwritten)  # asked again
    torn, failed = Unavailable("It is away."), free_call(intent("k2"), "account")
    ledger.calls.fail(failed.call_id, torn, Decimal(0), 2.0, 1002.0, failed.unwritten)
    ledger.calls.fail(failed.call_id, torn, Decimal(0), 2.0, 1002.5, failed.unwritten)
    withdrawn = free_call(intent("k3"), "account")
    ledger.calls.withdraw(withdrawn, Quota("account", "model", None))
    with ledger.database.read() as connection:
        asked = select(calls.c.call_key, calls.c.status, calls.c.send_at, calls.c.settled_at)
        rows = [tuple(row) for row in connection.execute(asked.order_by(calls.c.call_key))]
    assert rows == [("k1", "settled", 1000.5, 1002.0), ("k2", "failed", 1000.0, 1002.0)]
    assert "k1" in ledger.calls.known("batch", "link_001/variation_1").paid


def test_a_free_question_answered_twice_is_settled_once(ledger: Ledger) -> None:
    for _ in range(2):
        call = free_call(intent(), "account")
        ledger.calls.settle(call.call_id, settlement(cost="0"), 1002.0, call.unwritten)
    with ledger.database.read() as connection:
        statuses = Counter(connection.scalars(select(calls.c.status)).all())
    assert statuses == {"settled": 1, "repeated": 1}


def test_a_voided_call_can_be_asked_again(ledger: Ledger) -> None:
    first = intend(ledger)
    ledger.calls.settle(first, settlement("a" * 64), 1001.0)
    ledger.calls.void("k1")
    assert ledger.calls.known("batch", "link_001/variation_1").paid == {}
    again = intend(ledger)
    ledger.calls.settle(again, settlement("b" * 64), 1003.0)
    assert ledger.calls.known("batch", "link_001/variation_1").paid["k1"].sha256 == "b" * 64


def test_a_hundred_small_costs_sum_exactly(ledger: Ledger) -> None:
    for number in range(100):
        call_id = intend(ledger, f"k{number}")
        ledger.calls.settle(call_id, settlement(cost="0.000000250"), 1001.0)
    assert ledger.calls.totals("batch")[1] == 0.000025


CAP = Cap("batch:b1", 1.0, "the batch's budget")


def held(ledger: Ledger, scope: str = "batch:b1") -> tuple[float, float]:
    with ledger.database.read() as connection:
        return books(connection, scope)


def test_the_worst_case_is_set_aside_and_corrected_after(ledger: Ledger) -> None:
    call_id = intend(ledger, caps=[CAP], worst_nusd=NANO // 4)
    assert held(ledger) == (0.0, 0.25)
    ledger.calls.settle(call_id, settlement(cost="0.05"), 1001.0)
    assert held(ledger) == (0.05, 0.0)


def test_no_call_passes_the_cap_and_the_reason_says_whether_waiting_helps(ledger: Ledger) -> None:
    kept = [intend(ledger, f"k{n}", [CAP], NANO // 4) for n in range(4)]
    with pytest.raises(BudgetSpent) as refused:
        intend(ledger, "k5", [CAP], 1)
    assert refused.value.waiting
    for call_id in kept:
        ledger.calls.settle(call_id, settlement(cost="0.2499"), 1001.0)
    with pytest.raises(
        BudgetSpent, match=r"\$0\.9996 of the batch's budget \(\$1\.00\)"
    ) as refused:
        intend(ledger, "k6", [CAP], NANO // 4)
    assert not refused.value.waiting
    intend(ledger, "k7", [Cap("batch:b1", 2.0, "")], NANO // 4)  # raised: goes on


def test_a_refused_cap_leaves_nothing_set_aside_under_the_others(ledger: Ledger) -> None:
    caps = Budget(1.0, 0.1, 5.0).caps("b1", "someone", 0.0)
    with pytest.raises(BudgetSpent, match=r"the account's day \(UTC\)"):
        intend(ledger, caps=caps, worst_nusd=NANO // 4)
    assert [held(ledger, cap.scope) for cap in caps] == [(0.0, 0.0)] * 3
    assert [cap.scope for cap in caps] == [
        "batch:b1",
        "day:someone:1970-01-01",
        "month:someone:1970-01",
    ]
    assert ledger.calls.abandon("batch") == 0


@pytest.mark.parametrize("kind", ["timeout", "connection", "bad_json"])
def test_a_call_that_was_not_answered_counts_at_its_worst(ledger: Ledger, kind: str) -> None:
    call_id = intend(ledger, caps=[CAP], worst_nusd=NANO // 4)
    ledger.calls.fail(call_id, Unavailable("Hung up.", kind=kind), Decimal(0), 1.0, 1001.0)
    assert held(ledger) == (0.25, 0.0)


def test_a_refused_and_a_withdrawn_call_cost_nothing(ledger: Ledger) -> None:
    call_id = intend(ledger, caps=[CAP], worst_nusd=NANO // 4)
    ledger.calls.fail(call_id, Unavailable("Error 500."), Decimal(0), 1.0, 1001.0)
    free = Quota("account", "model", None)
    ask = CallLoad(Load(cost_nusd=NANO // 4), [CAP])
    ledger.calls.withdraw(ledger.calls.intend(intent("k2"), [free], ask, 1000.0), free)
    assert held(ledger) == (0.0, 0.0)


def test_what_a_crash_left_in_flight_counts_at_its_worst(ledger: Ledger) -> None:
    intend(ledger, caps=[CAP], worst_nusd=NANO // 4)
    assert ledger.calls.abandon("batch") == 1
    assert held(ledger) == (0.25, 0.0)


def test_many_threads_share_a_cap_to_the_nano_dollar(ledger: Ledger) -> None:
    def spend(number: int) -> bool:
        try:
            call_id = intend(ledger, f"k{number}", [CAP], NANO // 10)
        except BudgetSpent:
            return False
        ledger.calls.settle(call_id, settlement(cost="0.1"), 1001.0)
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(spend, range(30)))
    assert sum(done) <= 10
    assert held(ledger) == pytest.approx((0.1 * sum(done), 0.0))
    while spend(100 + sum(done)):
        done.append(True)
    assert held(ledger) == (1.0, 0.0)

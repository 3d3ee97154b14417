"""Calls: written before they are sent, paid once, counted to the nano-dollar."""

from decimal import Decimal

import pytest

from pressrun.engines.base import Usage
from pressrun.errors import BadReply
from pressrun.ledger import Ledger
from pressrun.ledger.calls import Intent, Settlement
from pressrun.ledger.quotas import Quota


def intent(call_key: str = "k1", item_key: str = "link_001/variation_1") -> Intent:
    return Intent("batch", item_key, "slide_0", call_key, "account", "model")


def settlement(sha256: str = "d" * 64, cost: str = "0.0336") -> Settlement:
    return Settlement(sha256, "image/png", Usage(10, 1120, 1120), Decimal(cost), "v1", 1.5)


def test_a_settled_call_is_found_again_by_what_it_asks(ledger: Ledger) -> None:
    call_id, _ = ledger.calls.intend(intent(), None, 1000.0)
    assert ledger.calls.paid("batch", "link_001/variation_1") == {}
    ledger.calls.settle(call_id, settlement(), 1002.0)
    paid = ledger.calls.paid("batch", "link_001/variation_1")
    assert paid["k1"].sha256 == "d" * 64
    assert paid["k1"].cost_usd == pytest.approx(0.0336)


def test_another_item_does_not_find_it(ledger: Ledger) -> None:
    call_id, _ = ledger.calls.intend(intent(), None, 1000.0)
    ledger.calls.settle(call_id, settlement(), 1002.0)
    assert ledger.calls.paid("batch", "link_001/variation_2") == {}


def test_the_intent_takes_the_quotas_moment(ledger: Ledger) -> None:
    quota = Quota("account", "model", 60)
    moments = [ledger.calls.intend(intent(f"k{n}"), quota, 1000.0)[1] for n in range(3)]
    assert moments == pytest.approx([1000.0 + n * quota.interval_s for n in range(3)])


def test_a_failed_call_keeps_its_reason_and_what_it_cost_all_the_same(ledger: Ledger) -> None:
    call_id, _ = ledger.calls.intend(intent(), None, 1000.0)
    error = BadReply("The picture is cut off.", usage=Usage(10, 1120, 1120))
    ledger.calls.fail(call_id, error, Decimal("0.0336"), 2.0, 1002.0)
    assert ledger.calls.paid("batch", "link_001/variation_1") == {}
    count, cost = ledger.calls.totals("batch")
    assert count == 1
    assert cost == pytest.approx(0.0336)


def test_intents_of_an_ended_process_are_counted_once_as_lost(ledger: Ledger) -> None:
    ledger.calls.intend(intent("k1"), None, 1000.0)
    ledger.calls.intend(intent("k2"), None, 1000.0)
    assert ledger.calls.abandon("batch") == 2
    assert ledger.calls.abandon("batch") == 0
    assert ledger.calls.totals("batch") == (0, 0.0)


def test_a_question_answered_twice_is_settled_once_and_both_costs_are_counted(
    ledger: Ledger,
) -> None:
    first, _ = ledger.calls.intend(intent(), None, 1000.0)
    second, _ = ledger.calls.intend(intent(), None, 1000.0)
    ledger.calls.settle(first, settlement("a" * 64), 1001.0)
    ledger.calls.settle(second, settlement("b" * 64), 1002.0)
    assert ledger.calls.paid("batch", "link_001/variation_1")["k1"].sha256 == "a" * 64
    count, cost = ledger.calls.totals("batch")
    assert count == 2
    assert cost == pytest.approx(0.0672)


def test_a_voided_call_can_be_asked_again(ledger: Ledger) -> None:
    first, _ = ledger.calls.intend(intent(), None, 1000.0)
    ledger.calls.settle(first, settlement("a" * 64), 1001.0)
    ledger.calls.void("k1")
    assert ledger.calls.paid("batch", "link_001/variation_1") == {}
    again, _ = ledger.calls.intend(intent(), None, 1002.0)
    ledger.calls.settle(again, settlement("b" * 64), 1003.0)
    assert ledger.calls.paid("batch", "link_001/variation_1")["k1"].sha256 == "b" * 64


def test_a_hundred_small_costs_sum_exactly(ledger: Ledger) -> None:
    for number in range(100):
        call_id, _ = ledger.calls.intend(intent(f"k{number}"), None, 1000.0)
        ledger.calls.settle(call_id, settlement(cost="0.000000250"), 1001.0)
    assert ledger.calls.totals("batch")[1] == 0.000025

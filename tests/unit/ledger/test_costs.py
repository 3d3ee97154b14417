"""The bill and the statistics: every call that was billed counts, on both databases."""

import uuid
from typing import Any

import pytest
from sqlalchemy import insert

from pressrun.ledger import Ledger
from pressrun.ledger.call_statistics import read_stats, read_work_s
from pressrun.ledger.costs import By, read_bills, read_recent, read_settled
from pressrun.ledger.database.schema import calls
from pressrun.ledger.records import Batch, PlannedItem

DAY = 1_767_225_600.0  # 2026-01-01 00:00 UTC


def call(**changes: Any) -> dict[str, Any]:
    """A settled picture of batch b1 at the first second of 2026."""
    return {
        "id": str(uuid.uuid4()),
        "batch_id": "b1",
        "item_key": "i1",
        "slot": "slide_0",
        "call_key": uuid.uuid4().hex,
        "account": "a",
        "model": "image",
        "status": "settled",
        "send_at": DAY,
        "settled_at": DAY + 1,
        "latency_s": 1.0,
        "cost_nusd": 33_600_001,
        "input_tokens": 500,
        "output_tokens": 1120,
        "image_tokens": 1120,
        "thought_tokens": 0,
        "error_kind": None,
    } | changes


def failed(kind: str = "unavailable", **changes: Any) -> dict[str, Any]:
    unpaid = {"cost_nusd": 0, "input_tokens": 0, "output_tokens": 0, "image_tokens": 0}
    return call(status="failed", error_kind=kind, **unpaid | changes)


def write(ledger: Ledger, *rows: dict[str, Any]) -> None:
    with ledger.database.write() as connection:
        connection.execute(insert(calls), list(rows))


def test_every_call_that_was_billed_counts_whatever_became_of_it(ledger: Ledger) -> None:
    write(
        ledger,
        call(),
        call(status="repeated"),
        call(status="voided"),
        failed("bad_json", cost_nusd=7),
        failed("throttled"),
        failed(),
        call(status="intent", settled_at=None, latency_s=None, cost_nusd=0),
        call(status="lost", settled_at=None, latency_s=None, cost_nusd=0),
    )
    (bill,) = read_bills(ledger.database, "model")
    assert (bill.of, bill.calls, bill.cost_nusd) == ("image", 4, 3 * 33_600_001 + 7)
    assert bill.cost_usd == pytest.approx(0.100800010)
    assert (bill.input_tokens, bill.output_tokens, bill.image_tokens) == (1500, 3360, 3360)
    # One was settled; of the others nothing came.
    assert (bill.unused, bill.unused_nusd) == (3, 2 * 33_600_001 + 7)


def test_a_long_bill_is_exact_to_the_nano_dollar(ledger: Ledger) -> None:
    write(ledger, *(call(cost_nusd=9_007_199_254_740_993 // 3) for _ in range(3)))
    (bill,) = read_bills(ledger.database, "model")
    assert bill.cost_nusd == 9_007_199_254_740_993


def test_bills_are_by_model_by_batch_and_by_day_of_utc(ledger: Ledger) -> None:
    ledger.batches.create(Batch("b1", "slideshow", "Sale", "/out", "Sale", {}), [])
    write(
        ledger,
        call(settled_at=DAY - 0.001),
        call(settled_at=DAY),
        call(settled_at=DAY + 86_399.9, model="text", batch_id="gone", cost_nusd=5),
    )

    def keyed(by: By) -> dict[str, tuple[int, str]]:
        return {bill.of: (bill.calls, bill.title) for bill in read_bills(ledger.database, by)}

    assert keyed("model") == {"image": (2, ""), "text": (1, "")}
    assert keyed("batch") == {"b1": (2, "Sale"), "gone": (1, "")}
    assert keyed("day") == {"2025-12-31": (1, ""), "2026-01-01": (2, "")}
    assert [b.of for b in read_bills(ledger.database, "day", since=DAY)] == ["2026-01-01"]
    assert [b.of for b in read_bills(ledger.database, "day", until=DAY)] == ["2025-12-31"]


def test_bills_are_by_owner_and_nobodys_come_to_one(ledger: Ledger) -> None:
    for name, owner in (("b1", "Ana"), ("b2", "Ana"), ("b3", "")):
        ledger.batches.create(Batch(name, "image", "Sale", "/out", name, {}, owner=owner), [])
    write(ledger, *(call(batch_id=name) for name in ("b1", "b2", "b3", "deleted")))
    bills = {bill.of: bill.calls for bill in read_bills(ledger.database, "owner")}
    assert bills == {"Ana": 2, "": 2}
    assert [b.of for b in read_bills(ledger.database, "owner", owner="Ana")] == ["Ana"]
    stats = {stat.of: stat.latency_p50_s for stat in read_stats(ledger.database, "owner")}
    assert stats == {"Ana": 1, "": 1}


def test_percentiles_are_exact_ranks_of_settled_calls(ledger: Ledger) -> None:
    rows = [call(latency_s=float(n)) for n in range(1, 201)]
    write(ledger, *rows, failed(latency_s=999.0), call(model="other", latency_s=7.0))
    image, other = read_stats(ledger.database, "model")
    assert (image.latency_p50_s, image.latency_p90_s, image.latency_p99_s) == (100, 180, 198)
    assert (other.latency_p50_s, other.latency_p99_s) == (7, 7)


def test_time_in_work_counts_calls_side_by_side_once_and_no_waits(ledger: Ledger) -> None:
    assert read_work_s(ledger.database, "b1") == 0
    spans = [(0, 10), (2, 5), (8, 12), (3600, 3601)]
    unsent = call(status="intent", send_at=DAY + 7200, settled_at=None, latency_s=None)
    write(ledger, *(call(send_at=DAY + a, settled_at=DAY + b) for a, b in spans), unsent)
    assert read_work_s(ledger.database, "b1") == 12 + 1


def test_success_and_attempts_leave_out_throttled_calls(ledger: Ledger) -> None:
    write(
        ledger,
        failed("throttled", call_key="k1"),
        failed("unavailable", call_key="k1"),
        failed("timeout", call_key="k1"),
        call(call_key="k1"),
        call(call_key="k2"),
        failed("blocked", call_key="k3"),
        call(status="lost", settled_at=None, latency_s=None, cost_nusd=0, call_key="k4"),
        call(status="intent", settled_at=None, latency_s=None, cost_nusd=0, call_key="k5"),
    )
    (stat,) = read_stats(ledger.database, "day")
    assert (stat.of, stat.calls, stat.settled) == ("2026-01-01", 7, 2)
    assert stat.success_rate == pytest.approx(2 / 5)
    assert stat.attempts == pytest.approx((3 + 1) / 2)
    assert stat.failures == {
        "blocked": 1,
        "lost": 1,
        "throttled": 1,
        "timeout": 1,
        "unavailable": 1,
    }


def test_the_tier_in_which_a_call_was_served_is_counted(ledger: Ledger) -> None:
    write(ledger, call(tier=""), call(tier="flex"), call(tier="flex"), failed(tier="priority"))
    write(ledger, call(model="text", settled_at=DAY + 9))
    image, text = read_stats(ledger.database, "model")
    assert (image.tiers, text.tiers) == ({"flex": 2, "priority": 1}, {})


def test_statistics_of_one_batch_leave_out_the_others(ledger: Ledger) -> None:
    write(ledger, call(), call(batch_id="b2"), failed(batch_id="b2"))
    (stat,) = read_stats(ledger.database, "batch", batch_id="b2")
    assert (stat.of, stat.calls, stat.success_rate) == ("b2", 2, 0.5)


def test_where_nothing_was_settled_there_is_no_latency_and_no_attempt(ledger: Ledger) -> None:
    write(ledger, failed("throttled"))
    (stat,) = read_stats(ledger.database, "model")
    assert (stat.success_rate, stat.attempts, stat.latency_p50_s) == (None, None, None)


def test_an_empty_ledger_has_no_bill_and_no_statistics(ledger: Ledger) -> None:
    assert read_bills(ledger.database, "batch") == []
    assert read_stats(ledger.database, "day") == []
    assert read_recent(ledger.database, ["image"]) == {}


def test_the_last_calls_of_a_model_tell_how_it_is_now(ledger: Ledger) -> None:
    write(ledger, *(call(settled_at=DAY + n, latency_s=float(n)) for n in range(250)))
    write(ledger, failed(settled_at=DAY + 999, latency_s=180.0))
    recent = read_recent(ledger.database, ["image", "never"])
    assert set(recent) == {"image"}
    assert sorted(recent["image"].latencies_s) == [float(n) for n in range(50, 250)]


def test_settled_calls_are_named_by_item_and_slot(ledger: Ledger) -> None:
    write(ledger, call(), call(status="voided", slot="slide_1"), failed(slot="slide_2"))
    write(ledger, call(batch_id="b2", slot="slide_3"))
    assert read_settled(ledger.database, "b1") == {("i1", "slide_0")}


def test_settled_calls_may_be_those_of_unmade_items_alone(ledger: Ledger) -> None:
    batch = Batch("b1", "image", "Cats", "/out", "r", {})
    ledger.batches.create(batch, [PlannedItem(f"i{n}", n, "Cat", {}) for n in (1, 2)])
    write(ledger, call(), call(item_key="i2", call_key="other"))
    ledger.batches.start("b1", "i1")
    ledger.batches.finish("b1", "i1", [])
    assert read_settled(ledger.database, "b1", unmade=True) == {("i2", "slide_0")}

"""What is counted for those who watch: right on both databases, and cheap with many calls."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, event, insert

from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import calls, deliveries, holders, quotas
from pressrun.ledger.metrics import BUCKETS_S, CallFigures, LedgerMetrics
from pressrun.ledger.quotas.state import QuotaState
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from tests.unit.ledger.test_costs import call, failed, write

NOW = 1_800_000_000.0


class Watched:
    """The metrics of a ledger at a moment that a test chooses."""

    def __init__(self, ledger: Ledger):
        self.now = NOW
        self.metrics = LedgerMetrics(ledger.database, lambda: self.now)

    def calls(self) -> dict[tuple[str, str], CallFigures]:
        return {(one.model, one.outcome): one for one in self.metrics.read().calls}


@pytest.fixture
def watched(ledger: Ledger) -> Watched:
    return Watched(ledger)


def batch(ledger: Ledger, batch_id: str, status: str, destination: str = "/out") -> None:
    """A batch of two items, of which one is made."""
    made = Batch(batch_id, "image", "T", destination, batch_id, {}, "draft", created_at=NOW)
    ledger.batches.create(
        made, [PlannedItem(key, n, "T", {}) for n, key in enumerate(("one", "two"))]
    )
    ledger.batches.start(batch_id, "one")
    ledger.batches.finish(batch_id, "one", [MadeFile("one.webp", "image/webp", 1000, "a" * 64)])
    ledger.batches.mark(batch_id, status=status)


def test_calls_are_counted_by_what_came_of_them(ledger: Ledger, watched: Watched) -> None:
    write(
        ledger,
        call(settled_at=NOW - 9, latency_s=0.4),
        call(settled_at=NOW - 9000, latency_s=7.0, status="voided"),
        call(settled_at=NOW - 9, latency_s=400.0, status="repeated"),
        failed("throttled", settled_at=NOW - 9),
        failed("bad_json", settled_at=NOW - 9000, cost_nusd=500_000_000),
        call(status="intent", settled_at=None, send_at=NOW - 1),
        call(status="intent", settled_at=None, send_at=NOW + 5),
        call(status="lost", settled_at=None),
    )
    seen = watched.calls()
    assert {key: one.count for key, one in seen.items()} == {
        ("image", "answered"): 3,
        ("image", "throttled"): 1,
        ("image", "bad_json"): 1,
    }
    answered = seen["image", "answered"]
    assert answered.cost_usd == pytest.approx(3 * 0.033600001)
    assert seen["image", "bad_json"].cost_usd == 0.5
    assert answered.duration_s == pytest.approx(407.4)
    assert dict(zip(BUCKETS_S, answered.within, strict=True)) == {
        bound: 1 if bound < 10 else 2 for bound in BUCKETS_S
    }
    levels = watched.metrics.read()
    assert (levels.in_flight, levels.queued, levels.lost) == (
        {"image": 1},
        {"image": 1},
        {"image": 1},
    )
    assert levels.read_s > 0
    assert levels.write_s > 0


def test_calls_are_counted_once_also_where_they_are_written_late(
    ledger: Ledger, watched: Watched
) -> None:
    for hour in range(3):
        write(ledger, call(settled_at=watched.now - 1))
        assert watched.calls()["image", "answered"].count == 1 + 2 * hour
        watched.now += 60
        # The ledger was away: it is written a minute after its moment.
        write(ledger, call(settled_at=watched.now - 60))
        assert watched.calls()["image", "answered"].count == 2 + 2 * hour
        watched.now += 3600
    assert LedgerMetrics(ledger.database, lambda: watched.now).read().calls[0].count == 6
    watched.now -= 7200  # the clock is set back
    assert watched.calls()["image", "answered"].count == 6


def test_what_is_final_is_read_once(ledger: Ledger, watched: Watched) -> None:
    write(ledger, *(call(settled_at=NOW - 90_000 + n) for n in range(50)))
    assert watched.calls()["image", "answered"].count == 50
    with ledger.database.write() as connection:
        connection.execute(delete(calls))
    assert watched.calls()["image", "answered"].count == 50


def test_what_is_counted_never_becomes_less(ledger: Ledger, watched: Watched) -> None:
    batch(ledger, "b1", "running", "s3://bucket/here")
    batch(ledger, "b2", "running")
    for batch_id in ("b1", "b2"):
        ledger.deliveries.verify(batch_id, "one", [("one.webp", "")])
    watched.now = time.time()
    (first, second) = sorted(watched.metrics.read().deliveries, key=lambda one: one.store)
    assert (first.store, first.files, first.bytes) == ("folder", 1, 1000)
    assert (second.store, second.files, second.bytes) == ("s3", 1, 1000)
    with ledger.database.write() as connection:  # as where the batch is deleted
        connection.execute(delete(deliveries))
    assert {one.files for one in watched.metrics.read().deliveries} == {1}


def test_batches_and_the_items_of_those_that_are_not_over_are_counted(
    ledger: Ledger, watched: Watched
) -> None:
    for batch_id, status in (("a", "running"), ("b", "paused"), ("c", "completed")):
        batch(ledger, batch_id, status)
    seen = watched.metrics.read()
    assert seen.batches == {
        ("image", "running"): 1,
        ("image", "paused"): 1,
        ("image", "completed"): 1,
    }
    assert seen.items == {("image", "made"): 2, ("image", "pending"): 2}


def test_a_batch_at_work_without_heartbeats_is_seen(ledger: Ledger, watched: Watched) -> None:
    for batch_id in ("alive", "dead", "left"):
        batch(ledger, batch_id, "running")
    batch(ledger, "paused", "paused")
    beats = {"alive": NOW - 20, "dead": NOW - 600}
    with ledger.database.write() as connection:
        for batch_id, at in beats.items():
            row = {"batch_id": batch_id, "token": "t", "host": "h", "beat_at": at}
            connection.execute(insert(holders), row)
    assert watched.metrics.read().orphans == 2


def test_what_is_waited_for_is_seen(ledger: Ledger, watched: Watched) -> None:
    watched.now = time.time()
    for batch_id in ("b1", "b2"):
        ledger.waits.note(batch_id, "image", 100, "Its quota is in use.")
    ledger.waits.note("b3", "", 100, "Its machine is away.")
    assert watched.metrics.read().waiting == {"image": 2, "": 1}
    watched.now += 200
    assert watched.metrics.read().waiting == {}
    open_, shut = QuotaState(), QuotaState(requests_tat=watched.now + 3)
    with ledger.database.write() as connection:
        for account, model, state in (
            ("a", "image", open_),
            ("b", "image", shut),
            ("a", "text", replace_until(shut, watched.now + 60)),
            ("a", "free", open_),
        ):
            row = {"account": account, "model": model, **state._asdict()}
            connection.execute(insert(quotas), row)
    waits_s = watched.metrics.read().quota_wait_s
    assert waits_s == {
        "image": pytest.approx(3),
        "text": pytest.approx(60),
        "free": 0,
    }


def replace_until(state: QuotaState, moment: float) -> QuotaState:
    return state._replace(closed_until=moment, closed_why="spent")


@pytest.fixture
def scanned(ledger: Ledger) -> Iterator[list[str]]:
    """What SQLite says of how it reads each statement that the ledger asks."""
    plans: list[str] = []
    if not ledger.database.is_sqlite:
        pytest.skip("asked of SQLite")

    def explain(connection, cursor, statement, given, context, many):  # type: ignore[no-untyped-def]
        if statement.startswith("SELECT") and "calls" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(row[3] for row in cursor.fetchall())

    event.listen(ledger.database.engine, "before_cursor_execute", explain)
    yield plans
    event.remove(ledger.database.engine, "before_cursor_execute", explain)


def test_no_reading_walks_all_calls(watched: Watched, scanned: list[str]) -> None:
    watched.metrics.read()
    watched.metrics.read()
    of_calls = [plan for plan in scanned if "calls" in plan]
    assert of_calls
    assert [plan for plan in of_calls if plan.startswith("SCAN")] == []

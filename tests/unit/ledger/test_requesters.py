"""Limits a requester: counted in the ledger, held by the transaction that writes the batch."""
# ruff: noqa: RUF001 - names that look like others

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from pressrun.engines.base import Usage
from pressrun.engines.limits import Load
from pressrun.errors import InputError, RequestLimit, SettingError
from pressrun.ledger import Ledger, configured_request_limits
from pressrun.ledger.budgets import Cap
from pressrun.ledger.calls import CallLoad, Intent, Settlement
from pressrun.ledger.database.schema import batches, requests
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Batch, PlannedItem
from pressrun.ledger.requesters import ANONYMOUS, RequestLimits, Requests, requester_key
from pressrun.settings import settings
from tests.support.processes import forks

#: Far from the end of a day and of a month.
NOW = datetime(2026, 11, 12, 10, 0, tzinfo=UTC).timestamp()
HOUR_S = 3600.0


def items(count: int) -> list[PlannedItem]:
    return [PlannedItem(f"task_{n}", n, f"Task {n}", {}) for n in range(count)]


def batch(batch_id: str, requester: str = "ana") -> Batch:
    return Batch(
        batch_id, "image", "T", "/out", batch_id, {}, created_at=NOW, requested_by=requester
    )


class Door:
    """Lets batches in at moments of its own."""

    def __init__(self, ledger: Ledger, limits: RequestLimits):
        self._ledger = ledger
        self.requests = Requests(ledger.database, lambda: limits)
        self._count = 0

    def ask(self, requester: str = "ana", count: int = 1, after_s: float = 0.0) -> None:
        self._count += 1
        with self._ledger.database.write() as connection:
            self.requests.admit(connection, f"b{self._count}", requester, count, NOW + after_s)

    def refused(self, requester: str = "ana", count: int = 1, after_s: float = 0.0) -> RequestLimit:
        with pytest.raises(RequestLimit) as caught:
            self.ask(requester, count, after_s)
        return caught.value


def until_s(error: RequestLimit) -> float:
    assert error.until is not None
    return error.until.timestamp() - NOW


@pytest.fixture
def limited(ledger_url: str) -> Iterator[Ledger]:
    ledger = Ledger(ledger_url, lambda: RequestLimits(batches_a_day=2))
    yield ledger
    ledger.close()


def test_without_a_limit_everything_is_let_in_and_counted(ledger: Ledger) -> None:
    for number in range(5):
        ledger.batches.create(batch(f"b{number}"), items(2))
    with ledger.database.read() as connection:
        row = connection.execute(
            select(func.count(), func.sum(requests.c.item_count), func.max(requests.c.requester))
        ).one()
    assert tuple(row) == (5, 10, "ana")
    found = ledger.batches.find("b0")
    assert found is not None
    assert found.requested_by == "ana"


def test_a_batch_over_the_limit_is_not_written_at_all(limited: Ledger) -> None:
    for number in range(2):
        limited.batches.create(batch(f"b{number}"), items(1))
    with pytest.raises(RequestLimit, match="ana may start 2 batches in 24 hours") as refused:
        limited.batches.create(batch("b2"), items(1))
    assert refused.value.kind == "request_limit"
    assert not refused.value.retryable
    assert limited.batches.find("b2") is None
    assert limited.batches.items("b2") == []
    limited.batches.create(batch("b2", "ben"), items(1))


def test_a_day_of_batches_frees_its_places_one_by_one(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(batches_a_day=2))
    door.ask()
    door.ask(after_s=HOUR_S)
    error = door.refused(after_s=2 * HOUR_S)
    assert until_s(error) == 24 * HOUR_S
    assert "The next place is free at 2026-11-13 10:00:00 UTC." in str(error)
    assert "Nothing was made or paid." in str(error)
    door.refused(after_s=24 * HOUR_S - 1)
    door.ask(after_s=24 * HOUR_S)
    assert until_s(door.refused(after_s=24 * HOUR_S)) == 25 * HOUR_S


def test_items_need_as_many_places_as_they_are(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(items_a_day=10))
    for hour in range(3):
        door.ask(count=3, after_s=hour * HOUR_S)
    door.ask(count=1, after_s=3 * HOUR_S)
    assert until_s(door.refused(count=3, after_s=4 * HOUR_S)) == 24 * HOUR_S
    assert until_s(door.refused(count=5, after_s=4 * HOUR_S)) == 25 * HOUR_S


def test_a_batch_larger_than_any_place_is_told_to_be_split(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(items_an_hour=10))
    error = door.refused(count=11)
    assert error.until is None
    assert str(error) == "The batch has 11 items; 10 are taken in an hour. Split it."


def test_an_hour_counts_everybody_and_a_day_each_requester(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(batches_an_hour=3, batches_a_day=2))
    door.ask("ana")
    door.ask("ana")
    assert str(door.refused("ana", after_s=60)).startswith("ana may start 2 batches")
    door.ask("ben", after_s=60)
    error = door.refused("cleo", after_s=120)
    assert str(error).startswith("Everybody may start 3 batches in an hour")
    assert until_s(error) == HOUR_S
    door.ask("cleo", after_s=HOUR_S)


def test_of_several_limits_the_last_to_have_a_place_is_told(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(batches_an_hour=1, batches_a_day=1))
    door.ask()
    assert until_s(door.refused()) == 24 * HOUR_S


def test_case_and_spaces_make_no_other_requester(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(batches_a_day=1))
    door.ask("Ana  Lund")
    door.refused(" ana lund ")
    door.ask("")
    assert str(door.refused("  ")).startswith(f"{ANONYMOUS} may start")
    assert requester_key("") == ANONYMOUS


@pytest.mark.parametrize(
    "name",
    [
        "al\u200bice",
        "аlісе",
        "ALICE",
        "ａｌｉｃｅ",
        "alíce",
        "\u2800alice\u3164",
        "a\U000e0101lice",
        "ali\x08ce",
    ],
    ids=["zero width", "Cyrillic", "case", "wide", "accent", "blanks", "selector", "control"],
)
def test_names_that_look_alike_are_one_requester(ledger: Ledger, name: str) -> None:
    door = Door(ledger, RequestLimits(batches_a_day=1))
    door.ask("alice")
    assert str(door.refused(name)).startswith("alice may start")


def test_a_name_of_which_nothing_is_seen_is_nobodys() -> None:
    assert requester_key(" \u200b\u3164 ") == ANONYMOUS


def test_different_names_stay_different() -> None:
    names = ["ana", "anna", "ana1", "ana.", "ана б", "अना", "अनी", "安娜", "李娜"]
    assert len({requester_key(name) for name in names}) == len(names)


def test_the_exempt_are_never_refused_and_take_nobodys_place(ledger: Ledger) -> None:
    limits = RequestLimits(batches_an_hour=1, exempt=frozenset({"nightly"}))
    door = Door(ledger, limits)
    for _ in range(3):
        door.ask("Nightly", count=50)
    door.ask("ana")
    door.refused("ana")


def test_a_known_batch_is_not_counted_again_and_a_removed_one_stays_counted(
    limited: Ledger,
) -> None:
    limited.batches.create(batch("b0"), items(1))
    limited.batches.create(batch("b1"), items(1))
    limited.batches.remove("b0")
    limited.batches.create(batch("b0"), items(1))
    limited.requests.check("b0", "ana", NOW)
    with pytest.raises(RequestLimit):
        limited.requests.check("b2", "ana", NOW)


def test_a_folder_that_is_taken_counts_the_batch_once(ledger_url: str) -> None:
    ledger = Ledger(ledger_url, lambda: RequestLimits(batches_a_day=2))
    first = ledger.batches.create(batch("b0"), items(1))
    second = ledger.batches.create(replace(batch("b1"), root=first.root), items(1))
    assert second.root == f"{first.root} (2)"
    with ledger.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(requests)) == 2
    ledger.close()


def test_items_that_failed_when_planned_take_no_place(ledger_url: str) -> None:
    ledger = Ledger(ledger_url, lambda: RequestLimits(items_a_day=1))
    bad = [replace(item, error=InputError("No.")) for item in items(4)]
    ledger.batches.create(batch("b0"), [*bad[1:], *items(1)])
    with pytest.raises(RequestLimit):
        ledger.batches.create(batch("b1"), items(1))
    ledger.batches.create(batch("b2"), bad)
    ledger.close()


def spend(ledger: Ledger, batch_id: str, cost_usd: float, at: float) -> None:
    intent = Intent(batch_id, "task_0", "image_1", f"{batch_id}-{at}", "a", "model")
    reserved = ledger.calls.intend(intent, [Quota("a", "model", None)], CallLoad(), at)
    paid = Settlement("d" * 64, "image/jpeg", Usage(), Decimal(str(cost_usd)), "", 1.0)
    ledger.calls.settle(reserved.call_id, paid, at)


def test_a_month_of_spending_ends_with_the_month(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(monthly_usd=1.0))
    last_month = datetime(2026, 10, 31, 23, 59, tzinfo=UTC).timestamp()
    door.ask()
    spend(ledger, "b1", 5.0, last_month)
    spend(ledger, "b1", 0.6, NOW)
    door.ask()
    spend(ledger, "b2", 0.5, NOW)
    error = door.refused()
    assert error.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert str(error).startswith("ana has spent $1.10 of $1.00 a month.")
    door.ask("ben")
    december = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    door.ask(after_s=december - NOW)


def test_what_calls_in_flight_have_set_aside_counts_as_spent(ledger: Ledger) -> None:
    door = Door(ledger, RequestLimits(monthly_usd=1.0))
    caps = door.requests.caps("Ana", NOW)
    assert caps == [Cap("requester:ana:2026-11", 1.0, "the month (UTC) of ana")]
    intent = Intent("b9", "task_0", "image_1", "k", "a", "model")
    ask = CallLoad(Load(cost_nusd=1_000_000_000), caps)
    ledger.calls.intend(intent, [Quota("a", "model", None)], ask, NOW)
    door.refused("ana")
    assert Door(ledger, RequestLimits()).requests.caps("ana", NOW) == []


def test_the_settings_are_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_MOST_BATCHES_AN_HOUR", "4")
    monkeypatch.setenv("PRESSRUN_MOST_ITEMS_AN_HOUR", "400")
    monkeypatch.setenv("PRESSRUN_MOST_BATCHES_A_DAY", "9")
    monkeypatch.setenv("PRESSRUN_MOST_ITEMS_A_DAY", "900")
    monkeypatch.setenv("PRESSRUN_REQUESTER_MONTHLY_USD", "12.5")
    monkeypatch.setenv("PRESSRUN_EXEMPT_REQUESTERS", "Nightly, ops@example.org,")
    monkeypatch.setenv("PRESSRUN_TRUST_REQUESTED_BY", "true")
    settings.cache_clear()
    try:
        told = configured_request_limits()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    exempt = frozenset({"nightly", "ops@example.org"})
    assert told == RequestLimits(4, 400, 9, 900, 12.5, exempt)
    assert configured_request_limits().are_none


def test_nobody_is_exempt_by_a_name_until_the_operator_says_that_he_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PRESSRUN_EXEMPT_REQUESTERS", "Nightly")
    settings.cache_clear()
    try:
        with pytest.raises(SettingError, match="can type one of them as requested_by"):
            configured_request_limits()
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def create(url: str, number: int, ready: Any, let_in: Any) -> None:
    ledger = Ledger(url, lambda: RequestLimits(batches_a_day=3))
    ready.wait(60)
    try:
        for try_ in range(3):
            try:
                ledger.batches.create(batch(f"b{number}-{try_}"), items(1))
            except RequestLimit:
                continue
            let_in.put(number)
    finally:
        ledger.close()


def test_processes_at_once_never_take_more_places_than_there_are(ledger_url: str) -> None:
    Ledger(ledger_url).close()
    context = forks(__name__)
    ready, let_in = context.Barrier(4), context.Queue()
    processes = [
        context.Process(target=create, args=(ledger_url, number, ready, let_in))
        for number in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    ledger = Ledger(ledger_url)
    with ledger.database.read() as connection:
        counted = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (requests, batches)
        ]
    ledger.close()
    assert counted == [3, 3]

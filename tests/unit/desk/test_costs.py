"""The page of costs: the same figures as ``pressrun costs``, to the cent."""

import csv
import io
import re
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from pressrun.cli import main
from pressrun.desk.cost_chart import cost_chart
from pressrun.ledger import open_ledger
from pressrun.ledger.costs import Bill
from pressrun.ledger.database.schema import budgets, calls
from pressrun.ledger.records import Batch
from tests.unit.desk.conftest import Asked

SCRIPT = "<script>alert(1)</script>"


def bill(day: date, nusd: int, unused: int = 0) -> Bill:
    return Bill(str(day), "", 1, nusd, 0, 0, 0, 0, int(bool(unused)), unused)


def written(
    *days_ago: int, batch_id: str = "b1", status: str = "settled", nusd: int = 10**9
) -> None:
    now = time.time()
    rows = [
        {
            "id": str(uuid.uuid4()), "batch_id": batch_id, "item_key": "i", "slot": "s",
            "call_key": uuid.uuid4().hex, "account": "a", "model": "gemini-3-pro-image",
            "status": status, "send_at": now, "settled_at": now - 86_400 * ago, "cost_nusd": nusd,
        }
        for ago in days_ago
    ]  # fmt: skip
    with open_ledger().database.write() as connection:
        connection.execute(insert(calls), rows)


@pytest.fixture
def spent(home: Path) -> None:
    ledger = open_ledger()
    ledger.batches.create(Batch("b1", "image", f"Mugs {SCRIPT}", "/o", "r", {}, owner="Ana"), [])
    written(0, 0, 3, 20, 60)
    written(1, batch_id="gone", status="failed", nusd=123_456_789)


def test_a_span_is_summed_by_what_a_person_chooses(desk: Asked, spent: None) -> None:
    page = desk.page("/costs?days=7")
    assert "$3.12" in page
    assert "$0.1235" in page  # of it unused
    assert page.count("<rect") == 3
    assert "<dd>$4.12</dd>" in desk.page("/costs?days=30")
    assert "<dd>$5.12</dd>" in desk.page("/costs?days=all")
    batches = desk.page("/costs?by=batch&days=all")
    assert "gone" in batches
    assert SCRIPT not in batches
    assert "Mugs &lt;script&gt;" in batches
    owners = desk.page("/costs?by=owner&days=all")
    assert "nobody, or deleted" in owners
    assert "<dd>$5.00</dd>" in desk.page("/costs?by=day&days=all&owner=Ana")
    today = datetime.now(UTC).date()
    past = today - timedelta(days=20)
    assert "<dd>$1.00</dd>" in desk.page(f"/costs?first={past}&last={past}")
    assert "Nothing was billed in these days." in desk.page(
        "/costs?first=2020-01-01&last=2020-02-01"
    )


def test_the_table_is_that_of_the_command(
    desk: Asked, spent: None, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = desk.client.get("/costs/csv?by=batch&days=all")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert main(["costs", "--by", "batch", "--csv"]) == 0
    assert answer.text.splitlines() == capsys.readouterr().out.splitlines()
    rows = {row["batch"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert rows["b1"]["cost_usd"] == "5.000000000"
    assert (rows["gone"]["unused_calls"], rows["gone"]["unused_usd"]) == ("1", "0.123456789")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("by=planet", "by model, batch, day or owner"),
        ("days=8", "7, 30 or 90 days"),
        ("first=yesterday", "is no day"),
        ("first=0001-01-01", "no costs in the year 1"),
        ("last=9999-12-31", "no costs in the year 9999"),
        ("first=2026-02-01&last=2026-01-01", "The first day is after the last one"),
    ],
)
def test_what_cannot_be_asked_is_said(desk: Asked, asked: str, words: str) -> None:
    for path in ("/costs", "/costs/csv"):
        answer = desk.client.get(f"{path}?{asked}")
        assert (answer.status_code, words in answer.text) == (404, True), answer.text


def test_caps_of_the_environments_account_stand_there_though_prefect_is_away(
    desk: Asked, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pressrun.engines.account import account_from_environment
    from pressrun.settings import settings

    monkeypatch.setenv("PRESSRUN_DAILY_USD", "30")
    settings.cache_clear()
    name = account_from_environment().name
    scope = f"day:{name}:{datetime.now(UTC):%Y-%m-%d}"
    row = {"scope": scope, "spent_nusd": 12 * 10**9, "held_nusd": 10**9}
    with open_ledger().database.write() as connection:
        connection.execute(insert(budgets), [row])
    page = desk.page("/costs")
    settings.cache_clear()
    assert "$12.00 of $30.00 spent, $1.00 set aside for calls under way" in page
    assert "does not answer" in page
    assert "The caps of its accounts are not known." in page


def test_a_chart_has_few_bars_whatever_the_span(home: Path) -> None:
    today = datetime.now(UTC).date()
    assert cost_chart([], None, None) == ""
    assert cost_chart([bill(today, 0)], None, None) == ""
    for days, words in ((30, "a day"), (600, "a week"), (2000, "30 days"), (20_000, "20001 days")):
        first = today - timedelta(days=days)
        drawn = str(cost_chart([bill(first, 10**9, 10**8), bill(today, 2 * 10**9)], first, None))
        assert f"a bar for {words}" in drawn
        assert "of it unused $0.10" in drawn
        widths = [float(found) for found in re.findall(r' width="([\d.]+)"', drawn)]
        lefts = [float(found) for found in re.findall(r' x="([\d.]+)"', drawn)]
        assert all(x >= 0 and x + w <= 100.001 for x, w in zip(lefts, widths, strict=True))

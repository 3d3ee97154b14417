"""What calls did cost, as a page: some days, by model, batch, day or owner, beside the caps."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from pressrun.desk.cost_chart import cost_chart
from pressrun.desk.kept import Kept
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.rendering import render
from pressrun.desk.server import PrefectServer
from pressrun.desk.settings.saved import SavedBlocks
from pressrun.engines.account import account_from_environment
from pressrun.engines.limits import NANO
from pressrun.errors import InputError
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Budget, books
from pressrun.ledger.costs import Bill, By, read_bills
from pressrun.ledger.listing import read_owners
from pressrun.reports.costs import write_bills

#: Spans by the days that they reach back; None for all.
SPANS: dict[str, int | None] = {"7": 7, "30": 30, "90": 90, "all": None}
#: Seconds for which what was read is shown to everybody.
_FRESH_S, _CAPS_S = 10.0, 10.0
_MOST_ROWS = 500
_YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class Span:
    """Days (UTC) that are looked at; None is open.

    Attributes:
        last: The last one, which counts too.
    """

    first: date | None
    last: date | None

    @property
    def since(self) -> float:
        """When it begins, in Unix seconds."""
        return _moment(self.first) if self.first else 0.0

    @property
    def until(self) -> float | None:
        """The moment after its end."""
        return _moment(self.last + timedelta(days=1)) if self.last else None


@dataclass(frozen=True, slots=True)
class CostChoice:
    """What a person wants to see.

    Attributes:
        days: A key of :data:`SPANS`; empty where two dates say it.
    """

    by: By
    days: str
    span: Span
    owner: str = ""

    def query(self, **changes: str) -> str:
        """Writes it as the query of an address, with changes."""
        told = {"by": self.by, "days": self.days, "owner": self.owner}
        if not self.days:
            told |= {"first": str(self.span.first or ""), "last": str(self.span.last or "")}
        return urlencode({name: value for name, value in (told | changes).items() if value})


@dataclass(frozen=True, slots=True)
class CapUse:
    """What is spent under a cap, and what calls under way have set aside; USD."""

    account: str
    words: str
    usd: float
    spent_usd: float
    held_usd: float


@dataclass(frozen=True, slots=True)
class CostsView:
    """The page's figures; ``bills`` are those of the chosen sort, the dearest first."""

    choice: CostChoice
    bills: Sequence[Bill]
    left_out: int
    chart: Markup
    calls: int
    total_usd: float
    unused: int
    unused_usd: float
    owners: Sequence[str]


def _choice(
    by: Annotated[str, Query(max_length=10)] = "model",
    days: Annotated[str, Query(max_length=4)] = "",
    first: Annotated[str, Query(max_length=10)] = "",
    last: Annotated[str, Query(max_length=10)] = "",
    owner: Annotated[str, Query(max_length=200)] = "",
) -> CostChoice:
    if by not in get_args(By):
        raise InputError("Costs are counted by model, batch, day or owner.")
    if first or last:
        span = Span(_day(first), _day(last))
        if span.first and span.last and span.first > span.last:
            raise InputError("The first day is after the last one. Change one of them.")
        return CostChoice(by, "", span, owner)  # type: ignore[arg-type]  # just checked
    days = days or "30"
    if days not in SPANS:
        raise InputError("Choose 7, 30 or 90 days, or all.")
    back = SPANS[days]
    begun = datetime.now(UTC).date() - timedelta(days=back - 1) if back else None
    return CostChoice(by, days, Span(begun, None), owner)  # type: ignore[arg-type]


Chosen = Annotated[CostChoice, Depends(_choice)]


def cost_routes(server: PrefectServer, open_ledger: Callable[[], Ledger], kept: Kept) -> APIRouter:
    """Makes the addresses of the costs.

    Args:
        server: Prefect's, which has the caps of accounts.
        open_ledger: Gives the ledger, or raises a LedgerError.
        kept: Answers of the last seconds.
    """
    router = APIRouter(prefix="/costs")

    @router.get("")
    def _costs(choice: Chosen) -> Response:
        view = kept.get(("costs", choice), _FRESH_S, partial(read_costs, open_ledger, choice))
        caps, away = kept.get("caps", _CAPS_S, partial(_caps, server, open_ledger))
        spans = [(key, f"{key} days" if days else "All") for key, days in SPANS.items()]
        lists = {"spans": spans, "sorts": get_args(By), "today": datetime.now(UTC).date()}
        return HTMLResponse(render("costs.html", view=view, caps=caps, away=away, **lists))

    @router.get("/csv")
    def _csv(choice: Chosen) -> Response:
        out = io.StringIO()
        write_bills(_bills(open_ledger(), choice, choice.by), choice.by, out)
        name = f"costs-by-{choice.by}-{datetime.now(UTC):%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)

    return router


def read_costs(open_ledger: Callable[[], Ledger], choice: CostChoice) -> CostsView:
    """Reads the figures of the page, in two queries.

    Raises:
        LedgerError: The ledger does not answer.
    """
    ledger = open_ledger()
    days = _bills(ledger, choice, "day")
    bills = days if choice.by == "day" else _bills(ledger, choice, choice.by)
    if choice.by == "day":
        bills = days[::-1]  # the newest first
    else:
        bills = sorted(bills, key=lambda bill: bill.cost_nusd, reverse=True)
    return CostsView(
        choice,
        bills[:_MOST_ROWS],
        max(0, len(bills) - _MOST_ROWS),
        cost_chart(days, choice.span.first, choice.span.last),
        sum(bill.calls for bill in days),
        sum(bill.cost_nusd for bill in days) / NANO,
        sum(bill.unused for bill in days),
        sum(bill.unused_nusd for bill in days) / NANO,
        read_owners(ledger.database),
    )


def _bills(ledger: Ledger, choice: CostChoice, by: By) -> list[Bill]:
    span = choice.span
    return read_bills(ledger.database, by, span.since, choice.owner, span.until)


def _caps(server: PrefectServer, open_ledger: Callable[[], Ledger]) -> tuple[list[CapUse], str]:
    """Reads what is spent under the caps of accounts; and why some are not known."""
    ours = account_from_environment()
    told = [(ours.name, "Keys of the environment", ours.daily_usd, ours.monthly_usd)]
    away = ""
    try:
        for block in SavedBlocks(server).listed("model-account"):
            day, month = block.data.get("daily_usd"), block.data.get("monthly_usd")
            told.append((block.name, block.name, day, month))
    except (ServerAway, InputError) as error:
        away = str(error)
    now, used = datetime.now(UTC).timestamp(), []
    with open_ledger().database.read() as connection:
        for name, label, day, month in told:
            for cap in Budget(None, day, month).caps("", name, now):
                spent, held = books(connection, cap.scope)
                words = "today (UTC)" if cap.scope.startswith("day:") else "this month (UTC)"
                used.append(CapUse(label, words, cap.usd, spent, held))
    return used, away


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text[:20]!r} is no day. Write it as 2026-11-01.") from error
    if day.year not in _YEARS:
        raise InputError(f"There are no costs in the year {day.year}.")
    return day


def _moment(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()

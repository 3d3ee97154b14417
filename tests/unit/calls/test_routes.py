"""The route to a model: over which endpoint a call goes, and what its outcome teaches."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pressrun.calls import routes
from pressrun.calls.admission import Admission
from pressrun.calls.caller import Caller
from pressrun.calls.endpoints import Endpoint
from pressrun.calls.routes import Route, Routes
from pressrun.engines.account import Access, Account
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.errors import (
    BudgetSpent,
    EngineError,
    Halted,
    QuotaExhausted,
    SettingError,
    Unavailable,
)
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Budget, Cap
from pressrun.ledger.vault import Vault
from tests.unit.calls.test_caller import TEXT, Provider, question, rows


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def route_over(ledger: Ledger, *answers: EngineError) -> Route:
    """A route with two endpoints, whose first one hears these errors."""
    account = Account((Access("one"), Access("two")), {TEXT: Limits(requests_per_minute=1e6)})
    first, second = Provider(list(answers)), Provider()
    names = sorted(access.name for access in account.accesses)
    endpoints = (Endpoint(names[0], first), Endpoint(names[1], second))
    return Route(catalogue()[TEXT], endpoints, lambda: account, Admission(), ledger=ledger)


def asked(route: Route) -> list[int]:
    """How many calls each endpoint got."""
    providers = [endpoint.engine for endpoint in route.endpoints]
    return [len(engine.asked) for engine in providers if isinstance(engine, Provider)]


def test_where_one_endpoint_is_spent_for_the_day_the_other_is_asked(
    ledger: Ledger, tmp_path: Path
) -> None:
    until = datetime.now(UTC) + timedelta(hours=9)
    route = route_over(ledger, QuotaExhausted("The day is used up.", until=until))
    for item in ("i1", "i2", "i3"):
        Caller(ledger, Vault(tmp_path), {TEXT: route}, "b1", item).text("a", question())
    assert asked(route) == [1, 3]
    assert [row.status for row in rows(ledger)] == ["failed", "settled", "settled", "settled"]


def test_spent_credit_without_an_end_stops_the_call(ledger: Ledger, tmp_path: Path) -> None:
    route = route_over(ledger, QuotaExhausted("Your credit is spent."))
    with pytest.raises(QuotaExhausted, match="credit is spent"):
        Caller(ledger, Vault(tmp_path), {TEXT: route}, "b1", "i1").text("a", question())
    assert asked(route) == [1, 0]


def test_models_apart_are_refused_alone_and_else_the_batch_is(ledger: Ledger) -> None:
    nobody = Account()
    apart = Routes(["sketch", TEXT], lambda: nobody, 1, "normal", ledger, apart=True)
    assert set(apart.by_model) == {"sketch"}
    assert isinstance(apart.refused(TEXT), SettingError)
    with pytest.raises(SettingError, match="needs a key"):
        Routes(["sketch", TEXT], lambda: nobody, 1, "normal", ledger)


def test_what_a_dead_process_has_set_aside_is_not_waited_for_without_end(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ROOM_MOST_S", 0.2)
    monkeypatch.setattr(routes, "ROOM_S", 0.05)
    monkeypatch.setattr(routes, "SAY_AFTER_S", 0.0)

    def caller(batch: str, route: Route, item: str) -> Caller:
        def caps(now: float) -> list[Cap]:
            return Budget(daily_usd=0.1).caps(batch, "ours", now)

        return Caller(ledger, Vault(tmp_path), {TEXT: route}, batch, item, caps=caps)

    class Dies(BaseException):
        """A process that ends without a word."""

    dying = route_over(ledger)
    monkeypatch.setattr(Provider, "text", raising(Dies()))
    with pytest.raises(Dies):
        caller("b1", dying, "i1").text("a", question())
    with pytest.raises(BudgetSpent, match=r"did not end within .* retry or cancel its run"):
        caller("b2", route_over(ledger), "i1").text("a", question())
    (wait,) = ledger.waits.read("b2", time.time())
    assert wait.reason.startswith("Calls in flight have to end. ")


def test_a_wait_that_a_failing_model_asks_for_is_noted_with_its_reason(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account((Access("one"),), {TEXT: Limits(requests_per_minute=1e6)})
    provider = Provider([Unavailable("High demand, it said.", retry_after_s=30.0)])
    endpoints = (Endpoint(account.accesses[0].name, provider),)
    route = Route(catalogue()[TEXT], endpoints, lambda: account, Admission(), ledger=ledger)
    item = Caller(ledger, Vault(tmp_path), {TEXT: route}, "b1", "i1")
    begun = time.time()
    with pytest.raises(Unavailable):
        item.text("a", question())
    assert ledger.waits.read("b1", begun) == []  # nobody waits yet
    monkeypatch.setattr(routes, "sleep", raising(Halted("Somebody paused it.")))
    with pytest.raises(Halted):
        item.text("a", question())
    (wait,) = ledger.waits.read("b1", begun)
    assert (wait.model, wait.reason) == (TEXT, "It said: High demand, it said.")
    assert 25 < wait.until - begun < 60


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail

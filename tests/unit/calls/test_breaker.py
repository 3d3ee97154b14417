"""A breaker around calls: asked before each, told after it, and never in the way of an answer."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pressrun.calls.admission import Admission
from pressrun.calls.breaker import UNBROKEN, Breaker
from pressrun.calls.caller import Caller
from pressrun.calls.endpoints import Endpoint
from pressrun.calls.routes import Route
from pressrun.engines.account import Access, Account
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.errors import Blocked, EngineError, Throttled, Unavailable
from pressrun.ledger import Ledger
from pressrun.ledger.breakers import BreakerRule
from pressrun.ledger.vault import Vault
from tests.unit.calls.test_caller import TEXT, Provider, question, rows


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = Ledger(url, breaker_rule=lambda: BreakerRule(failures=2))
    yield ledger
    ledger.close()


@pytest.fixture
def route(ledger: Ledger) -> Route:
    account = Account((Access("key"),), {TEXT: Limits(requests_per_minute=1e6)})
    endpoint = Endpoint(account.accesses[0].name, Provider())
    breaker = Breaker(TEXT, ledger.breakers)
    return Route(catalogue()[TEXT], (endpoint,), lambda: account, Admission(), breaker, ledger)


def provider_of(route: Route) -> Provider:
    engine = route.endpoints[0].engine
    assert isinstance(engine, Provider)
    return engine


def ask(ledger: Ledger, route: Route, folder: Path, item: str, *answers: EngineError) -> None:
    """Asks for an item, which hears these errors first."""
    provider_of(route).answers += answers
    Caller(ledger, Vault(folder / "vault"), {TEXT: route}, "b1", item).text("a", question())


def fail_twice(ledger: Ledger, route: Route, folder: Path) -> None:
    for number in range(2):
        with pytest.raises(Unavailable):
            ask(ledger, route, folder, f"failed-{number}", Unavailable("No answer."))


def test_a_model_that_failed_again_and_again_is_not_called(
    ledger: Ledger, route: Route, tmp_path: Path
) -> None:
    fail_twice(ledger, route, tmp_path)
    with pytest.raises(
        Unavailable, match=r"left alone until .* UTC\. The last time: No answer\. Retry"
    ) as shut:
        ask(ledger, route, tmp_path, "i")
    assert (shut.value.kind, shut.value.retryable) == ("left_alone", False)
    assert len(provider_of(route).asked) == 2
    assert {row.item_key for row in rows(ledger)} == {"failed-0", "failed-1"}  # nothing reserved


def test_who_waits_for_its_moment_while_the_model_fails_is_not_sent_either(
    ledger: Ledger, route: Route, tmp_path: Path
) -> None:
    slow = Account((Access("key"),), {TEXT: Limits(requests_per_minute=120)})
    route, looks = replace(route, account=lambda: slow), list[None]()

    # Once before the moment is reserved, and again when it has come.
    def look() -> None:
        looks.append(None)
        for _ in range(2 * (len(looks) == 2)):
            ledger.breakers.failed(TEXT, time.time())

    ask(ledger, route, tmp_path, "first")
    vault = Vault(tmp_path / "vault")
    waiting = Caller(ledger, vault, {TEXT: route}, "b1", "second", raise_if_stopped=look)
    with pytest.raises(Unavailable, match="left alone"):
        waiting.text("a", question())
    assert len(provider_of(route).asked) == 1
    assert [row.item_key for row in rows(ledger)] == ["first"]  # the other was withdrawn


def test_an_answer_ends_a_row_of_failures_and_so_does_a_refusal(
    ledger: Ledger, route: Route, tmp_path: Path
) -> None:
    for number, answer in enumerate((None, Blocked("No."), None)):
        with pytest.raises(Unavailable):
            ask(ledger, route, tmp_path, f"failed-{number}", Unavailable("No answer."))
        if answer:
            with pytest.raises(Blocked):
                ask(ledger, route, tmp_path, f"refused-{number}", answer)
        else:
            ask(ledger, route, tmp_path, f"i-{number}")
    ask(ledger, route, tmp_path, "last", Throttled("Slow down.", retry_after_s=0.0))
    assert ledger.breakers.look(TEXT, time.time()) is None


def test_a_lane_without_a_record_calls_whatever_happened(
    ledger: Ledger, route: Route, tmp_path: Path
) -> None:
    route = replace(route, breaker=UNBROKEN)
    for number in range(9):
        with pytest.raises(Unavailable, match="No answer"):
            ask(ledger, route, tmp_path, f"i-{number}", Unavailable("No answer."))
    assert len(provider_of(route).asked) == 9

"""Circuit breakers: a failing model is left alone for a while, by all processes, then tried."""

from typing import Any

import pytest

from pressrun.errors import BadReply, Blocked, EngineError, Refused, Throttled, Unavailable
from pressrun.ledger import Ledger, configured_breaker_rule
from pressrun.ledger.breakers import FIRST_S, MOST_S, TRIAL_S, BreakerRule, Open, counts
from tests.support.processes import forks

MODEL, NOW = "model", 1_000_000.0


def fail(ledger: Ledger, times: int, at: float = NOW, apart_s: float = 1.0) -> float:
    """Lets the model fail so often; gives the moment of the last failure."""
    for number in range(times):
        ledger.breakers.failed(MODEL, at + number * apart_s)
    return at + (times - 1) * apart_s


def opened(ledger: Ledger) -> float:
    """Opens the model; gives the moment until which it is open."""
    return fail(ledger, 5) + FIRST_S


def test_a_model_without_failures_may_be_called(ledger: Ledger) -> None:
    assert ledger.breakers.allows(MODEL, NOW) is None
    ledger.breakers.worked(MODEL)


def test_five_failures_in_a_row_open_it_for_a_minute(ledger: Ledger) -> None:
    at = fail(ledger, 4)
    assert ledger.breakers.allows(MODEL, at) is None
    ledger.breakers.failed(MODEL, at)
    shut = ledger.breakers.allows(MODEL, at + FIRST_S - 0.001)
    assert shut == Open(MODEL, at + FIRST_S)
    assert str(shut) == (
        "model failed again and again, so it is left alone until 1970-01-12 13:47:43 UTC."
    )
    assert ledger.breakers.allows("another", at) is None


def test_a_success_between_failures_begins_the_row_anew(ledger: Ledger) -> None:
    fail(ledger, 4)
    ledger.breakers.worked(MODEL)
    at = fail(ledger, 4, NOW + 10)
    assert ledger.breakers.allows(MODEL, at) is None


def test_failures_far_apart_are_no_row(ledger: Ledger) -> None:
    at = fail(ledger, 12, apart_s=76.0)  # never five within five minutes
    assert ledger.breakers.allows(MODEL, at) is None
    at = fail(ledger, 5, at + 1000, apart_s=74.0)
    assert ledger.breakers.allows(MODEL, at) is not None


def test_when_the_time_is_over_just_one_call_tries(ledger: Ledger) -> None:
    until = opened(ledger)
    assert ledger.breakers.allows(MODEL, until) is None
    shut = ledger.breakers.allows(MODEL, until + 1)
    assert shut == Open(MODEL, until + TRIAL_S, tried=True)
    assert "another call tries it just now" in str(shut)
    ledger.breakers.worked(MODEL)
    assert [ledger.breakers.allows(MODEL, until + 2) for _ in range(3)] == [None] * 3
    at = fail(ledger, 4, until + 3)
    assert ledger.breakers.allows(MODEL, at) is None


def test_a_try_that_fails_waits_twice_as_long_up_to_half_an_hour(ledger: Ledger) -> None:
    at, waits = opened(ledger), []
    for _ in range(7):
        assert ledger.breakers.allows(MODEL, at) is None
        ledger.breakers.failed(MODEL, at)
        shut = ledger.breakers.allows(MODEL, at)
        assert shut is not None
        waits.append(shut.until - at)
        at = shut.until
    assert waits == [120, 240, 480, 960, MOST_S, MOST_S, MOST_S]
    ledger.breakers.worked(MODEL)
    at = fail(ledger, 5, at)
    shut = ledger.breakers.allows(MODEL, at)
    assert shut == Open(MODEL, at + FIRST_S)


def test_calls_that_were_under_way_when_it_opened_change_nothing(ledger: Ledger) -> None:
    until = opened(ledger)
    fail(ledger, 20, until - 30)
    assert ledger.breakers.allows(MODEL, until - 1) == Open(MODEL, until)
    assert ledger.breakers.allows(MODEL, until) is None


def test_a_try_whose_process_died_is_made_by_another(ledger: Ledger) -> None:
    until = opened(ledger)
    assert ledger.breakers.allows(MODEL, until) is None
    assert ledger.breakers.allows(MODEL, until + TRIAL_S - 1) is not None
    assert ledger.breakers.allows(MODEL, until + TRIAL_S) is None
    assert ledger.breakers.allows(MODEL, until + TRIAL_S + 1) is not None


def test_a_clock_that_was_set_back_keeps_no_model_open_for_longer(ledger: Ledger) -> None:
    opened(ledger)
    back = NOW - 86_400
    shut = ledger.breakers.allows(MODEL, back)
    assert shut == Open(MODEL, back + FIRST_S)
    assert ledger.breakers.allows(MODEL, back + 30) == shut
    assert ledger.breakers.allows(MODEL, back + FIRST_S) is None
    assert ledger.breakers.allows(MODEL, back - 86_400) is not None  # tried; set back again
    assert ledger.breakers.allows(MODEL, back - 86_400 + TRIAL_S) is None


def test_failures_of_a_clock_that_was_set_back_still_count(ledger: Ledger) -> None:
    fail(ledger, 4)
    ledger.breakers.failed(MODEL, NOW - 86_400)
    assert ledger.breakers.allows(MODEL, NOW - 86_400) is not None


def test_the_rule_is_a_setting(ledger_url: str) -> None:
    ledger = Ledger(ledger_url, breaker_rule=lambda: BreakerRule(failures=1))
    ledger.breakers.failed(MODEL, NOW)
    assert ledger.breakers.allows(MODEL, NOW) is not None
    ledger.close()
    assert configured_breaker_rule() == BreakerRule(5, 300.0)


@pytest.mark.parametrize(
    ("error", "against"),
    [
        (Unavailable("No answer in time.", kind="timeout"), True),
        (Unavailable("It failed."), True),
        (Throttled("Too fast."), False),
        (Blocked("Against the rules."), False),
        (Refused("No such key.", kind="bad_key"), False),
        (BadReply("No picture."), False),
    ],
)
def test_only_a_model_that_fails_itself_counts(error: EngineError, against: bool) -> None:
    assert counts(error) is against


def fail_once(url: str, ready: Any) -> None:
    ledger = Ledger(url)
    ready.wait(60)
    ledger.breakers.failed(MODEL, NOW)
    ledger.close()


def try_once(url: str, ready: Any, tried: Any) -> None:
    ledger = Ledger(url)
    ready.wait(60)
    tried.put(ledger.breakers.allows(MODEL, NOW + FIRST_S) is None)
    ledger.close()


def together(target: Any, count: int, *arguments: Any) -> None:
    context = forks(__name__)
    ready = context.Barrier(count)
    url, *rest = arguments
    processes = [context.Process(target=target, args=(url, ready, *rest)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0


def test_processes_count_together_and_only_one_of_them_tries(ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    together(fail_once, 5, ledger_url)
    assert ledger.breakers.allows(MODEL, NOW) == Open(MODEL, NOW + FIRST_S)
    tried = forks(__name__).Queue()
    together(try_once, 4, ledger_url, tried)
    assert sorted(tried.get(timeout=10) for _ in range(4)) == [False, False, False, True]
    ledger.close()

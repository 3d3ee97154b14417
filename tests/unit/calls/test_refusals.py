"""A model that only refuses: said, shown, and ended after a while."""

import logging
import time
from pathlib import Path

import pytest

from pressrun.calls import refusals
from pressrun.calls.refusals import Refusals
from pressrun.errors import QuotaExhausted, Throttled, Unavailable
from pressrun.ledger import Ledger
from pressrun.ledger.refusals import read_refusals
from pressrun.ledger.vault import Vault
from pressrun.settings import settings
from tests.unit.calls.test_caller import TEXT, Provider, caller, question, rows


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


@pytest.fixture
def patience_s(monkeypatch: pytest.MonkeyPatch) -> float:
    """A quota is waited for so long."""
    monkeypatch.setenv("PRESSRUN_WAIT_FOR_QUOTA_S", "0.3")
    monkeypatch.setattr(refusals, "MINUTE_S", 0.0)
    settings.cache_clear()
    return 0.3


class Refuses(Provider):
    """Refuses every call."""

    def _next(self, request: object) -> str:
        self.asked.append(request)
        raise Throttled("Slow down, it said.", retry_after_s=0.02)


@pytest.mark.usefixtures("patience_s")
def test_a_model_that_only_refuses_ends_the_call_with_the_reason(
    ledger: Ledger, tmp_path: Path
) -> None:
    provider = Refuses()
    with pytest.raises(
        QuotaExhausted, match=r"refused every call since .* UTC \(\d+ calls\)"
    ) as end:
        caller(ledger, Vault(tmp_path), provider).text("a", question())
    assert "Slow down, it said." in str(end.value)
    assert end.value.kind == "only_refused"
    assert not end.value.retryable
    assert {row.status for row in rows(ledger)} == {"failed"}


@pytest.mark.usefixtures("patience_s")
def test_a_told_wait_that_is_too_long_is_not_slept(ledger: Ledger, tmp_path: Path) -> None:
    provider = Provider([Throttled("Come back tomorrow.", retry_after_s=80_000)])
    begun = time.time()
    with pytest.raises(QuotaExhausted, match="longer than is waited for") as end:
        caller(ledger, Vault(tmp_path), provider).text("a", question())
    assert "Come back tomorrow." in str(end.value)
    assert end.value.until is not None
    assert end.value.until.timestamp() >= begun + 80_000
    assert [row.status for row in rows(ledger)] == ["failed"]  # nothing is left reserved


def test_a_long_row_and_a_long_wait_are_said_but_not_again_and_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(refusals, "SAY_AFTER_S", 0.0)
    row = Refusals(TEXT)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            row.add(Throttled("Slow down."))
            row.waits(1.0)
    assert [record.getMessage().count("refused every call") for record in caplog.records] == [1]


def test_a_long_wait_after_a_failure_is_said_with_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = Refusals(TEXT)
    row.end(Unavailable("High demand, it said.", retry_after_s=30))
    row.waits(30.0)
    assert "asked again in 30 s. It said: High demand" in caplog.text
    row.end()
    assert row.why == ""


def test_the_log_has_the_first_refusal_of_a_row_and_not_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = Refusals(TEXT)
    with caplog.at_level(logging.INFO):
        for _ in range(9):
            row.add(Throttled("Slow down."))
    assert caplog.text.count("asks to slow down") == 1


def test_an_answer_ends_the_row(patience_s: float) -> None:
    row = Refusals(TEXT)
    row.add(Throttled("Slow down."))
    time.sleep(patience_s + 0.05)
    row.end()
    row.add(Throttled("Slow down."))  # the first of another row
    time.sleep(patience_s + 0.05)
    with pytest.raises(QuotaExhausted):
        row.add(Throttled("Slow down."))


def test_the_ledger_knows_what_has_only_refused_since(ledger: Ledger, tmp_path: Path) -> None:
    seen = list[list[tuple[str, int, str]]]()

    class Looks(Provider):
        """Looks into the ledger whenever it is asked."""

        def _next(self, request: object) -> str:
            found = read_refusals(ledger.database, "b1")
            seen.append([(row.model, row.calls, row.reason) for row in found])
            return super()._next(request)

    provider = Looks([Throttled(f"Slow down {n}.", retry_after_s=0.0) for n in range(2)])
    caller(ledger, Vault(tmp_path), provider).text("a", question())
    assert seen == [[], [(TEXT, 1, "Slow down 0.")], [(TEXT, 2, "Slow down 1.")]]
    assert read_refusals(ledger.database, "b1") == []

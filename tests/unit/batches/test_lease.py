"""When a process takes a batch from another machine: after it has watched its heartbeat stop."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pressrun.batches import lease
from pressrun.batches.lease import Lease
from pressrun.ledger import Ledger, leases
from pressrun.settings import settings


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{home / 'shared' / 'ledger.db'}")
    yield ledger
    ledger.close()


@pytest.fixture
def first(ledger: Ledger, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lease]:
    """The lease of a machine whose last heartbeat is old at once; then this is another machine."""
    monkeypatch.setattr(leases, "DEAD_S", -1.0)
    monkeypatch.setattr(lease, "WATCH_S", 0.0)
    held = Lease(ledger, "b1")
    assert held.acquire(0.0)
    monkeypatch.setenv("PRESSRUN_DATA", str(home / "other"))
    settings.cache_clear()
    yield held
    held.release()


@pytest.mark.usefixtures("first")
def test_a_batch_is_taken_over_when_its_heartbeat_has_stopped(ledger: Ledger) -> None:
    second = Lease(ledger, "b1")
    assert not second.acquire(0.0)  # it was only looked at yet
    assert second.acquire(5.0)
    assert second.taken_over
    second.release()


@pytest.mark.usefixtures("first")
def test_nothing_is_taken_over_while_the_ledger_may_have_been_away(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "WATCH_S", 0.4)  # less than two looks at it take
    monkeypatch.setattr(lease, "_SLOW_S", -1.0)  # every answer has taken too long
    monkeypatch.setattr(lease, "_ASK_S", 0.1)
    second = Lease(ledger, "b1")
    assert not second.acquire(1.5)

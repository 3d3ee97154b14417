"""Who holds a batch: known by its machine's id, and dispossessed only when it is dead."""

import pytest

from pressrun.ledger import Ledger, leases
from pressrun.ledger.leases import LeaseHolder


def acquire(
    ledger: Ledger, token: str, machine: str, watched: float | None = None
) -> LeaseHolder | None:
    """Asks for the lease of one batch; all machines have one name."""
    return ledger.leases.acquire("b1", token, "host", machine, watched)


def test_another_process_of_the_same_machine_is_dead_since_its_lock_is_free(ledger: Ledger) -> None:
    assert acquire(ledger, "one", "m1") is None
    other = acquire(ledger, "two", "m1")
    assert other is not None
    assert other.dead
    assert not ledger.leases.beat("b1", "one")
    assert ledger.leases.beat("b1", "two")


def test_a_living_holder_keeps_it_though_both_hosts_have_one_name(ledger: Ledger) -> None:
    acquire(ledger, "one", "m1")
    other = acquire(ledger, "two", "m2")
    assert other is not None
    assert (other.dead, other.host, other.machine) == (False, "host", "m1")
    assert ledger.leases.beat("b1", "one")


def test_an_old_heartbeat_alone_is_no_death_since_the_ledger_may_have_been_away(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "DEAD_S", -1.0)
    acquire(ledger, "one", "m1")
    seen = acquire(ledger, "two", "m2")
    assert seen is not None
    assert not seen.dead
    ledger.leases.beat("b1", "one")
    again = acquire(ledger, "two", "m2", watched=seen.beat_at)  # it has lived since
    assert again is not None
    assert not again.dead
    last = acquire(ledger, "two", "m2", watched=again.beat_at)
    assert last is not None
    assert last.dead
    assert ledger.leases.beat("b1", "two")


def test_a_machine_without_an_id_is_nobodys(ledger: Ledger) -> None:
    acquire(ledger, "of an older version", "")
    other = acquire(ledger, "two", "m2")
    assert other is not None
    assert not other.dead

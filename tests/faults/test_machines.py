"""Two machines without a shared disk: what one has planned or paid, the other goes on with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pressrun.ledger import Ledger
from pressrun.stores.base import Store
from pressrun.stores.factory import open_store
from tests.servers.s3 import S3Server
from tests.support.machines import CALLS, PAUSED, WHOLE, Books, Site, Task, books
from tests.support.targets import target_at

FLOWS = list(CALLS)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def site(s3: S3Server, tmp_path: Path) -> Iterator[Site]:
    s3.script.reset()
    yield Site(tmp_path, f"sqlite:///{tmp_path / 'shared' / 'ledger.db'}", s3)
    s3.script.reset()


def ended(site: Site, task: Task) -> Books:
    """The books of a batch, of which nothing must be left in a second place."""
    ledger = Ledger(site.ledger_url)
    try:
        store: Store = open_store(target_at(task.scheme, task.about), ledger.remote_ids)
        found = books(ledger, task.batch_id, store)
    finally:
        ledger.close()
    assert set(found.items) == {"completed"}
    assert (found.lost, found.wrong, found.left) == (0, 0, 0)
    assert not [key for key in site.keys() if "/.pressrun/" in key or key.startswith("vault/")]
    return found


@pytest.mark.parametrize("flow", FLOWS)
def test_a_batch_that_is_paused_on_one_machine_is_completed_on_another(
    site: Site, flow: str
) -> None:
    task = site.task(flow, pause_after=2)
    assert site.machine("a").work(task) == PAUSED
    b = site.machine("b")
    assert b.work(site.again(task)) == WHOLE, b.said
    assert ended(site, task).calls == {"settled": CALLS[flow]}  # nothing was paid twice


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("vault", [True, False])
def test_what_a_dead_machine_has_paid_and_not_delivered(
    site: Site, flow: str, *, vault: bool
) -> None:
    site.vault = vault
    task = site.task(flow, die_after=CALLS[flow] - 1)
    site.s3.fail("ServiceUnavailable", method="PUT", contains="/Test ", times=10**6)  # it is away
    assert site.machine("a").work(task) == -9
    site.s3.script.reset()
    b = site.machine("b", dead_s="0")
    assert b.work(site.again(task)) == WHOLE, b.said
    found = ended(site, task)
    assert found.calls["settled"] == CALLS[flow]
    texts = flow == "article-batch"
    if vault or texts:
        assert found.calls["voided"] == 0
    else:
        assert found.calls["voided"] > 0
        assert "asked again" in b.said

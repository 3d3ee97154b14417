"""Two machines without a shared disk: what one has planned or paid, the other goes on with."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import holders
from pressrun.stores.base import Store
from pressrun.stores.factory import open_store
from tests.servers.postgresql import postgresql, programs
from tests.servers.s3 import S3Server
from tests.support.machines import (
    CALLS,
    ELSEWHERE,
    PAUSED,
    TAKEN,
    WHOLE,
    Books,
    Site,
    Task,
    books,
    wait_for,
)
from tests.support.targets import target_at

#: Kinds that differ in what they keep; the others are tried by `make test-long`.
SHORT = ("slideshow-batch", "image-batch")
FLOWS = [pytest.param(flow, marks=() if flow in SHORT else pytest.mark.long) for flow in CALLS]


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
    assert not [key for key in site.stored() if ".pressrun/" in key or key.startswith("vault/")]
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


def test_a_pause_in_the_middle_of_an_item_pays_none_of_its_pictures_again(site: Site) -> None:
    task = site.task("slideshow-batch", pause_after=4)
    assert site.machine("a").work(task) == PAUSED
    assert [key for key in site.stored() if ".pressrun/" in key]
    assert site.machine("b").work(site.again(task)) == WHOLE
    assert ended(site, task).calls == {"settled": 6}


def test_a_machine_that_comes_back_removes_what_others_have_ended(site: Site) -> None:
    task = site.task("image-batch", pause_after=2)
    a, b = site.machine("a"), site.machine("b")
    assert a.work(task) == PAUSED
    assert b.work(site.again(task)) == WHOLE
    left = a.data / "vault" / task.batch_id
    assert list(left.glob("*/*"))
    assert a.work(site.task("image-batch")) == WHOLE
    assert not list(left.glob("*/*"))


def test_a_vault_that_is_away_holds_nothing_up_and_gets_what_it_missed(site: Site) -> None:
    site.vault = True
    task = site.task("image-batch", pause_after=2)
    site.s3.fail("AccessDenied", method="PUT", contains="vault/", times=1)
    a = site.machine("a")
    assert a.work(task) == PAUSED
    assert "lies on this machine alone for now" in a.said
    assert site.machine("b").work(site.again(task)) == WHOLE
    assert ended(site, task).calls == {"settled": 4}


def test_a_machine_of_the_same_name_does_not_take_a_batch_from_one_that_lives(site: Site) -> None:
    task = site.task("article-batch")
    slow = replace(task, given={**task.given, "delay_s": 60.0})
    a = site.machine("a").start(slow)
    ledger = Ledger(site.ledger_url)
    try:
        wait_for(lambda: ledger.calls.totals(task.batch_id)[0] > 0)
        assert site.machine("b").work(site.again(task, patience_s=1.0)) == TAKEN
        with ledger.database.read() as connection:
            (holder,) = connection.execute(select(holders)).all()
        assert holder.machine == (site.home / "a" / "machine-id").read_text().strip()
    finally:
        a.kill()
        a.join()
        ledger.close()


def test_a_folder_is_not_delivered_to_over_two_disks(site: Site) -> None:
    about = {"folder": str(site.home / "output")}
    task = site.task("image-batch", pause_after=2, scheme="folder", about=about)
    a, b = site.machine("a"), site.machine("b")
    assert a.work(task) == PAUSED
    assert b.work(site.again(task)) == ELSEWHERE
    assert "can go on only there" in b.said
    assert a.work(site.again(task)) == WHOLE
    assert ended(site, task).calls == {"settled": 4}


def test_a_folder_that_all_machines_have_mounted_is_one_place(site: Site) -> None:
    about = {"folder": str(site.home / "output")}
    task = site.task("slideshow-batch", pause_after=4, scheme="folder", about=about)
    mounted = {"PRESSRUN_SHARED_FOLDERS": str(site.home / "output")}
    assert site.machine("a", **mounted).work(task) == PAUSED
    assert site.machine("b", **mounted).work(site.again(task)) == WHOLE
    assert ended(site, task).calls == {"settled": 6}
    assert not (site.home / "output" / ".pressrun").exists()


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
def test_the_same_over_postgresql_where_no_setting_says_that_there_are_several(
    site: Site,
) -> None:
    with postgresql() as server:
        site.ledger_url, site.vault = server.url, True
        task = site.task("slideshow-batch", die_after=4)
        unsaid = {"PRESSRUN_MACHINES": ""}
        site.s3.fail("ServiceUnavailable", method="PUT", contains="/Test ", times=10**6)
        assert site.machine("a", **unsaid).work(task) == -9
        site.s3.script.reset()
        b = site.machine("b", dead_s="0", **unsaid)
        assert b.work(site.again(task)) == WHOLE, b.said
        found = ended(site, task)
    assert found.calls["settled"] == 6
    assert found.calls["voided"] == 0

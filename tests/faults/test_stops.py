"""Two real workers of one Prefect server on PostgreSQL: one is stopped, the other goes on."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import get_args

import pytest

from tests.faults.stops import Fleet, How, made
from tests.servers.postgresql import postgresql, programs
from tests.servers.s3 import S3Server
from tests.support.machines import Site

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(900),
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    home = tmp_path_factory.mktemp("fleet")
    with ExitStack() as ends:
        database = ends.enter_context(postgresql())
        site = Site(home, made(database, "ledger"), ends.enter_context(S3Server()), vault=True)
        yield Fleet(home / "stack", database, site, ends)


@pytest.mark.parametrize("how", get_args(How))
def test_a_batch_of_a_worker_that_is_stopped_goes_on_at_another(fleet: Fleet, how: How) -> None:
    outcome = fleet.play(how)
    assert outcome.state == "Completed"
    assert outcome.books.items == {"completed": 8}
    assert (outcome.books.lost, outcome.books.wrong, outcome.books.left) == (0, 0, 0)
    # What a kill or a second signal cuts off was under way, and is never billed by this provider.
    cut_off = 2 if how in ("twice", "killed") else 0
    assert 0 <= outcome.repaid <= cut_off

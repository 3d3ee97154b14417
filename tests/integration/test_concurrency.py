"""A batch's share of the limit ``pressrun-items`` on a real Prefect server."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import (
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
)
from prefect.exceptions import ObjectNotFound

from pressrun.batches.item_queue import LIMIT
from tasks.concurrency import _Share, shared_slots

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture(autouse=True)
def unlimited(client: SyncPrefectClient) -> None:
    """No limit, also where a test before this one has set the session's server up."""
    with suppress(ObjectNotFound):
        client.delete_global_concurrency_limit_by_name(LIMIT)


@pytest.fixture
def ten(client: SyncPrefectClient, unlimited: None) -> Iterator[None]:
    client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=LIMIT, limit=10))
    yield
    client.delete_global_concurrency_limit_by_name(LIMIT)


def in_use(client: SyncPrefectClient) -> int:
    return client.read_global_concurrency_limit_by_name(LIMIT).active_slots or 0


def set_limit(client: SyncPrefectClient, limit: int, *, active: bool = True) -> None:
    update = GlobalConcurrencyLimitUpdate(name=LIMIT, limit=limit, active=active)
    client.update_global_concurrency_limit(LIMIT, update)


def test_without_a_limit_a_batch_has_what_it_wants() -> None:
    with shared_slots(lambda: 7, lambda: False) as slots:
        assert slots.allowed == 7


@pytest.mark.usefixtures("ten")
def test_a_batch_leases_its_share_once_and_gives_it_back(client: SyncPrefectClient) -> None:
    with shared_slots(lambda: 4, lambda: False) as slots:
        assert slots.allowed == 4
        assert in_use(client) == 4
    assert in_use(client) == 0


@pytest.mark.usefixtures("ten")
def test_the_second_batch_gets_what_is_left_and_grows_when_slots_come_free(
    client: SyncPrefectClient,
) -> None:
    first, second = _Share(client), _Share(client)
    assert first.adjusted(8) == 8
    assert second.adjusted(8) == 2
    first.end()
    assert second.adjusted(8) == 8
    second.end()
    assert in_use(client) == 0


@pytest.mark.usefixtures("ten")
def test_an_operator_who_lowers_the_limit_shrinks_every_batch(client: SyncPrefectClient) -> None:
    first, second = _Share(client), _Share(client)
    first.adjusted(6)
    second.adjusted(4)
    set_limit(client, 5)
    assert first.adjusted(6) == 1  # the other one has not heard of it yet
    assert second.adjusted(4) == 4
    assert in_use(client) == 5
    set_limit(client, 5, active=False)
    assert first.adjusted(6) == 6
    first.end()
    second.end()


@pytest.mark.usefixtures("ten")
def test_a_batch_that_wants_less_gives_slots_back(client: SyncPrefectClient) -> None:
    share = _Share(client)
    assert share.adjusted(9) == 9
    assert share.adjusted(2) == 2
    assert in_use(client) == 2
    share.end()

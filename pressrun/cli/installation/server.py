"""What the Prefect server of PREFECT_API_URL says of itself, its workers and its blocks."""

import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pressrun.cli.installation.flaw import Flaw
from pressrun.cli.installation.machine import CLOCK_S, clocks_apart, ledger_is_current
from pressrun.errors import PressrunError
from pressrun.settings import settings

_POOL = "pressrun"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def check_server() -> Iterator[Flaw]:
    """Gives what is wrong with the server; asks it, so it has to answer."""
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    url = get_current_settings().api.url
    if not url:
        yield Flaw(
            "error",
            "server",
            "PREFECT_API_URL is not set, so nothing can be said of the server: set it as the "
            "workers have it.",
        )
        return
    yield from _reached(url)
    with get_client(sync_client=True) as client:
        asked = client._client.get("/admin/settings")
        asked.raise_for_status()
        yield from _clock(asked.headers.get("date", ""))
        workers = _online(client)
        yield from _records(asked.json().get("server", {}), workers)
        yield from _folder(workers)
        yield from _accounts(_names(client, "model-account"))
        if ledger_is_current():
            yield from _stores(_names(client, "result-store"))


def _reached(url: str) -> Iterator[Flaw]:
    import httpx

    address = urlsplit(url)
    if address.hostname in _LOOPBACK:
        return
    answer = httpx.post(f"{url}/flow_runs/count", json={}, timeout=10)
    if answer.status_code != httpx.codes.UNAUTHORIZED:
        yield Flaw(
            "error",
            "password",
            f"The Prefect server at {address.hostname} asks for no password, so whoever reaches it "
            "reads all keys and runs commands on the workers: start it with "
            "PREFECT_SERVER_API_AUTH_STRING, and give clients PREFECT_API_AUTH_STRING.",
        )
    if address.scheme != "https":
        yield Flaw(
            "warning",
            "encryption",
            f"Passwords and keys go to {address.hostname} unencrypted: put a proxy with TLS before "
            "it, unless that network is the servers' own.",
        )


def _clock(date: str) -> Iterator[Flaw]:
    ahead_s = parsedate_to_datetime(date).timestamp() - time.time() if date else 0.0
    if abs(ahead_s) > CLOCK_S:
        yield clocks_apart("the Prefect server", ahead_s)


def _online(client: Any) -> int:
    """Counts the workers of the pool that are there; none where there is no pool yet."""
    import httpx

    try:
        workers = client._client.post(f"/work_pools/{_POOL}/workers/filter", json={})
    except httpx.HTTPStatusError as error:
        if error.response.status_code == httpx.codes.NOT_FOUND:
            return 0
        raise
    return sum(worker.get("status") == "ONLINE" for worker in workers.json())


def _records(server: Mapping[str, Any], workers: int) -> Iterator[Flaw]:
    """Says that a server is made for one machine.

    It shows nobody its database. But one on SQLite has its messages in memory, and so has one whose
    second API server or services would hear of nothing.
    """
    broker = str(server.get("events", {}).get("messaging_broker", ""))
    if broker.endswith(".memory") and (settings().several_machines or workers > 1):
        yield Flaw(
            "error",
            "server",
            "The Prefect server keeps its messages in memory, as one on SQLite does: it falls "
            "behind with several workers, stops with its machine, and a second API server or "
            "services apart hear of no event, so that crashed batches do not go on. Give it "
            "PostgreSQL (PREFECT_SERVER_DATABASE_CONNECTION_URL) and prefect-redis "
            "(PREFECT_MESSAGING_BROKER and PREFECT_MESSAGING_CACHE=prefect_redis.messaging).",
        )
    if workers > 1 and not settings().several_machines:
        yield Flaw(
            "error",
            "machines",
            f"{workers} workers are at work and this machine takes it that it is the only one: set "
            "PRESSRUN_MACHINES=several with PRESSRUN_LEDGER_URL on PostgreSQL, on all of them.",
        )


def _folder(workers: int) -> Iterator[Flaw]:
    from prefect.variables import Variable

    from pressrun.batches.defaults import VARIABLE, BatchDefaults
    from pressrun.batches.machine import is_bound

    told = settings()
    if not (told.several_machines or workers > 1) or not is_bound(str(told.output)):
        return
    if not BatchDefaults.read(Variable.get(VARIABLE)).store:
        yield Flaw(
            "error",
            "destination",
            f"A batch without a store of its own is delivered into {told.output} of the machine "
            "that begins it, and no other can go on with it: choose a default store at the desk "
            "(Settings), or name the folder in PRESSRUN_SHARED_FOLDERS if all have it mounted.",
        )


def _names(client: Any, slug: str) -> list[str]:
    from prefect.exceptions import ObjectNotFound

    try:
        found = client.read_block_documents_by_type(slug, include_secrets=False)
    except ObjectNotFound:
        return []
    return [document.name for document in found if document.name]


def _accounts(names: list[str]) -> Iterator[Flaw]:
    from pressrun.blocks import account_named

    for name in names:
        try:
            account_named(name)
        except PressrunError as error:
            yield Flaw("error", "account", f"Model account {name} cannot be used: {error}")


def _stores(names: list[str]) -> Iterator[Flaw]:
    from pressrun.batches.machine import is_bound
    from pressrun.blocks import target_named
    from pressrun.ledger import open_ledger
    from pressrun.stores.probe import check_store

    for name in names:
        try:
            target = target_named(name, "")
            # A folder of another machine: who delivers there is told by its batch.
            if is_bound(target.address) and not Path(target.address).is_dir():
                continue
            wrong = check_store(target, open_ledger().remote_ids).error
        except PressrunError as error:
            wrong = str(error)
        if wrong:
            yield Flaw("error", "store", f"Result store {name} takes no files: {wrong}")

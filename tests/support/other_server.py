"""A test's own Prefect server in place of the session's, for what this process asks."""

from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.settings.legacy import Setting
from prefect.utilities.asyncutils import run_coro_as_sync


@contextmanager
def asked(url: str, settings: Mapping[Setting, Any] | None = None) -> Iterator[None]:
    """Lets this process ask another server's API, and the one before again at the end.

    What sends events keeps the server that it began with: it begins anew at both borders.

    Args:
        url: Of the API.
        settings: Further ones of Prefect's.
    """
    run_coro_as_sync(_drain_events())
    with temporary_settings({PREFECT_API_URL: url, **(settings or {})}):
        yield
        run_coro_as_sync(_drain_events())


async def _drain_events() -> None:
    ended = EventsWorker.drain_all()
    if isinstance(ended, Coroutine):
        await ended

"""A delivered batch in a folder, with its vault kept or cleaned."""

from pathlib import Path

import pytest

from pressrun.batches.delivered import Delivered
from pressrun.settings import settings
from tests.support.batches import Deliver, opened, parameters, plan, work


@pytest.fixture
def deliver(home: Path, monkeypatch: pytest.MonkeyPatch) -> Deliver:
    """Batches of one item with three files, and three reports; questions wait for nothing."""
    monkeypatch.setattr("pressrun.stores.retry.PAUSES_S", (0.0,))

    def deliver(*, keep_vault: bool = False) -> Delivered:
        monkeypatch.setenv("PRESSRUN_KEEP_VAULT", str(keep_vault))
        settings.cache_clear()
        batch = plan(parameters(home))
        work(batch)
        return opened(batch)

    return deliver

"""PostgreSQL killed under a batch: it comes back, and nothing that was answered is paid twice."""

import threading
import time
from pathlib import Path

import pytest

from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.servers.gemini import GeminiServer
from tests.servers.postgresql import postgresql, programs
from tests.support.batches import GEMINI, KEY, account_at, delivered, parameters, plan, work

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")


def test_a_ledger_whose_server_is_killed_loses_nothing_and_pays_nothing_twice(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql() as server, GeminiServer(keys={KEY}, latency_s=0.3) as gemini:
        monkeypatch.setenv("PRESSRUN_LEDGER_URL", server.url)
        settings.cache_clear()
        open_ledger.cache_clear()
        batch = plan(parameters(home, 6, slides=3, text_variations=1, **GEMINI))
        over = threading.Event()

        def kill_now_and_then() -> None:
            for paid in (4, 12):
                while len(gemini.bill) < paid and not over.wait(0.01):
                    pass
                server.kill()
                time.sleep(2.0)
                server.start()

        killer = threading.Thread(target=kill_now_and_then)
        killer.start()
        try:
            work(batch, account_at(gemini.url), concurrency=3)
        finally:
            over.set()
            killer.join()
        assert open_ledger().batches.counts(batch.id) == {"completed": 6}
        assert len(gemini.bill) == 24
        count, cost = open_ledger().calls.totals(batch.id)
        assert count == 24
        assert cost == pytest.approx(gemini.bill_usd)
        assert "manifest.json" in delivered(batch)
        open_ledger().close()
        open_ledger.cache_clear()

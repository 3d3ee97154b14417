"""What a person is asked before something is done to a batch."""

from pathlib import Path

import pytest
from sqlalchemy import update

from pressrun.batches import control
from pressrun.desk.batches.actions import Actions
from pressrun.desk.batches.status import said
from pressrun.desk.batches.view import BatchView
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import items
from pressrun.reports.progress import read_progress
from tests.support.batches import parameters, plan


def test_posts_that_could_not_be_read_are_looked_at_again_by_a_retry(home: Path) -> None:
    batch, ledger = plan(parameters(home, shows=2)), open_ledger()
    for kind, key in (
        ("blocked", "link_001/variation_1"),
        ("not_slideshow", "link_002/variation_1"),
    ):
        failed = {"status": "failed", "error_kind": kind, "attempts": 0, "spec": '{"link": 1}'}
        with ledger.database.write() as connection:
            connection.execute(update(items).where(items.c.key == key).values(**failed))
    view = BatchView(batch, read_progress(ledger, batch), said(batch, None))
    server = PrefectServer("http://127.0.0.1:1/api", "")
    question = Actions(lambda: ledger, server).question("retry", view)
    assert question.title == "Retry 1 item?"
    assert any(words.startswith("Looked at again first") for words in question.told)
    assert any(words.startswith("Left out: 1 item") for words in question.told)


def test_a_cap_is_raised_where_a_batch_is_resumed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, ledger = plan(parameters(home, budget_usd=0.3)), open_ledger()
    ledger.batches.mark(batch.id, status="paused")
    resumed: list[str] = []
    monkeypatch.setattr(control, "resume", lambda _, batch: resumed.append(batch.id))
    actions = Actions(lambda: ledger, PrefectServer("http://127.0.0.1:1/api", ""))
    view = BatchView(batch, read_progress(ledger, batch), said(batch, None))
    question = actions.question("resume", view)
    assert (question.cap, "raise it here" in question.told[-1]) == (0.3, True)
    for typed in ("a lot", "-1"):
        with pytest.raises(InputError):
            actions.do("resume", batch.id, typed)
    assert resumed == []
    for typed, cap in (("", 0.3), ("$1.50", 1.5), ("0", None)):
        actions.do("resume", batch.id, typed)
        assert ledger.batches.match(batch.id).budget_usd == cap
    assert len(resumed) == 3

"""A version of Gemini's API that did not know a field is not asked again by the next batch."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import BaseModel

from pressrun.calls.caller import Caller
from pressrun.calls.routes import Routes
from pressrun.engines.account import Access, Account
from pressrun.engines.base import TextRequest
from pressrun.ledger import Ledger
from pressrun.ledger.vault import Vault
from tests.servers.gemini import GeminiServer

KEY, MODEL = "AIza-good-key-0123456789", "gemini-3.8-flash"


class Word(BaseModel):
    word: str


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


def refused(server: GeminiServer, ledger: Ledger, folder: Path, version: str) -> int:
    """How many calls of a batch the server refuses."""
    account = Account((Access(KEY, base_url=server.url, api_version=version),))
    before = sum(server.rejected.values())
    with closing(Routes([MODEL], lambda: account, 1, "normal", ledger)) as routes:
        caller = Caller(ledger, Vault(folder), routes.by_model, f"{before}", "item")
        for number in range(2):
            caller.text("a", TextRequest(MODEL, f"Say {number}.", Word))
    return sum(server.rejected.values()) - before


def test_the_version_that_knows_our_fields_is_kept_for_an_account_and_what_it_chose(
    server: GeminiServer, tmp_path: Path
) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    asked = [refused(server, ledger, tmp_path, version) for version in ("v1", "v1", "v1beta")]
    assert asked == [1, 0, 0]
    ledger.close()

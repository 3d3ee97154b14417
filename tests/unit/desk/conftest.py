"""A desk over a real ledger, asked without a port; Prefect's server is away."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import SignIns
from pressrun.errors import LedgerError
from pressrun.ledger import Ledger, open_ledger

ADDRESS = "http://127.0.0.1:4300"
LOGIN, LINK = "pressrun:a-long-password", "a-word-that-signs-in-once"


@dataclass
class Asked:
    """A desk as a browser asks it.

    Attributes:
        now: Of the desk's clock, in seconds.
        trouble: What the ledger says in place of an answer.
    """

    now: float = 1000.0
    trouble: LedgerError | None = None
    client: TestClient = field(init=False)

    def ledger(self) -> Ledger:
        if self.trouble:
            raise self.trouble
        return open_ledger()

    def post(self, path: str, **fields: str) -> int:
        """Sends a form of the desk's own page; returns the status."""
        sent = self.client.post(
            path, data=fields, headers={"Origin": ADDRESS}, follow_redirects=False
        )
        return sent.status_code

    def page(self, path: str) -> str:
        """Opens a page that is there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text


@pytest.fixture
def outside(home: object) -> Iterator[Asked]:
    """The desk, and nobody is signed in."""
    asked = Asked()
    desk = Desk(
        asked.ledger,
        PrefectServer("http://127.0.0.1:1/api", LOGIN),
        Door(SignIns(LOGIN, LINK, lambda: asked.now)),
        Names.of("", ADDRESS),
    )
    with TestClient(create_app(desk), base_url=ADDRESS) as asked.client:
        yield asked


@pytest.fixture
def desk(outside: Asked) -> Asked:
    """The desk for somebody who is signed in."""
    assert outside.post("/sign-in", password="a-long-password") == 303
    return outside

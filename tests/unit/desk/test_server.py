"""Prefect's server as the desk asks it, where it takes the question and says nothing."""

import socket
import threading
from collections.abc import Iterator

import pytest

from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.server import PrefectServer


class Silent:
    """A server that accepts and never answers; it counts who came."""

    def __init__(self) -> None:
        self.came = list[socket.socket]()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/api"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.came.append(self._listening.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listening.close()
        for one in self.came:
            one.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def test_a_server_that_keeps_one_page_waiting_keeps_no_other_and_what_is_done_is_tried(
    silent: Silent,
) -> None:
    server = PrefectServer(silent.url)
    with pytest.raises(ServerAway, match="does not answer"):
        server.ask("GET", "/health", patience_s=0.3)
    came = len(silent.came)
    for _ in range(50):  # a list of fifty batches
        with pytest.raises(ServerAway, match="does not answer"):
            server.state("a-run")
    assert len(silent.came) == came
    with pytest.raises(ServerAway):
        server.ask("POST", "/flow_runs/a-run/resume", {}, 3.1)  # a person waits for longer
    assert len(silent.came) == came + 1
    server.close()

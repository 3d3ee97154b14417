"""A chat's webhook on this machine: keeps what it is sent, refuses or hangs as it is told."""

import json
import threading
from collections import deque
from typing import Any, Self

from tests.servers.gemini_http import Answer, HttpServer, Received
from tests.servers.life import Served


class WebhookServer(Served):
    """A webhook on a port of its own, started by ``with``.

    Attributes:
        received: Every request's JSON, also of those that were refused.
    """

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self._faults: deque[int] = deque()
        self._ended = threading.Event()
        self._http = HttpServer(self._answer, 0)

    @property
    def url(self) -> str:
        """Where messages are posted; its path is the secret."""
        return f"{self._http.url}/services/T0/B0/very-secret-path"

    def refuse(self, status: int, times: int = 1) -> None:
        """Answers the next requests with that status; 0 never answers them."""
        self._faults.extend([status] * times)

    def forget(self) -> None:
        """Is as it was at the start."""
        self.received.clear()
        self._faults.clear()

    def start(self) -> Self:
        """Begins to serve; returns itself."""
        self._http.start()
        return self

    def stop(self) -> None:
        """Ends it, and every connection."""
        self._ended.set()
        self._http.stop()

    def _answer(self, received: Received) -> Answer:
        self.received.append(json.loads(received.body))
        status = self._faults.popleft() if self._faults else 200
        if status == 0:
            self._ended.wait()
            return Answer.nothing()
        return Answer(b"ok", status)

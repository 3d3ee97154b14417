"""What the small local providers share: a port, faults as told, what was asked and what it costs.

It knows no provider's protocol: a server answers requests and says what its faults look like.
"""

import io
import threading
from abc import abstractmethod
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from PIL import Image

from tests.servers.gemini_http import Answer, HttpServer, Received
from tests.servers.life import Served


@dataclass(frozen=True)
class Billed:
    """One picture that was drawn, and what it costs."""

    model: str
    usd: Decimal


class ProviderServer(Served):
    """A provider on a port of this machine, started by ``with``.

    Attributes:
        calls: How many requests for a picture came, those too that got no answer.
        asked: The fields of every request for a picture, whatever came of it.
        bill: The pictures that were drawn, whether or not they arrived.
        latency_s: How long an answer with a picture takes.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.asked: list[dict[str, Any]] = []
        self.bill: list[Billed] = []
        self.latency_s = 0.0
        self._faults: deque[tuple[str, float | None]] = deque()
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._http = HttpServer(self._answer, 0)

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return self._http.url

    @property
    def bill_usd(self) -> Decimal:
        """The sum of the bill."""
        return sum((billed.usd for billed in self.bill), Decimal(0))

    def fail(self, kind: str, times: int = 1, retry_after_s: float | None = None) -> None:
        """Lets the next requests for pictures fail.

        Args:
            kind: ``hang``, a delivery of :class:`Answer` (``nothing``, ``hang_up``, ``bad_body``,
                ``trickle``), or one that the server itself knows.
            times: How many.
            retry_after_s: Sent as ``Retry-After``, if it is given.
        """
        self._faults.extend([(kind, retry_after_s)] * times)

    def reset(self) -> None:
        """Forgets faults, requests and the bill."""
        with self._lock:
            self.calls = 0
            self._faults.clear()
            self.asked.clear()
            self.bill.clear()

    @abstractmethod
    def answer(self, received: Received, fault: str) -> Answer:
        """The answer to a request; ``fault`` is empty, or of the server's own kinds."""

    @abstractmethod
    def draws(self, received: Received) -> bool:
        """Whether a request asks for a picture; others have no faults."""

    def charge(self, model: str, usd: Decimal) -> None:
        """Writes a picture on the bill."""
        with self._lock:
            self.bill.append(Billed(model, usd))

    def start(self) -> Self:
        """Begins to serve; returns itself."""
        self._http.start()
        return self

    def stop(self) -> None:
        """Ends it, and every connection."""
        self._ended.set()
        self._http.stop()

    def _answer(self, received: Received) -> Answer:
        kind, retry_after_s = "", None
        if self.draws(received):
            with self._lock:
                self.calls += 1
                kind, retry_after_s = self._faults.popleft() if self._faults else ("", None)
        if kind == "hang":
            self._ended.wait()
            return Answer.nothing()
        if self.draws(received):
            self._ended.wait(self.latency_s)
        answer = self.answer(received, kind)
        headers = answer.headers
        if retry_after_s is not None:
            headers = (*headers, ("Retry-After", f"{retry_after_s:g}"))
        return Answer(answer.body, answer.status, headers, delivery=kind)


def drawn(width: int, height: int, colour: str = "teal") -> bytes:
    """A PNG of that size."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG", compress_level=1)
    return out.getvalue()

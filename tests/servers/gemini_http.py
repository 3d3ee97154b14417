"""HTTP/1.1 for the local Gemini: keep-alive, a thread a connection, and bad manners on request.

Hundreds of waiting connections cost a sleeping thread each. Knows nothing of Gemini but the
header its key comes in.
"""

import contextlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.servers import HOST

_STOP_S = 5.0


@dataclass(frozen=True)
class Received:
    """A request: method, path without query, API key, body; header names are in lower case."""

    method: str
    path: str
    key: str
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A response, and how it is to be delivered.

    ``delivery`` is one of: ``""`` (whole), ``nothing`` (hang up at once), ``hang_up`` (in the
    middle of the body), ``trickle`` (a byte at a time, for ever), ``bad_body`` (broken JSON);
    any other word is whole.
    """

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delivery: str = ""

    @classmethod
    def of(
        cls,
        body: Any,
        *,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
        delivery: str = "",
    ) -> Self:
        """A JSON response."""
        return cls(json.dumps(body).encode(), status, headers, delivery)

    @classmethod
    def nothing(cls) -> Self:
        """No response: the connection ends."""
        return cls(b"", delivery="nothing")


class HttpServer:
    """Serves ``answer`` on ``HOST`` until it is stopped."""

    def __init__(self, answer: Callable[[Received], Answer], port: int):
        self._stopping = threading.Event()
        self._listener = _Listener((HOST, port), _Handler, answer, self._stopping)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://{HOST}:{self._listener.server_address[1]}"

    def start(self) -> None:
        """Begins to accept connections."""
        serve = self._listener.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.01,), name="gemini", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends every connection and waits for its thread."""
        self._stopping.set()
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
        self._listener.server_close()
        self._listener.hang_up()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # hundreds of clients connect in the same moment

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        answer: Callable[[Received], Answer],
        stopping: threading.Event,
    ):
        self.answer = answer
        self.stopping = stopping
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that time out hang up on us: no news. All else is a fault of the server."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """Wakes the threads that wait for a request, and waits till all are gone."""
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=_STOP_S)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one packet
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        pass

    def _handle(self) -> None:
        answer = self.server.answer(self._received())
        if answer.delivery == "nothing" or self.server.stopping.is_set():
            self.close_connection = True
            return
        self._send(answer)

    def _received(self) -> Received:
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        headers = {name.lower(): value for name, value in self.headers.items()}
        key = headers.get("x-goog-api-key") or query.get("key", "")
        body = self.rfile.read(int(headers.get("content-length") or 0))
        return Received(self.command, address.path, key, body, query, headers)

    def _send(self, answer: Answer) -> None:
        body = (
            answer.body[: len(answer.body) // 2] if answer.delivery == "bad_body" else answer.body
        )
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if answer.delivery == "hang_up":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif answer.delivery == "trickle":
            self._trickle(body)
        else:
            self.wfile.write(body)

    def _trickle(self, body: bytes) -> None:
        self.close_connection = True
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.stopping.wait(0.05):
                return

"""HTTP for the local Drive: all methods, query strings, and uploads that are cut short.

Stands on the listener of the local Gemini. Knows nothing of Drive but that a request may be
refused a reading of its whole body.
"""

import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from tests.servers.gemini_http import Answer, HttpServer, Received, _Handler, _Listener


@dataclass(frozen=True)
class Request(Received):
    """A request with its query and headers; header names are in lower case."""

    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class DriveHttpServer(HttpServer):
    """Serves ``answer`` on 127.0.0.1.

    Args:
        answer: Gives the response to a request.
        cuts: Asked with the head of a request, before its body is read; true resets it midway.
        port: 0 takes a free one.
    """

    def __init__(
        self,
        answer: Callable[[Request], Answer],
        cuts: Callable[[Request], bool],
        port: int,
    ):
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        plain = cast("Callable[[Received], Answer]", answer)
        handler = type("DriveHandler", (_DriveHandler,), {"cuts": staticmethod(cuts)})
        self._listener = _Listener(("127.0.0.1", port), handler, plain, self._stopping)


class _DriveHandler(_Handler):
    cuts: Callable[[Request], bool]

    def do_PUT(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        if self.cuts(self._head()):
            self._reset()
            return
        super()._handle()

    def _head(self, body: bytes = b"") -> Request:
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        method = self.command
        if headers.get("x-http-method-override"):
            # A query too long for an address comes as a form.
            method = headers["x-http-method-override"].upper()
            query |= dict(parse_qsl(body.decode(), keep_blank_values=True))
        return Request(method, address.path, "", body, query, headers)

    def _received(self) -> Request:
        body = self.rfile.read(self._length())
        if len(body) < self._length():
            raise ConnectionResetError("The client died amid its request.")
        return self._head(body)

    def _length(self) -> int:
        return int(self.headers.get("Content-Length") or 0)

    def _reset(self) -> None:
        self.rfile.read(self._length() // 2)
        linger = struct.pack("ii", 1, 0)  # so that closing is a reset, with no end before it
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        socket.close(self.connection.detach())
        self.close_connection = True

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers: dict[str, Any] = {"Content-Type": "application/json; charset=UTF-8"}
        if answer.status != 204:  # such an answer has no body by definition
            headers["Content-Length"] = str(len(answer.body))
        for name, value in (headers | dict(answer.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

"""A server that answers with given bytes, whatever they are, and counts the requests.

It speaks HTTP only as far as it reads a request whole; what it answers may be HTTP or not. Knows
nothing of Pressrun.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.servers.listening import Listening


@dataclass(frozen=True)
class Request:
    """A request as it came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        status: Of HTTP.
        headers: In their order; a length is added if none is among them.
        body: What follows them.
        sent: How much of the whole is sent, from 0 (it hangs up at once) to 1.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    sent: float = 1.0

    def raw(self, method: str) -> bytes:
        """As it goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{k}: {v}" for k, v in self.headers)]
        if not {"content-length", "transfer-encoding"} & {k.lower() for k, _ in self.headers}:
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1", "replace")
        whole = head + (b"" if method == "HEAD" else self.body)
        return whole[: round(len(whole) * self.sent)]


@dataclass
class RawAnswers(Listening):
    """The server; ``answer`` may be changed at any time.

    Attributes:
        answer: What it says to a request: an answer, or bytes of any other protocol.
        seen: The requests so far.
    """

    answer: Callable[[Request], Answer | bytes]
    seen: list[Request] = field(default_factory=list)

    def _say(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        request = _read(connection)
        if request is None:
            return
        self.seen.append(request)
        answer = self.answer(request)
        raw = answer.raw(request.method) if isinstance(answer, Answer) else answer
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)


def _read(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := connection.recv(65536)):
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, *_ = [*first.split(" "), ""]
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    if "100-continue" in headers.get("expect", ""):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = int(headers.get("content-length", 0))
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return Request(method, path, headers, body)

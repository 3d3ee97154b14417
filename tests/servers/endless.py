"""A server whose answers never end. Knows nothing of Pressrun."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat

from tests.servers.listening import Listening

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_PAUSE_S = 0.05


def _slowly(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        time.sleep(_PAUSE_S)


def _letters(start: bytes) -> Iterator[bytes]:
    yield start
    yield from _slowly(repeat(b"a"))


def _interim(status: bytes) -> bytes:
    return b"HTTP/1.1 %s Wait\r\nLink: </a.css>\r\n\r\n" % status


#: What it says to everybody, by a name.
ANSWERS: dict[str, Callable[[], Iterator[bytes]]] = {
    "100 as fast as it can": lambda: repeat(_interim(b"100") * 1000),
    "103 as fast as it can": lambda: repeat(_interim(b"103") * 1000),
    "100 now and then": lambda: _slowly(repeat(_interim(b"100"))),
    "103 now and then": lambda: _slowly(repeat(_interim(b"103"))),
    "a head letter by letter": lambda: _letters(_OK + b"X-A: "),
    "a status line letter by letter": lambda: _letters(b"HTTP/1.1 200 O"),
    "a header without end": lambda: _then(_OK + b"X-A: ", b"a" * 65_536),
    "headers without end": lambda: _then(_OK, b"X-A: a\r\n" * 8_000),
    "a body letter by letter": lambda: _letters(_OK + b"\r\n"),
    "a body of chunks letter by letter": lambda: _chunks(b"1\r\na\r\n"),
    "a body without end": lambda: _then(_OK + b"\r\n", b"a" * 65_536),
}


def _then(start: bytes, piece: bytes) -> Iterator[bytes]:
    yield start
    yield from repeat(piece)


def _chunks(chunk: bytes) -> Iterator[bytes]:
    yield _OK + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from _slowly(repeat(chunk))


@dataclass
class EndlessServer(Listening):
    """Says the same to everybody until they hang up.

    Attributes:
        answer: Gives the pieces, anew for each connection.
        served: How many connections have got some.
    """

    answer: Callable[[], Iterator[bytes]]
    served: int = 0

    def _say(self, connection: socket.socket) -> None:
        connection.recv(65_536)
        self.served += 1
        for piece in self.answer():
            connection.sendall(piece)

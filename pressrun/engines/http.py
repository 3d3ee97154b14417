"""The HTTP client under the Gemini and OpenAI engines: a connection a thread, a deadline, a size.

httpx's timeouts bound the wait for each read, so an answer that trickles never times out, and
nothing bounds its size, nor the number of interim answers (1xx) before it. Here the time limit is
for the whole answer, and an answer that is larger than any picture raises. Imported with the SDK
and not before, since that takes time.
"""

import math
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpcore2
import httpx2

from pressrun.boundary.answers import MOST_HEAD_BYTES
from pressrun.engines.connections import disconnected, timed_out
from pressrun.engines.replies import MAX_REFUSAL_BYTES, MAX_REPLY_BYTES, oversized
from pressrun.errors import EngineError

_DEADLINE = "pressrun.deadline"


class AnswerTooLarge(httpx2.ReadError):
    """An answer with more bytes than any answer may have."""


def no_answer(whose: str, error: BaseException, timeout_s: float) -> EngineError:
    """Makes the error of an answer that did not come, or was not read to its end.

    Args:
        whose: Who was asked.
        error: As httpx raised it.
        timeout_s: The time allowed.
    """
    if isinstance(error, AnswerTooLarge):
        return oversized(whose)
    if isinstance(error, httpx2.TimeoutException):
        return timed_out(whose, timeout_s)
    return disconnected(whose, error, "the base URL")


def open_client(connections: int, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """Makes a client for one engine; the SDK sets each request's timeout.

    Redirects are not followed: the API has none, and the key's header would be sent along.

    Args:
        connections: Most of them at once.
        transport: In place of the network.
    """
    return httpx2.Client(
        transport=transport,
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        event_hooks={"request": [_set_deadline], "response": [_bound]},
    )


class _BoundedStream(httpx2.SyncByteStream):
    """A response's body, unpacked, that raises once its deadline has passed or it is too large.

    It is unpacked here, since a thousand packed bytes may hold a million. A refusal is cut off
    where it is too large: its status says what it means, and its first words are enough.

    A silent server is still ended by the read timeout, so the longest wait of all is twice the
    timeout: headers at the last moment, then silence.
    """

    def __init__(self, response: httpx2.Response, stream: httpx2.SyncByteStream):
        self._request, self._refused = response.request, not response.is_success
        self._deadline = self._request.extensions.get(_DEADLINE, math.inf)
        packing = response.headers.pop("content-encoding", "")
        self._unpacked = httpx2.Response(
            200, headers={"content-encoding": packing}, stream=stream, request=self._request
        )

    def __iter__(self) -> Iterator[bytes]:
        left = MAX_REFUSAL_BYTES if self._refused else MAX_REPLY_BYTES
        for piece in self._unpacked.iter_bytes():
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the answer is not complete", request=self._request)
            yield piece[:left]
            left -= len(piece)
            if left < 0 and self._refused:
                return
            if left < 0:
                raise AnswerTooLarge("the answer is too large", request=self._request)

    def close(self) -> None:
        self._unpacked.close()


class _Head(threading.local):
    """The head that this thread waits for: httpx reads an answer in the thread that asks.

    Attributes:
        deadline: On the monotonic clock; None while there is none to wait for.
        left: Bytes that it may still have.
    """

    deadline: float | None = None
    left = 0


_head = _Head()


def _set_deadline(request: httpx2.Request) -> None:
    timeout_s = request.extensions.get("timeout", {}).get("read")
    if timeout_s is not None:
        request.extensions[_DEADLINE] = time.monotonic() + timeout_s
    request.extensions["trace"] = _follow


def _follow(event: str, info: Mapping[str, Any]) -> None:
    """Follows the client's events: which head is read, and by which connection."""
    _, _, step = event.partition(".")
    if step == "receive_response_headers.started":
        _head.deadline = info["request"].extensions.get(_DEADLINE, math.inf)
        _head.left = MOST_HEAD_BYTES
    elif step.startswith("receive_response_headers."):
        _head.deadline = None
    elif step in ("connect_tcp.complete", "start_tls.complete"):
        _bound_heads(info["return_value"])


def _bound_heads(stream: Any) -> None:
    """Ends a head that is late or too long; the thread sleeps meanwhile."""
    read = stream.read

    def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
        if _head.deadline is None:
            body: bytes = read(max_bytes, timeout)
            return body
        left_s = _head.deadline - time.monotonic()
        if left_s <= 0:
            raise httpcore2.ReadTimeout("the answer does not begin in time")
        data: bytes = read(max_bytes, left_s if timeout is None else min(timeout, left_s))
        _head.left -= len(data)
        if _head.left < 0:
            raise httpcore2.RemoteProtocolError("its answer does not begin")
        return data

    stream.read = bounded


def _bound(response: httpx2.Response) -> None:
    if isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _BoundedStream(response, response.stream)

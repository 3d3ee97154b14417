"""Bounds for answers of HTTP servers: HTTP clients wait for each piece alone, and without an end.

HTTP allows any number of interim answers (1xx) before the answer, and clients read them all. Their
timeout is for each wait for bytes, so a server that sends one letter now and then is never late.
Here the waits are added up, and the bytes of a head are counted; the thread sleeps meanwhile.

For the clients that are built on Python's ``http.client``: boto3 and Google's sign-in (by urllib3),
and Google's Drive (by httplib2). Those on httpcore share the figures. Imports none of them by
itself.
"""

import http.client
import io
import time
from functools import partial
from typing import Any

#: Of all interim answers and the answer's head together. The longest head that httpcore takes has
#: 100 KiB; what is read with it of the body counts too.
MOST_HEAD_BYTES = 192 * 1024
#: A body that comes slower than this on the whole, in bytes a second, is late.
SLOWEST_BODY = 1024.0
#: Most of a token with what is said of it, packed or not.
_MOST_SIGN_IN_BYTES = 64 * 1024


class AnswerRefused(http.client.HTTPException):
    """An answer that has no end, as far as can be told, or is none."""


class _Bounds:
    """What one answer may still take of a connection: waiting, and bytes.

    Args:
        most_bytes: Most of an answer.
    """

    def __init__(self, most_bytes: float) -> None:
        self._most_body = most_bytes
        self.begin()

    def begin(self) -> None:
        """Expects the next answer."""
        self._in_head, self._most = True, float(MOST_HEAD_BYTES)
        self._waited_s, self._read = 0.0, 0

    def finish_head(self) -> None:
        """Lets the body come, which may take longer the more has come of it."""
        self._in_head, self._most = False, self._most_body
        self._waited_s, self._read = 0.0, 0

    def read(self, raw: Any, sock: Any, buffer: Any) -> Any:
        """Reads once into the buffer, for no longer than is left.

        Raises:
            TimeoutError: The answer is late.
            AnswerRefused: It is longer than any.
        """
        timeout_s = sock.gettimeout()
        if timeout_s is None:
            count = raw.readinto(buffer)
        else:
            more_s = 0.0 if self._in_head else self._read / SLOWEST_BODY
            left_s = timeout_s + more_s - self._waited_s
            if left_s <= 0:
                raise TimeoutError("the answer is not complete in time")
            began = time.monotonic()
            sock.settimeout(min(timeout_s, left_s))
            try:
                count = raw.readinto(buffer)
            finally:
                self._waited_s += time.monotonic() - began
                sock.settimeout(timeout_s)
        self._read += count or 0
        if self._read > self._most:
            what = "does not begin" if self._in_head else "does not end"
            raise AnswerRefused(f"its answer {what}")
        return count


class _Reader(io.RawIOBase):
    """A socket's bytes, within bounds."""

    def __init__(self, sock: Any, bounds: _Bounds) -> None:
        self._sock, self._raw, self._bounds = sock, sock.makefile("rb", 0), bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        try:
            return self._bounds.read(self._raw, self._sock, buffer)
        except BaseException:
            self._raw.close()  # nothing more can be read; some clients leave that to the collector
            raise

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _BoundedSocket:
    """A socket of which answers are read within bounds; in all else it is the socket."""

    def __init__(self, sock: Any, bounds: _Bounds) -> None:
        self._sock, self._bounds = sock, bounds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, mode: str = "r", buffering: int | None = None) -> Any:
        if mode != "rb":
            return self._sock.makefile(mode, buffering)
        reader = _Reader(self._sock, self._bounds)
        return reader if buffering == 0 else io.BufferedReader(reader)


class _Answer(http.client.HTTPResponse):
    """An answer that every interim answer may precede; Python's own waits after 100 alone."""

    def begin(self) -> None:
        super().begin()
        while _is_interim(self.status):
            self.headers = None  # type: ignore[assignment]  # as before it began
            super().begin()


class BoundedAnswers:
    """Mixed into a connection of ``http.client``: bounds each answer.

    The time for a head is the connection's timeout; its waits are added up, in seconds. A body has
    as long, and longer by a second for each :data:`SLOWEST_BODY` bytes that have come.

    Attributes:
        most_bytes: Most of a body; unlimited where whoever reads it counts.
    """

    response_class = _Answer
    most_bytes: float = float("inf")
    sock: Any
    _bounds: _Bounds | None = None

    def connect(self) -> None:
        """Connects, and bounds what is read from the socket."""
        super().connect()  # type: ignore[misc]  # of the connection that this is mixed into
        self._bounds = _Bounds(self.most_bytes)
        self.sock = _BoundedSocket(self.sock, self._bounds)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        """Begins a request, and so the wait for an answer."""
        if self._bounds:
            self._bounds.begin()
        super().putrequest(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self) -> Any:
        """Reads an answer's head.

        Raises:
            AnswerRefused: It is none, or does not begin.
        """
        response = super().getresponse()  # type: ignore[misc]
        if _is_interim(response.status):  # boto3 has looked at it before
            raise AnswerRefused(f"it has an interim answer alone ({response.status})")
        if self._bounds:
            self._bounds.finish_head()
        return response


def bound_aws_client(client: Any) -> None:
    """Bounds the answers that a boto3 client reads, before its first request."""
    from botocore import awsrequest  # noqa: PLC0415 - loaded with the client

    session = client._endpoint.http_session
    session._pool_classes_by_scheme = session._manager.pool_classes_by_scheme = {
        "http": _bounded_pool(awsrequest.AWSHTTPConnectionPool, awsrequest.AWSHTTPConnection),
        "https": _bounded_pool(awsrequest.AWSHTTPSConnectionPool, awsrequest.AWSHTTPSConnection),
    }


def bound_google_sign_in(credentials: Any, timeout_s: float = 20.0) -> None:
    """Bounds the answers from which credentials of google-auth take their tokens.

    Google's SDK brings a client of its own for that, whatever it was given.

    Args:
        credentials: Of google-auth.
        timeout_s: For an answer's head, and again for its body.
    """
    from google.auth.transport.requests import Request  # noqa: PLC0415 - loaded with the SDK

    refresh, ask = credentials.refresh, Request(session=_bounded_session())
    credentials.refresh = lambda _request: refresh(partial(ask, timeout=timeout_s))


def _bounded_session() -> Any:
    from requests import Session  # noqa: PLC0415 - loaded with the SDK
    from requests.adapters import HTTPAdapter  # noqa: PLC0415
    from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: PLC0415
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool  # noqa: PLC0415

    pools = {
        "http": _bounded_pool(HTTPConnectionPool, HTTPConnection, _MOST_SIGN_IN_BYTES),
        "https": _bounded_pool(HTTPSConnectionPool, HTTPSConnection, _MOST_SIGN_IN_BYTES),
    }

    class Bounded(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = pools
            return manager

    session = Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Bounded(max_retries=0))
    return session


def _bounded_pool(pool: type, connection: type, most_bytes: float = float("inf")) -> type:
    told = {"most_bytes": most_bytes}
    bounded = type(connection.__name__, (BoundedAnswers, connection), told)
    return type(pool.__name__, (pool,), {"ConnectionCls": bounded})


def _is_interim(status: int) -> bool:
    return 100 <= status < 200 and status != http.client.SWITCHING_PROTOCOLS

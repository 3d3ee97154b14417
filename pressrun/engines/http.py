"""The HTTP client under the Gemini and OpenAI engines: a connection a thread, and a deadline.

httpx's timeouts bound the wait for each read, so an answer that trickles never times out.
Here the time limit is for the whole answer: a body that is not complete by then raises. Imported
with the SDK and not before, since that takes time.
"""

import time
from collections.abc import Iterator

import httpx2

_DEADLINE = "pressrun.deadline"


def open_client(connections: int) -> httpx2.Client:
    """Makes a client for one engine; the SDK sets each request's timeout.

    Redirects are not followed: the API has none, and the key's header would be sent along.
    """
    return httpx2.Client(
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        event_hooks={"request": [_set_deadline], "response": [_hold_to_deadline]},
    )


class _BoundedStream(httpx2.SyncByteStream):
    """A response's body that raises once its deadline has passed.

    A silent server is still ended by the read timeout, so the longest wait of all is twice the
    timeout: headers at the last moment, then silence.
    """

    def __init__(self, stream: httpx2.SyncByteStream, request: httpx2.Request, deadline: float):
        self._stream = stream
        self._request = request
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the answer is not complete", request=self._request)
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _set_deadline(request: httpx2.Request) -> None:
    timeout_s = request.extensions.get("timeout", {}).get("read")
    if timeout_s is not None:
        request.extensions[_DEADLINE] = time.monotonic() + timeout_s


def _hold_to_deadline(response: httpx2.Response) -> None:
    deadline = response.request.extensions.get(_DEADLINE)
    if deadline is not None and isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _BoundedStream(response.stream, response.request, deadline)

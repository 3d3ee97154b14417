"""An end to a download as a whole, whichever step it hangs in. Knows nothing of what is fetched."""

import threading
from contextlib import suppress
from socket import SHUT_RDWR, socket
from typing import Any, Self


class Deadline:
    """Hangs up when a download as a whole takes too long.

    The client's own timeouts count from the last byte: a server that sends one byte every
    second is never late for them, in its headers no less than in its body.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._sockets: list[socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for connection in self._sockets:
            connection.close()

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Follows the client's events and keeps a handle on every connection it opens."""
        if event == "connection.connect_tcp.complete":
            # A duplicate, since TLS takes the original over; shutting down either ends both.
            self._sockets.append(info["return_value"].get_extra_info("socket").dup())
            if self.passed:
                self._end()

    def _end(self) -> None:
        self.passed = True
        for connection in tuple(self._sockets):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)

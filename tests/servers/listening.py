"""A TCP server of raw bytes on loopback: a thread for each connection."""

import socket
import threading
from abc import abstractmethod
from contextlib import suppress
from typing import Self

from tests.servers.life import Served


class Listening(Served):
    """Listens while it is open; what is said on a connection is for its kinds to say."""

    _listener: socket.socket

    def start(self) -> Self:
        """Begins to listen on a free port of 127.0.0.1."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def stop(self) -> None:
        """Listens no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @abstractmethod
    def _say(self, connection: socket.socket) -> None:
        """Serves one connection, which is closed afterwards."""

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._say(connection)

"""An address of this machine to which Google sends a person back, for programs without a page."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from pressrun.stores.drive.consent import ConsentRefused

_SEEN = b"Pressrun has the answer. You can close this page.\n"
_OTHER = b"Nothing is awaited here.\n"


class Loopback:
    """Listens on a free port of 127.0.0.1 until the answer of one sign-in comes.

    Whatever else asks there, such as a page that tries ports, is told nothing and ends nothing.
    """

    def __init__(self) -> None:
        self._came = threading.Event()
        self._answer: dict[str, str] = {}
        self._state = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where Google sends the person back to."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def wait(self, state: str, patience_s: float) -> dict[str, str]:
        """Waits for the answer that carries this state; gives its fields.

        Raises:
            ConsentRefused: None came in that time.
        """
        self._state = state
        if not self._came.wait(patience_s):
            raise ConsentRefused(
                f"Nobody answered on Google's page within {patience_s / 60:.0f} minutes. Begin the "
                "connection again. The browser has to run on this machine."
            )
        return self._answer

    def _take(self, target: str) -> bool:
        fields = dict(parse_qsl(urlsplit(target).query))
        if not self._state or fields.get("state") != self._state:
            return False
        if not self._came.is_set():
            self._answer = fields
            self._came.set()
        return True


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class _Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            ours = loopback._take(self.path)
            body = _SEEN if ours else _OTHER
            self.send_response(200 if ours else 404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing: the address has the code in it."""

    return _Handler

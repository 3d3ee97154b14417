"""A CONNECT proxy that answers for the hosts it knows, with certificates of its own authority.

A client that is given the proxy and the authority's certificate believes that it talks to the
real hosts. Hosts that it does not know are refused with 502. Nothing ever leaves the machine.
"""

import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trustme


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked one of the hosts. Header names are in lower case."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the host says to it."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class InterceptingProxy:
    """Serves ``hosts`` through a proxy on loopback, from ``__enter__`` to ``__exit__``."""

    def __init__(
        self, hosts: tuple[str, ...], answer: Callable[[Request], Reply], port: int = 0
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="proxy-ca-")
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*hosts).configure_cert(self.tls)
        self.hosts, self.answer = frozenset(hosts), answer
        self.asked_for: list[str] = []
        self._server = _Server(("127.0.0.1", port), _Proxy, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """What clients set as their proxy."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

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
        self._folder.cleanup()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Threads may sit in a kept-alive connection; nobody waits for them.
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: Any, proxy: InterceptingProxy) -> None:
        super().__init__(address, handler)
        self.proxy = proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: clients under test hang up as they like."""


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        pass


class _Proxy(_Quiet):
    def do_CONNECT(self) -> None:
        proxy = self.server.proxy
        host = self.path.rpartition(":")[0].lower()
        proxy.asked_for.append(host)
        self.close_connection = True
        if host not in proxy.hosts:
            self.send_error(502, "No such host here")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        try:
            with proxy.tls.wrap_socket(self.connection, server_side=True) as tls:
                tls.settimeout(30)
                _Host(tls, self.client_address, self.server)
        except (OSError, ValueError):
            # The client hung up, or does not trust the certificate.
            return


class _Host(_Quiet):
    def _serve(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0].lower()
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.proxy.answer(Request(self.command, host, self.path, headers))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

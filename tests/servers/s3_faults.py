"""A reverse proxy that spoils the conversation with an S3 service as it is told to.

Which request a fault strikes, and what it does. It keeps the Host header, so that signatures
hold, and reads every request whole before it passes it on.
"""

import contextlib
import json
import random
import socket
import struct
import sys
import threading
import time
from base64 import b64encode
from dataclasses import asdict, dataclass, field
from hashlib import md5, sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

#: Status, code and words as S3 has them, for kinds that are named like the code.
ANSWERS = {
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "SlowDown": (503, "Please reduce your request rate."),
    "TooManyRequests": (429, "You have reached the limit of requests."),
    "BadDigest": (400, "The SHA-256 you specified did not match the calculated checksum."),
    "ServiceUnavailable": (503, "Service is unable to handle request."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "AuthorizationHeaderMalformed": (400, "The region 'us-east-1' is wrong; expecting 'eu-west-1'"),
    "InvalidAccessKeyId": (403, "The AWS Access Key Id you provided does not exist."),
    "SignatureDoesNotMatch": (403, "The request signature we calculated does not match."),
    "RequestTimeTooSkewed": (403, "The difference between the request time and ours is too large."),
    "AccessDenied": (403, "User is not authorized to perform this action"),
    "ExpiredToken": (400, "The provided token has expired."),
    "QuotaExceeded": (403, "The quota of the bucket is used up."),
    "ConditionalRequestConflict": (409, "A conflicting conditional operation is in progress."),
    "NotImplemented": (501, "A header you provided implies functionality not implemented."),
}
#: `lost_reply`: it happens, nobody is told. `reset`: nothing happens. `cut`: as `reset`, amid
#: the request's body. `truncated`: half of the answer's body. `corrupted`: a bit is stored
#: otherwise, and a service that does not notice states what it stored; `corrupted_unstated`: it
#: says nothing of it. `no_checksum`: no digest in the answer. `unconditional`: it answers 412 as
#: if it had stored the file.
CONNECTION_FAULTS = frozenset(
    {
        "lost_reply",
        "reset",
        "cut",
        "truncated",
        "corrupted",
        "corrupted_unstated",
        "no_checksum",
        "unconditional",
        "latency",
    }
)


@dataclass
class Fault:
    """One script. Every selector that is given must fit; without any, it strikes once.

    Attributes:
        kind: A key of ``ANSWERS`` or one of ``CONNECTION_FAULTS``.
        times: Strikes so many requests, then no more.
        every: Strikes every k-th request that fits the other selectors.
        probability: Strikes with this chance; repeatable through ``seed``.
        method: Strikes requests of this method.
        contains: Strikes keys that have these words.
        delay_s: The wait before the answer; all that ``latency`` does.
        retry_after_s: What Retry-After says beside an error.
    """

    kind: str
    times: int | None = None
    every: int | None = None
    probability: float | None = None
    method: str | None = None
    contains: str | None = None
    seed: int = 0
    delay_s: float = 0.0
    retry_after_s: int | None = None
    struck: int = 0
    _seen: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in {*ANSWERS, *CONNECTION_FAULTS}:
            raise ValueError(f"There is no fault called {self.kind!r}.")
        if (self.times, self.every, self.probability) == (None, None, None):
            self.times = 1
        self._random = random.Random(self.seed)

    def strikes(self, method: str, key: str) -> bool:
        """Whether this request is hit; counts it if the selectors fit."""
        if self.times is not None and self.struck >= self.times:
            return False
        if self.method not in {None, method} or (self.contains or "") not in key:
            return False
        self._seen += 1
        if self.every is not None and self._seen % self.every:
            return False
        if self.probability is not None and self._random.random() >= self.probability:
            return False
        self.struck += 1
        return True


@dataclass(frozen=True)
class Seen:
    """A request that came in: its key is the path without the query; ``fault`` struck it."""

    method: str
    key: str
    fault: str


class Script:
    """The faults and the record of one proxy; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []

    def add(self, fault: Fault) -> Fault:
        """Scripts one more; the first that strikes a request wins."""
        with self._lock:
            self.faults.append(fault)
        return fault

    def reset(self) -> None:
        """Forgets faults and requests."""
        with self._lock:
            self.faults.clear()
            self.seen.clear()

    def strike(self, method: str, key: str) -> Fault | None:
        """What befalls this request."""
        with self._lock:
            fault = next((f for f in self.faults if f.strikes(method, key)), None)
            self.seen.append(Seen(method, key, fault.kind if fault else ""))
            return fault


class FaultProxy:
    """Listens on 127.0.0.1 and passes requests on to ``upstream``.

    Args:
        upstream: Its URL.
        port: 0 takes a free one.
        gullible: The service checks no digest and repeats the one that it was told.
    """

    def __init__(self, upstream: str, port: int = 0, *, gullible: bool = False):
        self.script = Script()
        self._server = _Listener(("127.0.0.1", port), upstream, self.script, gullible=gullible)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.daemon = True

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begins to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """Ends every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], upstream: str, script: Script, *, gullible: bool):
        self.upstream = urlsplit(upstream).netloc
        self.script, self.gullible = script, gullible
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up on us are no news. All else is a fault of the proxy."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """Wakes the threads that wait for a request."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@dataclass
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one packet
    disable_nagle_algorithm = True
    server: _Listener

    def setup(self) -> None:
        super().setup()
        self._upstream = HTTPConnection(self.server.upstream, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def log_message(self, *_: Any) -> None:
        pass

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def _serve(self) -> None:
        if self.path.startswith("/_control/"):
            self._control()
            return
        fault = self.server.script.strike(self.command, unquote(urlsplit(self.path).path))
        kind = fault.kind if fault else ""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length // 2 if kind == "cut" else length)
        if fault and fault.delay_s:
            time.sleep(fault.delay_s)
        if kind in {"reset", "cut"} or len(body) < length:  # or the client died amid the upload
            self._reset()
        elif fault and kind in ANSWERS:
            self._send(_refusal(fault))
        else:
            self._pass_on(body, kind)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the base's names

    def _pass_on(self, body: bytes, kind: str) -> None:
        headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
        if kind.startswith("corrupted") and body:
            body = bytes([body[0] ^ 1]) + body[1:]
            if self.server.gullible:
                headers = _restated(body, headers)
        answer = self._ask(body, headers)
        if kind == "lost_reply":
            self.close_connection = True
            return
        if kind in {"no_checksum", "corrupted_unstated"}:
            answer.headers = [h for h in answer.headers if not _states_digest(h)]
        if kind == "unconditional" and answer.status == HTTPStatus.PRECONDITION_FAILED:
            answer = _Answer(200, [("ETag", f'"{md5(body).hexdigest()}"')], b"")
        self._send(answer, cut=kind == "truncated")

    def _ask(self, body: bytes, headers: dict[str, str]) -> _Answer:
        try:
            # A kept connection may have been closed by the service in the meantime.
            if self._upstream.sock is not None and _hung_up(self._upstream.sock):
                self._upstream.close()
            self._upstream.request(self.command, self.path, body or None, headers)
            reply = self._upstream.getresponse()
            return _Answer(reply.status, reply.getheaders(), reply.read())
        except (OSError, HTTPException) as error:
            self._upstream.close()
            return _Answer(502, [], repr(error).encode())

    def _send(self, answer: _Answer, *, cut: bool = False) -> None:
        self.send_response_only(answer.status)
        length = str(len(answer.body))
        for name, value in answer.headers:
            if name.lower() == "content-length":
                length = value if self.command == "HEAD" else length
            elif name.lower() not in {"connection", "transfer-encoding"}:
                self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
        self.close_connection |= cut

    def _reset(self) -> None:
        # Lingering for no time at all makes the kernel send RST in place of FIN.
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _control(self) -> None:
        script = self.server.script
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match self.path.removeprefix("/_control/"):
            case "faults":
                faults = json.loads(sent)
                for fault in faults if isinstance(faults, list) else [faults]:
                    script.add(Fault(**fault))
                said: Any = {}
            case "reset":
                script.reset()
                said = {}
            case "seen":
                said = [asdict(seen) for seen in script.seen]
            case _:
                self.send_error(404)
                return
        headers = [("Content-Type", "application/json")]
        self._send(_Answer(200, headers, json.dumps(said).encode()))


def _states_digest(header: tuple[str, str]) -> bool:
    return "checksum" in header[0].lower() or header[0].lower() == "etag"


def _hung_up(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(60)


def _refusal(fault: Fault) -> _Answer:
    status, words = ANSWERS[fault.kind]
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{fault.kind}</Code><Message>{words}</Message></Error>"
    )
    headers = [("Content-Type", "application/xml")]
    if fault.retry_after_s is not None:
        headers.append(("Retry-After", str(fault.retry_after_s)))
    return _Answer(status, headers, body.encode())


def _restated(body: bytes, headers: dict[str, str]) -> dict[str, str]:
    """Headers by which a service that checks nothing states what it really stores."""
    told = b64encode(sha256(body).digest()).decode()
    return {k: told if k.lower() == "x-amz-checksum-sha256" else v for k, v in headers.items()}

"""What it means when no answer comes, from real servers that misbehave on this machine."""

import gzip
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from pressrun.engines.account import Access
from pressrun.engines.base import ImageRequest, Usage
from pressrun.engines.connections import disconnected
from pressrun.engines.factory import open_engine
from pressrun.errors import EngineError, SettingError
from tests.fuzz.providers import IMAGE_MODELS
from tests.support.providers import aws_access

Behaviour = Callable[[socket.socket], None]


@contextmanager
def listening(behave: Behaviour) -> Iterator[str]:
    """The address of a server that does this with every connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def answering(text: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.settimeout(10)
        _read_request(connection)
        connection.sendall(text)

    return behave


def _read_request(connection: socket.socket) -> None:
    """Reads a request to its end: what is left of one makes the end of the answer a reset."""
    data = connection.recv(65536)
    while data.startswith(b"POST") and not _is_whole(data):
        data += connection.recv(65536)


def _is_whole(request: bytes) -> bool:
    head, found, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(found) and len(body) >= (int(length[1]) if length else 0)


def over_http(head: str, body: str = "") -> Behaviour:
    sized = f"{head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    return answering(f"HTTP/1.1 {sized}".encode())


PAGE = "<html>Welcome</html>"
MOVED = "302 Found\r\nLocation: https://login.example/?next=x"
ADDRESSES: list[tuple[str, Behaviour, str, str]] = [
    ("http", over_http("200 OK", PAGE), "bad_json", "a web page, and not the JSON"),
    ("http", over_http("404 Not Found", PAGE), "bad_address", "base URL"),
    ("http", over_http(MOVED), "bad_address", "it leads to https://login.example/"),
    ("http", lambda connection: None, "connection", "onnection"),
    ("http", answering(b"SSH-2.0-x\r\n"), "connection", "correct the base URL"),
    ("http", answering(b"-ERR unknown command\r\n\r\n"), "bad_address", "does not speak HTTP"),
    ("https", answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "bad_address", "speaks no TLS"),
]


@pytest.mark.parametrize("engine", ["gemini", "openai"])
@pytest.mark.parametrize(("scheme", "behave", "kind", "says"), ADDRESSES)
def test_a_wrong_address_is_one_clear_sentence(
    *, engine: str, scheme: str, behave: Behaviour, kind: str, says: str
) -> None:
    with listening(behave) as address:
        error = refusal(engine, f"{scheme}://{address}")
    assert error.kind == kind
    assert says in str(error)
    assert error.retryable is (kind != "bad_address")
    assert "Welcome" not in str(error)


AWS_ADDRESSES: list[tuple[str, Behaviour, str, str]] = [
    ("http", lambda connection: None, "connection", "the endpoint URL"),
    ("http", answering(b"SSH-2.0-x\r\n"), "bad_address", "does not speak HTTP"),
    ADDRESSES[-1],
]


@pytest.mark.parametrize(("scheme", "behave", "kind", "says"), AWS_ADDRESSES)
def test_a_wrong_endpoint_of_aws_is_one_clear_sentence(
    scheme: str, behave: Behaviour, kind: str, says: str
) -> None:
    with listening(behave) as address:
        error = refusal("bedrock", f"{scheme}://{address}")
    assert (error.kind, error.retryable) == (kind, kind != "bad_address")
    assert says.replace("base URL", "endpoint URL") in str(error)


@pytest.mark.parametrize("engine", ["gemini", "openai"])
@pytest.mark.parametrize("url", ["ftp://x.example", "http://[::1", "htp//x", "https://", "x.com"])
def test_what_is_no_address_is_said_before_anything_is_asked(engine: str, url: str) -> None:
    with pytest.raises(SettingError, match="begins with https://") as caught:
        open_engine(engine, Access("a-key", base_url=url, engine=engine), 1)
    assert caught.value.kind == "bad_address"


@pytest.mark.parametrize("url", ["ftp//x", "http://[::1", "https://"])
def test_an_endpoint_of_aws_that_is_none_is_a_wrong_address(url: str) -> None:
    access = Access(base_url=url, engine="bedrock", region="us-west-2")
    opened = open_engine("bedrock", access, 1)
    with pytest.raises(EngineError) as caught:
        opened.image(ImageRequest(IMAGE_MODELS["bedrock"], "a cup", aspect_ratio="1:1"))
    assert (caught.value.kind, caught.value.retryable) == ("bad_address", False)


def without_end(head: str) -> Behaviour:
    """Sends so that it never ends, until nobody reads any more."""

    def behave(connection: socket.socket) -> None:
        answering(f"HTTP/1.1 {head}\r\n\r\n".encode())(connection)
        with suppress(OSError):
            while True:
                connection.sendall(b" " * 65536)

    return behave


@pytest.mark.parametrize("engine", sorted(IMAGE_MODELS))
def test_an_answer_larger_than_any_picture_is_not_read_to_its_end(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("http", "bedrock.bounds"):
        monkeypatch.setattr(f"pressrun.engines.{module}.MAX_REPLY_BYTES", 10**6)
    with listening(without_end("200 OK")) as address:
        error = refusal(engine, f"http://{address}")
    assert (error.kind, error.usage) == ("oversized", None)  # caps count it at its most
    assert "larger than 64 MiB" in str(error)


@pytest.mark.parametrize("engine", ["gemini", "openai"])
def test_an_answer_that_unpacks_to_more_than_any_picture_is_not_read_to_its_end(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressrun.engines.http.MAX_REPLY_BYTES", 10**6)
    packed = gzip.compress(b" " * 2 * 10**6)
    head = f"200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with listening(answering(b"HTTP/1.1 " + head.encode() + packed)) as address:
        assert refusal(engine, f"http://{address}").kind == "oversized"


@pytest.mark.parametrize("engine", sorted(IMAGE_MODELS))
def test_a_refusal_without_an_end_is_one(engine: str) -> None:
    with listening(without_end("500 Internal Server Error")) as address:
        error = refusal(engine, f"http://{address}")
    assert (error.kind, error.retryable) == ("unavailable", True)


@pytest.mark.parametrize("engine", sorted(IMAGE_MODELS))
def test_a_refusal_that_trickles_ends_with_the_time_allowed(engine: str) -> None:
    def trickle(connection: socket.socket) -> None:
        answering(b"HTTP/1.1 500 Internal Server Error\r\n\r\n")(connection)
        with suppress(OSError):
            while True:
                connection.sendall(b" ")
                time.sleep(0.02)

    with listening(trickle) as address:
        assert refusal(engine, f"http://{address}", timeout_s=0.5).kind == "timeout"


def refusal(engine: str, base_url: str, timeout_s: float = 20) -> EngineError:
    access = Access("a-key", base_url=base_url, engine=engine)
    if engine == "bedrock":
        access = replace(aws_access("AKIAGOOD", base_url), base_url=base_url)
    opened = open_engine(engine, access, 1)
    asked = ImageRequest(IMAGE_MODELS[engine], "a cup", aspect_ratio="1:1", timeout_s=timeout_s)
    try:
        with pytest.raises(EngineError) as caught:
            opened.image(asked)
    finally:
        opened.close()
    return caught.value


SAID: list[tuple[str, str, str, Usage | None]] = [
    ("[Errno -2] Name or service not known", "connection", "host of Vendor's address", Usage()),
    ("[Errno 111] Connection refused", "connection", "Nothing listens at Vendor's", Usage()),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "bad_address", "not trusted", None),
    ("Server disconnected without sending", "connection", "correct the region", None),
    ("something else", "connection", "over by the next try", None),
]


@pytest.mark.parametrize(("words", "kind", "says", "usage"), SAID)
def test_a_failed_connection_says_what_to_check_and_costs_nothing_if_nothing_was_sent(
    words: str, kind: str, says: str, usage: Usage | None
) -> None:
    failure = disconnected("Vendor", OSError(words), "the region")
    assert (failure.kind, failure.usage) == (kind, usage)
    assert says in str(failure)

"""Downloads what a URL that a person gave leads to, without opening a way into the network.

Every connection is made by ssrfguard: the name is looked up once, each address is checked, and
the socket goes to the address that was checked, at every redirect again. Fetches pictures, and
documents (web pages, feeds); what may come is said in :mod:`pressrun.inputs.web.response`. Knows
nothing of TikTok and folders, nor of what things are for; reads no environment.
"""

import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any, Self

import httpcore
import httpx
from ssrfguard import (
    DEFAULT_DENIED,
    AddressTable,
    Block,
    Policy,
    Reach,
    SSRFGuardError,
    TooManyRedirectsError,
)
from ssrfguard.httpx import Client, SafeTransport

from pressrun.boundary.answers import MOST_HEAD_BYTES
from pressrun.boundary.text import one_line, short_url
from pressrun.errors import SettingError, SourceError
from pressrun.inputs.web.page import Document
from pressrun.inputs.web.response import DOCUMENT, PICTURE, Thing, media_type, read_answer
from pressrun.pictures.picture import MAX_BYTES, Picture, read_picture

#: Azure's machines ask this address, which no registry lists, for settings with secrets in them:
#: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
_WIRE_SERVER = Block(ip_network("168.63.129.16/32"), "Azure WireServer", "Microsoft", Reach.DENIED)
_DENIED = AddressTable((*DEFAULT_DENIED.blocks, _WIRE_SERVER))
STRICT = Policy(max_redirects=3, denied_networks=_DENIED)
MAX_DOCUMENT_BYTES = 5 * 2**20
#: How systems say that a host's name is not found, and the number before what they say.
_NO_NAME = re.compile("Name or service not known|getaddrinfo|nodename|name resolution")
_NUMBER = re.compile(r"\[Errno -?[0-9]+\]\s*")
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Pressrun)",
    # What is not compressed cannot unfold into more than was counted.
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How long and how large a download may be.

    Attributes:
        connect_s: Longest wait for one connection, in seconds.
        read_s: Longest silence of the server, in seconds.
        total_s: Longest time for the whole download with its redirects, in seconds.
        max_bytes: Largest body; reading stops there.
    """

    connect_s: float = 5.0
    read_s: float = 20.0
    total_s: float = 60.0
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class RedirectAnswer:
    """What a server said when it was asked where a link leads."""

    status: int
    location: str | None


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches under one policy. Holds no connection, so it needs no closing.

    Attributes:
        proxy: The operator's proxy. It looks names up itself, where the guard sees none, hence
            it asks for a policy that names the hosts (``allowed_hosts``).
        ca_file: Certificates to trust in place of the built-in ones.
        limits: Times and sizes.
        policy: Where connections may go. The strict default reaches public addresses only, on
            ports 80 and 443; a test passes one that allows its own loopback server.
    """

    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    limits: FetchLimits = FetchLimits()
    policy: Policy = STRICT

    def __post_init__(self) -> None:
        if self.proxy and not (self.policy.allow_proxy and self.policy.allowed_hosts):
            raise SettingError(
                "A proxy fetches only from hosts named beforehand: "
                "give the fetcher a policy with allow_proxy and allowed_hosts, or no proxy."
            )

    def fetch(
        self,
        url: str,
        what: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        within_s: float | None = None,
    ) -> Picture:
        """Downloads and checks one picture, following redirects.

        Args:
            url: Where it lies, http or https.
            what: How to name it in an error; the URL without its query by default.
            headers: Sent along (``Referer``).
            within_s: A shorter time than the limits', in seconds.

        Raises:
            SourceError: ``unsafe_url``, ``not_a_url`` or ``unreachable``.
            PictureError: What came is no picture that is read here, or too large.
        """
        what = what or short_url(url)
        max_bytes = self.limits.max_bytes
        with self._send("GET", url, what, headers or {}, within_s, thing=PICTURE) as response:
            data = read_answer(response, what, PICTURE, max_bytes)
        return read_picture(data, what, max_bytes=max_bytes)

    def fetch_document(
        self, url: str, what: str = "", *, within_s: float | None = None
    ) -> Document:
        """Downloads a web page or a feed of at most 5 MiB, following redirects.

        Args:
            url: Where it lies, http or https.
            what: How to name it in an error; the URL without its query by default.
            within_s: A shorter time than the limits', in seconds.

        Raises:
            SourceError: ``unsafe_url``, ``not_a_url`` or ``unreachable``.
            InputError: What came is no text, or too large.
        """
        what = what or short_url(url)
        max_bytes = min(self.limits.max_bytes, MAX_DOCUMENT_BYTES)
        with self._send("GET", url, what, {}, within_s, thing=DOCUMENT) as response:
            data = read_answer(response, what, DOCUMENT, max_bytes)
            return Document(data, media_type(response), str(response.url))

    def ask(
        self,
        url: str,
        method: str = "HEAD",
        *,
        headers: Mapping[str, str] | None = None,
        within_s: float | None = None,
    ) -> RedirectAnswer:
        """Asks where a link leads, without going there and without reading a body.

        Raises:
            SourceError: ``unsafe_url``, ``not_a_url`` or ``unreachable``.
        """
        with self._send(
            method, url, short_url(url), headers or {}, within_s, thing=PICTURE, follow=False
        ) as response:
            return RedirectAnswer(response.status_code, response.headers.get("location"))

    @contextmanager
    def _send(
        self,
        method: str,
        url: str,
        what: str,
        headers: Mapping[str, str],
        within_s: float | None,
        *,
        thing: Thing,
        follow: bool = True,
    ) -> Iterator[httpx.Response]:
        total_s = self.limits.total_s
        if within_s is not None:
            total_s = max(0.0, min(total_s, within_s))
        deadline = Deadline(total_s)
        try:
            with (
                deadline,
                self._client(follow=follow) as client,
                client.stream(
                    method,
                    url,
                    headers={**_HEADERS, "Accept": thing.accept, **headers},
                    extensions={"trace": deadline.watch},
                ) as response,
            ):
                yield response
                if deadline.passed:
                    # A body without a stated length seems complete when it is cut off.
                    raise httpx.ReadTimeout("")
        except (httpx.HTTPError, httpx.InvalidURL, SSRFGuardError, UnicodeError) as error:
            late = total_s if deadline.passed else None
            raise _as_source_error(error, what, thing.name, late_s=late) from error

    def _client(self, *, follow: bool) -> Client:
        limits = self.limits
        try:
            transport = SafeTransport(
                policy=self.policy,
                proxy=self.proxy,
                verify=_ssl_context(self.ca_file),
                trust_env=False,
            )
        except (ValueError, httpx.InvalidURL) as error:
            raise SettingError(
                "The proxy is not a URL such as http://proxy.example:3128. Mend the setting."
            ) from error
        return Client(
            transport=transport,
            timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
            follow_redirects=follow,
            trust_env=False,
        )


@lru_cache(maxsize=8)
def _ssl_context(ca_file: Path | None) -> ssl.SSLContext:
    # Reading the certificates takes longer than a request; they are read once.
    if ca_file is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:
        raise SettingError(
            f"The certificates in {ca_file.name} cannot be read ({error}). "
            "Give the path of a PEM file."
        ) from error


def _as_source_error(
    error: Exception, what: str, thing: str, *, late_s: float | None
) -> SourceError:
    if isinstance(error, TooManyRedirectsError):
        return SourceError(
            f"{what} redirects more than {error.limit} times. "
            f"Give the address of the {thing} itself.",
            kind="unreachable",
        )
    if isinstance(error, SSRFGuardError):
        return SourceError(
            f"{what} is not fetched, because it leads to a place that is not allowed: "
            f"{one_line(getattr(error, 'reason', str(error)))}. "
            f"Give the public address of a {thing}.",
            kind="unsafe_url",
        )
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError)):
        return SourceError(
            f"{what} is not a web address. It should start with https://.", kind="not_a_url"
        )
    if late_s is not None:
        reason = f"took longer than {late_s:.3g} s"
    elif isinstance(error, httpx.TimeoutException):
        reason = "did not answer in time"
    else:
        reason = f"could not be reached ({_network_words(error)})"
    return SourceError(f"{what} {reason}. Try again later.", kind="unreachable", retryable=True)


def _network_words(error: Exception) -> str:
    """Says what a network's error means, without its numbers and function names."""
    said = one_line(str(error))
    if _NO_NAME.search(said):
        return "nobody knows its name: it is mistyped, or there is no network"
    return _NUMBER.sub("", said) or type(error).__name__


class Deadline:
    """Ends the connections of a download that takes too long as a whole.

    The client's own timeouts count from the last byte: a server that sends one byte every
    second is never late for them, in its headers no less than in its body.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._sockets: list[socket] = []
        self._head_bytes: int | None = None
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
        """Follows the client's events and keeps a copy of the socket of each opened connection."""
        if event.startswith("http11.receive_response_headers."):
            self._head_bytes = 0 if event.endswith(".started") else None
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._bound_head(info["return_value"])
        if event == "connection.connect_tcp.complete":
            # A duplicate, since TLS takes the original over; shutting down either ends both.
            self._sockets.append(info["return_value"].get_extra_info("socket").dup())
            if self.passed:
                self._end()

    def _bound_head(self, stream: Any) -> None:
        """Ends a head without end: answers before the answer (1xx) keep a processor busy."""
        read = stream.read

        def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
            data: bytes = read(max_bytes, timeout)
            if self._head_bytes is not None:
                self._head_bytes += len(data)
                if self._head_bytes > MOST_HEAD_BYTES:
                    raise httpcore.RemoteProtocolError("its answer does not begin")
            return data

        stream.read = bounded

    def _end(self) -> None:
        self.passed = True
        for connection in tuple(self._sockets):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)

"""What lies at addresses that people give: what is fetched, what is refused, what is cut off.

The server listens on loopback, where the strict policy lets nobody go; the tests that should
reach it allow that one address and port.
"""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from ssrfguard import Policy

from pressrun.errors import InputError, PictureError, SettingError, SourceError
from pressrun.inputs.web.fetch import (
    MAX_DOCUMENT_BYTES,
    STRICT,
    Fetcher,
    FetchLimits,
    _network_words,
)

IPV4, IPV6 = IPv4Network("127.0.0.1/32"), IPv6Network("::1/128")
QUICK = FetchLimits(connect_s=2, read_s=2, total_s=0.4, max_bytes=100_000)


class Site(ThreadingHTTPServer):
    """A web server that misbehaves as its paths say."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.closing = threading.Event()
        self.seen: list[Any] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up on purpose here."""


class Page(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.seen.append(self)
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        getattr(self, "page_" + parts.path.strip("/").replace("-", "_"))(**query)

    def page_picture(self, **_: str) -> None:
        self.give(200, jpeg())

    def page_named(self, media_type: str) -> None:
        self.give(200, jpeg(), {"Content-Type": media_type})

    def page_untyped(self) -> None:
        self.give(200, jpeg(), {"Content-Type": ""})

    def page_zipped(self) -> None:
        self.give(200, jpeg(), {"Content-Encoding": "gzip"})

    def page_text(self) -> None:
        self.give(200, b"hello")

    def page_status(self, code: str) -> None:
        self.give(int(code), b"")

    def page_to(self, url: str) -> None:
        self.give(302, b"", {"Location": url})

    def page_loop(self) -> None:
        self.give(302, b"", {"Location": "/loop"})

    def page_feed(self, media_type: str = "application/rss+xml; charset=utf-8") -> None:
        self.give(200, b"<rss/>", {"Content-Type": media_type})

    def page_stated(self, media_type: str = "image/jpeg", size: str = str(30 * 2**20)) -> None:
        self.start({"Content-Type": media_type, "Content-Length": size})

    def page_endless(self, media_type: str = "image/jpeg") -> None:
        self.start({"Content-Type": media_type})
        while not self.server.closing.is_set():
            self.wfile.write(bytes(65536))

    def page_drip(self) -> None:
        self.start({})
        while not self.server.closing.wait(0.02):
            self.wfile.write(b"x")

    def page_drip_headers(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while not self.server.closing.wait(0.02):
            self.wfile.write(b"A: b\r\n")

    def page_silent(self) -> None:
        self.server.closing.wait(10)

    def page_hang_up(self) -> None:
        self.close_connection = True

    def start(self, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in ({"Content-Type": "image/jpeg"} | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def give(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        defaults = {"Content-Type": "image/jpeg", "Content-Length": str(len(body))}
        for name, value in (defaults | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def jpeg() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (12, 34), "teal").save(data, "JPEG")
    return data.getvalue()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def fetcher(site: Site) -> Fetcher:
    """One that may go to this one address and port, and nowhere else on loopback."""
    policy = replace(
        STRICT, allowed_networks=(IPV4,), allowed_ports=frozenset({80, 443, site.port})
    )
    return Fetcher(limits=replace(QUICK, total_s=5), policy=policy)


def test_a_picture_is_fetched_and_checked(site: Site, fetcher: Fetcher) -> None:
    picture = fetcher.fetch(site.url("/picture"), headers={"Referer": "https://x.example/"})
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 12, 34)
    headers = site.seen[-1].headers
    assert headers["Referer"] == "https://x.example/"
    assert headers["Accept-Encoding"] == "identity"
    assert "httpx" not in headers["User-Agent"]


def test_a_name_is_followed_to_an_allowed_address(site: Site, fetcher: Fetcher) -> None:
    policy = replace(fetcher.policy, allowed_networks=(IPV4, IPV6))
    url = site.url("/picture", "localhost")
    assert replace(fetcher, policy=policy).fetch(url).width == 12


def test_a_redirect_is_followed(site: Site, fetcher: Fetcher) -> None:
    assert fetcher.fetch(site.url("/to?url=/picture")).width == 12


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.jpg",
        "http://127.1/x.jpg",
        "http://2130706433/x.jpg",
        "http://0x7f000001/x.jpg",
        "http://0x7f.0.0.1/x.jpg",
        "http://0177.0.0.1/x.jpg",
        "http://0.0.0.0/x.jpg",
        "http://localhost/x.jpg",
        "http://[::1]/x.jpg",
        "http://[::ffff:127.0.0.1]/x.jpg",
        "http://[::ffff:7f00:1]/x.jpg",
        "http://[64:ff9b::7f00:1]/x.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://168.63.129.16/",
        "http://[::ffff:169.254.169.254]/latest/meta-data",
        "http://[fd00:ec2::254]/latest/meta-data",
        "http://10.0.0.1/x.jpg",
        "http://192.168.1.1/x.jpg",
        "http://172.16.0.1/x.jpg",
        "http://100.64.0.1/x.jpg",
        "http://[fe80::1]/x.jpg",
        "http://93.184.216.34:22/x.jpg",
        "http://example.com@127.0.0.1/x.jpg",
        "http://user:secret@example.com/x.jpg",
        "ftp://example.com/x.jpg",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/x",
        "//example.com/x.jpg",
        "x.jpg",
        "",
        "http://",
        "http://[::1/x.jpg",
        "http://exa mple.com/x.jpg",
        "http://" + "a" * 70 + ".example/x.jpg",
        "https://example.com/" + "x" * 9000,
    ],
)
def test_the_strict_policy_sends_nothing_to_such_an_address(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        Fetcher(limits=QUICK).fetch(url)
    assert caught.value.kind in {"unsafe_url", "not_a_url"}
    assert not caught.value.retryable
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_the_strict_policy_is_the_default_and_refuses_the_local_server(site: Site) -> None:
    before = len(site.seen)
    with pytest.raises(SourceError):
        Fetcher().fetch(site.url("/picture"))
    assert STRICT.allowed_networks == ()
    assert len(site.seen) == before


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/picture",
        "http://[::1]/picture",
        "http://169.254.169.254/latest/meta-data",
        "http://168.63.129.16/",
        "http://2130706434/picture",
        "file:///etc/passwd",
        "http://127.0.0.1:22/",
    ],
)
def test_a_redirect_is_checked_like_a_first_address(
    site: Site, fetcher: Fetcher, target: str
) -> None:
    with pytest.raises(SourceError) as caught:
        fetcher.fetch(site.url(f"/to?url={target}"))
    assert caught.value.kind in {"unsafe_url", "not_a_url"}


def test_endless_redirects_end(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match=r"redirects more than 3 times"):
        fetcher.fetch(site.url("/loop"))


def test_a_stated_length_is_believed_when_it_is_too_large(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(PictureError, match=r"more than 0 MiB"):
        fetcher.fetch(site.url("/stated"))


def test_an_endless_body_is_read_no_further_than_the_limit(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(PictureError, match=r"the most that is read"):
        fetcher.fetch(site.url("/endless"))


@pytest.mark.parametrize("path", ["/drip", "/drip-headers", "/silent"])
def test_a_slow_server_is_hung_up_on_wherever_it_is_slow(
    site: Site, fetcher: Fetcher, path: str
) -> None:
    with pytest.raises(SourceError, match=r"took longer than") as caught:
        replace(fetcher, limits=QUICK).fetch(site.url(path))
    assert caught.value.retryable


def test_a_silent_server_is_given_up_after_the_read_timeout(site: Site, fetcher: Fetcher) -> None:
    limits = FetchLimits(read_s=0.1, total_s=5)
    with pytest.raises(SourceError, match=r"did not answer in time") as caught:
        replace(fetcher, limits=limits).fetch(site.url("/silent"))
    assert caught.value.retryable


def test_no_time_left_is_no_download(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match=r"took longer than 0 s"):
        fetcher.fetch(site.url("/silent"), within_s=-1)


@pytest.mark.parametrize("media_type", ["text/html; charset=utf-8", "application/octet-stream"])
def test_what_is_not_sent_as_a_picture_is_refused(
    site: Site, fetcher: Fetcher, media_type: str
) -> None:
    with pytest.raises(PictureError, match=r"is not a picture but"):
        fetcher.fetch(site.url(f"/named?media_type={media_type}"))


def test_what_has_no_type_is_refused(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(PictureError, match=r"of no stated type"):
        fetcher.fetch(site.url("/untyped"))


def test_what_is_sent_compressed_is_refused(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(PictureError, match=r"came compressed"):
        fetcher.fetch(site.url("/zipped"))


def test_a_text_sent_as_a_picture_is_refused(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(PictureError, match=r"slide 3 is not a JPEG, PNG or WEBP"):
        fetcher.fetch(site.url("/text"), "slide 3")


@pytest.mark.parametrize(
    ("status", "retryable"), [(404, False), (403, False), (410, False), (429, True), (503, True)]
)
def test_a_refusal_says_whether_trying_again_may_help(
    site: Site, fetcher: Fetcher, status: int, retryable: bool
) -> None:
    with pytest.raises(SourceError, match=rf"the server answered {status}") as caught:
        fetcher.fetch(site.url(f"/status?code={status}"))
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", retryable)


def test_a_server_that_hangs_up_may_be_asked_again(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match=r"could not be reached") as caught:
        fetcher.fetch(site.url("/hang-up"))
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[Errno -2] Name or service not known", "nobody knows its name"),
        ("[Errno 111] Connection refused", "(Connection refused)"),
    ],
)
def test_what_the_network_says_is_said_without_its_numbers(said: str, words: str) -> None:
    told = _network_words(OSError(said))
    assert ("Errno" in told, words.strip("()") in told) == (False, True)


def test_the_query_of_a_signed_address_is_not_shown(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError) as caught:
        fetcher.fetch(site.url("/status?code=404&signature=secret").replace("&sig", "#sig"))
    assert "secret" not in str(caught.value)
    assert "/status" in str(caught.value)


def test_asking_where_a_link_leads_does_not_go_there(site: Site, fetcher: Fetcher) -> None:
    before = len(site.seen)
    answer = fetcher.ask(site.url("/to?url=http://127.0.0.2/"))
    assert (answer.status, answer.location) == (302, "http://127.0.0.2/")
    assert len(site.seen) == before + 1
    assert site.seen[-1].command == "HEAD"


def test_a_proxy_needs_a_policy_that_names_the_hosts() -> None:
    with pytest.raises(SettingError, match=r"hosts named beforehand"):
        Fetcher(proxy="http://proxy.example:3128")
    with pytest.raises(SettingError, match=r"hosts named beforehand"):
        Fetcher(proxy="http://proxy.example:3128", policy=Policy(allow_proxy=True))


def test_a_bad_proxy_or_certificate_file_is_a_setting_to_mend(tmp_path: Path) -> None:
    policy = Policy(allow_proxy=True, allowed_hosts=frozenset({"example.com"}))
    with pytest.raises(SettingError, match=r"The proxy is not a URL"):
        Fetcher(proxy="::secret::", policy=policy).fetch("https://example.com/")
    with pytest.raises(SettingError, match=r"certificates in ca.pem cannot be read"):
        Fetcher(ca_file=tmp_path / "ca.pem").fetch("https://example.com/")
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(SettingError, match=r"certificates in ca.pem cannot be read"):
        Fetcher(ca_file=tmp_path / "ca.pem").fetch("https://example.com/")


def test_a_proxys_password_is_not_shown() -> None:
    policy = Policy(allow_proxy=True, allowed_hosts=frozenset({"example.com"}))
    assert "secret" not in repr(Fetcher(proxy="http://me:secret@proxy.example", policy=policy))


def test_a_document_is_fetched_as_it_came(site: Site, fetcher: Fetcher) -> None:
    found = fetcher.fetch_document(site.url("/to?url=/feed"))
    assert (found.data, found.media_type) == (b"<rss/>", "application/rss+xml")
    assert found.url == site.url("/feed")
    assert "application/rss+xml" in site.seen[-1].headers["Accept"]
    assert site.seen[-1].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "media_type",
    ["text/html; charset=latin1", "text/plain", "application/xml", "application/atom%2Bxml"],
)
def test_pages_and_feeds_of_any_kind_are_documents(
    site: Site, fetcher: Fetcher, media_type: str
) -> None:
    assert fetcher.fetch_document(site.url(f"/feed?media_type={media_type}")).data == b"<rss/>"


@pytest.mark.parametrize(
    "media_type", ["application/pdf", "image/svg%2Bxml", "video/mp4", "application/octet-stream"]
)
def test_other_files_are_no_documents(site: Site, fetcher: Fetcher, media_type: str) -> None:
    with pytest.raises(InputError, match=r"the feed is not a page or feed but"):
        fetcher.fetch_document(site.url(f"/feed?media_type={media_type}"), "the feed")


def test_a_feed_of_a_gigabyte_is_refused_before_it_is_read(site: Site, fetcher: Fetcher) -> None:
    wide = replace(fetcher, limits=FetchLimits(total_s=20))
    address = site.url(f"/stated?media_type=text/xml&size={2**30}")
    with pytest.raises(InputError, match=r"has more than 5 MiB, the most that is read"):
        wide.fetch_document(address)


def test_a_feed_without_end_is_cut_off_at_the_limit(site: Site, fetcher: Fetcher) -> None:
    wide = replace(fetcher, limits=FetchLimits(total_s=60))
    with pytest.raises(InputError, match=r"has more than 5 MiB, the most that is read"):
        wide.fetch_document(site.url("/endless?media_type=text/xml"))
    assert MAX_DOCUMENT_BYTES == 5 * 2**20


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/page",
        "http://169.254.169.254/latest/meta-data",
        "http://168.63.129.16/",
        "http://[::1]/page",
        "http://10.0.0.1/page",
        "file:///etc/passwd",
    ],
)
def test_no_document_is_fetched_from_a_private_place(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        Fetcher(limits=QUICK).fetch_document(url)
    assert caught.value.kind in {"unsafe_url", "not_a_url"}
    assert "picture" not in str(caught.value)


def test_a_documents_redirect_into_a_private_place_is_refused(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError) as caught:
        fetcher.fetch_document(site.url("/to?url=http://169.254.169.254/latest/meta-data"))
    assert caught.value.kind == "unsafe_url"


def test_a_document_that_comes_slowly_is_given_up(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match=r"took longer than 0.2 s"):
        fetcher.fetch_document(site.url("/silent"), within_s=0.2)


def test_a_document_that_is_refused_says_what_the_server_said(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match=r"the server answered 503") as caught:
        fetcher.fetch_document(site.url("/status?code=503"))
    assert caught.value.retryable

"""What the S3 store makes of a service's answers, by the AWS SDK and over the wire."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel
from pressrun.stores.retry import GracePeriod
from pressrun.stores.s3.store import S3Store
from tests.fuzz.store_answers import DATA, MD5, SHA256, ProperS3
from tests.fuzz.stores import _s3_client
from tests.servers.raw_answers import Answer, RawAnswers, Request

HTML = [("Content-Type", "text/html")]
PAGE = b"<html><title>nginx</title></html>"


@pytest.fixture(scope="module")
def server() -> Iterator[RawAnswers]:
    with RawAnswers(lambda _: Answer()) as running:
        yield running


@pytest.fixture
def store(server: RawAnswers) -> S3Store:
    server.seen.clear()
    return S3Store("bucket", "out", _s3_client(server.url))


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    source = tmp_path / "slide"
    source.write_bytes(DATA)
    return Parcel("Batch/a.jpg", source, "image/jpeg", SHA256.hexdigest(), {})


def _refusal(ask: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        ask()
    return caught.value


def _xml(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>words</Message></Error>".encode()


PUTS = [
    # the answer to every request; kind, retryable, wait, words
    (Answer(429, [("Retry-After", "7")], _xml("ServiceUnavailable")), "throttled", True, 7, "slow"),
    (Answer(503, [("Retry-After", "9")], PAGE), "unavailable", True, 9, "failed to answer"),
    (Answer(503, [], _xml("SlowDown")), "throttled", True, None, "slow down"),
    (Answer(503, [], _xml("InvalidAccessKeyId")), "unavailable", True, None, "failed to answer"),
    (Answer(404, HTML, PAGE), "wrong_endpoint", True, None, "like a web page"),
    (Answer(200, HTML, PAGE), "wrong_endpoint", True, None, "like a web page"),
    (Answer(403, HTML, PAGE), "wrong_endpoint", True, None, "like a web page"),
    (Answer(301, [("Location", "https://h/")]), "wrong_endpoint", True, None, "on to https://h/"),
    (Answer(301), "wrong_region", False, None, "Set the bucket's region"),
    (b"", "unavailable", True, None, "closes the connection"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "wrong_endpoint", True, None, "does not speak HTTP"),
    (b"\x15\x03\x01\x00\x02\x02F", "wrong_endpoint", True, None, "does not speak HTTP"),
    (Answer(403, [], _xml("RequestTimeTooSkewed")), "clock_skew", True, None, "NTP"),
    (Answer(403, [], _xml("AccessDenied")), "no_permission", False, None, "It says: words"),
    (Answer(404, [], _xml("NoSuchBucket")), "no_bucket", False, None, "Correct its name"),
    (Answer(404), "no_bucket", False, None, "Correct its name"),
    (Answer(400, [], b"<Error><Code/></Error>"), "refused", False, None, "does not say why"),
    (Answer(400, [], b"<Error>words</Error>"), "refused", False, None, "does not say why"),
    (Answer(400, [], b'{"error": null}'), "refused", False, None, "does not say why"),
]


@pytest.mark.parametrize(("answer", "kind", "retryable", "wait_s", "words"), PUTS)
def test_each_answer_to_an_upload_has_its_kind_and_its_sentence(
    server: RawAnswers,
    store: S3Store,
    parcel: Parcel,
    answer: Answer | bytes,
    kind: str,
    wait_s: float | None,
    words: str,
    *,
    retryable: bool,
) -> None:
    server.answer = lambda _: answer

    error = _refusal(lambda: store.put(parcel))

    assert (error.kind, error.retryable, error.retry_after_s) == (kind, retryable, wait_s)
    assert words in str(error)
    assert len(server.seen) <= 4


LISTS = [
    (Answer(200, HTML, PAGE), "no list of the files"),
    (Answer(200), "no list of the files"),
    (Answer(200, [], b"<ListBucketResult><IsTruncated>tr"), "failed to answer"),
    (Answer(200, [], b'{"Contents": null}'), "failed to answer"),
    (
        Answer(200, [], b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
        "no list of the files",
    ),
]


@pytest.mark.parametrize(("answer", "words"), LISTS)
def test_what_is_no_listing_is_not_an_empty_batch(
    server: RawAnswers, store: S3Store, answer: Answer, words: str
) -> None:
    server.answer = lambda _: answer

    error = _refusal(lambda: list(store.list("Batch")))

    assert (error.kind, error.retryable) == ("unavailable", True)
    assert words in str(error)


def test_a_listing_that_never_ends_is_left(server: RawAnswers, store: S3Store) -> None:
    tokens = ["A", "B"] * 50

    def page(_: Request) -> Answer:
        token = f"<NextContinuationToken>{tokens.pop()}</NextContinuationToken>"
        inner = f"<IsTruncated>true</IsTruncated>{token}"
        return Answer(200, [], f"<ListBucketResult>{inner}</ListBucketResult>".encode())

    server.answer = page

    assert "twice" in str(_refusal(lambda: list(store.list("Batch"))))
    assert len(server.seen) == 3


def test_a_broken_digest_is_no_digest_and_the_bytes_are_read_back(
    server: RawAnswers, store: S3Store, parcel: Parcel
) -> None:
    odd = [("ETag", "odd"), ("x-amz-checksum-sha256", "not base64")]
    server.answer = lambda request: Answer(200, odd, DATA if request.method == "GET" else b"")

    store.put(parcel)

    assert [request.method for request in server.seen] == ["PUT", "GET"]


def test_a_file_that_is_gone_when_it_is_looked_at_is_sent_again(
    server: RawAnswers, store: S3Store, parcel: Parcel
) -> None:
    server.answer = lambda request: Answer(412 if request.method == "PUT" else 404)

    error = _refusal(lambda: store.put(parcel))

    assert (error.kind, error.retryable) == ("unavailable", True)
    assert "is gone; it is sent again" in str(error)


def test_removing_what_is_not_there_is_fine_where_a_service_says_so(
    server: RawAnswers, store: S3Store
) -> None:
    server.answer = lambda _: Answer(404, [], _xml("NoSuchKey"))

    store.remove("Batch/a.jpg")


class Picky(ProperS3):
    """A service that knows some headers of S3 and refuses, or overlooks, others."""

    def __init__(self, *, refuses: str = "", ignores: str = "", lists: bool = True):
        super().__init__()
        self._refuses, self._ignores, self._lists = refuses, ignores, lists

    def answer(self, request: Request) -> Answer:
        if self._refuses and any(name.startswith(self._refuses) for name in request.headers):
            body = b"" if request.method == "HEAD" else _xml("InvalidArgument")
            return Answer(400, [], body)
        kept = {name: value for name, value in request.headers.items() if name != self._ignores}
        if "list-type" in request.path and not self._lists:
            return Answer(200, [], b"<L><IsTruncated>false</IsTruncated></L>")
        return super().answer(Request(request.method, request.path, kept, request.body))


def test_a_service_that_refuses_checksums_is_served_by_md5(
    server: RawAnswers, store: S3Store, parcel: Parcel
) -> None:
    service = Picky(refuses="x-amz-checksum")
    server.answer = service.answer

    store.put(parcel)
    store.put(parcel)  # compared with what stands there

    assert list(service.held.values()) == [DATA]
    assert [stored.digests for stored in store.list("Batch")] == [{"md5": MD5}]
    sent = [request for request in server.seen if request.method == "PUT"]
    assert ["content-md5" in request.headers for request in sent] == [False, True, True]
    store.check()


@pytest.mark.parametrize(
    ("service", "lines"),
    [
        (Picky(ignores="if-none-match"), ["ignores If-None-Match"]),
        (Picky(refuses="if-none-match"), ["refuses If-None-Match"]),
        (Picky(lists=False), ["does not list what was written"]),
        (
            Picky(ignores="if-none-match", lists=False),
            ["2 things are missing", "does not list what was", "ignores If-None-Match"],
        ),
    ],
)
def test_the_check_names_all_that_is_missing_a_line_each(
    server: RawAnswers, store: S3Store, service: Picky, lines: list[str]
) -> None:
    server.answer = service.answer

    error = _refusal(store.check)

    assert (error.kind, error.retryable) == ("unsupported", False)
    said = str(error).split("\n")
    assert len(said) == len(lines)
    assert all(words in line for words, line in zip(lines, said, strict=True))
    assert service.held == {}, "the probe stays"


def test_reads_ask_for_no_checksums(server: RawAnswers, store: S3Store) -> None:
    server.answer = lambda _: Answer(200, [], DATA)

    with store.open("Batch/a.jpg") as stream:
        assert hashlib.sha256(stream.read()).digest() == SHA256.digest()

    assert not [name for name in server.seen[0].headers if "checksum" in name]


def test_a_clock_that_one_server_calls_wrong_is_final_only_where_it_lasts(
    server: RawAnswers, store: S3Store, parcel: Parcel
) -> None:
    store._client._grace = GracePeriod({"clock_skew"}, lasts_s=0.0)
    server.answer = lambda _: Answer(403, [], _xml("RequestTimeTooSkewed"))

    assert not _refusal(lambda: store.put(parcel)).retryable

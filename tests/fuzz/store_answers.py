"""Answers as services, proxies and faults give them, drawn by Hypothesis for tests.fuzz.stores."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from tests.servers.raw_answers import Answer, Request

DATA = b"a slide of forty bytes, more or less, so"
SHA256 = hashlib.sha256(DATA)
MD5 = hashlib.md5(DATA).hexdigest()

#: None: what a service that works says to this request.
Given = Answer | bytes | None

_CODES = st.sampled_from(
    [
        *("AccessDenied", "NoSuchKey", "NoSuchBucket", "SlowDown", "InternalError"),
        *("PreconditionFailed", "NotImplemented", "InvalidArgument", "RequestTimeTooSkewed"),
        *("PermanentRedirect", "AuthorizationHeaderMalformed", "ExpiredToken", "QuotaExceeded"),
        *("BadDigest", "ConditionalRequestConflict", "NeverHeardOf", "404", "null"),
    ]
)
_STATUSES = st.one_of(
    st.sampled_from([200, 200, 200, 204, 206, 308, 401, 403, 404, 410, 412, 429, 500, 503]),
    st.integers(200, 599),
)
_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just(MD5),
    st.just("12"),
)
_JSON: st.SearchStrategy[Any] = st.recursive(
    _ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner)
)
_WORDS = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12)


@st.composite
def _errors(draw: st.DrawFn) -> bytes:
    fields = {
        "Code": draw(_CODES),
        "Message": draw(_WORDS),
        "Region": draw(st.sampled_from(["", "eu-west-1", "nowhere", "//x"])),
        "ServerTime": "2026-11-29T00:00:00Z",
    }
    chosen = draw(st.sets(st.sampled_from(sorted(fields))))
    inner = "".join(f"<{name}>{escape(fields[name])}</{name}>" for name in sorted(chosen))
    return f"<Error>{inner}{draw(st.sampled_from(['', '<Code/>', inner]))}</Error>".encode()


@st.composite
def _listings(draw: st.DrawFn) -> bytes:
    key = st.sampled_from(["out/Batch/a.jpg", "out/Batch/", "elsewhere/b", "", "out%2FBatch%2Fa"])
    entries = draw(st.lists(st.tuples(st.booleans(), key), max_size=3))
    parts = [f"<Contents><Key>{k}</Key><Size>x</Size></Contents>" if has else "<Contents/>"
             for has, k in entries]  # fmt: skip
    for name, values in (
        ("IsTruncated", ["true", "false", "perhaps", ""]),
        ("NextContinuationToken", ["A", "B", ""]),
        ("KeyCount", ["1", "many"]),
        ("EncodingType", ["url"]),
    ):
        if draw(st.booleans()):
            parts.append(f"<{name}>{draw(st.sampled_from(values))}</{name}>")
    return f"<ListBucketResult>{''.join(parts)}</ListBucketResult>".encode()


_BODIES = st.one_of(
    st.just(b""),
    st.just(b"<html><head><title>502</title></head></html>"),
    st.just(b"<!DOCTYPE html><p>Sign in<br>"),
    st.just(DATA),
    st.just(DATA[:-1]),
    _errors(),
    _listings(),
    st.binary(max_size=40),
)


@st.composite
def _files(draw: st.DrawFn) -> dict[str, Any]:
    """A file as Drive states it, or not quite."""
    file = file_of("f1", DATA)
    file["mimeType"] = draw(st.sampled_from(["image/jpeg", "application/vnd.google-apps.folder"]))
    for name in draw(st.sets(st.sampled_from(sorted(file)), max_size=3)):
        if draw(st.booleans()):
            del file[name]
        else:
            file[name] = draw(_ODD)
    return file


_REASONS = st.sampled_from(
    [
        *("notFound", "userRateLimitExceeded", "storageQuotaExceeded", "fileIdInUse", "authError"),
        *("forbidden", "insufficientPermissions", "dailyLimitExceeded", "neverHeardOf"),
    ]
)
_REFUSALS = st.builds(
    lambda reason, message, odd: {
        "error": {"errors": [{"reason": reason}, odd], "message": message, "details": odd}
    },
    st.one_of(_REASONS, _ODD),
    st.one_of(_WORDS, _ODD),
    _ODD,
)
_TOKENS = st.one_of(
    st.just({"access_token": "t", "expires_in": 3600}),
    st.just({"error": "invalid_grant", "error_description": "Check your iat and exp values"}),
    st.builds(
        lambda code, words: {"error": code, "error_description": words},
        st.sampled_from(["invalid_grant", "invalid_client", "server_error"]) | _ODD,
        _ODD,
    ),
    st.builds(lambda odd: {"access_token": odd, "expires_in": odd}, _ODD),
)
_LISTS = st.builds(
    lambda files, page: {"files": files, "nextPageToken": page},
    st.lists(_files() | _ODD, max_size=3) | _ODD,
    st.sampled_from(["", "A", "B"]) | _ODD,
)
_DRIVE = st.one_of(
    _files(),
    _files(),
    st.just({"ids": ["n1", "n2", "n3", "n4", "n5"]}),
    st.builds(lambda odd: {"ids": odd}, _ODD),
    _LISTS,
    _REFUSALS,
    _TOKENS,
    _JSON,
).map(lambda value: json.dumps(value).encode())

_HEADERS: dict[str, Sequence[str]] = {
    "Content-Type": ["text/html", "application/xml", "application/json", "application/json; x"],
    "ETag": [f'"{MD5}"', f'"{"0" * 32}"', '"x-3"', "", "\xff"],
    "x-amz-checksum-sha256": [b64encode(SHA256.digest()).decode(), "AAAA", "not base64!", "a-2"],
    "x-amz-server-side-encryption": ["aws:kms", "?"],
    "x-amz-bucket-region": ["eu-west-1", "nowhere", "//x", ""],
    "x-amz-meta-sha256": [SHA256.hexdigest(), "other"],
    "Retry-After": ["7", "soon", "-1", "9" * 320, "Wed, 21 Oct 2099 07:28:00 GMT",
                    "Fri, 31 Dec 9999 23:59:59 -2359"],
    "Location": ["/again", "https://127.0.0.1:1/x", "ftp://x/", "", "http://[x"],
    "Range": ["bytes=0-15", "bytes=0-0", "bytes", "x-y", "0"],
    "Content-Encoding": ["gzip", "deflate", "x"],
    "Transfer-Encoding": ["chunked", "x"],
    "Content-Length": ["0", "5", "1000", "-1", "x"],
    "Last-Modified": ["yesterday", "Wed, 21 Oct 2099 07:28:00 GMT", "0"],
    "Date": ["Wed, 21 Oct 2099 07:28:00 GMT"],
    "WWW-Authenticate": ["Bearer", "Basic realm", "Digest =", ""],
}  # fmt: skip


@st.composite
def _headers(draw: st.DrawFn, most: int = 4) -> list[tuple[str, str]]:
    names = draw(st.lists(st.sampled_from(sorted(_HEADERS)), max_size=most, unique=True))
    return [(name, draw(st.sampled_from(_HEADERS[name]))) for name in names]


def _answers(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[Given]:
    whole = st.builds(Answer, _STATUSES, _headers(), bodies)
    fine = st.builds(Answer, st.just(200), _headers(2), bodies)
    cut = st.builds(Answer, _STATUSES, _headers(), bodies, st.floats(0, 1))
    other = st.sampled_from(
        [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"\x15\x03\x01\x00\x02\x02\x46", b"HTTP/9 x\r\n"]
    )
    fault = st.one_of(whole, fine, cut, other)
    return st.one_of(st.none(), st.none(), fault)


def _talks(bodies: st.SearchStrategy[bytes], most: int) -> st.SearchStrategy[list[Given]]:
    """Answers in the order of the requests; the last one stays."""
    answers = st.lists(_answers(bodies), min_size=1, max_size=most)
    ends: st.SearchStrategy[list[Given]] = st.sampled_from([[], [None]])
    return st.builds(lambda begin, end: [*begin, *end], answers, ends)


S3_ANSWERS = _talks(_BODIES, 8)
DRIVE_ANSWERS = _talks(_DRIVE | _BODIES, 14)


# Services that work, for requests that nothing befalls.


class ProperS3:
    """An S3 service that holds what it is given.

    Args:
        path: What it holds from the beginning, if anything.
    """

    def __init__(self, path: str = ""):
        self.held = {path: DATA} if path else {}

    def answer(self, request: Request) -> Answer:
        """As S3 does."""
        path, _, query = request.path.partition("?")
        if query.startswith("list-type"):
            return self._listing(path, parse_qs(query).get("prefix", [""])[0])
        if request.method == "PUT":
            return self._put(path, request)
        if request.method == "DELETE":
            self.held.pop(path, None)
            return Answer(204)
        if path not in self.held:
            return Answer(404, body=b"<Error><Code>NoSuchKey</Code></Error>")
        data = self.held[path]
        return Answer(200, [*_tag(data), ("Content-Length", str(len(data)))], data)

    def _put(self, path: str, request: Request) -> Answer:
        if path in self.held and "if-none-match" in request.headers:
            return Answer(412, body=b"<Error><Code>PreconditionFailed</Code></Error>")
        self.held[path] = request.body
        return Answer(200, _tag(request.body))

    def _listing(self, bucket: str, prefix: str) -> Answer:
        every = [path.removeprefix(f"{bucket}/") for path in self.held]
        keys = [key for key in every if key.startswith(prefix)]
        found = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
        return Answer(200, [("Content-Type", "application/xml")], body.encode())


def _tag(data: bytes) -> list[tuple[str, str]]:
    return [("ETag", f'"{hashlib.md5(data).hexdigest()}"')]


class ProperDrive:
    """A Drive that gives back what it was last given.

    Args:
        full: Whether it has every file and folder that is looked for by name.
    """

    def __init__(self, *, full: bool = False):
        self._full, self._ids, self._held = full, 0, DATA

    def answer(self, request: Request) -> Answer:
        """As Drive does, as far as the store needs it."""
        path, _, query = request.path.partition("?")
        name = path.rpartition("/")[2]
        if request.method == "DELETE":
            return Answer(204)
        if path.startswith("/upload"):
            return self._upload(query, request)
        if name in {"token", "permissions"}:
            return _said({"access_token": "t", "expires_in": 3600, "id": "p"})
        if name == "generateIds":
            self._ids += 5
            return _said({"ids": [f"n{self._ids - number}" for number in range(5)]})
        return self._known(name, query, request)

    def _known(self, name: str, query: str, request: Request) -> Answer:
        if request.method == "GET" and name == "files":
            return self._listing(parse_qs(query)["q"][0])
        if "alt=media" in query:
            first, _, last = request.headers.get("range", "bytes=0-0")[6:].partition("-")
            return Answer(206, body=self._held[int(first) : int(last) + 1])
        if name.startswith("n") or request.method == "PATCH":
            return _said(file_of(name, self._held))
        return _said(_folder(name))

    def _listing(self, asked: str) -> Answer:
        if not self._full or "slide_0.jpg' in parents" in asked:
            return _said({"files": []})
        if "name = 'slide_0.jpg'" in asked or "'item' in parents" in asked:
            return _said({"files": [{**file_of("slide", DATA), "parents": ["item"]}]})
        found = "item" if "'Batch' in parents" in asked else "Batch"
        parent = "Batch" if found == "item" else "root"
        return _said({"files": [{**_folder(found), "name": found, "parents": [parent]}]})

    def _upload(self, query: str, request: Request) -> Answer:
        span, _, whole = (
            request.headers.get("content-range", "").removeprefix("bytes ").partition("/")
        )
        if "uploadType=resumable" in query and not whole:
            host = f"http://{request.headers['host']}"
            return Answer(200, [("Location", f"{host}/upload?uploadType=resumable&session=1")])
        end = span.partition("-")[2]
        if end and int(end) + 1 < int(whole):
            return Answer(308, [("Range", f"bytes=0-{end}")])
        if b"Pressrun was here." in request.body:
            self._held = b"Pressrun was here."
        return _said(file_of("n1", self._held))


def _folder(name: str) -> dict[str, Any]:
    return {**file_of(name, b""), "mimeType": "application/vnd.google-apps.folder"}


def file_of(file_id: str, data: bytes) -> dict[str, Any]:
    """A file as Drive states it."""
    return {
        "id": file_id,
        "name": "a.jpg",
        "mimeType": "image/jpeg",
        "parents": ["root"],
        "size": str(len(data)),
        "md5Checksum": hashlib.md5(data).hexdigest(),
        "webViewLink": f"https://drive/{file_id}",
        "trashed": False,
        "createdTime": "2026-01-01T00:00:00Z",
        "modifiedTime": "2026-01-01T00:00:00Z",
        "appProperties": {"sha256": hashlib.sha256(data).hexdigest()},
        "capabilities": {"canAddChildren": True},
    }


def _said(value: Mapping[str, Any]) -> Answer:
    return Answer(200, [("Content-Type", "application/json")], json.dumps(value).encode())

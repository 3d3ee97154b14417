"""What the Drive store makes of answers, by Google's client and over the wire."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel
from pressrun.stores.drive.store import DriveStore
from pressrun.stores.retry import GracePeriod
from tests.fuzz.store_answers import DATA, SHA256, ProperDrive, file_of
from tests.fuzz.stores import Remembered, patched
from tests.servers.raw_answers import Answer, RawAnswers, Request

PAGE = b"<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>"
HTML = [("Content-Type", "text/html")]


@pytest.fixture(scope="module")
def server() -> Iterator[RawAnswers]:
    with RawAnswers(lambda _: Answer()) as running:
        yield running


@pytest.fixture(params=[False, True], ids=["in one request", "in pieces"])
def small(request: pytest.FixtureRequest) -> Iterator[bool]:
    with patched(small=request.param):
        yield request.param


@pytest.fixture
def in_pieces() -> Iterator[None]:
    with patched(small=True):
        yield


@pytest.fixture
def store(server: RawAnswers) -> DriveStore:
    return _store(server, "t")


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    source = tmp_path / "slide"
    source.write_bytes(DATA)
    return Parcel("Batch/a.jpg", source, "image/jpeg", SHA256.hexdigest(), {})


def _store(server: RawAnswers, token: str | None) -> DriveStore:
    from google.oauth2.credentials import Credentials

    server.seen.clear()
    person: Any = Credentials
    credentials = person(
        token, refresh_token="r", client_id="c", client_secret="s", token_uri=f"{server.url}/token"
    )
    return DriveStore("root", credentials, Remembered(), api_url=server.url)


def _refusal(ask: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        ask()
    return caught.value


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(value).encode())


def _instead(server: RawAnswers, answer: Answer | bytes, fits: Callable[[Request], bool]) -> None:
    """Answers as Drive does, but otherwise to the requests that fit."""
    proper = ProperDrive()
    server.answer = lambda request: answer if fits(request) else proper.answer(request)


SIGN_INS = [
    (Answer(502, HTML, PAGE), "unavailable", True, "sign-in service"),
    (Answer(503, HTML, PAGE), "unavailable", True, "sign-in service"),
    (Answer(200, HTML, PAGE), "unavailable", True, "sign-in service"),
    (Answer(200, [], b"null"), "unavailable", True, ""),
    (_json({"error": None}, 400), "unavailable", True, ""),
    (_json({"error": ["x"]}, 400), "unavailable", True, ""),
    (_json({"error": "server_error"}, 400), "unavailable", True, "sign-in service"),
    (b"", "unavailable", True, "cannot be reached"),
    (_json({"error": "invalid_grant"}, 400), "bad_credentials", False, "It says: invalid_grant"),
    (
        _json({"error": "invalid_grant", "error_description": "Check your iat"}, 400),
        "clock_skew",
        True,
        "clock",
    ),
]


@pytest.mark.parametrize(("answer", "kind", "retryable", "words"), SIGN_INS)
def test_each_answer_to_a_sign_in_has_its_kind_and_its_sentence(
    server: RawAnswers,
    parcel: Parcel,
    small: bool,
    answer: Answer | bytes,
    kind: str,
    words: str,
    *,
    retryable: bool,
) -> None:
    store = _store(server, None)
    _instead(server, answer, lambda request: request.path.startswith("/token"))

    error = _refusal(lambda: store.put(parcel))

    assert (error.kind, error.retryable) == (kind, retryable)
    assert words in str(error)
    assert len(server.seen) <= 6


@pytest.mark.parametrize("status", [404, 410])
def test_an_upload_that_drive_knows_no_more_of_is_begun_anew_with_the_same_id(
    server: RawAnswers, store: DriveStore, parcel: Parcel, status: int, in_pieces: None
) -> None:
    _instead(server, Answer(status, HTML, PAGE), lambda request: request.method == "PUT")

    error = _refusal(lambda: store.put(parcel))

    assert (error.kind, error.retryable) == ("unavailable", True)
    assert "begun anew" in str(error)
    proper = ProperDrive()

    def nothing_made(request: Request) -> Answer:
        is_look = request.method == "GET" and "generateIds" not in request.path
        return Answer(404) if is_look else proper.answer(request)

    server.answer = nothing_made
    store.put(parcel)
    begun = [r for r in server.seen if r.method == "POST" and r.path.startswith("/upload")]
    assert len({json.loads(request.body)["id"] for request in begun}) == 1
    assert len(begun) == 2


PIECES = [
    (Answer(308), "an upload that does not go on"),
    (Answer(308, [("Range", "bytes=0-0")]), "an upload that does not go on"),
    (Answer(308, [("Range", "nothing")]), "IndexError"),
    (_json(None), "an upload that does not go on"),
]


@pytest.mark.parametrize(("answer", "words"), PIECES)
def test_an_upload_in_pieces_that_does_not_go_on_ends(
    server: RawAnswers,
    store: DriveStore,
    parcel: Parcel,
    answer: Answer,
    words: str,
    in_pieces: None,
) -> None:
    _instead(server, answer, lambda request: request.method == "PUT")

    error = _refusal(lambda: store.put(parcel))

    assert (error.kind, error.retryable) == ("unavailable", True)
    assert words in str(error)
    assert len(server.seen) < 12


ODD = [
    Answer(200, HTML, PAGE),
    Answer(200),
    Answer(204),
    _json(None),
    _json([]),
    _json({}),
    _json({"id": None}),
    _json({"id": 7}),
    _json({"ids": None}),
    _json({"ids": []}),
    _json({"ids": [None]}),
    _json({**file_of("n1", DATA), "size": "many"}),
    _json({**file_of("n1", DATA), "size": None, "md5Checksum": None}),
    _json({**file_of("n1", DATA), "parents": None, "appProperties": "x", "md5Checksum": 7}),
    _json({"error": {"message": {}, "errors": None}}, 500),
]


@pytest.mark.parametrize("answer", ODD)
def test_an_odd_answer_is_worth_another_try_and_never_a_delivery(
    server: RawAnswers,
    store: DriveStore,
    parcel: Parcel,
    small: bool,
    answer: Answer,
) -> None:
    server.answer = lambda _: answer

    error = _refusal(lambda: store.put(parcel))

    assert error.retryable
    assert error.kind in {"unavailable", "mismatch"}


LISTS = [
    _json({}),
    _json({"files": None}),
    _json({"files": [None]}),
    _json({"files": [{"name": "a"}]}),
    _json({"files": [{**file_of("x", b""), "parents": ["elsewhere"]}]}),
    _json({"files": [], "nextPageToken": "A"}),
]


@pytest.mark.parametrize("answer", LISTS)
def test_what_is_no_listing_is_not_an_empty_batch(
    server: RawAnswers, store: DriveStore, answer: Answer
) -> None:
    folder = {**file_of("b", b""), "mimeType": "application/vnd.google-apps.folder"}
    found = _json({"files": [folder]})
    server.answer = lambda request: found if "name+%3D" in request.path else answer

    error = _refusal(lambda: list(store.list("Batch")))

    assert (error.kind, error.retryable) == ("unavailable", True)
    assert len(server.seen) <= 4


@pytest.mark.parametrize("body", [b"", DATA[:-1], DATA + b"x", PAGE])
def test_a_file_is_not_cut_short_unseen(server: RawAnswers, store: DriveStore, body: bytes) -> None:
    proper = ProperDrive(full=True)
    server.answer = lambda request: (
        Answer(200, [], body) if "alt=media" in request.path else proper.answer(request)
    )

    def read() -> None:
        with store.open("Batch/item/slide_0.jpg") as stream:
            stream.read()

    error = _refusal(read)

    assert (error.kind, error.retryable) == ("unavailable", True)


def test_a_clock_that_one_answer_calls_wrong_is_final_only_where_it_lasts(
    server: RawAnswers, parcel: Parcel
) -> None:
    store = _store(server, None)
    store._client()._grace = GracePeriod({"clock_skew"}, lasts_s=0.0)
    answer = _json({"error": "invalid_grant", "error_description": "Check your iat"}, 400)
    _instead(server, answer, lambda request: request.path.startswith("/token"))

    assert not _refusal(lambda: store.put(parcel)).retryable

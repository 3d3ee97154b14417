"""Any answer to any operation of the S3 and Drive stores, through the real SDKs.

What holds whatever a service answers: a result or a StoreError with a sentence, never another
exception; a bounded number of requests; and nothing is called delivered unless an answer proved
that the bytes are there. The short form is among the unit tests; the long one::

    python -m tests.fuzz.stores --minutes 5
"""

import argparse
import sys
import tempfile
import threading
import time
import traceback
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel, Store
from pressrun.stores.drive.store import DriveStore
from pressrun.stores.s3.store import S3Store, client_config
from tests.fuzz.store_answers import (
    DATA,
    DRIVE_ANSWERS,
    MD5,
    S3_ANSWERS,
    SHA256,
    Given,
    ProperDrive,
    ProperS3,
)
from tests.servers.raw_answers import Answer, RawAnswers, Request

PATH = "Batch/item/slide_0.jpg"
#: The most requests that one operation may send, whatever is answered.
MOST_REQUESTS = {"put": 24, "replace": 24, "open": 4, "remove": 4, "list": 200, "check": 250}
MOST_REQUESTS_DRIVE = 400
_READS = frozenset({"open", "list", "remove"})
OPERATIONS = ("put", "replace", "open", "list", "remove", "check")

# The stores.


class Bench(Protocol):
    """A store of one kind, made anew for each example, and what it may do at most."""

    name: str

    def store(self, url: str) -> Store:
        """A store at an address."""
        ...

    def most_requests(self, operation: str) -> int:
        """The bound of an operation."""
        ...

    def proofs(self) -> Sequence[bytes]:
        """What an answer has in it that proves that our bytes are there."""
        ...

    def proper(self, *, full: bool) -> ProperS3 | ProperDrive:
        """A service that works, with our file in it or with nothing."""
        ...


@dataclass
class S3Bench:
    """S3 through boto3."""

    name: str = "s3"
    _bucket: str = ""
    _numbers: Iterator[int] = field(default_factory=count)

    def store(self, url: str) -> Store:
        # A bucket of its own: the SDK remembers what it was told of a bucket's region.
        self._bucket = f"bucket-{next(self._numbers)}"
        return S3Store(self._bucket, "out", _s3_client(url), presign_s=60)

    def most_requests(self, operation: str) -> int:
        return MOST_REQUESTS[operation]

    def proofs(self) -> Sequence[bytes]:
        return MD5.encode(), b64encode(SHA256.digest()), DATA

    def proper(self, *, full: bool) -> ProperS3:
        return ProperS3(f"/{self._bucket}/out/{PATH}" if full else "")


@cache
def _s3_client(url: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        config=Config(**client_config(4, endpoint=True)),
    )


class Remembered:
    """Ids of paths, in memory."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._lock = threading.Lock()

    def find(self, path: str) -> str | None:
        return self._ids.get(path)

    def claim(self, path: str, remote_id: str) -> str:
        with self._lock:
            return self._ids.setdefault(path, remote_id)

    def drop(self, path: str, remote_id: str) -> None:
        with self._lock:
            if self._ids.get(path) == remote_id:
                del self._ids[path]


@dataclass
class DriveBench:
    """Drive through Google's client; every second store has to sign in first."""

    name: str = "drive"
    _numbers: Iterator[int] = field(default_factory=count)

    def store(self, url: str) -> Store:
        from google.oauth2.credentials import Credentials

        token = "t" if next(self._numbers) % 2 else None
        person: Any = Credentials
        credentials = person(
            token,
            refresh_token="r",
            client_id="c",
            client_secret="s",
            token_uri=f"{url}/token",
        )
        return DriveStore("root", credentials, Remembered(), api_url=url, share_with="anyone")

    def most_requests(self, operation: str) -> int:
        return MOST_REQUESTS_DRIVE

    def proofs(self) -> Sequence[bytes]:
        return (MD5.encode(),)

    def proper(self, *, full: bool) -> ProperDrive:
        return ProperDrive(full=full)


BENCHES: dict[str, Bench] = {"s3": S3Bench(), "drive": DriveBench()}
ANSWERS = {"s3": S3_ANSWERS, "drive": DRIVE_ANSWERS}


@contextmanager
def patched(*, small: bool) -> Iterator[None]:
    """Google's client without its pauses; our file is a large one for it, if that is wanted."""
    from pressrun.stores.drive import client, connections, content

    limit, service = (content.SMALL_BYTES, 10)[small], cache(connections.open_service)
    with (
        mock.patch("google.auth._exponential_backoff.time.sleep"),
        mock.patch.object(content, "SMALL_BYTES", limit),
        mock.patch.object(connections, "_CHUNK_BYTES", 16),
        mock.patch.object(client, "open_service", service),
    ):
        yield


class Broken(AssertionError):
    """What must hold does not."""


@dataclass
class Tried:
    """What came of the examples so far, for the report."""

    kinds: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)


class Conversation:
    """A server whose answers come one after another; the last one stays."""

    def __init__(self, server: RawAnswers, bench: Bench, answers: Sequence[Given], *, full: bool):
        self.given: list[Answer | bytes] = []
        self._answers, self._lock = answers, threading.Lock()
        self.proper = bench.proper(full=full)
        server.seen.clear()
        server.answer = self._next

    def _next(self, request: Request) -> Answer | bytes:
        with self._lock:
            answer = self._answers[min(len(self.given), len(self._answers) - 1)]
            said = self.proper.answer(request) if answer is None else answer
            self.given.append(said)
            return said

    def proved(self, proofs: Sequence[bytes]) -> bool:
        """Whether a success had our digest or our bytes in it."""
        wholes = [a.raw("GET") for a in self.given if isinstance(a, Answer) and a.status < 300]
        return any(proof in whole for whole in wholes for proof in proofs)


def try_answers(
    bench: Bench,
    server: RawAnswers,
    folder: Path,
    operation: str,
    answers: Sequence[Given],
    tried: Tried,
) -> None:
    """Runs one operation against given answers.

    Raises:
        Broken: What must hold does not.
    """
    place, store = f"{bench.name} {operation}", bench.store(server.url)
    talk = Conversation(server, bench, answers, full=operation in _READS)
    try:
        _run(store, operation, _parcel(folder))
    except StoreError as error:
        _check_error(error)
        tried.kinds[f"{place}: {error.kind}"] += 1
    except Exception as error:
        raise Broken(f"{place}: {type(error).__name__}: {error}") from error
    else:
        tried.kinds[f"{place}: ok"] += 1
        if operation in {"put", "replace"} and not talk.proved(bench.proofs()):
            raise Broken(f"{place}: called delivered, and nothing proves it")
    tried.most[place] = max(tried.most[place], len(talk.given))
    if len(talk.given) > bench.most_requests(operation):
        raise Broken(f"{place}: {len(talk.given)} requests")


def _run(store: Store, operation: str, parcel: Parcel) -> None:
    if operation in {"put", "replace"}:
        store.put(parcel, replace=operation == "replace")
    elif operation == "open":
        with store.open(PATH) as stream:
            while stream.read(16):
                pass
    elif operation == "list":
        for stored in store.list("Batch"):
            assert stored.path, "a file without a path"
            assert stored.bytes >= 0, "a file of less than nothing"
    elif operation == "remove":
        store.remove(PATH)
    else:
        store.check()


def _check_error(error: StoreError) -> None:
    said, wait_s = str(error), error.retry_after_s
    if not said or len(said) > 4000 or error.kind == "bug":
        raise Broken(f"no sentence: {error.kind}: {said[:100]!r}") from error
    if not all(character.isprintable() or character == "\n" for character in said):
        raise Broken(f"not printable: {said!r}") from error
    if wait_s is not None and not 0 <= wait_s <= 3600:
        raise Broken(f"a wait of {wait_s} s") from error


def _parcel(folder: Path) -> Parcel:
    source = folder / "slide"
    if not source.exists():
        source.write_bytes(DATA)
    return Parcel(PATH, source, "image/jpeg", SHA256.hexdigest(), {"batch": "b", "item": "i"})


# The long form.


def hammer(kind: str, folder: Path, until: float, tried: Tried) -> str:
    """Tries examples until a moment of the monotonic clock; the first that breaks, or nothing."""
    small = False
    with RawAnswers(lambda _: Answer()) as server:
        for number in count(int(time.time())):
            if time.monotonic() > until:
                return ""
            small = not small

            @seed(number)
            @settings(
                max_examples=200,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )
            @given(st.sampled_from(OPERATIONS), ANSWERS[kind])
            def one(operation: str, answers: list[Given]) -> None:
                try_answers(BENCHES[kind], server, folder, operation, answers, tried)

            with patched(small=small):
                if broken := _broken(one):
                    return broken
    return ""


def _broken(one: Callable[[], None]) -> str:
    try:
        one()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        notes = [note for note in getattr(error, "__notes__", []) if len(note) < 3000]
        return "".join([*traceback.format_exception(error, limit=-6), *notes])[-6000:]
    return ""


def main() -> int:
    """``python -m tests.fuzz.stores``: 1 if something broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    options = parser.parse_args()
    tried, failed = Tried(), 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in BENCHES:
            until = time.monotonic() + options.minutes * 60 / len(BENCHES)
            if broken := hammer(kind, Path(folder), until, tried):
                sys.stdout.write(f"{kind} breaks:\n{broken}\n")
                failed = 1
    for line, times in sorted(tried.kinds.items()):
        sys.stdout.write(f"{times:7} {line}\n")
    for place, most in sorted(tried.most.items()):
        sys.stdout.write(f"{place}: {most} requests at most\n")
    return failed


if __name__ == "__main__":
    raise SystemExit(main())

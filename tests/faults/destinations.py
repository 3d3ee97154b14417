"""Destinations that misbehave, and their own books of what arrived there.

The books are read past Pressrun: a folder's files, what moto holds, the nodes of the local Drive.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from pressrun.stores.factory import Scheme
from tests.servers.drive import DriveServer
from tests.servers.s3 import S3Server
from tests.support.targets import About

#: A file as it stands there: its path below the batch's root, and its SHA-256.
Standing = tuple[str, str]
_Faults = tuple[tuple[str, Mapping[str, Any]], ...]

_S3_FAULTS: _Faults = (
    ("lost_reply", {}),
    ("lost_reply", {"method": "PUT"}),
    ("InternalError", {}),
    ("ServiceUnavailable", {}),
    ("SlowDown", {}),
    ("SlowDown", {"retry_after_s": 1, "times": 1}),
    ("TooManyRequests", {"retry_after_s": 0}),
    ("reset", {}),
    ("cut", {"method": "PUT"}),
    ("truncated", {}),
    ("BadDigest", {"method": "PUT"}),
    ("corrupted", {"method": "PUT"}),
    ("corrupted_unstated", {"method": "PUT"}),
    ("ConditionalRequestConflict", {"method": "PUT"}),
    ("latency", {"delay_s": 0.05}),
)
_DRIVE_FAULTS: _Faults = (
    ("lost_reply", {}),
    ("lost_reply", {"operation": "upload,create"}),
    ("500", {}),
    ("503", {}),
    ("500_after", {}),
    ("reset", {}),
    ("truncate", {}),
    ("garbage", {}),
    ("userRateLimitExceeded", {"operation": "upload,create"}),
    ("userRateLimitExceeded", {"retry_after_s": 0.05}),
    ("rateLimitExceeded", {}),
    ("429", {}),
    ("429", {"retry_after_s": 0.05}),
    ("slow", {"delay_s": 0.05}),
)


class Destination(Protocol):
    """Where deliveries of a series of runs go."""

    about: About

    def afflict(self, chance: random.Random) -> None:
        """Scripts faults for the requests to come."""
        ...

    def heal(self) -> Counter[str]:
        """Ends the faults; tells how often each kind struck."""
        ...

    def books(self, root: str) -> Iterator[Standing]:
        """Every file below a batch's root, as often as it stands there."""
        ...


class _Folder:
    """A folder refuses nothing: only the sender dies."""

    def __init__(self, folder: Path):
        self._folder = folder
        self.about: About = {"folder": str(folder)}

    def afflict(self, chance: random.Random) -> None:
        pass

    def heal(self) -> Counter[str]:
        return Counter()

    def books(self, root: str) -> Iterator[Standing]:
        for path in (self._folder / root).rglob("*"):
            # What was being written at a kill may lie about, under a hidden name.
            if path.is_file() and not path.name.startswith("."):
                name = path.relative_to(self._folder / root).as_posix()
                yield name, _digest(path.read_bytes())


class _S3:
    def __init__(self, server: S3Server):
        self._server, self._bucket = server, server.make_bucket()
        self.about: About = {
            "url": server.url,
            "bucket": self._bucket,
            "access_key": server.access_key,
            "secret_key": server.secret_key,
        }

    def afflict(self, chance: random.Random) -> None:
        for kind, selectors in chance.sample(_S3_FAULTS, 3):
            self._server.fail(kind, **_how_often(chance), **selectors)

    def heal(self) -> Counter[str]:
        struck = _struck(self._server.script.faults)
        self._server.script.reset()
        return struck

    def books(self, root: str) -> Iterator[Standing]:
        client, prefix = self._server.client(), f"deliveries/{root}/"
        pages = client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                body = client.get_object(Bucket=self._bucket, Key=entry["Key"])["Body"]
                yield entry["Key"].removeprefix(prefix), _digest(body.read())


class _Drive:
    def __init__(self, server: DriveServer):
        self._server = server
        self.about: About = {
            "url": server.url,
            "folder_id": server.folder_id,
            "user": server.user_info(),
        }

    def afflict(self, chance: random.Random) -> None:
        for kind, selectors in chance.sample(_DRIVE_FAULTS, 3):
            self._server.fail(kind, **_how_often(chance), **selectors)

    def heal(self) -> Counter[str]:
        struck = _struck(self._server.faults)
        self._server.clear_faults()
        return struck

    def books(self, root: str) -> Iterator[Standing]:
        below = f"Pressrun/{root}/"
        for path, node in self._server.files():
            if path.startswith(below):
                yield path.removeprefix(below), _digest(node.data)
        # Two folders of one name are two to a person, even where no file is there twice.
        folders = Counter(f"{path}/" for path, _ in self._server.folders())
        for path, count in folders.items():
            if path.startswith(below) or path == below:
                yield from [(path, "a second folder")] * (count - 1)


@contextmanager
def destination(scheme: Scheme, home: Path) -> Iterator[Destination]:
    """A destination of that kind, with its server."""
    if scheme == "folder":
        yield _Folder(home / "delivered")
    elif scheme == "s3":
        with S3Server() as server:
            yield _S3(server)
    else:
        with DriveServer() as drive:
            yield _Drive(drive)


def _how_often(chance: random.Random) -> dict[str, Any]:
    return {"probability": chance.uniform(0.02, 0.2), "seed": chance.getrandbits(32)}


def _struck(faults: list[Any]) -> Counter[str]:
    struck: Counter[str] = Counter()
    for fault in faults:
        struck[fault.kind] += fault.struck
    return +struck


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

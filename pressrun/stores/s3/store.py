"""A bucket of Amazon S3, or of a service that speaks its protocol (MinIO, SeaweedFS, R2 …).

One conditional upload a file, which the service checks against the file's SHA-256. Knows no
credentials: whoever makes the store gives it a client. It imports no SDK by itself, so that a
batch to a folder does not wait for one.
"""

import hashlib
import io
import logging
import mimetypes
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, BinaryIO, NoReturn
from urllib.parse import quote

from pressrun.errors import SettingError, StoreError
from pressrun.stores.base import Parcel, Stored, is_of_same_item, unthrottled
from pressrun.stores.s3.bucket import LIST_THREADS, BucketClient, client_config
from pressrun.stores.s3.objects import (
    CHUNK,
    Body,
    digests_of,
    header_value,
    sha256_of,
)

#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024
#: A signature of version 4 is valid for seven days at most.
MAX_PRESIGN_S = 7 * 24 * 3600
#: How a service answers to a header that it does not know.
_UNKNOWN_HEADER = frozenset({"refused", "unsupported"})
#: XML cannot hold control characters, so that a listing could not be read; some services take a
#: backslash for a slash.
_UNFIT = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
__all__ = ["S3Store", "client_config"]

logger = logging.getLogger(__name__)


class S3Store:
    """Delivers into a bucket.

    Args:
        bucket: Its name; it must exist.
        prefix: What all keys begin with, without slashes at its ends; may be empty.
        client: A boto3 S3 client, made with :func:`client_config`. Threads share it.
        public_base_url: Where the bucket's root is served to people (CloudFront, a website).
            The key is appended to it, prefix included.
        presign_s: Seconds for which links are valid, if they are to be signed. Signed links end
            with the credentials that sign them, so with temporary credentials they end earlier.

    Raises:
        SettingError: ``presign_s`` is longer than S3 allows.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        client: Any,
        *,
        public_base_url: str = "",
        presign_s: int = 0,
    ):
        if not 0 <= presign_s <= MAX_PRESIGN_S:
            raise SettingError("S3 signs links for at most seven days (604800 s).")
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self.destination = "s3://" + "/".join(filter(None, (bucket, self.prefix)))
        self._client = BucketClient(bucket, client)
        self._public = public_base_url.rstrip("/")
        self._presign_s = presign_s
        self._checksums = True

    def check(self) -> None:
        """Tries all that the store needs of a service with a probe; see :mod:`.check`."""
        from pressrun.stores.s3.check import check  # noqa: PLC0415 - nothing else needs it

        check(self)

    def refuses_to_overwrite(self, parcel: Parcel) -> bool:
        """Tries a second upload of a file; says whether the service refuses it."""
        return self._upload(parcel, self._key(parcel.path), replace=False) is None

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        """Delivers a file, by one request if all goes well; see :meth:`Store.put`."""
        key = self._key(parcel.path)
        throttle()
        try:
            answer = self._upload(parcel, key, replace=replace)
            if answer is None:
                self._compare(parcel, key)
            elif not self._confirmed(parcel, answer):
                self._take_back(key, answer)
        except StoreError as error:
            if error.kind != "not_found":
                raise
            # Not there when it was read back: somebody removed it, or the service is behind.
            text = f"{self._place(key)} was there and is gone; it is sent again."
            raise StoreError(text, kind="unavailable") from error
        except OSError as error:
            text = f"{parcel.source} cannot be read: {error.strerror or error}."
            raise StoreError(text, kind="no_source", retryable=False) from error
        return self._file_link(key)

    def link(self, path: str) -> str:
        """Gives a file's link (public, signed, or the plain address), or a folder's.

        A path that ends in a slash, or in no file type that a browser knows, is a folder's.
        Object stores have no folders: the link leads to the AWS console, which shows the
        prefix as one, or to the prefix's address if the service is another.
        """
        key = self._key(path)
        if path.endswith("/") or mimetypes.guess_type(path.rpartition("/")[2])[0] is None:
            return self._folder_link(key)
        return self._file_link(key)

    def list(self, root: str) -> Iterator[Stored]:
        """Lists the files of a batch with the SHA-256 of every object; see :meth:`Store.list`.

        A listing states sizes only, so each object is asked for its checksum (one HEAD a file,
        16 at a time). Objects that have none, because someone else put them there or the
        service keeps none, come with their MD5 if the service states it, else with no digest.
        """
        for keys in self._client.pages(f"{self._key(root)}/"):
            # Whoever reads no further leaves no thread behind that garbage collection waits for.
            with ThreadPoolExecutor(LIST_THREADS, "s3-list") as pool:
                found = [*pool.map(self._stored, keys)]
            yield from filter(None, found)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """Opens a file; see :meth:`Store.open`."""
        body = self._client.ask("get_object", Key=self._key(path))["Body"]
        with closing(body), io.BufferedReader(Body(body, self._client.asking), CHUNK) as stream:
            yield stream

    def find(self, path: str) -> Stored | None:
        """Reads what the service states of one file; None if there is none."""
        return self._stored(self._key(path))

    def remove(self, path: str) -> None:
        """Removes a file; in a versioned bucket, older versions stay. See :meth:`Store.remove`."""
        try:
            self._client.change("delete_object", Key=self._key(path))
        except StoreError as error:
            if error.kind != "not_found":  # as some services answer where S3 says nothing
                raise

    def _upload(self, parcel: Parcel, key: str, *, replace: bool) -> Mapping[str, Any] | None:
        """Checks and uploads a file; returns the answer, None if the key was taken."""
        with parcel.source.open("rb") as body:
            if hashlib.file_digest(body, "sha256").hexdigest() != parcel.sha256:
                text = f"{parcel.source} is damaged and cannot be delivered."
                raise StoreError(text, kind="damaged_source", retryable=False)
            try:
                return self._send(parcel, key, body, replace=replace)
            except StoreError as error:
                if error.kind == "taken":
                    return None
                raise

    def _send(
        self, parcel: Parcel, key: str, body: BinaryIO, *, replace: bool
    ) -> Mapping[str, Any]:
        """Uploads a file; once more with the older MD5 where the SHA-256 may be what is refused."""
        condition = {} if replace else {"IfNoneMatch": "*"}

        def send(digest: dict[str, str]) -> Mapping[str, Any]:
            body.seek(0)
            labels = {**parcel.labels, "sha256": parcel.sha256}
            return self._client.change(
                "put_object",
                Key=key,
                Body=body,
                ContentType=parcel.media_type,
                Metadata={name: header_value(value) for name, value in labels.items()},
                **digest,
                **condition,
            )

        if not self._checksums:
            return send(_md5(body))
        try:
            return send(_sha256(parcel))
        except StoreError as error:
            if error.kind not in _UNKNOWN_HEADER:
                raise
            refusal = error
        try:
            answer = send(_md5(body))
        except StoreError as error:
            raise refusal from error
        self._do_without_checksums()
        return answer

    def _do_without_checksums(self) -> None:
        self._checksums = False
        logger.warning(
            "%s does not know SHA-256 checksums; files there are compared by MD5, or read back.",
            self._client.endpoint,
        )

    def _compare(self, parcel: Parcel, key: str) -> None:
        """Checks that the file that stands there already is ours."""
        head = self._head(key)
        same_size = head.get("ContentLength") in {None, parcel.source.stat().st_size}
        if same_size and self._confirmed(parcel, head):
            return
        if (head.get("Metadata") or {}).get("sha256") == parcel.sha256:
            self._take_back(key, head)  # our own, which arrived damaged just before we died
        if is_of_same_item(_labels(head), parcel):
            self._take_back(key, head, "is of another process that worked on this item")
        raise StoreError(
            f"{self._place(key)} exists with other content and is left as it is. Move it away "
            "and retry.",
            kind="conflict",
            retryable=False,
        )

    def _confirmed(self, parcel: Parcel, answer: Mapping[str, Any]) -> bool:
        """Says whether the destination has our bytes: it states our digest, or is read back."""
        digests = digests_of(answer)
        if stated := digests.get("sha256"):
            return stated == parcel.sha256
        if stated := digests.get("md5"):
            with parcel.source.open("rb") as file:
                if hashlib.file_digest(file, "md5").hexdigest() == stated:
                    return True
        # An ETag that differs need not be an MD5 (encryption, gateways): only the bytes tell.
        with self.open(parcel.path) as stream:
            return sha256_of(stream) == parcel.sha256

    def _take_back(
        self, key: str, answer: Mapping[str, Any], why: str = "did not arrive as it was sent"
    ) -> NoReturn:
        # Only what we wrote: someone may have put it right in between.
        condition = {"IfMatch": answer["ETag"]} if "ETag" in answer else {}
        try:
            self._client.change("delete_object", Key=key, **condition)
        except StoreError as error:
            if error.kind not in {"taken", "not_found"}:
                raise
        raise StoreError(
            f"{self._place(key)} {why} and was removed; it is sent again.",
            kind="mismatch",
            retryable=True,
        )

    def _stored(self, key: str) -> Stored | None:
        try:
            head = self._head(key)
        except StoreError as error:
            if error.kind == "not_found":  # removed since it was listed
                return None
            raise
        size = head.get("ContentLength")
        if not isinstance(size, int) or size < 0:
            raise self._client.odd("no size of a file")
        path = key.removeprefix(f"{self.prefix}/") if self.prefix else key
        written = head.get("LastModified")
        at = written.timestamp() if isinstance(written, datetime) else 0.0
        return Stored(path, size, digests_of(head), at)

    def _head(self, key: str) -> Mapping[str, Any]:
        if self._checksums:
            try:
                return self._client.ask("head_object", Key=key, ChecksumMode="ENABLED")
            except StoreError as error:
                # An answer to HEAD has no reason in it: the unknown header may be the checksum's.
                if error.kind not in _UNKNOWN_HEADER:
                    raise
                answer = self._client.ask("head_object", Key=key)
            self._do_without_checksums()
            return answer
        return self._client.ask("head_object", Key=key)

    def _key(self, path: str) -> str:
        parts = path.removesuffix("/").split("/")
        if any(part in {"", ".", ".."} for part in parts) or _UNFIT.search(path):
            text = f"{path!r} is no path below {self.destination}."
            raise StoreError(text, kind="bad_path", retryable=False)
        key = "/".join(filter(None, (self.prefix, *parts)))
        size = len(key.encode())
        if size > MAX_KEY_BYTES:
            raise StoreError(
                f"The key {key[:80]!r}… has {size} bytes; S3 takes {MAX_KEY_BYTES}. Shorten the "
                "title, the path template or the prefix.",
                kind="bad_path",
                retryable=False,
            )
        return key

    def _file_link(self, key: str) -> str:
        if self._public:
            return f"{self._public}/{quote(key)}"
        if not self._presign_s:
            return self._address(key)
        return self._client.signed(key, self._presign_s)

    def _folder_link(self, key: str) -> str:
        if self._public:
            return f"{self._public}/{quote(key)}/"
        if not self._client.endpoint.endswith(".amazonaws.com"):
            return f"{self._address(key)}/"
        region = self._client.region
        return (
            f"https://{region}.console.aws.amazon.com/s3/buckets/{quote(self.bucket)}"
            f"?region={region}&prefix={quote(key, safe='')}/"
        )

    def _address(self, key: str) -> str:
        return f"{self._client.endpoint}/{quote(self.bucket)}/{quote(key)}"

    def _place(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"


def _labels(answer: Mapping[str, Any]) -> Mapping[str, str]:
    return answer.get("Metadata") or {}


def _sha256(parcel: Parcel) -> dict[str, str]:
    digest = b64encode(bytes.fromhex(parcel.sha256)).decode()
    # Some services keep a checksum only if its algorithm is named as well.
    return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": digest}


def _md5(body: BinaryIO) -> dict[str, str]:
    body.seek(0)
    digest = hashlib.md5(usedforsecurity=False)
    while piece := body.read(CHUNK):
        digest.update(piece)
    return {"ContentMD5": b64encode(digest.digest()).decode()}

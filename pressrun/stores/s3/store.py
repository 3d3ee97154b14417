"""A bucket of Amazon S3, or of a service that speaks its protocol (MinIO, SeaweedFS, R2 …).

One conditional upload a file, which the service checks against the file's SHA-256. Knows no
credentials: whoever makes the store gives it a client. It imports no SDK by itself, so that a
batch to a folder does not wait for one.
"""

import hashlib
import io
import mimetypes
import re
import secrets
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from urllib.parse import quote

from pressrun.errors import SettingError, StoreError
from pressrun.stores.base import Parcel, Stored, unthrottled
from pressrun.stores.s3.objects import CHUNK, Body, digests_of, header_value, sha256_of

#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024
#: A signature of version 4 holds for seven days at most.
MAX_PRESIGN_S = 7 * 24 * 3600
_LIST_THREADS = 16
#: XML cannot hold control characters, so that a listing could not be read; some services take a
#: backslash for a slash.
_UNFIT = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def client_config(connections: int, *, endpoint: bool = False) -> dict[str, Any]:
    """Settings of the client (botocore's ``Config``), as the store expects them.

    Args:
        connections: Threads that use the client at the same time.
        endpoint: Whether an endpoint URL is given: other services than Amazon's seldom have a
            host name a bucket.
    """
    return {
        # The first try counts here; plain `max_attempts` would mean one retry.
        "retries": {"mode": "standard", "total_max_attempts": 1},
        "connect_timeout": 5,
        "read_timeout": 60,
        "max_pool_connections": max(connections, _LIST_THREADS),
        "tcp_keepalive": True,
        # Without it, presigned URLs in us-east-1 are signed in the old way that others refuse.
        "signature_version": "s3v4",
        "s3": {"addressing_style": "path" if endpoint else "auto"},
        # We give SHA-256; the SDK's CRC trailers on top are not understood everywhere.
        "request_checksum_calculation": "when_required",
    }


class S3Store:
    """Delivers into a bucket.

    Args:
        bucket: Its name; it must exist.
        prefix: What all keys begin with, without slashes at its ends; may be empty.
        client: A boto3 S3 client, made with :func:`client_config`. Threads share it.
        public_base_url: Where the bucket's root is served to people (CloudFront, a website).
            The key is appended to it, prefix included.
        presign_s: Seconds for which links hold, if they are to be signed. Signed links end with
            the credentials that sign them, so temporary credentials cut them short.

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
        self._client = client
        self._public = public_base_url.rstrip("/")
        self._presign_s = presign_s

    def check(self) -> None:
        """Writes, reads, lists and removes a probe; a second write must be refused.

        The calls have answers with a reason in them, which ``HeadBucket`` has not.
        """
        data = secrets.token_bytes(16)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "probe"
            source.write_bytes(data)
            path = f".pressrun-probe-{secrets.token_hex(8)}"
            digest = hashlib.sha256(data).hexdigest()
            probe = Parcel(path, source, "application/octet-stream", digest)
            self.put(probe)
            try:
                self._check_probe(probe)
            finally:
                self.remove(path)

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        """As :meth:`Store.put`: one request, if all goes well."""
        key = self._key(parcel.path)
        throttle()
        try:
            answer = self._upload(parcel, key, replace=replace)
            if answer is None:
                self._compare(parcel, key)
            elif not self._confirmed(parcel, answer):
                self._take_back(key, answer)
        except OSError as error:
            text = f"{parcel.source} cannot be read: {error.strerror or error}."
            raise StoreError(text, kind="no_source", retryable=False) from error
        return self._file_link(key)

    def link(self, path: str) -> str:
        """A file's link (public, signed, or the plain address), or a folder's.

        A path that ends in a slash, or in no file type that a browser knows, is a folder's.
        Object stores have no folders: the link leads to the AWS console, which shows the
        prefix as one, or to the prefix's address if the service is another.
        """
        key = self._key(path)
        if path.endswith("/") or mimetypes.guess_type(path.rpartition("/")[2])[0] is None:
            return self._folder_link(key)
        return self._file_link(key)

    def list(self, root: str) -> Iterator[Stored]:
        """As :meth:`Store.list`, with the SHA-256 of every object.

        A listing states sizes only, so each object is asked for its checksum (one HEAD a file,
        16 at a time). Objects that have none, because someone else put them there or the
        service keeps none, come with their MD5 if the service states it, else with no digest.
        """
        with ThreadPoolExecutor(_LIST_THREADS, "s3-list") as pool:
            for page in self._pages(f"{self._key(root)}/"):
                keys = [e["Key"] for e in page.get("Contents", ()) if not e["Key"].endswith("/")]
                yield from filter(None, pool.map(self._stored, keys))

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """As :meth:`Store.open`."""
        key = self._key(path)
        with self._asking():
            body = self._client.get_object(Bucket=self.bucket, Key=key)["Body"]
        with closing(body), io.BufferedReader(Body(body, self._asking), CHUNK) as stream:
            yield stream

    def remove(self, path: str) -> None:
        """As :meth:`Store.remove`; in a versioned bucket, older versions stay."""
        with self._asking():
            self._client.delete_object(Bucket=self.bucket, Key=self._key(path))

    def _check_probe(self, probe: Parcel) -> None:
        with self.open(probe.path) as stream:
            if stream.read() != probe.source.read_bytes():
                raise StoreError(
                    f"{self.destination} does not give back what was written. Is there a proxy "
                    "or gateway in between?",
                    kind="mismatch",
                    retryable=False,
                )
        next(self.list(probe.path), None)  # permission to list: the audit needs it
        if self._upload(probe, self._key(probe.path), replace=False) is not None:
            raise StoreError(
                f"{self._endpoint} ignores If-None-Match, so that a file could be overwritten "
                "unseen. Update the service, or deliver elsewhere.",
                kind="unsupported",
                retryable=False,
            )

    def _upload(self, parcel: Parcel, key: str, *, replace: bool) -> Mapping[str, Any] | None:
        """The answer to the upload; None if the key was taken."""
        condition = {} if replace else {"IfNoneMatch": "*"}
        labels = {**parcel.labels, "sha256": parcel.sha256}
        try:
            with parcel.source.open("rb") as body, self._asking():
                if hashlib.file_digest(body, "sha256").hexdigest() != parcel.sha256:
                    text = f"{parcel.source} is damaged and cannot be delivered."
                    raise StoreError(text, kind="damaged_source", retryable=False)
                body.seek(0)
                answer: Mapping[str, Any] = self._client.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=body,
                    ContentType=parcel.media_type,
                    Metadata={name: header_value(value) for name, value in labels.items()},
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=b64encode(bytes.fromhex(parcel.sha256)).decode(),
                    **condition,
                )
        except StoreError as error:
            if error.kind == "taken":
                return None
            raise
        return answer

    def _compare(self, parcel: Parcel, key: str) -> None:
        """A file stands there already: is it ours?"""
        with self._asking():
            head = self._client.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
        same_size = head["ContentLength"] == parcel.source.stat().st_size
        if same_size and self._confirmed(parcel, head):
            return
        if head.get("Metadata", {}).get("sha256") == parcel.sha256:
            self._take_back(key, head)  # our own, which arrived damaged just before we died
        raise StoreError(
            f"{self._place(key)} exists with other content and is left as it is. Move it away "
            "and retry.",
            kind="conflict",
            retryable=False,
        )

    def _confirmed(self, parcel: Parcel, answer: Mapping[str, Any]) -> bool:
        """Whether the destination states our digest; it is read back if it states none."""
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

    def _take_back(self, key: str, answer: Mapping[str, Any]) -> NoReturn:
        # Only what we wrote: someone may have put it right in between.
        condition = {"IfMatch": answer["ETag"]} if "ETag" in answer else {}
        try:
            with self._asking():
                self._client.delete_object(Bucket=self.bucket, Key=key, **condition)
        except StoreError as error:
            if error.kind != "taken":
                raise
        raise StoreError(
            f"{self._place(key)} did not arrive as it was sent and was removed; it is sent again.",
            kind="mismatch",
            retryable=True,
        )

    def _stored(self, key: str) -> Stored | None:
        try:
            with self._asking():
                head = self._client.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
        except StoreError as error:
            if error.kind == "not_found":  # removed since it was listed
                return None
            raise
        path = key.removeprefix(f"{self.prefix}/") if self.prefix else key
        return Stored(path, head["ContentLength"], digests_of(head))

    def _pages(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        paginator = self._client.get_paginator("list_objects_v2")
        with self._asking():
            yield from paginator.paginate(Bucket=self.bucket, Prefix=prefix)

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
        with self._asking():  # computed here; only credentials may have to be fetched
            signed: str = self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self.bucket, "Key": key},
                ExpiresIn=self._presign_s,
            )
        return signed

    def _folder_link(self, key: str) -> str:
        if self._public:
            return f"{self._public}/{quote(key)}/"
        if not self._endpoint.endswith(".amazonaws.com"):
            return f"{self._address(key)}/"
        region = self._client.meta.region_name
        return (
            f"https://{region}.console.aws.amazon.com/s3/buckets/{quote(self.bucket)}"
            f"?region={region}&prefix={quote(key, safe='')}/"
        )

    def _address(self, key: str) -> str:
        return f"{self._endpoint}/{quote(self.bucket)}/{quote(key)}"

    def _place(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    @property
    def _endpoint(self) -> str:
        return str(self._client.meta.endpoint_url).rstrip("/")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turns what the SDK raises into errors of our tree."""
        # Late: it loads botocore, which is there anyway once there is a client.
        from pressrun.stores.s3 import errors  # noqa: PLC0415

        try:
            yield
        except errors.RAISED as error:
            region = str(self._client.meta.region_name)
            bucket = errors.Bucket(self.bucket, self._endpoint, region)
            raise errors.from_sdk(error, bucket) from error

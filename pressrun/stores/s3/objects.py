"""What an S3 service states about an object, and the object's bytes as a stream.

Knows no bucket, no key and no SDK: answers are mappings, a body is what can be read.
"""

import hashlib
import io
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO
from urllib.parse import quote

CHUNK = 256 * 1024


class Body(io.RawIOBase):
    """An object's bytes as they come in, with errors of our tree."""

    def __init__(self, body: Any, asking: Callable[[], AbstractContextManager[None]]):
        self._body, self._asking = body, asking

    def readable(self) -> bool:
        """Says that it can be read; it cannot be sought in or written to."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads the next bytes; see :meth:`io.RawIOBase.readinto`."""
        with self._asking():
            data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def digests_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """Reads the digests that an answer to PUT or HEAD states of the whole object."""
    if sha256 := _sha256(answer.get("ChecksumSHA256")):
        return {"sha256": sha256}
    etag = str(answer.get("ETag") or "").strip('"').lower()
    # The ETag is the MD5 unless the object is encrypted with a key or came in parts.
    if re.fullmatch("[0-9a-f]{32}", etag) and "kms" not in answer.get("ServerSideEncryption", ""):
        return {"md5": etag}
    return {}


def _sha256(stated: Any) -> str:
    """Decodes a SHA-256 and gives it in hex; empty for anything else than 32 bytes.

    (``…-3`` is a checksum of the checksums of three parts.)
    """
    try:
        digest = b64decode(str(stated or ""), validate=True)
    except ValueError:
        return ""
    return digest.hex() if len(digest) == hashlib.sha256().digest_size else ""


def keys_of(page: Mapping[str, Any]) -> list[str] | None:
    """Reads the keys on a page of a listing; None if it is no page, or does not name the next."""
    if not isinstance(page.get("IsTruncated"), bool):
        return None
    if page["IsTruncated"] and not page.get("NextContinuationToken"):
        return None
    keys = [entry.get("Key") for entry in page.get("Contents") or ()]
    return keys if all(isinstance(key, str) for key in keys) else None


def sha256_of(stream: BinaryIO) -> str:
    """Computes the digest of all that is left in the stream, in hex."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def header_value(label: str) -> str:
    """Encodes a label for S3's metadata: what a header value cannot hold is percent-encoded."""
    return quote(label, safe=" !#$&'()*+,/:;=?@[]")

"""How bytes come to the local Drive: multipart bodies and resumable sessions."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.servers.drive_errors import bad_request

Json = dict[str, Any]
CHUNK_STEP = 256 * 1024
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class Session:
    """A resumable upload; ``file_id`` is set when it replaces a file's bytes."""

    body: Json
    mime: str
    size: int
    email: str
    file_id: str = ""
    data: bytearray = field(default_factory=bytearray)
    done: Json | None = None

    def receive(self, content_range: str, chunk: bytes) -> None:
        """Takes a chunk; what overlaps bytes already here is skipped.

        Raises:
            DriveFault: It leaves a gap, or is no multiple of 256 KiB and not the last one.
        """
        match = _RANGE.fullmatch(content_range or f"bytes 0-{len(chunk) - 1}/{self.size}")
        if not match:
            raise bad_request("Failed to parse Content-Range header.")
        if match[1] is None:
            return
        begin, end = int(match[1]), int(match[2])
        if begin > len(self.data) or end - begin + 1 != len(chunk):
            raise bad_request("Invalid request. The chunk does not fit its Content-Range.")
        if end + 1 < self.size and len(chunk) % CHUNK_STEP:
            raise bad_request("Invalid request. Chunks must be multiples of 256 KiB.")
        self.data += chunk[len(self.data) - begin :]

    @property
    def is_whole(self) -> bool:
        """Whether every byte is here."""
        return len(self.data) >= self.size


def read_multipart(content_type: str, body: bytes) -> tuple[Json, bytes, str]:
    """The metadata, the bytes and the media type of a ``multipart/related`` body.

    Raises:
        DriveFault: It is not two parts, JSON first.
    """
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if not match:
        raise bad_request("Missing boundary in multipart request.")
    parts = (b"\n" + body).split(b"\n--" + match[1].encode())
    if len(parts) != 4:
        raise bad_request("Malformed multipart body.")
    (_, metadata), (head, data) = (_split(part) for part in parts[1:3])
    media = re.search(r"content-type:\s*([^\s;]+)", head, re.IGNORECASE)
    try:
        return json.loads(metadata), data, media[1] if media else "application/octet-stream"
    except ValueError:
        raise bad_request("Parse Error") from None


def _split(part: bytes) -> tuple[str, bytes]:
    # The client writes LF; others write CRLF, and then the mark's own CR belongs to the mark.
    if part.startswith(b"\r\n"):
        head, _, data = part.partition(b"\r\n\r\n")
        return head.decode(), data.removesuffix(b"\r")
    head, _, data = part.partition(b"\n\n")
    return head.decode(), data


def mask(resource: Json, fields: str) -> Json:
    """The parts of a resource that ``fields`` asks for; Drive shows little if it does not."""
    names = [part.split("(")[0].split("/")[0] for part in _top_level(fields)]
    if "*" in names:
        return resource
    return {name: value for name, value in resource.items() if name in names}


def mask_list(page: Json, fields: str) -> Json:
    """As :func:`mask`, for a page of files."""
    inner = "kind,id,name,mimeType"
    for part in _top_level(fields):
        if part.startswith("files(") and part.endswith(")"):
            inner = part[len("files(") : -1]
    files = [mask(file, inner) for file in page["files"]]
    return mask(page | {"files": files}, fields or "*")


def _top_level(fields: str) -> list[str]:
    parts, depth, begin = [], 0, 0
    for at, letter in enumerate(fields):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append(fields[begin:at].strip())
            begin = at + 1
    return [*parts, fields[begin:].strip()]

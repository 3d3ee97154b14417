"""What is said between the two processes: a JSON value and bytes that go with it, one a frame.

No pickles: who takes a parser over must not reach the process that asked.
"""

import json
import struct
from typing import Any, BinaryIO

_LENGTHS = struct.Struct("!QQ")


def write_frame(stream: BinaryIO, value: Any, data: bytes = b"") -> None:
    """Writes one frame."""
    head = json.dumps(value).encode("ascii")
    stream.write(_LENGTHS.pack(len(head), len(data)))
    stream.write(head)
    stream.write(data)
    stream.flush()


def read_frame(stream: BinaryIO, limit: int) -> tuple[Any, bytes]:
    """Reads one frame of at most ``limit`` bytes.

    Raises:
        EOFError: The other side has ended.
        ValueError: It says more, or something else.
    """
    head, data = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if head + data > limit:
        raise ValueError("the answer is too large")
    return json.loads(_exactly(stream, head)), _exactly(stream, data)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data

"""AWS's answers, read for so long and so far: the SDK bounds neither.

Its timeout is for each wait for bytes alone, and its own reading waits until a whole piece has
come: an answer that trickles would hold the thread for hours. So the stream below is read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from pressrun.boundary.answers import bound_aws_client
from pressrun.engines.replies import MAX_REFUSAL_BYTES, MAX_REPLY_BYTES, oversized

_PIECE = 256 * 1024


def bounded(client: Any, timeout_s: float) -> Any:
    """Makes a client read lists and refusals within bounds; returns it.

    What it streams is for :func:`read_streamed`.

    Args:
        client: Of boto3.
        timeout_s: For a whole answer.
    """
    bound_aws_client(client)
    session = client._endpoint.http_session
    send = session.send

    def send_bounded(request: Any) -> Any:
        streamed, request.stream_output = request.stream_output, True  # else all is read at once
        deadline = time.monotonic() + timeout_s
        answer = send(request)
        if streamed and answer.status_code < 300:
            return answer
        with closing(answer.raw) as stream:
            refused = answer.status_code >= 300
            whole = (
                _read(stream, deadline, MAX_REFUSAL_BYTES) if refused else _whole(stream, deadline)
            )
        answer._content = whole
        return answer

    session.send = send_bounded
    return client


def read_streamed(answer: Mapping[str, Any], deadline: float) -> bytes:
    """Reads an answer's streamed body, if it is complete in time.

    Args:
        answer: As the SDK's operation returned it.
        deadline: On the monotonic clock.

    Raises:
        BadReply: It is larger than any picture.
        ReadTimeoutError, IncompleteReadError: The SDK's own.
    """
    from botocore import exceptions  # noqa: PLC0415 - loaded by now

    with closing(answer["body"]) as body:
        read = _whole(body._raw_stream, deadline)
    whole = int(answer["ResponseMetadata"]["HTTPHeaders"].get("content-length", len(read)))
    if len(read) != whole:
        raise exceptions.IncompleteReadError(actual_bytes=len(read), expected_bytes=whole)
    return read


def _whole(stream: Any, deadline: float) -> bytes:
    read = _read(stream, deadline, MAX_REPLY_BYTES)
    if len(read) > MAX_REPLY_BYTES:
        raise oversized("Bedrock")
    return read


def _read(stream: Any, deadline: float, most_bytes: int) -> bytes:
    """Reads to the end, or to a piece beyond the most."""
    from botocore import exceptions  # noqa: PLC0415 - loaded by now

    read = bytearray()
    while len(read) <= most_bytes and (piece := stream.read1(_PIECE)):
        read += piece
        if time.monotonic() > deadline:
            raise exceptions.ReadTimeoutError(endpoint_url="")
    return bytes(read)

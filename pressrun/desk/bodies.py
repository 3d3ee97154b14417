"""What a page sends, read within a bound: JSON of scripts, and forms."""

import json
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from pressrun.errors import InputError

_MOST_BYTES = 12 * 2**20
_TOO_LARGE = f"That is more than {_MOST_BYTES // 2**20} MiB: it is not kept. Make it shorter."


async def _bytes(request: Request) -> bytes:
    """Reads what was sent.

    Raises:
        InputError: It is far too large.
    """
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > _MOST_BYTES:
            raise InputError(_TOO_LARGE)
    return bytes(data)


async def _json(request: Request) -> dict[str, Any]:
    """Reads a JSON object.

    Raises:
        InputError: It is none, or too large.
    """
    try:
        found = json.loads(await _bytes(request))
    except (ValueError, RecursionError) as error:
        raise InputError("What the page sent cannot be read. Load it again.") from error
    if not isinstance(found, dict):
        raise InputError("What the page sent cannot be read. Load it again.")
    return found


async def _fields(request: Request) -> dict[str, str]:
    """Reads the fields of a form, also of a long one."""
    text = (await _bytes(request)).decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


JsonBody = Annotated[dict[str, Any], Depends(_json)]
LongForm = Annotated[dict[str, str], Depends(_fields)]

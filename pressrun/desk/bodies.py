"""What a page sends, read within a bound and after the sign-in: JSON of scripts, and forms.

FastAPI's own ``Body`` reads all that anybody sends before it asks whether they are signed in.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from pressrun.boundary.problems import problem_words
from pressrun.errors import InputError

Sent = TypeVar("Sent", bound=BaseModel)

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


def reader_of(model: type[Sent]) -> Callable[[Request], Awaitable[Sent]]:
    """Makes what reads a model from a request, for ``Depends``; it raises an InputError."""

    async def read(request: Request) -> Sent:
        try:
            return model(**await _json(request))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(f"{where}: {problem_words(first)}. Nothing of it is kept.") from None

    return read


JsonBody = Annotated[dict[str, Any], Depends(_json)]
LongForm = Annotated[dict[str, str], Depends(_fields)]

"""What a server may answer when a picture or a document is fetched, and how much of it is read.

Knows nothing of how the connection was made (see :mod:`pressrun.inputs.web.fetch`).
"""

import re
from dataclasses import dataclass

import httpx

from pressrun.boundary.text import one_line
from pressrun.errors import InputError, PictureError, SourceError


@dataclass(frozen=True, slots=True)
class Thing:
    """What is asked for, and how an error speaks of it.

    Attributes:
        name: In a sentence.
        accept: The header of that name.
        types: Matches the media types that are taken.
        refusal: Raised for something else.
        too_large: What to do about one that is.
    """

    name: str
    accept: str
    types: re.Pattern[str]
    refusal: type[InputError]
    too_large: str


PICTURE = Thing(
    "picture",
    accept="image/jpeg,image/png,image/webp,image/*;q=0.5",
    types=re.compile(r"image/.*"),
    refusal=PictureError,
    too_large="Scale it down and try again.",
)
DOCUMENT = Thing(
    "page or feed",
    accept="text/html,application/rss+xml,application/atom+xml,application/xml;q=0.9,text/*;q=0.5",
    types=re.compile(r"text/.*|application/(?:.*\+)?xml"),
    refusal=InputError,
    too_large="Give the address of a smaller one.",
)


def read_answer(response: httpx.Response, what: str, thing: Thing, max_bytes: int) -> bytes:
    """Reads the body of an answer, no further than ``max_bytes``.

    Args:
        response: Of a stream, not read yet.
        what: How to name it in an error.
        thing: What was asked for.
        max_bytes: Largest body.

    Raises:
        SourceError: ``unreachable``: the server refused.
        InputError: Something else came (``PictureError`` if a picture was asked for).
    """
    _check_status(response, what)
    _check_type(response, what, thing)
    return _read_body(response, what, thing, max_bytes)


def media_type(response: httpx.Response) -> str:
    """Reads the answer's media type, in lower case, without parameters; empty if none is stated."""
    stated: str = response.headers.get("content-type", "")
    return stated.partition(";")[0].strip().lower()


def _check_type(response: httpx.Response, what: str, thing: Thing) -> None:
    found = media_type(response)
    if not thing.types.fullmatch(found):
        raise thing.refusal(
            f"{what} is not a {thing.name} but {one_line(found, 60) or 'of no stated type'}. "
            f"Give the address of the {thing.name} itself, not of something else that shows it."
        )
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise thing.refusal(f"{what} came compressed although that was not asked for.")


def _read_body(response: httpx.Response, what: str, thing: Thing, max_bytes: int) -> bytes:
    data = bytearray()
    stated = response.headers.get("content-length", "")
    too_large = stated.isdecimal() and int(stated) > max_bytes
    if not too_large:
        for chunk in response.iter_raw():
            data += chunk
            if too_large := len(data) > max_bytes:
                break
    if too_large:
        raise thing.refusal(
            f"{what} has more than {max_bytes / 2**20:.0f} MiB, the most that is read. "
            f"{thing.too_large}"
        )
    return bytes(data)


def _check_status(response: httpx.Response, what: str) -> None:
    status = response.status_code
    if response.is_success:
        return
    retryable = status == 429 or status >= 500
    advice = "Try again later." if retryable else "Open the link in a browser to see why."
    raise SourceError(
        f"{what} was not given: the server answered {status}. {advice}",
        kind="unreachable",
        retryable=retryable,
    )

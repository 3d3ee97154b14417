"""What providers have in common: whole pictures, answers that come late, lost connections."""

import base64
import binascii
import io

from PIL import Image

from pressrun.engines.base import Usage
from pressrun.errors import BadReply, Unavailable
from pressrun.pictures.picture import Picture, read_picture
from pressrun.pictures.processors import all_processors
from pressrun.text import one_line

MAX_REPLY_BYTES = 64 * 2**20  # a 4K PNG is larger than what people may upload


def picture_of(encoded: object, whose: str, usage: Usage) -> Picture:
    """The picture in a field of base64; as :func:`whole_picture`."""
    try:
        data = base64.b64decode(encoded if isinstance(encoded, str) else "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _damaged(whose, error, usage) from None
    return whole_picture(data, whose, usage)


def whole_picture(data: bytes, whose: str, usage: Usage) -> Picture:
    """The picture, checked to the last byte: a truncated one has a perfect header.

    Args:
        data: As the provider sent it.
        whose: Who sent it, for the error: ``"OpenAI"``.
        usage: What the answer cost all the same.

    Raises:
        BadReply: It is none, or is damaged.
    """
    try:
        picture = read_picture(data, "It", max_bytes=MAX_REPLY_BYTES)
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (image.width // 8, image.height // 8))  # JPEG: all read, few drawn
            with all_processors():
                image.load()
    except Exception as error:  # noqa: BLE001 - Pillow raises whatever its parsers stumble over
        raise _damaged(whose, error, usage) from None
    return picture


def timed_out(whose: str, timeout_s: float) -> Unavailable:
    """No whole answer in the time allowed."""
    return Unavailable(
        f"{whose} did not answer within {timeout_s:g} seconds. Try again, or raise the model's "
        "timeout.",
        kind="timeout",
    )


def disconnected(whose: str, error: BaseException, check: str) -> Unavailable:
    """No connection, or a hang-up in the middle of the answer.

    Args:
        whose: Who did not answer.
        error: As the SDK raised it.
        check: What in the account may be wrong, besides the network: ``"the region"``.
    """
    return Unavailable(
        f"The connection to {whose} failed ({type(error).__name__}: {one_line(str(error), 300)}). "
        f"Check the network, and {check} in the account; it may be over by the next try.",
        kind="connection",
    )


def _damaged(whose: str, error: Exception, usage: Usage) -> BadReply:
    return BadReply(
        f"{whose}'s picture is damaged ({error}). Try again.", kind="bad_picture", usage=usage
    )

"""What providers' answers have in common: encoded pictures, and the time they ask to wait."""

import base64
import binascii
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from PIL import Image

from pressrun.engines.base import Usage
from pressrun.errors import BadReply, PictureError
from pressrun.pictures import Picture, read_picture

MAX_REPLY_BYTES = 64 * 2**20  # a 2K PNG may be larger than what people may upload


def picture_of(encoded: object, whose: str, usage: Usage) -> Picture:
    """The picture in a field of base64, checked to the last byte.

    Args:
        encoded: The field, as the provider sent it.
        whose: Who sent it, for the error: ``"OpenAI"``.
        usage: What the answer cost all the same.

    Raises:
        BadReply: It is none, or is damaged; a truncated one has a perfect header.
    """
    try:
        data = base64.b64decode(encoded if isinstance(encoded, str) else "", validate=True)
        picture = read_picture(data, "It", max_bytes=MAX_REPLY_BYTES)
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (image.width // 8, image.height // 8))  # JPEG: all read, few drawn
            image.load()
    except (PictureError, binascii.Error, OSError, ValueError, SyntaxError) as error:
        raise BadReply(
            f"{whose}'s picture is damaged ({error}). Try again.", kind="bad_picture", usage=usage
        ) from None
    return picture


def wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a provider asks to wait, from its headers (names in lower case).

    ``Retry-After`` is a number of seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    told = str(headers.get("retry-after", ""))
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def one_line(words: object, most: int = 300) -> str:
    """A provider's own words, fit to stand in a sentence of ours."""
    return " ".join(str(words or "").split())[:most]

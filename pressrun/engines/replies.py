"""What providers have in common: whole pictures, and answers that are none."""

import base64
import io
import re
from contextlib import closing

from PIL import Image

from pressrun.boundary.text import one_line
from pressrun.engines.base import ImageRequest, TextRequest, Usage
from pressrun.engines.lenient_json import is_event_stream, is_page
from pressrun.errors import BadReply, Blocked, EngineError
from pressrun.pictures.decoding import decoding
from pressrun.pictures.picture import Picture, read_picture
from pressrun.pictures.processors import all_processors

#: The largest answer that is read. Pictures in 4K are reported with 8 to 22 MB, a third more in
#: base64.
MAX_REPLY_BYTES = 64 * 2**20
#: As much is read of a refusal; the rest says nothing more.
MAX_REFUSAL_BYTES = 2**20
#: What stands before the data where a picture is sent as an address of itself.
_DATA_HEAD = re.compile(r"data:[\w.+/;= -]{0,100},")
_ADDRESS = re.compile(r"\s*(?:https?|gs|s3|ftp|file)://", re.IGNORECASE)


def picture_of(encoded: object, whose: str, usage: Usage) -> Picture:
    """Reads the picture in a field of base64, and checks it as :func:`whole_picture` does.

    Line breaks in it, the alphabet for URLs, missing signs at its end and a head as ``data:`` URLs
    have it are accepted.
    """
    text = encoded if isinstance(encoded, str) else ""
    if _ADDRESS.match(text):
        raise address_only(whose, usage)
    try:
        data = _decoded(text)
    except ValueError as error:
        raise _damaged(whose, error, usage) from None
    return whole_picture(data, whose, usage)


_URL_SAFE = str.maketrans("-_", "+/")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # looking for what is to be mended takes five times as long as decoding
        bare = re.sub(r"\s+", "", _DATA_HEAD.sub("", text[:200], count=1) + text[200:]).rstrip("=")
        mended = bare.translate(_URL_SAFE) + "=" * (-len(bare) % 4)
        return base64.b64decode(mended, validate=True)


def whole_picture(data: bytes, whose: str, usage: Usage) -> Picture:
    """Checks a picture to its last byte: a truncated one has a perfect header.

    Args:
        data: As the provider sent it.
        whose: Who sent it, for the error: ``"OpenAI"``.
        usage: What the answer cost all the same.

    Raises:
        BadReply: It is none, or is damaged.
    """
    try:
        picture = read_picture(data, "It", max_bytes=MAX_REPLY_BYTES)
        with (
            decoding(picture.width * picture.height),
            closing(Image.open(io.BytesIO(picture.data))) as image,
        ):
            image.draft("RGB", (image.width // 8, image.height // 8))  # JPEG: all read, few drawn
            with all_processors():
                image.load()
    except Exception as error:  # noqa: BLE001 - Pillow's parsers raise errors of any class
        raise _damaged(whose, error, usage) from None
    return picture


def address_only(whose: str, usage: Usage) -> BadReply:
    """Makes the error of an address in place of the picture: paid, and never of use."""
    return BadReply(
        f"{whose} sent an address in place of the picture, which is not followed. Set "
        'response_format = "b64_json", or what the vendor calls it, in the model\'s `fixed` of '
        "pressrun/engines/models.toml; or choose another model.",
        kind="address_only",
        retryable=False,
        usage=usage,
    )


def no_picture(whose: str, words: str, usage: Usage) -> BadReply:
    """Makes the error of an answer without a picture: the same request often succeeds next time."""
    said = one_line(words, 300).rstrip(" .")
    because = f" It says: {said}." if said else ""
    error = BadReply(
        f"{whose} sent no picture.{because} Try again, or say in the prompt that a picture is "
        "wanted.",
        kind="no_image",
        usage=usage,
    )
    error.repeats = 2
    return error


def withheld(whose: str, said: str, usage: Usage) -> Blocked:
    """Makes the error of a picture that was judged and kept back: paid, and final."""
    return Blocked(
        f"{whose} withheld the answer ({said}). Change the text or the pictures of this item.",
        usage=usage,
    )


def unreadable(whose: str, text: str = "", usage: Usage | None = None) -> BadReply:
    """Makes the error of an answer that is not the API's JSON, though it reports success."""
    found = "not"
    if is_page(text) or is_event_stream(text):
        found = f"a {'web page' if is_page(text) else 'stream of events'}, and not"
    return BadReply(
        f"{whose}'s answer is {found} the JSON it should be. Try again; if it stays so, correct "
        "the address in the Model account block.",
        kind="bad_json",
        usage=usage,
    )


def oversized(whose: str) -> BadReply:
    """Makes the error of an answer that was not read to its end; caps count it at its most."""
    return BadReply(
        f"{whose}'s answer is larger than {MAX_REPLY_BYTES // 2**20} MiB, which no picture is. It "
        "was not read to its end. Try again; if it stays so, correct the address in the Model "
        "account block.",
        kind="oversized",
    )


def refused_blindly(
    whose: str, said: str, request: TextRequest | ImageRequest, usage: Usage
) -> EngineError:
    """Makes the error of a prompt that is refused without a reason.

    Pictures that are encoded anew are often accepted, so they are tried once, if there are any.
    """
    if request.reencoded or not request.pictures:
        return Blocked(
            f"{whose} refuses the prompt ({said}). Change the text or the pictures of this item.",
            usage=usage,
        )
    error = BadReply(
        f"{whose} refuses the prompt without a reason ({said}). It is asked once more with its "
        "pictures encoded anew.",
        kind="refused_blindly",
        usage=usage,
    )
    error.repeats, error.reencode = 1, True
    return error


def _damaged(whose: str, error: Exception, usage: Usage) -> BadReply:
    # What else Pillow's and our readers say is for people who upload a picture.
    reason = one_line(str(error), 200).partition(". ")[0].rstrip(".")
    return BadReply(
        f"{whose}'s picture is damaged ({reason}). Try again.",
        kind="bad_picture",
        usage=usage,
    )

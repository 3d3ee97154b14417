"""Pictures as bytes that were looked at: what they are, before anything decodes them.

Every picture that enters (a slide, a product photo, a model's answer) comes through
:func:`read_picture`; everything behind it may trust the type and the size. What Pressrun makes of
one (:func:`pressrun.provenance.encode`) may be larger.
"""

import hashlib
import io
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image, ImageOps

from pressrun.errors import PictureError

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000


@dataclass(frozen=True)  # no slots: the digest is kept
class Picture:
    """A checked picture: encoded bytes, media type, and size in pixels."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int

    @cached_property
    def sha256(self) -> str:
        """The digest of the encoded bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def extension(self) -> str:
        """``jpg``, ``png`` or ``webp``."""
        return EXTENSIONS[self.media_type]

    def open(self) -> Image.Image:
        """Decodes to RGB, turned the way its EXIF orientation asks.

        Raises:
            PictureError: If the bytes are truncated or damaged.
        """
        try:
            with Image.open(io.BytesIO(self.data)) as image:
                return ImageOps.exif_transpose(image).convert("RGB")
        except (OSError, ValueError, SyntaxError) as error:
            raise PictureError(f"The picture is damaged: {error}.") from error


def read_picture(
    data: bytes, what: str, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> Picture:
    """Checks format and size from the header alone, without decoding.

    Args:
        data: The encoded bytes.
        what: How to name the picture in an error ("photo.png", "slide 3 of …").
        max_bytes: Largest encoded size.
        max_pixels: Largest width x height.

    Raises:
        PictureError: Not JPEG, PNG or WEBP, too large, or no picture at all.
    """
    if not data:
        raise PictureError(f"{what} is empty.")
    if len(data) > max_bytes:
        raise PictureError(
            f"{what} has {len(data) / 2**20:.0f} MiB; at most {max_bytes // 2**20} MiB are read."
        )
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as image:
            kind, (width, height) = image.format or "", image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{what} has too many pixels to be decoded safely.") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(
            f"{what} is not a JPEG, PNG or WEBP picture. Save it as one of these and try again."
        ) from error
    if width * height > max_pixels:
        raise PictureError(
            f"{what} has {width} x {height} = {width * height / 1e6:.0f} megapixels; "
            f"at most {max_pixels / 1e6:.0f} are read. Scale it down and try again."
        )
    return Picture(data, MEDIA_TYPES[kind], width, height)

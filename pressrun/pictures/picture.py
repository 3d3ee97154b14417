"""Pictures as bytes that were looked at: what they are, before anything decodes them.

Every picture that enters (a slide, a product photo, a model's answer) comes through
:func:`read_picture`; everything behind it may trust the type and the size. What Pressrun makes of
one (:func:`pressrun.pictures.provenance.encode`) may be larger.
"""

import base64
import hashlib
import io
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image

from pressrun.errors import PictureError
from pressrun.pictures.conversion import as_jpeg, open_foreign
from pressrun.pictures.decoding import decoding
from pressrun.pictures.jpeg import first_picture
from pressrun.pictures.kinds import is_cut_off, kind_of
from pressrun.pictures.previews import previews

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
#: A decoder sets memory aside for every row and column, whatever the pixels are.
MAX_SIDE = 20_000

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
        """Decodes the picture as :func:`decode` does."""
        return decode(self.data)


def read_picture(
    data: bytes, what: str, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> Picture:
    """Checks format and size from the header, without decoding what seems whole.

    A JPEG with several pictures in it (MPO) is cut to the first, the photo that people see. HEIC
    and AVIF, which models do not take, become JPEG. What seems cut off is decoded, to be sure.

    Args:
        data: The encoded bytes.
        what: How to name the picture in an error ("photo.png", "slide 3 of …").
        max_bytes: Largest encoded size.
        max_pixels: Largest width x height.

    Raises:
        PictureError: No JPEG, PNG, WEBP, HEIC or AVIF, too large, cut off, or no picture at all.
    """
    if not data:
        raise PictureError(f"{what} is empty.")
    if len(data) > max_bytes:
        raise PictureError(
            f"{what} has {len(data) / 2**20:.0f} MiB; at most {max_bytes // 2**20} MiB are read."
        )
    data = _converted(first_picture(data), what, max_pixels)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as image:
            # Pillow calls a JPEG with several pictures MPO.
            kind, (width, height) = image.format, image.size
            media_type = MEDIA_TYPES["JPEG" if kind == "MPO" else str(kind)]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{what} has too many pixels to be decoded safely.") from error
    except Exception as error:
        is_webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
        if is_webp or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
            raise _cut_off(what) from error
        raise PictureError(
            f"{what} is {kind_of(data)}not a JPEG, PNG or WEBP picture. Save it as one of these "
            "and try again."
        ) from error
    _check_size(what, width, height, max_pixels)
    if not _seems_whole(data, media_type):
        _check_whole(data, what)
    return Picture(data, media_type, width, height)


def _check_size(what: str, width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise PictureError(
            f"{what} has {width} x {height} = {width * height / 1e6:.0f} megapixels; "
            f"at most {max_pixels / 1e6:.0f} are read. Scale it down and try again."
        )
    if max(width, height) > MAX_SIDE:
        raise PictureError(
            f"{what} has {width} x {height} pixels; a side has at most {MAX_SIDE:,}. Cut it."
        )


def _seems_whole(data: bytes, media_type: str) -> bool:
    """Says whether a file ends as its format does; some that do not are whole all the same."""
    if media_type == "image/jpeg":
        return data.endswith(b"\xff\xd9")
    if media_type == "image/png":
        return b"IEND" in data[-16:]
    return int.from_bytes(data[4:8], "little") + 8 <= len(data)


def _check_whole(data: bytes, what: str) -> None:
    try:
        decode(data, (64, 64))
    except PictureError as error:
        raise _cut_off(what) from error


def _cut_off(what: str) -> PictureError:
    return PictureError(f"{what} is cut off or damaged. Save it again, or send it again.")


def _converted(data: bytes, what: str, max_pixels: int) -> bytes:
    """Makes a JPEG of HEIC and AVIF; anything else stays as it is."""
    try:
        image = open_foreign(data)
        if image is None:
            return data
        with image:
            _check_size(what, *image.size, max_pixels)
            with decoding(image.width * image.height):
                return as_jpeg(image, _upright(image))
    except PictureError:
        raise
    except Exception as error:
        if is_cut_off(data):
            raise _cut_off(what) from error
        raise PictureError(
            f"{what} is damaged, or a HEIC or AVIF picture of a kind that is not read here. Save "
            "it as JPEG or PNG and try again."
        ) from error


def decode(data: bytes, within: tuple[int, int] | None = None) -> Image.Image:
    """Decodes the pixels in RGB: upright as EXIF asks, and on white where they are transparent.

    Args:
        data: A JPEG, PNG or WEBP file.
        within: Width and height that the pixels are reduced to fit into.

    Raises:
        PictureError: The bytes are truncated, damaged or none of these.
    """
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as image:
            if within:
                # JPEG can be decoded at a fraction of its size, for a fraction of the time.
                image.draft("RGB", (min(within), min(within)))
            # Its pixels go before the next ones may come.
            with decoding(image.width * image.height), closing(image):
                if within:
                    image.thumbnail(within, Image.Resampling.BILINEAR)
                return _upright(image)
    except Exception as error:
        raise PictureError(
            f"The picture is damaged: {str(error) or type(error).__name__}."
        ) from error


def _upright(image: Image.Image) -> Image.Image:
    turn = turn_of(image)
    pixels = _flattened(image)
    return pixels.transpose(turn) if turn is not None else pixels


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """Reads how EXIF asks to turn the pixels; None if it does not, or is damaged."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - what is wrong with the pixels shows when they are decoded
        return None


def _flattened(image: Image.Image) -> Image.Image:
    if image.mode == "I;16":
        # 65,535 is white, and Pillow would clip at 255.
        return image.point(lambda value: value / 257).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    # A cut-out product stands on white; its transparent pixels may hold any colour.
    ground = Image.new("RGB", image.size, "white")
    cut_out = image.convert("RGBA")
    ground.paste(cut_out, mask=cut_out.getchannel("A"))
    return ground


def thumbnail(data: bytes, width: int = 160, quality: int = 60) -> str:
    """Makes a ``data:image/jpeg`` URI at most ``width`` x twice that; empty for no picture."""
    try:
        small = decode(previews.smaller(data, width), (width, width * 2))
    except PictureError:
        return ""
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()

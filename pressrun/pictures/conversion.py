"""HEIC, as iPhones make it, and AVIF: opened, so that they can be made into what models take.

Knows the two formats and nothing of bounds: whoever decodes what is opened here checks its size
before (:mod:`pressrun.pictures.picture`).
"""

import io
from importlib import import_module

from PIL import Image

# https://www.iana.org/assignments/media-types/image/heif and …/avif name these brands.
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF = frozenset({b"avif", b"avis"})
_QUALITY = 95


def open_foreign(data: bytes) -> Image.Image | None:
    """Opens a HEIC or AVIF picture with its pixels undecoded, where the format allows it.

    Returns None if it is neither.

    Raises:
        Exception: Whatever the libraries raise at a damaged file.
    """
    brands = _brands(data)
    if brands & _AVIF:
        return Image.open(io.BytesIO(data), formats=("AVIF",))
    if brands & _HEIF:
        # Imported here: few batches need it. By name: it comes without types.
        import_module("pi_heif").register_heif_opener()
        return Image.open(io.BytesIO(data), formats=("HEIF",))
    return None


def foreign_type(head: bytes) -> str:
    """Tells the media type of HEIC and AVIF by a file's beginning; empty if it is neither."""
    brands = _brands(head)
    return "image/avif" if brands & _AVIF else "image/heic" if brands & _HEIF else ""


def as_jpeg(image: Image.Image, pixels: Image.Image) -> bytes:
    """Encodes the decoded pixels of a picture as a JPEG with the picture's colour profile."""
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=_QUALITY, icc_profile=image.info.get("icc_profile"))
    return out.getvalue()


def _brands(data: bytes) -> set[bytes]:
    """Reads the brands that a file of the ISO base media format says it is of."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}

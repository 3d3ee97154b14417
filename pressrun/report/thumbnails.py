"""Small versions of pictures as data URIs, for pages that must stand alone."""

import base64
import io

from pressrun.errors import PictureError
from pressrun.pictures import decode


def thumbnail(data: bytes, width: int = 160, quality: int = 60) -> str:
    """A ``data:image/jpeg`` URI at most ``width`` x twice that; empty for what is no picture."""
    try:
        small = decode(data, (width, width * 2))
    except PictureError:
        return ""
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()

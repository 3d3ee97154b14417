"""Files as people upload them, made in memory."""

import io
import zipfile
from collections.abc import Mapping

from PIL import Image


def picture(kind: str = "JPEG", colour: tuple[int, int, int] = (200, 120, 40)) -> bytes:
    """A small picture of the kind that Pillow calls so."""
    data = io.BytesIO()
    Image.new("RGB", (90, 160), colour).save(data, kind)
    return data.getvalue()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()

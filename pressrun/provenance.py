"""stub"""

import io
from dataclasses import dataclass
from datetime import datetime
from pressrun.pictures import Picture, read_picture


@dataclass(frozen=True, slots=True)
class Provenance:
    model: str
    batch: str
    item: str
    prompt_sha256: str
    created: datetime


def encode(picture: Picture, media_type: str, quality: int, provenance: Provenance) -> Picture:
    out = io.BytesIO()
    picture.open().save(out, media_type.split("/")[1].upper(), quality=quality, exif=b"")
    return read_picture(out.getvalue(), "x")

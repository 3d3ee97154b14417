"""What people upload, kept by digest and named ``upload:SHA256/mug.jpg`` in parameters."""

from pressrun.batches.uploads.kept import (
    KEPT_S,
    CleanUp,
    UnpackedPhotos,
    Upload,
    Uploads,
    open_uploads,
)
from pressrun.batches.uploads.named import find_named

__all__ = [
    "KEPT_S",
    "CleanUp",
    "UnpackedPhotos",
    "Upload",
    "Uploads",
    "find_named",
    "open_uploads",
]

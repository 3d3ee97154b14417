"""Small copies of the pictures that this process has written, for the pages that show them.

To show a picture small, all of its pixels have to be decoded, which takes a WEBP file half as long
as it took to write. They were there when it was written, so a small copy is made then. It is a
JPEG, of which a fraction can be decoded. The copies are bounded together: of a very large batch,
the older pictures are decoded once more.
"""

import hashlib
import io
import threading
from collections import OrderedDict

from PIL import Image

#: Of a small copy: no thumbnail of a gallery is wider.
WIDTH = 320
#: Good enough to be made smaller once more, which happens to all that are shown.
_QUALITY = 88
#: Of all copies together: some 1,500 pictures.
_MOST_BYTES = 32 * 2**20


class Previews:
    """Small copies by the digest of the file that they show. Safe to use from many threads.

    Args:
        most_bytes: Of all copies together.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES):
        self._most, self._bytes = most_bytes, 0
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, data: bytes, pixels: Image.Image) -> None:
        """Keeps a small copy of a file.

        Args:
            data: The file, and
            pixels: what it shows, upright and in RGB.
        """
        if pixels.width < 2 * WIDTH:  # decoded as fast as its copy
            return
        small, out = pixels.reduce(pixels.width // WIDTH), io.BytesIO()
        small.thumbnail((WIDTH, 2 * WIDTH), Image.Resampling.BILINEAR)
        small.save(out, "JPEG", quality=_QUALITY)
        key, copy = hashlib.sha256(data).digest(), out.getvalue()
        with self._lock:
            self._bytes += len(copy) - len(self._kept.pop(key, b""))
            self._kept[key] = copy
            while self._bytes > self._most:
                self._bytes -= len(self._kept.popitem(last=False)[1])

    def smaller(self, data: bytes, width: int) -> bytes:
        """Gives a file's small copy, where it is there and not too small; else the file."""
        if width > WIDTH or not self._kept:
            return data
        key = hashlib.sha256(data).digest()
        with self._lock:
            return self._kept.get(key, data)


#: Of this process.
previews = Previews()

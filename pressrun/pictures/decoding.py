"""How many pixels this process decodes at once: a small file can have very many of them.

Nor are more pictures decoded at the same time than processors can use: of a batch with fifty items
in work, each waiting one would hold its pixels and be done no sooner.
"""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from PIL import Image

# A large picture's pixels in one piece go back to the system at once; in Pillow's usual 16 MiB they
# stay with the thread (https://pillow.readthedocs.io/en/stable/reference/block_allocator.html).
cast("Any", Image).core.set_block_size(64 * 2**20)
# What damaged EXIF data or a broken animation makes Pillow say, line by line on standard error: the
# picture itself is read or refused, and neither is used.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
#: Of all pictures together. A pixel takes 4 bytes, and up to 12 while it is put on white.
MOST_PIXELS = 64_000_000
#: Pictures at the same time; more than processors, as some wait for Python meanwhile.
MOST_PICTURES = 2 * (os.cpu_count() or 1)


class _PixelBudget(threading.local):
    """What this thread has, so that it never waits for itself."""

    taken = False


_mine = _PixelBudget()
_changed = threading.Condition()
_decoded, _pictures = 0, 0


@contextmanager
def decoding(pixels: int) -> Iterator[None]:
    """Waits until so many more pixels may be decoded; a picture above the bound is decoded alone.

    Within it the same thread decodes what it likes: that belongs to the same picture.
    """
    global _decoded, _pictures
    if _mine.taken:
        yield
        return
    pixels = min(pixels, MOST_PIXELS)
    with _changed:
        _changed.wait_for(lambda: _pictures < MOST_PICTURES and _decoded + pixels <= MOST_PIXELS)
        _decoded, _pictures = _decoded + pixels, _pictures + 1
    _mine.taken = True
    try:
        yield
    finally:
        _mine.taken = False
        with _changed:
            _decoded, _pictures = _decoded - pixels, _pictures - 1
            _changed.notify_all()

"""JPEG files with several pictures in one (MPO, CIPA DC-007): the first of them as a plain JPEG.

Phones and cameras put a preview, a depth map or a brighter version behind the photo that people
see. Works on bytes: decodes nothing and never fails.
"""

import re
from collections.abc import Iterator

_END, _APP2 = 0xD9, 0xE2
_INDEX = b"MPF\x00"
# A marker that begins a segment, or ends the picture: none of those that stand among pixels.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")


def first_picture(data: bytes) -> bytes:
    """Removes the pictures behind the photo and the index that announces them.

    Its pixels, orientation, colour profile and all other metadata stay byte for byte, and so does
    a file that has no such index. Some providers refuse what still has one.

    Args:
        data: A JPEG file, or anything else.
    """
    if _INDEX not in data or not data.startswith(b"\xff\xd8"):
        return data
    kept, done, end = [], 0, len(data)
    for marker, start, after in _segments(data):
        if marker == _END:
            end = after
        elif marker == _APP2 and data.startswith(_INDEX, start + 4):
            kept.append(data[done:start])
            done = after
    return b"".join([*kept, data[done:end]]) if kept else data


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yields marker, start and end of each segment up to the end of the first picture."""
    at = 2
    while found := _MARKER.search(data, at):
        marker, start, at = found[1][0], found.start(), found.end()
        if marker != _END:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
        yield marker, start, at
        if marker == _END:
            return

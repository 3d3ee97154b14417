"""How files with pictures are called and begin, and what a file is that is none.

Opens no picture: who asks this needs no library that does.
"""

import re

#: How files with pictures are called that are read.
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".mpo"}
    | {".png", ".apng", ".webp", ".heic", ".heif", ".hif", ".avif"}
)
#: And files with pictures that are not read: one that is left out without a word would be missing.
OTHER_SUFFIXES = frozenset(
    {".bmp", ".dib", ".gif", ".jp2", ".jxl", ".tif", ".tiff", ".svg", ".ico", ".tga", ".psd", ".ai"}
    | {".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".rw2"}
)

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"II*\0", "a TIFF or raw file"),
    (b"MM\0*", "a TIFF or raw file"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 file"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL file"),
    (b"\xff\x0a", "a JPEG XL file"),
    (b"8BPS", "a Photoshop file"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"version https://git-lfs", "a pointer of Git LFS"),
)
_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_DRAWING = re.compile(rb"\s*(?:<\?xml[^<>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<svg\b", re.DOTALL)
_VIDEOS = frozenset({b"mp42", b"mp41", b"isom", b"iso2", b"M4V ", b"qt  ", b"avc1"})
_HEADER = 8  # bytes of a box of the ISO base media format: its length and its name


def kind_of(data: bytes) -> str:
    """Names what a file is, as ``a GIF, ``; empty if that is not known."""
    found = next((kind for begin, kind in _BEGINNINGS if data.startswith(begin)), "")
    if data[4:8] == b"ftyp" and data[8:12] in _VIDEOS:
        found = "a video"
    if _PAGE.match(data[:1000]):
        found = "a web page"
    if _DRAWING.match(data[:1000]):
        found = "a drawing in SVG"
    return f"{found}, " if found else ""


def is_picture(data: bytes) -> bool:
    """Says whether a file begins as the pictures do that are read, whatever its name is."""
    known = data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return (
        known
        or webp
        or (data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"avif", b"mif1"))
    )


def is_cut_off(data: bytes) -> bool:
    """Says whether a file of the ISO base media format (HEIC, AVIF) ends within a box."""
    at = 0
    while 0 <= at <= len(data) - _HEADER:
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:  # the length stands behind the name, in 64 bits
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:  # up to the end of the file
            return False
        if size < _HEADER:
            return True
        at += size
    return at != len(data)

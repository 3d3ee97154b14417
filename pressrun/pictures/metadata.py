"""Puts EXIF and XMP into an encoded picture without touching its pixels.

One function a container: JPEG segments, PNG chunks, WEBP (RIFF) chunks. Older EXIF and XMP give
way to the new; everything else (colour profile, content credentials) stays byte for byte. It
knows nothing of what the metadata says: that is :mod:`pressrun.pictures.provenance`.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

EXIF_MARK = b"Exif\x00\x00"
XMP_MARK = b"http://ns.adobe.com/xap/1.0/\x00"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_XMP_KEY = b"XML:com.adobe.xmp"

_APP0, _APP1, _APP11, _SOS = 0xE0, 0xE1, 0xEB, 0xDA
_WEBP_XMP_FLAG, _WEBP_EXIF_FLAG, _WEBP_ALPHA_FLAG = 0x04, 0x08, 0x10


def embed(data: bytes, media_type: str, exif: bytes, xmp: bytes, texts: Mapping[str, str]) -> bytes:
    """Writes new metadata into a picture; the pixels stay the same.

    Args:
        data: A JPEG, PNG or WEBP file.
        media_type: Which of the three.
        exif: A TIFF block, without the ``Exif`` mark that JPEG puts before it.
        xmp: An XMP packet.
        texts: Keyword and text, for PNG's own text chunks; the others have none.

    Raises:
        ValueError: If the container is cut short or not what ``media_type`` says.
    """
    if media_type == "image/png":
        return _embed_png(data, exif, xmp, texts)
    embedders: dict[str, Callable[[bytes, bytes, bytes], bytes]] = {
        "image/jpeg": _embed_jpeg,
        "image/webp": _embed_webp,
    }
    return embedders[media_type](data, exif, xmp)


def carries_credentials(data: bytes, media_type: str) -> bool:
    """Says whether a picture carries Content Credentials: a signed C2PA manifest.

    Where a container keeps it: C2PA specification 2.2, appendix A.3 (JPEG APP11, PNG ``caBX``,
    RIFF ``C2PA``). Any change of the file's bytes makes it invalid.
    """
    try:
        if media_type == "image/png":
            return any(kind == b"caBX" for kind, _ in _chunks(data))
        if media_type == "image/webp":
            return any(kind == b"C2PA" for kind, _ in _riff(data))
        return any(
            marker == _APP11 and segment[4:6] == b"JP" and b"c2pa" in segment
            for marker, segment in _segments(data)
        )
    except (ValueError, struct.error):
        return False


def _embed_jpeg(data: bytes, exif: bytes, xmp: bytes) -> bytes:
    if data[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG file")
    new = [_segment(_APP1, EXIF_MARK + exif), _segment(_APP1, XMP_MARK + xmp)]
    head, kept, position = [data[:2]], [], 2
    for marker, segment in _segments(data):
        position += len(segment)
        payload = segment[4:]
        if marker == _APP0:
            head.append(segment)  # JFIF must stay first
        elif marker != _APP1 or not payload.startswith((EXIF_MARK, XMP_MARK)):
            kept.append(segment)
    return b"".join([*head, *new, *kept, data[position:]])


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields marker and bytes of each segment before the compressed scan."""
    position = 2
    while position + 4 <= len(data):
        start, marker, length = struct.unpack_from(">BBH", data, position)
        if start != 0xFF or length < 2 or position + 2 + length > len(data):
            break
        if marker == _SOS:
            return
        yield marker, data[position : position + 2 + length]
        position += 2 + length
    raise ValueError("a JPEG file cut short before its picture")


def _segment(marker: int, payload: bytes) -> bytes:
    if len(payload) > 0xFFFF - 2:
        raise ValueError("metadata too long for a JPEG segment")
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _embed_png(data: bytes, exif: bytes, xmp: bytes, texts: Mapping[str, str]) -> bytes:
    if not data.startswith(PNG_SIGNATURE):
        raise ValueError("not a PNG file")
    text_chunks = {_keyword(key): value.encode() for key, value in texts.items()}
    replaced = {PNG_XMP_KEY, *text_chunks}
    new = [_chunk(b"eXIf", exif), _text_chunk(PNG_XMP_KEY, xmp)]
    new += [_text_chunk(key, value) for key, value in text_chunks.items()]
    header, *rest = _chunks(data)
    kept = [chunk for kind, chunk in rest if not _is_replaced(kind, chunk, replaced)]
    return b"".join([PNG_SIGNATURE, header[1], *new, *kept])


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields type and bytes of each chunk; the bytes have its length, type and checksum too."""
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        yield kind, data[position : position + 12 + length]
        position += 12 + length
    if position == len(PNG_SIGNATURE):
        raise ValueError("a PNG file without chunks")


def _is_replaced(kind: bytes, chunk: bytes, keywords: set[bytes]) -> bool:
    if kind == b"eXIf":
        return True
    return kind in (b"iTXt", b"tEXt", b"zTXt") and chunk[8:].partition(b"\x00")[0] in keywords


def _keyword(key: str) -> bytes:
    return key.encode("latin-1", "replace")[:79]


def _text_chunk(keyword: bytes, text: bytes) -> bytes:
    # Uncompressed, no language, no translated keyword: XMP asks for exactly this.
    return _chunk(b"iTXt", keyword + b"\x00\x00\x00\x00\x00" + text)


def _chunk(kind: bytes, payload: bytes) -> bytes:
    body = kind + payload
    return struct.pack(">I", len(payload)) + body + struct.pack(">I", zlib.crc32(body))


def _embed_webp(data: bytes, exif: bytes, xmp: bytes) -> bytes:
    chunks = [(kind, body) for kind, body in _riff(data) if kind not in (b"EXIF", b"XMP ")]
    if not chunks:
        raise ValueError("a WEBP file without a picture")
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _extended_header(*chunks[0])))
    header = bytearray(chunks[0][1])
    header[0] |= _WEBP_EXIF_FLAG | _WEBP_XMP_FLAG
    chunks[0] = (b"VP8X", bytes(header))
    chunks += [(b"EXIF", exif), (b"XMP ", xmp)]
    body = b"WEBP" + b"".join(_riff_chunk(kind, payload) for kind, payload in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("not a WEBP file")
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        yield kind, data[position + 8 : position + 8 + length]
        position += 8 + length + (length & 1)


def _riff_chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("<I", len(payload)) + payload + b"\x00" * (len(payload) & 1)


def _extended_header(kind: bytes, payload: bytes) -> bytes:
    """Builds the VP8X header that a plain WEBP lacks: flags and size (RFC 9649, 2.7)."""
    if kind == b"VP8L" and len(payload) >= 5:
        bits = int.from_bytes(payload[1:5], "little")
        width, height = bits & 0x3FFF, bits >> 14 & 0x3FFF
        flags = _WEBP_ALPHA_FLAG if bits >> 28 & 1 else 0
    elif kind == b"VP8 " and len(payload) >= 10:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", payload, 6))
        width, height, flags = width - 1, height - 1, 0
    else:
        raise ValueError("a WEBP file without a picture")
    return bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")

"""Pictures as phones, browsers and shops make them, and some that nobody can use."""

import io
import os
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from PIL import Image, ImageCms, ImageDraw

from pressrun.pictures.picture import Picture, read_picture

SIZE = (64, 40)
_ORIENTATION, _EXIF_IFD, _BIAS = 0x0112, 0x8769, 0x9204


def drawn(mode: str = "RGB", size: tuple[int, int] = SIZE, shift: int = 0) -> Image.Image:
    """A picture with enough in it that a cut shows."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(image).rectangle((4 + shift, 4, 20 + shift, 20), fill=(200, 30, 60))
    return image.convert(mode)


def saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    """The picture as a file."""
    data = io.BytesIO()
    (image or drawn()).save(data, kind, **options)
    return data.getvalue()


@cache
def noisy_photo(number: int, width: int = 3000, height: int = 2250) -> Picture:
    """A photo of noise, which no encoder makes small: 6 MB. Each number has bytes of its own."""
    return read_picture(_noise(width, height) + b"%d" % number + b"\xff\xd9", "a photo")


@cache
def _noise(width: int, height: int) -> bytes:
    blots = Image.frombytes("RGB", (width // 4, height // 4), os.urandom(width * height * 3 // 16))
    grain = Image.effect_noise((width, height), 90).convert("RGB")
    return saved("JPEG", Image.blend(blots.resize((width, height)), grain, 0.5), quality=93)


def with_exif(exif: bytes) -> bytes:
    """A JPEG with that EXIF block."""
    return saved("JPEG", exif=b"Exif\x00\x00" + exif)


def turned(orientation: int) -> Image.Exif:
    """EXIF that asks for a turn."""
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return exif


def mpo(**options: Any) -> bytes:
    """A photo with a second picture behind it, as iPhones, Samsung and Panasonic make them."""
    behind = [drawn(size=(32, 20)), drawn(size=(16, 10))]
    return saved("MPO", save_all=True, append_images=behind, **options)


def samsung() -> bytes:
    """EXIF of a phone: turned by 90 degrees, with an exposure bias of -2/0 that Pillow stumbles on.

    As reported in https://github.com/python-pillow/Pillow/issues/8965.
    """
    main = struct.pack("<HHI", 0x4949, 42, 8) + struct.pack("<H", 2)
    main += struct.pack("<HHIHH", _ORIENTATION, 3, 1, 6, 0)
    main += struct.pack("<HHII", _EXIF_IFD, 4, 1, 38) + struct.pack("<I", 0)
    details = struct.pack("<H", 1) + struct.pack("<HHII", _BIAS, 10, 1, 56) + struct.pack("<I", 0)
    return with_exif(main + details + struct.pack("<ii", -2, 0))


def claims(width: int, height: int) -> bytes:
    """A PNG that claims a size and has next to nothing in it, so that nothing is allocated."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def gray16() -> bytes:
    """All greys of 16 bits, from black at the left to white at the right."""
    row = b"".join(struct.pack("<H", value * 257) for value in range(256))
    return saved("PNG", Image.frombytes("I;16", (256, 8), row * 8))


def cut_out(mode: str = "RGBA") -> Image.Image:
    """A product on nothing: what is transparent is black below."""
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((16, 8, 48, 32), fill=(200, 30, 60, 255))
    return image.convert(mode)


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _frames(kind: str) -> bytes:
    later = [drawn(shift=8), drawn(shift=16)]
    return saved(kind, save_all=True, append_images=later, duration=100)


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


#: By file name. A suffix that lies is part of the case.
USABLE: Mapping[str, Callable[[], bytes]] = {
    "exif_6.jpg": lambda: saved("JPEG", exif=turned(6)),
    "exif_of_a_phone.jpg": samsung,
    "exif_invalid.jpg": lambda: with_exif(b"II*\x00\xff\xff\xff\x7f" + b"?" * 30),
    "cmyk.jpg": lambda: saved("JPEG", drawn("CMYK")),
    "gray_16.png": gray16,
    "animated.webp": lambda: _frames("WEBP"),
    "palette.png": lambda: saved("PNG", drawn("P"), transparency=0),
    "cut_out.png": lambda: saved("PNG", cut_out()),
    "cut_out.webp": lambda: saved("WEBP", cut_out()),
    "mpo.jpg": mpo,
    "mpo.mpo": mpo,
    "mpo_6.jpg": lambda: mpo(exif=turned(6).tobytes()),
    "mpo_cut_in_the_second.jpg": lambda: mpo()[:-300],
    "profile.jpg": lambda: saved("JPEG", icc_profile=_profile()),
    "webp_named.jpg": lambda: saved("WEBP"),
    "of_windows.jfif": lambda: saved("JPEG"),
    "wide.png": lambda: saved("PNG", Image.new("RGB", (20_000, 20), "teal")),
    "thin.png": lambda: saved("PNG", Image.new("RGB", (1, 2000), "teal")),
    "one_pixel.png": lambda: saved("PNG", Image.new("RGB", (1, 1), "teal")),
    "gray.jpg": lambda: saved("JPEG", drawn("L")),
    "gray_with_alpha.png": lambda: saved("PNG", cut_out("LA")),
    "progressive.jpg": lambda: saved("JPEG", progressive=True),
    "animated.png": lambda: _frames("PNG"),
    "of_a_camera.avif": lambda: saved("AVIF"),
    "avif_named.webp": lambda: saved("AVIF"),
}
#: Their heads are fine.
DAMAGED: Mapping[str, Callable[[], bytes]] = {
    "truncated.jpg": lambda: _half(saved("JPEG", quality=95)),
    "truncated.png": lambda: _half(saved("PNG")),
    "truncated.webp": lambda: _half(saved("WEBP")),
    "truncated.avif": lambda: _half(saved("AVIF")),
    "truncated_mpo.jpg": lambda: mpo(quality=95)[:1200],
}
REFUSED: Mapping[str, Callable[[], bytes]] = {
    "animated.gif": lambda: _frames("GIF"),
    "gif_named.jpg": lambda: saved("GIF"),
    "bmp_named.png": lambda: saved("BMP"),
    "tiff_named.jpg": lambda: saved("TIFF"),
    "81_megapixels.png": lambda: claims(9000, 9000),
    "200_megapixels.png": lambda: claims(20_000, 10_000),
    "text.jpg": lambda: b"I am not a picture",
    "empty.jpg": lambda: b"",
}
ALL: Mapping[str, Callable[[], bytes]] = {**USABLE, **DAMAGED, **REFUSED}

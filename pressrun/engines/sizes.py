"""The pixels that an aspect ratio and a size name stand for. Knows no engine."""

from pressrun.errors import Refused

#: Pixels at 1K, by aspect ratio (Google's table for its image models).
SIZES_1K = {
    "1:1": (1024, 1024),
    "1:4": (512, 2064),
    "1:8": (352, 2928),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:1": (2064, 512),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "8:1": (2928, 352),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
SCALES = {"1K": 1, "2K": 2, "4K": 4}


def pixel_size(aspect_ratio: str, size: str) -> tuple[int, int]:
    """Width and height in pixels.

    Raises:
        Refused: An aspect ratio or a size that is not in the table.
    """
    if aspect_ratio not in SIZES_1K:
        raise Refused(
            f"The aspect ratio {aspect_ratio!r} does not exist. Use one of {', '.join(SIZES_1K)}."
        )
    if size not in SCALES:
        raise Refused(f"The size {size!r} does not exist. Use one of {', '.join(SCALES)}.")
    width, height = SIZES_1K[aspect_ratio]
    return width * SCALES[size], height * SCALES[size]

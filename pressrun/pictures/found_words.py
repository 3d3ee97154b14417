"""Where known words stand in a picture: by OCR, where the extra ``ocr`` is installed.

A picture takes it half a second of a processor, and the program 500 MB of memory.
"""

import threading
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from pressrun.pictures.hidden import Box
from pressrun.pictures.picture import Picture, decode

#: Lines that the program is less sure of are no words.
_SURE = 0.6
#: Share of a line's letters that stand in the words in one piece: some are misread.
_ALIKE = 0.6
_one_at_a_time = threading.Lock()


def is_installed() -> bool:
    """Says whether there is an OCR program."""
    return find_spec("rapidocr") is not None


def boxes_of(picture: Picture, words: str) -> tuple[Box, ...]:
    """Finds the lines of a picture that are part of some words; none where no OCR is installed."""
    wanted = _letters(words)
    if not wanted or not is_installed():
        return ()
    return tuple(box for box, line in _lines(picture) if _is_part(_letters(line), wanted))


def _is_part(line: str, words: str) -> bool:
    found = SequenceMatcher(None, line, words, autojunk=False).find_longest_match()
    return bool(line) and found.size >= _ALIKE * len(line)


@lru_cache(64)  # a slide is sent once a variation
def _lines(picture: Picture) -> tuple[tuple[Box, str], ...]:
    image = decode(picture.data)
    with _one_at_a_time:
        found = _program()(picture.data)
    if found.txts is None:
        return ()
    lines = zip(found.boxes, found.txts, found.scores, strict=True)
    return tuple((_box(at, image.size), text) for at, text, score in lines if score >= _SURE)


def _box(corners: Iterable[Iterable[float]], size: tuple[int, int]) -> Box:
    """Gives the upright box around four corners, in thousandths of the picture."""
    across, down = zip(*corners, strict=True)
    (width, height), sides = size, (min(down), min(across), max(down), max(across))
    top, left, bottom, right = (
        max(0, min(1000, round(1000 * float(side) / length)))
        for side, length in zip(sides, (height, width, height, width), strict=True)
    )
    return top, left, bottom, right


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in plain if char.isalnum())


@lru_cache(1)
def _program() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 - optional, and slow to load

    one_thread = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
    return RapidOCR(params={"Global.log_level": "error", **one_thread})

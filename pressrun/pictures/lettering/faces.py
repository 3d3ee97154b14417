"""The typefaces that ship with Pressrun, which characters each has, and who draws a character.

One face of a script has its digits and punctuation too, so that a line is mostly of one face. What
no face has would be drawn as an empty box without an error: it is found here, before.
"""

import json
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from icu4py.breakers import CharacterBreaker
from PIL import ImageFont, features

EMOJI = "noto-color-emoji"
#: The only size that the emoji have, in pixels.
EMOJI_SIZE = 109
#: Tried in this order; those of East Asia share most of their characters.
_TEXT = (
    "tiktok-sans", "noto-sans", "noto-sans-arabic", "noto-sans-hebrew", "noto-sans-devanagari",
    "noto-sans-bengali", "noto-sans-tamil", "noto-sans-thai", "noto-sans-jp", "noto-sans-sc",
    "noto-sans-kr", "noto-sans-symbols", "noto-sans-symbols-2",
)  # fmt: skip
_AS_EMOJI, _AS_TEXT, _KEYCAP = "\ufe0f", "\ufe0e", "\u20e3"
#: Below U+10000, what is an emoji where no selector says otherwise: Emoji_Presentation of
#: https://www.unicode.org/Public/UCD/latest/ucd/emoji/emoji-data.txt. Some faces have it in black.
_USUALLY_EMOJI = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽"
    "✅✊✋✨❌❎❓❔❕❗\u2795\u2796\u2797➰➿⬛⬜⭐⭕"
)
_FOLDER = Path(str(files(__package__) / "faces"))


@dataclass(frozen=True, slots=True)
class FaceRun:
    """Neighbouring clusters that one face draws."""

    face: str
    text: str


def clusters(text: str) -> list[str]:
    """Divides a text into what people call characters: letters with their marks, whole emoji."""
    return list(CharacterBreaker(text, "en"))


def missing(text: str) -> list[str]:
    """Lists the characters of a text that no face draws, each once."""
    main = face_of(text)
    return list(dict.fromkeys(one for one in clusters(text) if not _drawn_by(one, main)))


def face_of(text: str) -> str:
    """Chooses the face of a text: the first that has the most of its letters and digits.

    Signs do not count: one heart would set all words in the face of signs.
    """
    letters = "".join(one for one in clusters(text) if one[0].isalnum() and not _is_emoji(one))
    counted = {face: sum(map(_covers(face).has, letters)) for face in _order(letters)}
    return max(counted, key=lambda face: counted[face])


def face_runs(text: str, main: str) -> Iterable[FaceRun]:
    """Divides a line into runs of one face each; every emoji is a run of its own."""
    face, run = "", ""
    for one in clusters(text):
        # A space belongs to what stands before it.
        drawn = face if one == " " and face not in ("", EMOJI) else _drawn_by(one, main) or main
        if run and (drawn != face or EMOJI in (drawn, face)):
            yield FaceRun(face, run)
            run = ""
        face, run = drawn, run + one
    if run:
        yield FaceRun(face, run)


@lru_cache(maxsize=256)
def load_face(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Loads a face at a size in pixels; the emoji at the one that they have.

    Raises:
        RuntimeError: Pillow cannot shape letters: Arabic would be unjoined without a word.
    """
    if not features.check("raqm"):
        raise RuntimeError("Pillow was built without Raqm; install its regular wheel.")
    if face == EMOJI:
        return ImageFont.truetype(_FOLDER / f"{EMOJI}.ttf", EMOJI_SIZE)
    return ImageFont.truetype(_FOLDER / f"{face}.woff2", size)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The characters of a face, as the first and last code points of runs."""

    first: tuple[int, ...]
    last: tuple[int, ...]

    def has(self, char: str) -> bool:
        """Says whether the face draws a character."""
        at = bisect_right(self.first, ord(char)) - 1
        return at >= 0 and ord(char) <= self.last[at]


@lru_cache(maxsize=1)
def _coverage() -> Mapping[str, Coverage]:
    found = {}
    for face, runs in json.loads((_FOLDER / "coverage.json").read_text()).items():
        ends = [run.partition("-") for run in runs.split()]
        first = tuple(int(low, 16) for low, _, _ in ends)
        last = tuple(int(high or low, 16) for low, _, high in ends)
        found[face] = Coverage(first, last)
    return found


def _covers(face: str) -> Coverage:
    return _coverage()[face]


def _order(text: str) -> list[str]:
    """Orders the faces; that of the language comes first among those of East Asia."""
    if any("\u3041" <= char <= "\u30ff" for char in text):
        first = "noto-sans-jp"
    elif any("\uac00" <= char <= "\ud7a3" or "\u1100" <= char <= "\u11ff" for char in text):
        first = "noto-sans-kr"
    else:
        first = "noto-sans-sc"
    at = _TEXT.index("noto-sans-jp")
    return [*_TEXT[:at], first, *(face for face in _TEXT[at:] if face != first)]


@lru_cache(maxsize=8192)
def _drawn_by(cluster: str, main: str) -> str:
    """Finds the face of a cluster; empty if there is none."""
    if _is_emoji(cluster):
        return EMOJI if all(_has(EMOJI, char) for char in cluster) else ""
    found = (face for face in (main, *_order(cluster)) if all(_has(face, c) for c in cluster))
    return next(found, "")


@lru_cache(maxsize=8192)
def _is_emoji(cluster: str) -> bool:
    if _AS_TEXT in cluster or not _covers(EMOJI).has(cluster[0]):
        return False
    if _AS_EMOJI in cluster or _KEYCAP in cluster or cluster[0] in _USUALLY_EMOJI:
        return True
    return cluster[0] > "\uffff" or not any(_covers(face).has(cluster[0]) for face in _TEXT)


def _has(face: str, char: str) -> bool:
    return _covers(face).has(char) or is_unseen(char)


def is_unseen(char: str) -> bool:
    """Says whether a character is drawn as nothing: joiners, selectors and the like."""
    return unicodedata.category(char) in ("Cf", "Zs", "Cc") or "\ufe00" <= char <= "\ufe0f"

"""Letters as they look: case, accents, styles of type and look-alike letters made one.

Folding knows single characters only. Digits in the place of letters and letters apart are matters
of whole words, and stand in :mod:`pressrun.moderation.readings`.
"""

import unicodedata
from collections.abc import Iterator

#: A space that is not seen: it may stand between two words as well as inside one.
ZERO_WIDTH_SPACE = "\u200b"

#: Blocks of combining marks that accent letters of any script; a vowel sign of Indic scripts, or
#: the voicing mark of kana, is no accent.
_ACCENTS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
#: Soft hyphen, joiners, marks of direction, variation selectors, tags: nobody sees them.
_UNSEEN = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200C, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0x1D173, 0x1D17A)),
    *((0xE0000, 0xE01EF),),
)
#: First letters of alphabets whose letters Unicode does not count as the Latin ones.
_ALPHABETS = (0x1F150, 0x1F170, 0x1F1E6)
#: Characters, and below them the Latin letters that they look like.
_ALIKE = (
    # Cyrillic: whole words of it hardly ever become English ones.
    ("абвгезикмнорстухѕіјһԁԛԝԍүҽӏ", "a6bre3ukmhopctyxsijhdqwgyel"),
    # Greek.
    ("αβγεζηικνορστυχωϲϳ", "abyezniknopotuxwcj"),
    # Armenian.
    ("սոօհզցգյ", "unohqgqj"),
    # Latin letters with strokes, hooks and turns, and small capitals.
    ("øłđħŧıɑəǝɐɡɩɪʋƒȷɓɖɗɠɦɨɲŋɔʃʇʞ", "oldhtiaeeagiivfjbddghinncstk"),
    ("ᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghjklmnopqrstuvwyz"),
)
_SEVERAL = {"æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}


def fold(text: str) -> str:
    """The text in small Latin letters, as far as its characters look like them.

    Other scripts keep what they cannot be mistaken for. Folded again, it stays the same. It is
    for comparing only: words of languages that use these letters otherwise become nonsense.
    """
    if text.isascii():
        return text.lower()
    folded = _once(text)
    while folded != text:
        text, folded = folded, _once(folded)
    return folded


def _once(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold().translate(_TABLE)


def _entries() -> Iterator[tuple[int, str | None]]:
    for first, last in (*_ACCENTS, *_UNSEEN):
        yield from ((code, None) for code in range(first, last + 1))
    for first in _ALPHABETS:
        yield from ((first + place, chr(ord("a") + place)) for place in range(26))
    for characters, letters in _ALIKE:
        yield from ((ord(c), x) for c, x in zip(characters, letters, strict=True))
    yield from ((ord(c), letters) for c, letters in _SEVERAL.items())


_TABLE = dict(_entries())

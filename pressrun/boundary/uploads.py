"""References to files that people uploaded: ``upload:SHA256/mug.jpg``, in place of a path.

Knows how a reference is written, and finds references in anything. Reads no file.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from pressrun.boundary.text import one_line, safe_name
from pressrun.errors import InputError

_SCHEME = "upload:"
_REFERENCE = re.compile(
    r"upload:(?P<sha256>[0-9a-f]{64})/(?P<name>[^/\\\s]{1,1000})", re.IGNORECASE
)
_DIGEST = re.compile(r"(?:upload:)?(?P<sha256>[0-9a-f]{64})(?:/.*)?", re.IGNORECASE | re.DOTALL)
_WITHIN = re.compile(r"upload:([0-9a-f]{64})(?![0-9a-f])", re.IGNORECASE)
_SHOWN = re.compile(r"upload:[0-9a-f]{64}/[^/\\\s]{1,1000}", re.IGNORECASE)
#: Bytes of a name: with its digest, a reference stays short enough for a cell.
_LONGEST_STEM, _LONGEST_SUFFIX = 100, 12
#: Letters of a name that are looked at, and its end.
_LONG = 400
#: ASCII that a reference keeps; all else but letters and digits would end it in a list or a table.
_PLAIN = frozenset("._-@+=~!$")


@dataclass(frozen=True, slots=True)
class UploadReference:
    """What names an upload in a parameter: the digest says which bytes, the name is for people."""

    sha256: str
    name: str

    def __str__(self) -> str:
        return f"{_SCHEME}{self.sha256}/{''.join(map(_written, self.name))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a reference.

        Raises:
            InputError: It is none.
        """
        found = _REFERENCE.fullmatch(text.strip())
        if found is None:
            raise InputError(
                f"“{one_line(text, 120)}” names no upload: that is upload:, 64 letters and digits, "
                "a slash and a name. Copy it whole, or upload the file again."
            )
        name = unquote(found["name"], errors="replace")
        return cls(found["sha256"].lower(), clean_name(name))


def is_upload(place: str) -> bool:
    """Says whether a place is meant as a reference to an upload, good or bad."""
    return place.strip().lower().startswith(_SCHEME)


def name_of(place: str) -> str:
    """Gives the file name in a reference, a path or an address; of any text, its last part."""
    last = re.split(r"[/\\]", place.strip().rstrip("/"))[-1]
    if is_upload(place) or "://" in place:
        last = unquote(re.split("[?#]", last)[0], errors="replace")
    return clean_name(last)


def shown(text: str) -> str:
    """Writes a text for people: of a reference in it, the file's name."""
    return _SHOWN.sub(lambda found: name_of(found[0]), text)


def digest_of(named: str) -> str:
    """Gives the digest that a reference, or the bare digest itself, names; empty if it is none."""
    found = _DIGEST.fullmatch(named.strip())
    return found["sha256"].lower() if found else ""


def uploads_in(value: object) -> set[str]:
    """Finds the digests of all uploads that are named anywhere in texts, lists and mappings."""
    if isinstance(value, str):
        return {found.lower() for found in _WITHIN.findall(value)}
    if isinstance(value, bytes):
        return uploads_in(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return uploads_in(value.keys()) | uploads_in(value.values())
    if isinstance(value, Iterable):
        return set().union(*map(uploads_in, value))
    return set()


def clean_name(name: str) -> str:
    """Makes a file's name safe: its last part alone, in letters that every system takes.

    Args:
        name: What a browser or a person called it, also with a path of Windows.
    """
    name = re.split(r"[/\\]", name.encode("utf-8", "replace").decode())[-1].strip()
    if len(name) > _LONG:
        name = name[:_LONG] + name[-2 * _LONGEST_SUFFIX :]
    # What is left after one pass may end in another way: "a:.b:" becomes "a-.b", and that "a.b".
    while (cleaned := _cleaned(name)) != name:
        name = cleaned
    return name


def _cleaned(name: str) -> str:
    stem, dot, suffix = safe_name(name, "file", 8 * _LONG).rpartition(".")
    if stem and suffix.isalnum() and len(suffix.encode()) <= _LONGEST_SUFFIX:
        return safe_name(stem, "file", _LONGEST_STEM) + dot + suffix
    return safe_name(name, "file", _LONGEST_STEM)


def _written(letter: str) -> str:
    if letter in _PLAIN or letter.isalnum():
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode())

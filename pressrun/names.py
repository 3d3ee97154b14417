"""Names of folders and files, made by us from ids and slugs, never taken as they came."""

import re
import unicodedata

#: Forbidden in a name on some file system or in an object key, and control characters.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+')


def safe_name(text: str, fallback: str, longest: int = 80) -> str:
    """A folder name that keeps the text's letters, of any script.

    Args:
        text: What a person called it.
        fallback: The name if nothing usable is left.
        longest: Most UTF-8 bytes; cut between characters.
    """
    name = unicodedata.normalize("NFC", text)
    name = re.sub(r"\s+", " ", _UNSAFE.sub("-", name)).strip(" .-")
    while len(name.encode()) > longest:
        name = name[:-1].rstrip(" .-")
    return name or fallback


def handle(text: str, fallback: str = "unknown") -> str:
    """A user's handle, or a folder's name, in the letters that handles have."""
    return re.sub(r"[^A-Za-z0-9_.]+", "_", text).strip("_")[:40] or fallback

"""Documents of prompts as they were read, kept by content: a changed model reads nothing again."""

import hashlib
from collections.abc import Callable, MutableMapping
from pathlib import Path
from threading import Lock

from cachetools import LRUCache

from pressrun.boundary.files import read_file
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.prompts.bounded import read_prompts, table_or_text_of
from pressrun.inputs.prompts.documents import Parsed, with_notes

_Read = Parsed | DocumentText
_MOST = 24  # documents and ways to read them
_MOST_BYTES = 64 * 2**20  # more than any reader takes


class KeptReadings:
    """What documents were read as. One instance serves many threads."""

    def __init__(self) -> None:
        self._kept: MutableMapping[tuple[str, ...], Parsed | DocumentText] = LRUCache(_MOST)
        self._lock = Lock()

    def text(self, text: str, read_as: str) -> Parsed:
        """Reads a text; raises as :func:`~pressrun.inputs.prompts.bounded.read_prompts`."""
        content = text.encode("utf-8", "replace")
        found = self._get(("text", _digest(content), read_as), lambda: read_prompts(text, read_as))
        assert isinstance(found, Parsed)  # noqa: S101 - texts give no texts
        return found

    def file(self, path: Path, read_as: str) -> Parsed | DocumentText:
        """Reads a table, or gives the text of another file; raises an InputError."""
        key = ("file", _digest(read_file(path, _MOST_BYTES)), path.suffix.lower(), read_as)
        return self._get(key, lambda: table_or_text_of(path, read_as))

    def _get(self, key: tuple[str, ...], read: Callable[[], _Read]) -> _Read:
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        found = read()
        with self._lock:
            self._kept[key] = found
        return found


class DocumentReading:
    """What one plan reads: in the place of the planner's own readers.

    Attributes:
        parsed: What was read last; None while nothing was.
    """

    def __init__(self, kept: KeptReadings):
        self._kept = kept
        self.parsed: Parsed | None = None

    def text(self, text: str, read_as: str) -> Parsed:
        """Reads a text."""
        self.parsed = self._kept.text(text, read_as)
        return self.parsed

    def file(self, path: Path, read: Callable[[str], Parsed], read_as: str) -> Parsed:
        """Reads a file; ``read`` reads it if it is no table."""
        found = self._kept.file(path, read_as)
        if isinstance(found, DocumentText):
            # Reads it as a text, with what it was read from.
            found = with_notes(read(found.text), found.notes)
        self.parsed = found
        return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

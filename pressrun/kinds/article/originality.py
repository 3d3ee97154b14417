"""The texts that a batch has so far, so that no article repeats another one of it.

Kept in this process, and read from the batch's vault when a process begins with it: what was
finished before a crash is known after it.
"""

import threading
from functools import lru_cache
from pathlib import Path

import orjson

from pressrun.kinds.article.checks.faults import Draft, Wanted, faults
from pressrun.kinds.article.files import HEAD


class Shelf:
    """The texts of one batch by their items' keys. One serves many threads.

    Args:
        folder: Of the batch's vault.
    """

    def __init__(self, folder: Path):
        self._lock = threading.Lock()
        self._texts = _texts_in(folder)

    def put(self, key: str, draft: Draft, wanted: Wanted) -> list[str]:
        """Puts an item's text there, unless it is a near copy of another; says of which.

        Of two items that are made at the same time, the second one to come is the copy.
        """
        with self._lock:
            others = {other: text for other, text in self._texts.items() if other != key}
            wrong = faults(draft, wanted, others)
            if not wrong:
                self._texts[key] = draft.body
            return wrong


@lru_cache(maxsize=8)
def shelf_of(folder: Path) -> Shelf:
    """The shelf of the batch whose vault is there."""
    return Shelf(folder)


def _texts_in(folder: Path) -> dict[str, str]:
    texts = {}
    for file in sorted(folder.glob("??/[!.]*")):
        with file.open("rb") as opened:
            if opened.read(len(HEAD)) != HEAD:
                continue
            content = orjson.loads(HEAD + opened.read())
        texts[str(content["item"])] = str(content["body"])
    return texts

"""The texts that a batch has so far, so that no article repeats another one of it.

Kept in this process, and read from the batch's vault when a process begins with it: what was
finished before a crash is known after it.
"""

import threading
from functools import lru_cache

import orjson

from pressrun.kinds.article.checks.faults import ArticleDraft, WantedArticle, faults
from pressrun.kinds.article.files import HEAD
from pressrun.ledger.vault import Vault


class BatchTexts:
    """Keeps the texts of one batch by their items' keys. Thread-safe.

    Args:
        vault: The batch's.
    """

    def __init__(self, vault: Vault):
        self._lock = threading.Lock()
        self._texts = _texts_in(vault)

    def put(self, key: str, draft: ArticleDraft, wanted: WantedArticle) -> list[str]:
        """Adds an item's text, unless it is a near copy of another; says of which.

        Of two items that are made at the same time, the second one to come is the copy.
        """
        with self._lock:
            others = {other: text for other, text in self._texts.items() if other != key}
            wrong = faults(draft, wanted, others)
            if not wrong:
                self._texts[key] = draft.body
            return wrong


@lru_cache(maxsize=8)
def texts_of_batch(vault: Vault) -> BatchTexts:
    """Gives the texts of the batch that has this vault."""
    return BatchTexts(vault)


def _texts_in(vault: Vault) -> dict[str, str]:
    contents = map(orjson.loads, vault.texts(HEAD))
    return {str(content["item"]): str(content["body"]) for content in contents}

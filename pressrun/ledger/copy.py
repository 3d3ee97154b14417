"""A copy of a SQLite ledger, kept before its tables are changed."""

import sqlite3
from contextlib import closing
from pathlib import Path


def keep_copy(ledger: Path, revision: str) -> Path:
    """Copies the ledger beside itself, as it was at that revision; a copy that is there stays.

    Whole also while others read the ledger, unlike a copy of its file.
    """
    copy = ledger.with_name(f"{ledger.name}.{revision}")
    if copy.exists():
        return copy
    part = copy.with_name(f"{copy.name}.part")
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    part.replace(copy)
    return copy

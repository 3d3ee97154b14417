"""From a destination to its store: a folder today; s3:// and drive:// have their place here."""

from pathlib import Path

from pressrun.errors import SettingError
from pressrun.stores.base import Store
from pressrun.stores.folder import FolderStore


def open_store(destination: str) -> Store:
    """The store of a destination.

    Raises:
        SettingError: Its scheme is not known.
    """
    scheme, separator, _ = destination.partition("://")
    if not separator:
        return FolderStore(Path(destination))
    raise SettingError(f"Nothing can be delivered to {scheme}:// yet. Give the path of a folder.")

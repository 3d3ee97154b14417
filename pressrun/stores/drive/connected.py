"""The result store of a person who let Pressrun into their Drive, as the fields of its block."""

from collections.abc import Mapping
from typing import Any

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.stores.drive.consent import GOOGLE, GoogleAddresses, make_folder

#: What the folder is called that is made where none is named.
FOLDER = "Pressrun"


def connected(
    saved: Mapping[str, Any] | None,
    info: Mapping[str, str],
    *,
    folder: str = "",
    folder_id: str = "",
    addresses: GoogleAddresses = GOOGLE,
) -> dict[str, Any]:
    """Builds the fields of a store with a person's credentials.

    Args:
        saved: The fields of a Drive store that gets new credentials, and keeps its folder.
        info: The credentials.
        folder: What a new folder is called.
        folder_id: One that the person has already, in place of a new one.
        addresses: Google's.

    Raises:
        StoreError: Drive makes no folder.
    """
    credentials = {"google_credentials": dict(info)}
    if saved:
        return credentials
    folder_id = folder_id or make_folder(info, folder or FOLDER, addresses)
    other = {"endpoint_url": addresses.api} if addresses.api else {}
    return {"destination": f"drive://{folder_id}", **credentials, **other}


def folder_id_of(text: str) -> str:
    """Reads a folder's id, or its address in a browser; empty for neither.

    Raises:
        InputError: It is another address.
    """
    given = text = text.strip().removeprefix("drive://")
    if "/" in text:
        _, found, text = text.partition("/folders/")
        if not found:
            raise InputError(
                f"{one_line(given, 60)!r} is no folder of Google Drive. Open the folder in a "
                "browser and copy the address: it has /folders/ in it."
            )
    return text.split("?")[0].split("#")[0].strip("/")

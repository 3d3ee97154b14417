"""Whether a folder of Drive takes files, tried with a small one."""

from typing import TYPE_CHECKING

from pressrun.errors import StoreError

if TYPE_CHECKING:  # loading the client takes a second
    from pressrun.stores.drive.client import DriveClient

_DATA = b"Pressrun was here."


def check_writing(client: "DriveClient", folder_id: str, *, share: bool) -> None:
    """Writes a file into a folder, reads it back, shares it if that is wanted, and removes it.

    Raises:
        StoreError: One of these is refused.
    """
    if not client.may_add_to(folder_id):
        raise StoreError(
            "This Google account may read the folder in Drive and not write to it. Share it "
            "with the account as an editor (in a shared drive: as a content manager).",
            kind="no_permission",
            retryable=False,
        )
    probe = client.new_id()
    client.upload(
        probe, ".pressrun-probe", folder_id, data=_DATA, media_type="text/plain", labels={}
    )
    try:
        if client.read(probe, 0, len(_DATA)) != _DATA:
            raise StoreError("A file in Google Drive does not read back as it was written.")
        if share:
            client.share_with_anyone(probe)
    finally:
        client.remove(probe)

"""From a destination to its store: a folder, ``s3://bucket/prefix`` or ``drive://FOLDER_ID``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pressrun.boundary.files import folder_named
from pressrun.boundary.text import one_line
from pressrun.errors import SettingError
from pressrun.stores.base import Store
from pressrun.stores.drive.claims import RemoteIdStore
from pressrun.stores.drive.store import DriveStore
from pressrun.stores.folder import FolderStore
from pressrun.stores.retry import retry_store
from pressrun.stores.s3.store import S3Store, client_config

Scheme = Literal["folder", "s3", "drive"]
#: Most files that are sent at the same time.
SENDERS: Mapping[Scheme, int] = {"folder": 4, "s3": 16, "drive": 4}

_SCHEMES: Mapping[str, Scheme] = {"": "folder", "s3": "s3", "drive": "drive"}
_ADDRESS = re.compile(r"(?:(?P<scheme>\w+)://)?(?P<first>[^/]*)(?P<rest>.*)", re.DOTALL)
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and older names.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_ENDPOINT = re.compile(
    r"https?://[A-Za-z0-9._-]+(:\d{1,5})?(/[^\s?#]*)?|https?://\[[0-9A-Fa-f:]+\](:\d{1,5})?/?"
)
_FOLDER_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Target:
    """A destination, and what reaching it takes.

    Attributes:
        address: Path of a folder, ``s3://bucket/prefix`` or ``drive://FOLDER_ID``.
        name: Of the result store block that says so; empty for a plain folder.
        path_template: As :class:`pressrun.stores.layout.PathLayout` reads it; empty for the usual.
        s3_client: Makes a boto3 S3 client from botocore's configuration.
        google: Gives google-auth's credentials.
        endpoint_url: Where the service is, if not at Amazon or Google.
        public_base_url: Where the bucket is served to people.
        presign_s: Seconds for which S3 links are valid, if they are to be signed.
        shared_drive_id: The shared drive that holds the folder.
        share: Whether everybody who has a batch folder's link may read it.
        files_per_minute: Most files that the destination takes in a minute, if it is known.
        link: Whether a folder's files may be the vault's own, see :class:`FolderStore`.
    """

    address: str
    name: str = ""
    path_template: str = ""
    s3_client: Callable[[Mapping[str, Any]], Any] | None = field(default=None, repr=False)
    google: Callable[[], Any] | None = field(default=None, repr=False)
    endpoint_url: str = ""
    public_base_url: str = ""
    presign_s: int = 0
    shared_drive_id: str = ""
    share: bool = False
    files_per_minute: float | None = None
    link: bool = False

    @property
    def scheme(self) -> Scheme:
        """What kind of destination it is.

        Raises:
            SettingError: None that is known.
        """
        return scheme_of(self.address)


def folder_target(path: Path) -> Target:
    """Makes the target of a folder on this machine.

    Raises:
        InputError: No folder can be called so.
    """
    return Target(str(folder_named(path)))


def scheme_of(address: str) -> Scheme:
    """Finds what kind of destination an address names.

    Raises:
        SettingError: None that is known.
    """
    scheme, _, _ = _split(address)
    if scheme in _SCHEMES:
        return _SCHEMES[scheme]
    raise SettingError(
        f"Nothing can be delivered to {scheme}://. Give the path of a folder, "
        "s3://bucket/prefix or drive://FOLDER_ID."
    )


def open_store(target: Target, remote_ids: Callable[[str], RemoteIdStore]) -> Store:
    """Opens the store of a destination; connects to nothing yet.

    Args:
        target: The destination.
        remote_ids: Gives what remembers a destination's ids.

    Raises:
        SettingError: The address cannot be used, or lacks its credentials.
        StoreError: The credentials cannot be had from where they are configured.
    """
    return _OPENERS[target.scheme](target, remote_ids)


def _folder(target: Target, _remote_ids: Callable[[str], RemoteIdStore]) -> Store:
    return FolderStore(Path(target.address), link=target.link)


def open_s3(target: Target, _remote_ids: Callable[[str], RemoteIdStore]) -> S3Store:
    """Opens the store of an address ``s3://``; see :func:`open_store`.

    Raises:
        StoreError: Its credentials cannot be had from where they are configured.
    """
    _, bucket, prefix = _split(target.address)
    if not _BUCKET.fullmatch(bucket):
        raise SettingError(f"{target.address!r} names no bucket. Write s3://bucket/prefix.")
    if target.s3_client is None:
        raise _needs_block(target.address)
    _check_endpoint(target.endpoint_url, bucket)
    return S3Store(
        bucket,
        prefix,
        retry_store(partial(_s3_client, target.s3_client, target.endpoint_url, bucket)),
        public_base_url=target.public_base_url,
        presign_s=target.presign_s,
    )


def open_drive(target: Target, remote_ids: Callable[[str], RemoteIdStore]) -> DriveStore:
    """Opens the store of an address ``drive://``; see :func:`open_store`."""
    _, folder_id, rest = _split(target.address)
    if not _FOLDER_ID.fullmatch(folder_id) or rest.strip("/"):
        raise SettingError(
            f"{target.address!r} names no folder of Google Drive. Write drive://FOLDER_ID, with "
            "the last part of the folder's address in the browser."
        )
    if target.google is None:
        raise _needs_block(target.address)
    return DriveStore(
        folder_id,
        target.google(),
        remote_ids(f"drive://{folder_id}"),
        api_url=target.endpoint_url or None,
        shared_drive_id=target.shared_drive_id or None,
        share_with="anyone" if target.share else None,
    )


_OPENERS: Mapping[Scheme, Callable[[Target, Callable[[str], RemoteIdStore]], Store]] = {
    "folder": _folder,
    "s3": open_s3,
    "drive": open_drive,
}


def _split(address: str) -> tuple[str, str, str]:
    found = _ADDRESS.fullmatch(address)
    if not found or not found["scheme"]:
        return "", "", address
    return found["scheme"].lower(), found["first"], found["rest"].strip("/")


def _s3_client(make: Callable[[Mapping[str, Any]], Any], endpoint_url: str, bucket: str) -> Any:
    """Makes a client; that looks for its credentials, and a role's may be away for a moment."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - SDK

    from pressrun.stores.s3 import errors  # noqa: PLC0415 - SDK

    try:
        return make(client_config(SENDERS["s3"], endpoint=bool(endpoint_url)))
    except BotoCoreError as error:
        place = errors.Bucket(bucket, endpoint_url or "Amazon S3", "")
        raise errors.from_sdk(error, place) from error


def _check_endpoint(url: str, bucket: str) -> None:
    """Refuses an endpoint URL that the SDK would not take, or that names the bucket as well."""
    if not url:
        return
    if not _ENDPOINT.fullmatch(url):
        raise SettingError(
            f"The endpoint URL {one_line(url, 200)!r} is no address of a service. Write it as "
            "https://host or https://host:port, as the service's pages give it."
        )
    parts = urlsplit(url)
    if parts.path.rstrip("/").endswith(f"/{bucket}") or parts.netloc.startswith(f"{bucket}."):
        raise SettingError(
            f"The endpoint URL {url} names the bucket {bucket!r}, which is in the destination "
            "already. Leave it out of the endpoint URL."
        )


def _needs_block(address: str) -> SettingError:
    return SettingError(
        f"{address} is reached through a result store: make one in the UI (Blocks, Result store) "
        "and choose it in the batch's form."
    )

"""Google Drive v3 as a few plain calls, each sent once, with errors already translated.

It imports Google's client, which takes a second: import it when something is sent, not before.
It knows files by id and nothing of batches, paths and claims.
"""

import http.client
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httplib2
from googleapiclient.errors import HttpError

from pressrun.errors import PressrunError, StoreError
from pressrun.stores.base import unthrottled
from pressrun.stores.drive.connections import Connections, as_media, open_service
from pressrun.stores.drive.errors import (
    MAY_PASS,
    NOT_FOUND,
    from_answer,
    from_connection,
    odd,
    session_gone,
)
from pressrun.stores.drive.remote import FOLDER, Remote, remote_of
from pressrun.stores.retry import GracePeriod

_IDS_AT_ONCE = 100
_FIELDS = (
    "id,name,mimeType,parents,size,md5Checksum,webViewLink,trashed,createdTime,modifiedTime,"
    "appProperties"
)


class DriveClient:
    """Drive for one account. One instance serves many threads.

    Args:
        credentials: Of google-auth.
        api_url: Another host than Google's, without a path.
        shared_drive_id: The shared drive that is listed; all calls see every shared drive.
        timeout_s: Longest silence of the network, in seconds.
    """

    def __init__(
        self,
        credentials: Any,
        *,
        api_url: str | None = None,
        shared_drive_id: str | None = None,
        timeout_s: float = 60.0,
    ):
        acts_for = getattr(credentials, "_subject", None)
        self._robot = hasattr(credentials, "service_account_email") and not acts_for
        self._connections = Connections(credentials, timeout_s)
        self._listed: dict[str, Any] = {"includeItemsFromAllDrives": True}
        if shared_drive_id:
            self._listed |= {"corpora": "drive", "driveId": shared_drive_id}
        service = open_service(api_url)
        self._files, self._permissions = service.files(), service.permissions()
        self._ids: deque[str] = deque()
        self._ids_lock = threading.Lock()
        self._grace = GracePeriod(MAY_PASS)

    def close(self) -> None:
        """Ends the connections that are not in use."""
        self._connections.close()

    def new_id(self) -> str:
        """Takes an id for the next file or folder; ids are fetched a hundred at a time."""
        with self._ids_lock:
            if not self._ids:
                request = self._files.generateIds(count=_IDS_AT_ONCE, space="drive", type="files")
                ids = self._ask(request).get("ids")
                if not ids or not isinstance(ids, list) or not all(map(_is_id, ids)):
                    raise odd("no ids for new files")
                self._ids.extend(ids)
            return self._ids.popleft()

    def get(self, file_id: str) -> Remote | None:
        """Reads what stands under an id; None if nothing does."""
        try:
            return remote_of(self._ask(self._about(file_id, _FIELDS)))
        except StoreError as error:
            if error.kind == NOT_FOUND:
                return None
            raise

    def may_add_to(self, folder_id: str) -> bool:
        """Says whether this account may put files into the folder."""
        reply = self._ask(self._about(folder_id, "capabilities(canAddChildren)"))
        capabilities = reply.get("capabilities")
        return isinstance(capabilities, Mapping) and bool(capabilities.get("canAddChildren"))

    def create_folder(
        self, file_id: str, name: str, parent: str, throttle: Callable[[], None] = unthrottled
    ) -> Remote:
        """Makes a folder after ``throttle``; kind ``id_taken`` if the id is in use."""
        body = {"id": file_id, "name": name, "mimeType": FOLDER, "parents": [parent]}
        request = self._files.create(body=body, fields=_FIELDS, supportsAllDrives=True)
        return remote_of(self._ask(request, throttle))

    def upload(
        self,
        file_id: str,
        name: str,
        parent: str,
        *,
        data: bytes | Path,
        media_type: str,
        labels: Mapping[str, str],
        throttle: Callable[[], None] = unthrottled,
    ) -> Remote:
        """Makes a file after ``throttle``; kind ``id_taken`` if the id is in use.

        We set the same moment for its creation and its last change, so that any later change by
        somebody else shows.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        body = {
            "id": file_id,
            "name": name,
            "parents": [parent],
            "appProperties": dict(labels),
            "createdTime": now,
            "modifiedTime": now,
        }
        with as_media(data, media_type) as media:
            request = self._files.create(
                body=body, media_body=media, fields=_FIELDS, supportsAllDrives=True
            )
            return remote_of(self._ask(request, throttle))

    def replace(
        self,
        file_id: str,
        *,
        data: bytes | Path,
        media_type: str,
        labels: Mapping[str, str],
        modified: str,
    ) -> Remote:
        """Gives a file new bytes; its id and link stay. ``modified`` empty means now."""
        body: dict[str, Any] = {"appProperties": dict(labels)}
        body |= {"modifiedTime": modified} if modified else {}
        with as_media(data, media_type) as media:
            request = self._files.update(
                fileId=file_id,
                body=body,
                media_body=media,
                fields=_FIELDS,
                supportsAllDrives=True,
            )
            return remote_of(self._ask(request))

    def put_back(self, there: Remote, name: str, parent: str) -> None:
        """Gives a file that was moved or renamed its name and folder again."""
        moves = {}
        if there.parent != parent:
            moves = {"addParents": parent, "removeParents": there.parent}
        request = self._files.update(
            fileId=there.id, body={"name": name}, fields="id", supportsAllDrives=True, **moves
        )
        self._run(request)

    def children(self, parents: Sequence[str], name: str | None = None) -> Iterator[Remote]:
        """Lists what lies directly in any of the folders, except for what is in the bin."""
        query = f"({' or '.join(f'{_quoted(parent)} in parents' for parent in parents)})"
        if name is not None:
            query += f" and name = {_quoted(name)}"
        page, seen = "", set[str]()
        while page not in seen:
            seen.add(page)
            request = self._files.list(
                q=f"{query} and trashed = false",
                pageSize=1000,
                fields=f"nextPageToken,files({_FIELDS})",
                supportsAllDrives=True,
                **self._listed,
                **({"pageToken": page} if page else {}),
            )
            reply = self._ask(request)
            if not isinstance(reply.get("files"), list):
                raise odd("no list of files")
            yield from map(remote_of, reply["files"])
            page = str(reply.get("nextPageToken") or "")
            if not page:
                return
        raise odd("the same page of a list twice")

    def read(self, file_id: str, begin: int, end: int) -> bytes:
        """Reads the bytes from ``begin`` up to, but without, ``end``."""
        request = self._files.get_media(fileId=file_id, supportsAllDrives=True)
        request.headers["range"] = f"bytes={begin}-{end - 1}"
        data = self._run(request)
        if not isinstance(data, bytes) or len(data) != end - begin:
            raise odd("other bytes of a file than were asked for")
        return data

    def remove(self, file_id: str) -> None:
        """Deletes a file; puts it in the bin where the account may only do that."""
        try:
            self._run(self._files.delete(fileId=file_id, supportsAllDrives=True))
        except StoreError as error:
            if error.kind == "no_permission":  # a content manager of a shared drive
                self.bin(file_id)
            elif error.kind != NOT_FOUND:
                raise

    def bin(self, file_id: str) -> None:
        """Puts a file or folder in the bin, from which a person can take it back."""
        body = {"trashed": True}
        self._run(
            self._files.update(fileId=file_id, body=body, fields="id", supportsAllDrives=True)
        )

    def share_with_anyone(self, file_id: str) -> None:
        """Lets everybody who has the link read a file or folder; once more changes nothing."""
        body = {"type": "anyone", "role": "reader"}
        self._run(
            self._permissions.create(fileId=file_id, body=body, fields="id", supportsAllDrives=True)
        )

    def _about(self, file_id: str, fields: str) -> Any:
        return self._files.get(fileId=file_id, fields=fields, supportsAllDrives=True)

    def _ask(self, request: Any, throttle: Callable[[], None] = unthrottled) -> Mapping[str, Any]:
        reply = self._run(request, throttle)
        if not isinstance(reply, Mapping):
            # Google's client returns what is no JSON, such as a proxy's page, as it is.
            raise odd("no JSON")
        return reply

    def _run(self, request: Any, throttle: Callable[[], None] = unthrottled) -> Any:
        with self._translated(), self._connections.use() as connection:
            throttle()  # not before: signing in takes different times
            if request.resumable:
                reply = _in_pieces(request, connection)
            else:
                reply = request.execute(http=connection, num_retries=0)
        self._grace.clear()
        return reply

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            raise self._grace.judge(error) from error.__cause__
        except PressrunError:
            raise
        except HttpError as error:
            raise from_answer(
                error.resp.status, error.content, dict(error.resp), robot=self._robot
            ) from error
        except (OSError, httplib2.HttpLib2Error, http.client.HTTPException) as error:
            raise from_connection(error) from error
        except Exception as error:
            # Odd answers make Google's client fail in ways that it does not foresee.
            raise odd(type(error).__name__) from error


def _in_pieces(request: Any, connection: Any) -> Any:
    """Sends a large file in pieces; after every answer, more of it must have arrived."""
    reply, sent = None, -1
    while reply is None:
        if request.resumable_progress <= sent:
            raise odd("an upload that does not go on")
        sent = request.resumable_progress
        try:
            _, reply = request.next_chunk(http=connection, num_retries=0)
        except HttpError as error:
            if request.resumable_uri and error.resp.status in {404, 410}:
                raise session_gone() from error
            raise
    return reply


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

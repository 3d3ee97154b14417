"""What a batch has delivered, over HTTP: files, small pictures, a ZIP file of all.

A file is found by what the ledger says that the batch delivered, never by a path that somebody
sends, and is sent only with the bytes that were delivered. What models and people wrote is never
active: it is shown in a sandbox, or saved.
"""

import hashlib
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response, StreamingResponse

from pressrun.batches.delivered import Delivered
from pressrun.batches.export import stream
from pressrun.batches.vaults import local_vault
from pressrun.boundary.files import make_private
from pressrun.desk.kept import Kept
from pressrun.errors import InputError, StoreError, VaultError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from pressrun.pictures.picture import thumbnail
from pressrun.settings import settings
from pressrun.stores.factory import Target, scheme_of
from pressrun.stores.retry import retry_store

#: Types that are shown; anything else is saved.
_SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/webp", "image/gif"),
        *("text/html", "text/markdown", "text/plain", "application/json"),
    }
)
#: Shown as text: no browser shows it otherwise.
_AS_TEXT = frozenset({"text/markdown", "application/json"})
_SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
#: A page of ours says itself which scripts are its own, by their digests; both policies hold.
_OUR_PAGE = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; {scripts}"
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_POLICY = b'http-equiv="Content-Security-Policy"'
_THUMB_PX, _LARGE_PX = 220, 540
_A_DAY = "private, max-age=86400, immutable"


def target_of(batch: Batch) -> Target | None:
    """Finds what reaching a batch's destination takes; None for a folder.

    Raises:
        SettingError: Its result store cannot be loaded.
    """
    if scheme_of(batch.destination) == "folder":
        return None
    # Imported late: it loads Prefect, which is large and not needed for folders.
    from pressrun.blocks import target_named  # noqa: PLC0415

    return target_named(batch.store, batch.destination)


class Results:
    """Answers with what batches delivered.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        kept: Keeps small pictures for a while.
    """

    def __init__(self, open_ledger: Callable[[], Ledger], kept: Kept):
        self._open_ledger, self._kept = open_ledger, kept

    def file(self, batch_id: str, path: str) -> Response:
        """Answers with a file; where the store has an address of its own, leads there.

        Raises:
            InputError: The batch has delivered no such file.
            StoreError: It cannot be read, or is not what was delivered.
        """
        batch, file = self._found(batch_id, path)
        if scheme_of(batch.destination) != "folder":
            return RedirectResponse(self._link(batch, file.path, file.url), 303)
        data = read(self._opened(batch), file)
        if file.item_key and file.media_type == "text/html":
            data = self._with_pictures(batch, file, data)
        return Response(data, headers=headers_of(file, data))

    def folder(self, batch_id: str) -> Response:
        """Leads to the batch's folder in S3 or Google Drive.

        Raises:
            InputError: It lies in a folder of this machine.
            StoreError: The store gives no link.
        """
        batch = self._batch(batch_id)
        if scheme_of(batch.destination) == "folder":
            raise InputError(f"The batch lies in the folder {batch.destination}/{batch.root}.")
        return RedirectResponse(self._link(batch, "", None), 303)

    def thumb(self, batch_id: str, path: str, *, large: bool = False) -> Response:
        """Answers with a small JPEG of a picture.

        Args:
            batch_id: The batch.
            path: Of the picture below the batch's root.
            large: Large enough to read the words on it.

        Raises:
            InputError: The batch has delivered no such picture.
            StoreError: It cannot be read.
        """
        batch, file = self._found(batch_id, path)
        if not file.media_type.startswith("image/"):
            raise InputError("That file is no picture.")

        def small() -> bytes:
            try:
                data = local_vault(batch.id).held(file.sha256)
            except VaultError:
                data = read(self._opened(batch), file)
            return b64decode(thumbnail(data, px).partition(",")[2])

        px = _LARGE_PX if large else _THUMB_PX
        data = self._kept.get(("thumb", file.sha256, px), 3600, small)
        if not data:
            raise InputError("That picture cannot be shown small.")
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": _A_DAY})

    def archive(self, batch_id: str) -> Response:
        """Streams a ZIP file of all that has arrived.

        Raises:
            InputError: Nothing has arrived yet.
        """
        batch = self._batch(batch_id)
        make_private(_scratch())
        pieces = stream(self._opened(batch), _scratch())
        return StreamingResponse(
            pieces,
            media_type="application/zip",
            headers={"Content-Disposition": _named(f"{Path(batch.root).name}.zip")},
        )

    def _with_pictures(self, batch: Batch, page: DeliveredFile, data: bytes) -> bytes:
        """Puts the pictures beside a page into it: in its sandbox it can ask for nothing."""
        delivered = self._opened(batch)
        for file in self._open_ledger().deliveries.all(batch.id, page.item_key):
            named = f'<img src="{quote(file.path.rpartition("/")[2])}"'.encode()
            if file.is_picture and named in data:
                try:
                    source = b64encode(read(delivered, file)).decode()
                except StoreError:
                    continue  # its alternative text stands there, and the article is read
                held = f'<img src="data:{file.media_type};base64,{source}"'.encode()
                data = data.replace(named, held)
        return data

    def _batch(self, batch_id: str) -> Batch:
        return _known(self._open_ledger(), batch_id)

    def _found(self, batch_id: str, path: str) -> tuple[Batch, DeliveredFile]:
        batch = self._batch(batch_id)
        file = self._open_ledger().deliveries.find(batch.id, path)
        if file is None or file.status != "verified":
            raise InputError("The batch has delivered no such file.")
        return batch, file

    def _opened(self, batch: Batch) -> Delivered:
        return Delivered.open(self._open_ledger(), batch, target_of(batch))

    def _link(self, batch: Batch, path: str, known: str | None) -> str:
        # A link that was signed for a time may have expired.
        if known and "?" not in known:
            return _checked(known)
        delivered = self._opened(batch)
        return _checked(retry_store(lambda: delivered.store.link(delivered.path(path))))


def opened(ledger: Ledger, batch_id: str) -> Delivered:
    """Opens what a batch has delivered, to be changed.

    Raises:
        InputError: There is no such batch, or it is being deleted.
        SettingError: Its result store cannot be loaded.
    """
    batch = _known(ledger, batch_id)
    if batch.status == "deleting":
        raise InputError("The batch is being deleted: nothing of it is changed.")
    return Delivered.open(ledger, batch, target_of(batch))


def _known(ledger: Ledger, batch_id: str) -> Batch:
    batch = ledger.batches.find(batch_id)
    if batch is None:
        raise InputError("There is no such batch. It may not be planned yet, or was deleted.")
    return batch


def clear_scratch() -> None:
    """Removes what a desk that was killed has left of ZIP files."""
    for left in _scratch().glob(".export-*"):
        shutil.rmtree(left, ignore_errors=True)


def _scratch() -> Path:
    return settings().data.expanduser() / "desk"


def read(delivered: Delivered, file: DeliveredFile) -> bytes:
    """Reads a delivered file whole.

    Raises:
        StoreError: It cannot be read, or is not what was delivered.
    """
    data, left = b"", file.bytes + 1  # one more: a longer file shows itself, and fills nothing
    with delivered.store.open(delivered.path(file.path)) as there:
        while left and (piece := there.read(left)):
            data, left = data + piece, left - len(piece)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise StoreError(
            f"{file.path} is not what was delivered: somebody changed it. It is not shown; "
            "`pressrun audit --repair` mends the batch.",
            kind="changed",
            retryable=False,
        )
    return data


def headers_of(file: DeliveredFile, data: bytes) -> dict[str, str]:
    """Builds the headers with which a delivered file is sent."""
    kind = file.media_type.partition(";")[0].strip().lower()
    name = file.path.rpartition("/")[2]
    headers = {"Content-Security-Policy": _SANDBOX, "Cache-Control": "private, no-cache"}
    if kind not in _SHOWN:
        return headers | {"Content-Type": kind, "Content-Disposition": _named(name)}
    headers["Content-Type"] = "text/plain" if kind in _AS_TEXT else kind
    if kind.startswith("text/") or kind in _AS_TEXT:
        headers["Content-Type"] += "; charset=utf-8"
    if kind == "text/html" and not file.item_key:  # a report, whose bytes are those we wrote
        scripts = "script-src 'unsafe-inline'; " if _POLICY in data[:2048] else ""
        headers["Content-Security-Policy"] = _OUR_PAGE.format(scripts=scripts)
    return headers


def _named(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _checked(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise StoreError("The store gives no link that a browser can open.", retryable=False)
    return url

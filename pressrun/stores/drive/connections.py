"""How requests reach Google: connections, the API's description, bodies for Google's client.

Knows no call of Drive's.
"""

import io
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import google_auth_httplib2
import httplib2
from google.auth.exceptions import (
    GoogleAuthError,
    ReauthFailError,
    RefreshError,
    TransportError,
)
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from pressrun.boundary.answers import BoundedAnswers
from pressrun.errors import StoreError
from pressrun.stores.drive.errors import from_connection, from_sign_in

_CHUNK_BYTES = 8 * 1024 * 1024
#: Most of an answer, also unpacked: a page of a thousand files, or four MiB of a file.
_MOST_BYTES = 32 * 2**20


class _Http(BoundedAnswers, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    most_bytes = _MOST_BYTES


class _Https(BoundedAnswers, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    most_bytes = _MOST_BYTES


class _Client(httplib2.Http):  # type: ignore[misc]
    """Google's way to the network, with answers that have an end."""

    def __init__(self, timeout_s: float):
        super().__init__(timeout=timeout_s, decode_limit_hard=_MOST_BYTES)
        self.redirect_codes = httplib2.REDIRECT_CODES - {308}  # of resumable uploads

    def request(self, uri: str, *args: Any, connection_type: Any = None, **kwargs: Any) -> Any:
        connection_type = _Https if uri.lower().startswith("https:") else _Http
        return super().request(uri, *args, connection_type=connection_type, **kwargs)


class Connections:
    """httplib2 is not thread-safe: each connection serves one request at a time.

    Args:
        credentials: Of google-auth.
        timeout_s: Longest silence of the network, in seconds.
    """

    def __init__(self, credentials: Any, timeout_s: float):
        self._credentials, self._timeout_s = credentials, timeout_s
        self._idle: deque[Any] = deque()
        self._refreshing = threading.Lock()

    @contextmanager
    def use(self) -> Iterator[Any]:
        """Lends a signed-in connection for one request; a broken one is not used again.

        Raises:
            StoreError: Google does not accept the sign-in, or its sign-in service is away.
        """
        connection = self._take()
        try:
            self._sign_in(connection)
            yield connection
        except HttpError:
            self._idle.append(connection)
            raise
        except GoogleAuthError as error:
            connection.close()
            raise _refused_sign_in(error) from error
        except BaseException:
            connection.close()  # half a reply may still be under way in it
            raise
        self._idle.append(connection)

    def close(self) -> None:
        """Ends the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            plain = _Client(self._timeout_s)
            return google_auth_httplib2.AuthorizedHttp(self._credentials, http=plain)

    def _sign_in(self, connection: Any) -> None:
        # Otherwise every thread would fetch a token of its own in the same moment.
        if self._credentials.valid:
            return
        with self._refreshing:
            if not self._credentials.valid:
                self._refresh(google_auth_httplib2.Request(connection.http))

    def _refresh(self, request: Any) -> None:
        try:
            self._credentials.refresh(request)
        except (GoogleAuthError, OSError):
            raise
        except Exception as error:  # an answer on which google-auth fails, such as a proxy's page
            raise from_sign_in("", "") from error


class _Chunks(MediaIoBaseUpload):  # type: ignore[misc]
    """An upload whose chunks are bytes.

    As a stream, a chunk that httplib2 sends anew on a fresh connection would be empty, and the
    server would wait for it.
    """

    def has_stream(self) -> bool:
        return False


def open_service(api_url: str | None) -> Any:
    """Builds Drive v3 from the description that Google's client contains: no request is sent."""
    document = json.loads(get_static_doc("drive", "v3"))
    if api_url:
        document["rootUrl"] = api_url.rstrip("/") + "/"
    # The connection here is never used: every request brings its own.
    return build_from_document(document, http=httplib2.Http())


@contextmanager
def as_media(data: bytes | Path, media_type: str) -> Iterator[Any]:
    """Prepares bytes to be sent with their metadata, or a file to be sent in chunks."""
    if isinstance(data, bytes):
        yield MediaIoBaseUpload(io.BytesIO(data), mimetype=media_type, resumable=False)
        return
    with _opened(data) as file:
        yield _Chunks(file, mimetype=media_type, chunksize=_CHUNK_BYTES, resumable=True)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror or error}."
        raise StoreError(text, kind="no_source", retryable=False) from error


def _refused_sign_in(error: GoogleAuthError) -> StoreError:
    if isinstance(error, TransportError):
        return from_connection(error)
    if not isinstance(error, RefreshError) or isinstance(error, ReauthFailError):
        return from_sign_in(type(error).__name__, str(error), retryable=error.retryable)
    reply = error.args[1] if len(error.args) > 1 else {}
    told = reply if isinstance(reply, dict) else {}
    code, description = told.get("error"), told.get("error_description")
    return from_sign_in(
        code if isinstance(code, str) else "",
        description if isinstance(description, str) else "",
        retryable=error.retryable,
    )

"""A local Google Drive v3: ids, uploads, searches, shared drives, refusals and faults.

In a test::

    with DriveServer(creates_per_second=3, latency_s=0.2) as server:
        server.fail("lost_reply", operation="upload", every=10)
        store = DriveStore(server.folder_id, server.user(), remote_ids, api_url=server.url)
        assert [path for path, _ in server.files()] == ["Pressrun/a.jpg"]

By hand (the first line is the address; Ctrl-C ends it)::

    python -m tests.servers.drive --port 0 --creates-per-second 3 --latency 0.2

Other processes script it over HTTP: ``POST /_control/faults`` (one fault or a list of them, as
JSON), ``/_control/clear``, ``/_control/release`` (lets go of hung requests), ``/_control/revoke``
(forgets every token), ``GET /_control/state`` (files, folders, counts). It knows nothing of
Pressrun.
"""

import argparse
import json
import sys
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Self

from tests.servers.drive_http import DriveHttpServer
from tests.servers.drive_service import PERSON, DriveService, Settings
from tests.servers.drive_tokens import DRIVE_SCOPE
from tests.servers.life import Served, ended_by_signal

ROBOT = "robot@local.iam.gserviceaccount.com"


class DriveServer(DriveService, Served):
    """The service on a port of this machine, started by ``with`` or :meth:`start`.

    It begins with one person, whose My Drive has the folder "Pressrun" (``folder_id``), and one
    service account without storage, with which that folder is shared.

    Args:
        settings: How it behaves.
        port: 0 takes a free one.
        changes: Fields of ``Settings`` by name, in place of those of ``settings``.
    """

    def __init__(self, settings: Settings | None = None, *, port: int = 0, **changes: Any):
        settings = replace(settings or Settings(), **changes)
        super().__init__(settings)
        self._http = DriveHttpServer(self.answer, self.cuts, port)
        person = self.library.add_account(PERSON, settings.storage_bytes)
        self.library.add_account(ROBOT, 0)
        self.folder_id = self.library.add_folder("Pressrun", person.root_id, {ROBOT: "writer"})

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return self._http.url

    @property
    def token_uri(self) -> str:
        """Where google-auth gets access tokens."""
        return f"{self.url}/token"

    def user_info(self, scopes: Collection[str] = (DRIVE_SCOPE,), email: str = PERSON) -> Any:
        """What a person's consent leaves, as arguments of google.oauth2's ``Credentials``."""
        return {
            "token": None,
            "refresh_token": self.tokens.refresh_token(email, frozenset(scopes)),
            "token_uri": self.token_uri,
            "client_id": "local",
            "client_secret": "local",
        }

    def user(self, scopes: Collection[str] = (DRIVE_SCOPE,), email: str = PERSON) -> Any:
        """Real credentials of a person, which refresh themselves here."""
        from google.oauth2.credentials import Credentials

        return Credentials(**self.user_info(scopes, email))  # type: ignore[no-untyped-call]

    def service_account(self, *, delegated: bool = False, subject: str | None = None) -> Any:
        """Real credentials of the service account, with a key made now."""
        from google.oauth2.service_account import Credentials

        info = self.tokens.service_key(ROBOT, self.token_uri, delegated=delegated)
        build: Any = Credentials.from_service_account_info
        return build(info, scopes=[DRIVE_SCOPE], subject=subject)

    def start(self) -> Self:
        """Begins to serve; returns itself."""
        self._http.start()
        return self

    def stop(self) -> None:
        """Ends every connection, the hung ones too."""
        self.end()
        self._http.stop()


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    settings = Settings(
        creates_per_second=options.creates_per_second,
        rate_reason=options.rate_reason,
        retry_after_s=options.retry_after,
        latency_s=options.latency,
        max_children=options.max_children,
        storage_bytes=options.storage_bytes,
        token_s=options.token_s,
    )
    server = DriveServer(settings, port=options.port)
    ended = ended_by_signal()
    with server:
        about = {"url": server.url, "folder_id": server.folder_id, "user": server.user_info()}
        line = json.dumps(about) if options.json else server.url
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        ended.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.drive", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one (default)")
    add("--creates-per-second", type=int, help="files and folders made in any second")
    add("--rate-reason", default="userRateLimitExceeded", help="Drive's word, or 429")
    add("--retry-after", type=float, help="seconds that a rate refusal asks to wait")
    add("--latency", type=float, default=0.0, help="seconds of an answer")
    add("--max-children", type=int, default=500_000, help="files and folders in a folder")
    add("--storage-bytes", type=int, help="storage of the person's account")
    add("--token-s", type=float, default=3600.0, help="lifetime of access tokens, seconds")
    add("--json", action="store_true", help="print url, folder_id and a user's credentials")
    return parser


if __name__ == "__main__":
    sys.exit(main())

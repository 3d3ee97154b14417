"""``pressrun connect-drive``: a person lets Pressrun into their Google Drive."""

import webbrowser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from pressrun.cli.options import Json
from pressrun.cli.output import print_json, print_line, print_note
from pressrun.cli.server import answering_server
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.stores.drive.consent import GoogleAddresses, GoogleClient
    from pressrun.stores.probe import Check

_PATIENCE_S = 600.0
_MOST_BYTES = 100_000


def connect_drive(
    client: Annotated[
        Path,
        Option(metavar="FILE", help="Google Cloud's client_secret.json, of a Desktop app."),
    ],
    name: Annotated[str, Argument(metavar="NAME", help="Result store block.")] = "drive",
    folder: Annotated[
        str, Option(metavar="NAME", help="What the folder is called that is made in My Drive.")
    ] = "Pressrun",
    folder_id: Annotated[
        str,
        Option(
            metavar="ID",
            help="A folder that you have, by id or address; asks for the right to all your files.",
        ),
    ] = "",
    browser: Annotated[bool, Option(help="Open the address in a browser.")] = True,
    as_json: Json = False,
) -> int:
    """Connect Google Drive, by Google's own sign-in.

    The browser has to run on this machine. A store of that name gets new credentials and keeps its
    folder.

    Exit code 1: it is connected, and takes no files.
    """
    from pressrun.boundary.files import read_text
    from pressrun.stores.drive.connected import folder_id_of
    from pressrun.stores.drive.consent import GOOGLE, GoogleClient

    told = GoogleClient.of_file(read_text(client, _MOST_BYTES))
    wanted = folder_id_of(folder_id)
    with answering_server():
        saved = _saved(name)
    info = _asked(told, GOOGLE, all_files=bool(wanted), browser=browser)
    with answering_server():
        check = _connect(name, saved, info, GOOGLE, folder=folder, folder_id=wanted)
    if as_json:
        print_json({"ok": check.ok, **asdict(check)})
    else:
        print_line(f"The store {name} is saved: {check.destination}")
        print_line(check.error or "It takes files.")
    return 0 if check.ok else 1


def _asked(
    client: "GoogleClient", addresses: "GoogleAddresses", *, all_files: bool, browser: bool
) -> dict[str, str]:
    """Waits until the person has answered on Google's page."""
    from pressrun.stores.drive.consent import Consent
    from pressrun.stores.drive.loopback import Loopback

    with Loopback() as loopback:
        consent = Consent(client, loopback.address, all_files=all_files, addresses=addresses)
        print_note("Open this address in a browser on this machine, and answer there:")
        print_note(consent.url)
        if browser:
            webbrowser.open(consent.url)
        return consent.finish(loopback.wait(consent.state, _PATIENCE_S))


def _saved(name: str) -> Any:
    """Finds the Drive store of that name; None if there is none of that name at all."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    from pressrun.blocks import ResultStore, target_named

    slug = ResultStore.get_block_type_slug()
    with get_client(sync_client=True) as prefect:
        try:
            prefect.read_block_document_by_name(name, slug, include_secrets=False)
        except ObjectNotFound:
            return None
    if target_named(name, "").scheme != "drive":
        raise InputError(f"The store {name} is not in Google Drive. Choose another NAME.")
    return ResultStore.load(name)


def _connect(
    name: str,
    saved: Any,
    info: Mapping[str, str],
    addresses: "GoogleAddresses",
    *,
    folder: str,
    folder_id: str,
) -> "Check":
    from pressrun.blocks import ResultStore, target_named
    from pressrun.ledger import open_ledger
    from pressrun.stores.drive.connected import connected
    from pressrun.stores.probe import check_store

    kept = saved.model_dump() if saved else None
    fields = connected(kept, info, folder=folder, folder_id=folder_id, addresses=addresses)
    if saved:
        saved.google_credentials = ResultStore(destination="drive://x", **fields).google_credentials
        saved.save(name, overwrite=True)
    else:
        ResultStore(**fields).save(name)
    return check_store(target_named(name, ""), open_ledger().remote_ids)

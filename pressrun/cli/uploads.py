"""Files handed to batches by reference: uploaded, listed, cleaned."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from pressrun.boundary.uploads import is_upload
from pressrun.cli.options import Json
from pressrun.cli.output import ask, print_json, print_line, print_note, size
from pressrun.cli.server import answering_server
from pressrun.errors import InputError, SettingError

if TYPE_CHECKING:
    from pressrun.batches.uploads import CleanUp, Upload, Uploads

_LISTED = 20


def upload(
    files: Annotated[
        list[str],
        Argument(metavar="FILE", help="Pictures, ZIP files, tables or texts of this machine."),
    ],
    unpack: Annotated[
        bool, Option("--unpack", help="Print the photos of a ZIP file, each by itself.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Upload files and print the references to them.

    A batch's parameters take a reference in place of a path, so that a worker on any machine reads
    the file. Exit code 1: a file cannot be used.
    """
    from pressrun.batches.uploads import open_uploads

    uploads, failed = open_uploads(), False
    kept: list[Upload] = []
    for file in files:
        try:
            kept += _put(uploads, Path(file), unpack=unpack)
        except InputError as error:
            print_note(str(error))
            failed = True
    if as_json:
        print_json([{"reference": one.reference, **asdict(one)} for one in kept])
    else:
        for one in kept:
            print_line(one.reference)
    return 1 if failed else 0


def uploads(
    clean: Annotated[
        bool, Option("--clean", help="Remove what nothing has named for 30 days.")
    ] = False,
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> int:
    """Show what uploads are kept, and which may go.

    Those that a batch, a draft of the desk on this machine, a schedule or a run names are kept, and
    the others for 30 days.
    """
    from pressrun.batches.uploads import find_named, open_uploads
    from pressrun.ledger import open_ledger

    kept = open_uploads()
    with answering_server():
        named = find_named(open_ledger(), _ask_server)
    found = kept.survey(named, time.time())
    if clean and found.removed:
        _print(found, kept.place, print_note)
        if not yes and not _agreed():
            print_note("Nothing was removed.")
            return 2
        found = kept.clean(named, time.time())
    if as_json:
        print_json({"place": kept.place, "cleaned": clean, **asdict(found)})
    elif clean:
        print_line(f"{len(found.removed)} uploads are removed.")
    else:
        _print(found, kept.place, print_line)
    return 0


@contextmanager
def local_file(named: str) -> Iterator[Path]:
    """Gives the path of a file that a person named; an upload is copied here for a while."""
    if not is_upload(named):
        yield Path(named)
        return
    from pressrun.batches.uploads import open_uploads

    with open_uploads().copied(named) as path:
        yield path


def _put(uploads: "Uploads", file: Path, *, unpack: bool) -> "list[Upload]":
    kept = uploads.put_file(file)
    if kept.name != file.name:
        print_note(f"{file.name} is kept as {kept.name}.")
    if not unpack:
        return [kept]
    found = uploads.unpack(kept)
    for said in found.left_out:
        print_note(said)
    return found.photos


def _ask_server(path: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        raise SettingError(
            "Schedules name uploads, and which server has them is not known here. Set "
            "PREFECT_API_URL."
        )
    with get_client(sync_client=True) as client:
        answer = client.request("POST", path, json=asked)  # type: ignore[arg-type]
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def _print(found: "CleanUp", place: str, say: Callable[[str], None]) -> None:
    say(f"Uploads in {place}")
    for group, what in (
        (found.named, "are named by a batch, a draft, a schedule or a run"),
        (found.waiting, "are named by nothing, and kept for 30 days"),
        (found.removed, "are named by nothing for 30 days: --clean removes them"),
    ):
        say(f"{len(group):>6}  {size(sum(one.bytes for one in group)):>9}  {what}")
    for one in found.removed[:_LISTED]:
        say(f"        {size(one.bytes):>9}  {one.sha256}  of {_day(one.at)}")
    if len(found.removed) > _LISTED:
        say(f"        … and {len(found.removed) - _LISTED} more; --json has all")


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise InputError("Nobody can be asked here. Add --yes to remove the uploads.")
    return ask("Remove them?")

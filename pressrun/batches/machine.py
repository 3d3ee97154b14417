"""Which machine this is, and which batches only it can go on with.

A machine is known by an id in its data folder, which stays with the data: hosts may have one name,
and a host that is replaced with its data is the same machine.
"""

import os
import socket
import uuid
from functools import lru_cache
from pathlib import Path

from pressrun.boundary.files import make_private
from pressrun.errors import ElsewhereError
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from pressrun.stores.factory import scheme_of

_FILE = "machine-id"


def machine_id() -> str:
    """Reads this machine's id; makes it when it is first asked for."""
    return _id_in(settings().data.expanduser())


def machine_name() -> str:
    """Gives the name that people know this machine by; another one may have it too."""
    return socket.gethostname()


def is_bound(address: str) -> bool:
    """Says whether a batch that is delivered there can go on only on the machine that began it."""
    told = settings()
    if not told.several_machines or scheme_of(address) != "folder":
        return False
    place = Path(address).expanduser().resolve()
    shared = (Path(folder).expanduser() for folder in told.shared_folders.split(":") if folder)
    return not any(place.is_relative_to(folder.resolve()) for folder in shared)


def is_elsewhere(batch: Batch) -> bool:
    """Says whether another machine has the folder that a batch is delivered into."""
    return bool(batch.machine) and batch.machine != machine_id()


def require_here(batch: Batch) -> None:
    """Refuses a batch whose folder is on another machine.

    Raises:
        ElsewhereError: It is.
    """
    if is_elsewhere(batch):
        alike = (
            f" (this one is called so, too, but has another {_FILE} in PRESSRUN_DATA)"
            if batch.machine_name == machine_name()
            else ""
        )
        raise ElsewhereError(
            f"{batch.name} is delivered into {batch.destination} on the machine "
            f"{batch.machine_name}{alike}, so it can go on only there. Start a worker there; to "
            "deliver where every machine can go on, choose a result store (S3 or Google Drive), or "
            "name folders that all have mounted in PRESSRUN_SHARED_FOLDERS."
        )


@lru_cache
def _id_in(data: Path) -> str:
    place = data / _FILE
    if not place.exists():
        make_private(data)
        part = data / f".{_FILE}.{uuid.uuid4().hex}"
        part.write_text(f"{uuid.uuid4()}\n", "ascii")
        try:
            os.link(part, place)  # of two processes at once, one has made it
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return place.read_text("ascii").strip()

"""What names uploads, so that none is removed that somebody still means to use.

Batches in the ledger, drafts of the desk on this machine, and what waits at Prefect's server:
schedules, and runs that are not over. Asks the server through a function, and knows no client.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressrun.boundary.uploads import uploads_in
from pressrun.ledger import Ledger
from pressrun.ledger.listing import read_mentions
from pressrun.settings import settings

#: Sends a filter to one of the server's lists, by its path; gives the answer's rows.
AskServer = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]

_PAGE = 200
#: Results on their way to somebody who downloads them.
_EXPORT = ".export-"
#: Bytes that are read at once, and that a reference cut in two has at most.
_PIECE, _LONGEST = 2**20, 100
_NOT_OVER = ["SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING"]


def find_named(ledger: Ledger, ask: AskServer) -> set[str]:
    """Finds the digests of all uploads that anything names.

    Args:
        ledger: Its batches with their parameters, items and reviews.
        ask: Asks Prefect's server, such as ``ask("/deployments/filter", {"limit": 200})``.

    Raises:
        PressrunError: The ledger or the server cannot be asked.
    """
    return (
        uploads_in(read_mentions(ledger.database, "upload:"))
        | uploads_in(_drafts(settings().data.expanduser() / "desk"))
        | uploads_in(_waiting(ask))
    )


def _drafts(folder: Path) -> Iterator[bytes]:
    """Yields what the desk keeps of what people have begun, whatever form it has."""
    for path in folder.rglob("*"):
        if any(part.startswith(_EXPORT) for part in path.relative_to(folder).parts):
            continue
        with suppress(FileNotFoundError, IsADirectoryError), path.open("rb") as file:
            tail = b""
            while piece := file.read(_PIECE):
                yield tail + piece
                tail = piece[-_LONGEST:]


def _waiting(ask: AskServer) -> Iterator[Any]:
    for deployment in _all(ask, "/deployments/filter", {}):
        yield deployment.get("parameters")
        yield deployment.get("schedules")
    runs = {"flow_runs": {"state": {"type": {"any_": _NOT_OVER}}}, "sort": "ID_DESC"}
    for run in _all(ask, "/flow_runs/filter", runs):
        yield run.get("parameters")


def _all(ask: AskServer, path: str, asked: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    offset = 0
    while True:
        page = ask(path, {**asked, "limit": _PAGE, "offset": offset})
        yield from page
        if len(page) < _PAGE:
            return
        offset += _PAGE

"""What names uploads, so that none is removed that somebody still means to use.

Batches in the ledger, drafts of the desk on this machine, and what waits at Prefect's server:
schedules, and runs that are not over. Asks the server through a function, and knows no client.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pressrun.boundary.uploads import uploads_in
from pressrun.ledger import Ledger
from pressrun.ledger.listing import read_mentions
from pressrun.settings import settings

#: Sends a filter to one of the server's lists, by its path; gives the answer's rows.
AskServer = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]

_PAGE = 200
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
        if path.suffix == ".zip":
            continue  # results that somebody downloads
        try:
            yield path.read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            continue  # one that was just replaced, or a folder


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

"""``index.html`` at a store's root: all its batches, newest first, with links to their galleries.

It lists the batches of every owner that this ledger has at the destination, and belongs to none
of them: it lies above their roots, so that no audit and no deletion counts it. It is made from the
ledger each time, after the batch's own end is in there. Of two batches that end at once, each
looks at the ledger again once its page is written, and writes again if the page was out of
date. One race is left: a process that dies, or is refused, between its page and that second look
may leave a page that is older than another's, until the next batch ends.
"""

import hashlib
import logging
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from pressrun.errors import PressrunError, StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.listing import Listed, read_batches, read_links
from pressrun.ledger.records import OPEN
from pressrun.reports.gallery.page import standing_alone
from pressrun.settings import settings
from pressrun.stores.base import Parcel, Store

logger = logging.getLogger(__name__)

NAME = "index.html"
#: The page stays small, and its figures are read in a moment.
MOST = 1000
#: What stands in the page's head, and in nobody else's.
GENERATOR = "Pressrun store index"
#: Bytes in which a page says what made it.
_HEAD = 2048
#: How often a page is written anew because other batches ended meanwhile.
_ROUNDS = 20
_SCRIPTS = ("gallery_theme.js", "gallery_filter.js")
_GALLERY = "gallery.html"


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """A batch in the list.

    Attributes:
        link: Of its gallery as the ledger has it; None if there is none yet.
        started: In UTC, to the minute.
        over: Whether it has ended: the figures of one in work would be old at once.
    """

    batch: Listed
    link: str | None
    started: str
    over: bool


def write_store_index(ledger: Ledger, destination: str, store: Store, machine: str = "") -> None:
    """Updates the list, unless the settings say that there is none.

    A failure is only a warning: the batch itself is whole.

    Args:
        ledger: Where the batches stand.
        destination: The store's address as batches have it.
        store: The store.
        machine: The id of the machine that alone has it; empty where all can reach it.
    """
    if not settings().store_index:
        return
    try:
        _write(ledger, destination, store, machine)
    except (PressrunError, OSError) as error:
        logger.warning("The list of batches at %s is not up to date: %s", destination, error)


def read_entries(ledger: Ledger, destination: str, machine: str = "") -> list[ListedEntry]:
    """Reads the batches of a destination, newest first; one more than are listed, if there are."""
    most = MOST + 1
    found = read_batches(ledger.database, most=most, destination=destination, machine=machine)
    links = read_links(ledger.database, [batch.id for batch in found], _GALLERY)
    return [_entry(batch, links.get(batch.id)) for batch in found]


def store_index(entries: list[ListedEntry], store: Store) -> bytes:
    """Renders the page. Titles are words of users: the template escapes them."""
    shown = entries[:MOST]
    return standing_alone(
        "store_index.html",
        _SCRIPTS,
        generator=GENERATOR,
        entries=[(entry, _href(entry, store)) for entry in shown],
        more=len(entries) > MOST,
        cost_usd=sum(entry.batch.cost_usd for entry in shown if entry.over),
        statuses=dict(Counter(entry.batch.status for entry in shown)),
        destination=store.destination,
    )


def _write(ledger: Ledger, destination: str, store: Store, machine: str) -> None:
    entries = read_entries(ledger, destination, machine)
    replace = _is_ours(store)
    for _ in range(_ROUNDS):
        if entries:
            _put(store, store_index(entries, store), replace=replace)
        elif replace:
            store.remove(NAME)
        told, entries, replace = entries, read_entries(ledger, destination, machine), True
        if told == entries:
            return


def _is_ours(store: Store) -> bool:
    """Checks whether a list of ours stands there, which may be replaced.

    Raises:
        StoreError: A person's own page does.
    """
    try:
        with store.open(NAME) as stream:
            head = stream.read(_HEAD)
    except StoreError as error:
        if error.kind != "not_found":
            raise
        return False
    if f'content="{GENERATOR}"'.encode() in head:
        return True
    raise StoreError(
        f"{NAME} at {store.destination} is somebody else's and is left as it is. Move it away, or "
        "set PRESSRUN_STORE_INDEX=false.",
        kind="conflict",
        retryable=False,
    )


def _put(store: Store, page: bytes, *, replace: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / NAME
        source.write_bytes(page)
        parcel = Parcel(NAME, source, "text/html", hashlib.sha256(page).hexdigest())
        try:
            store.put(parcel, replace=replace)
        except StoreError as error:
            if replace or error.kind != "conflict":
                raise
            # Another batch that ended with this one has just written the first list.
            store.put(parcel, replace=_is_ours(store))


def _entry(batch: Listed, link: str | None) -> ListedEntry:
    started = f"{datetime.fromtimestamp(batch.created_at, UTC):%Y-%m-%d %H:%M}"
    return ListedEntry(batch, link, started, over=batch.status not in (*OPEN, "paused", "deleting"))


def _href(entry: ListedEntry, store: Store) -> str:
    path = f"{entry.batch.root}/{_GALLERY}"
    if entry.link is None or entry.batch.status == "deleting":
        return ""
    if not entry.link or entry.link.startswith("file:"):
        return quote(path)  # beside the page, wherever the folder is moved to
    # A signed link of an earlier day may have expired.
    return store.link(path) if "?" in entry.link else entry.link

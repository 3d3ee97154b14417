"""Where the bytes of a batch lie: on this machine, and where others need them in a second place.

The only place that decides it, by the settings. With one machine there is no second place. With
several, texts lie in the ledger. Pictures lie in the vault of all machines, written before their
item goes on, where ``PRESSRUN_VAULT`` names one; else sources are put below the destination when
they are planned with, and what is paid and not delivered when a process leaves the batch. A batch
that is bound to its machine keeps its pictures there.
"""

import hashlib
import logging
import re
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pressrun.batches.machine import is_bound
from pressrun.errors import PressrunError, SettingError, StoreError
from pressrun.ledger import Ledger, open_ledger
from pressrun.ledger.database.connection import retry_while_unavailable
from pressrun.ledger.vault import Use, Vault
from pressrun.settings import settings
from pressrun.stores.base import Parcel, Store
from pressrun.stores.factory import Target, open_store
from pressrun.stores.retry import retry_store

logger = logging.getLogger(__name__)

#: Below a destination, where bytes wait that are not delivered yet.
WAITING = ".pressrun"
_TYPE = "application/octet-stream"
_AT_ONCE = 8
#: After a vault of all machines has not taken a picture, items go on without it for so long.
_AWAY_S = 30.0
#: A batch is in the ledger at the latest so long after its folder was made.
_PLANNING_S = 24 * 3600.0
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def vault_of(batch_id: str, store: Store | None = None) -> Vault:
    """Gives the vault of a batch.

    Args:
        batch_id: The batch.
        store: Its destination; None for whoever only looks.
    """
    if not settings().several_machines:
        return local_vault(batch_id)
    return Vault(settings().vault_folder / batch_id, _second_place(batch_id, store))


def vault_at(batch_id: str, target: Target) -> Vault:
    """Gives the vault of a batch that goes to a target, which is opened only if it is needed."""
    if not settings().several_machines:
        return local_vault(batch_id)
    return vault_of(batch_id, open_store(target, open_ledger().remote_ids))


def local_vault(batch_id: str) -> Vault:
    """Gives the vault of what nobody goes on with, such as a quote."""
    return Vault(settings().vault_folder / batch_id)


def leave(vault: Vault, batch_id: str) -> None:
    """Puts what is paid and not delivered where the next machine finds it, when a process leaves.

    What cannot be put there stays on this machine alone; the log says so.
    """
    second = vault.second
    if isinstance(second, SharedCopies):
        second.leave(vault, open_ledger().calls.undelivered(batch_id))


def remove_leftovers(ledger: Ledger) -> int:
    """Removes from this machine what is left of batches that others have ended; counts them."""
    told, removed = settings(), 0
    if told.keep_vault or not told.several_machines or not told.vault_folder.is_dir():
        return 0
    there = {place.name: place for place in told.vault_folder.iterdir() if place.is_dir()}
    known = ledger.batches.statuses(list(there))
    for batch_id, place in there.items():
        if known.get(batch_id) == "completed":
            # Answers of a batch that is older than the second place lie here alone.
            Vault(place).clear_here(keep=ledger.calls.texts(batch_id))
            removed += 1
        elif batch_id not in known and _is_old_batch(place):
            Vault(place).clear_here()
            removed += 1
    return removed


def _is_old_batch(place: Path) -> bool:
    """Says whether a folder of an unknown batch is none that is being planned."""
    return bool(_ID.fullmatch(place.name)) and time.time() - place.stat().st_mtime > _PLANNING_S


class SharedCopies:
    """The second place of one batch; as :class:`pressrun.ledger.vault.SecondPlace`.

    Args:
        ledger: Where texts lie, and what else lies elsewhere is noted.
        batch_id: The batch.
        place: What takes pictures; None where nothing does.
        root: The batch's folder in it.
        destination: Where the batch is delivered; what has arrived is read from there.
        at_once: Whether a paid picture is written before its item goes on.
    """

    def __init__(
        self,
        ledger: Ledger,
        batch_id: str,
        place: Store | None,
        root: str,
        destination: Store | None,
        *,
        at_once: bool,
    ):
        self._ledger, self._batch_id = ledger, batch_id
        self._place, self._root, self._destination = place, root, destination
        self._at_once = at_once
        self._away_until, self._missed = 0.0, set[str]()

    def put(self, digest: str, data: bytes, use: Use, path: Path) -> None:
        """Keeps bytes; a paid picture that cannot be kept now stays on this machine alone.

        Raises:
            StoreError: A source was refused.
        """
        if use == "text":
            put = self._ledger.copies.put
            retry_while_unavailable(put, self._batch_id, digest, data)
        elif use == "source" and self._place:
            self._send(digest, path)
        elif use == "paid" and self._at_once and not self._kept(digest, path):
            self._missed.add(digest)

    def get(self, digest: str) -> bytes | None:
        """Reads bytes of any use; those that were delivered, from their destination."""
        copy, data = self._ledger.copies.find(self._batch_id, digest), None
        if copy and copy.text is not None:
            return copy.text
        if copy and self._place:
            data = _read(self._place, self._name(digest), digest)
        return data or self._delivered(digest)

    def texts(self) -> list[bytes]:
        """Reads all texts."""
        return self._ledger.copies.texts(self._batch_id)

    def leave(self, vault: Vault, digests: Iterable[str]) -> None:
        """Puts paid pictures of this machine into the place, as far as it takes them."""
        if self._place is None:
            return
        wanted = self._missed.intersection(digests) if self._at_once else digests
        paths = {digest: vault.here(digest) for digest in wanted}
        todo = [(digest, path) for digest, path in paths.items() if path]
        self._away_until = 0.0
        with ThreadPoolExecutor(_AT_ONCE, "leave") as pool:
            kept = list(pool.map(lambda one: self._kept(*one, patient=False), todo))
        if missing := kept.count(False):
            logger.warning(
                "%d paid pictures lie on this machine alone: go on here, or they are made anew.",
                missing,
            )

    def clear(self, keep: Collection[str] = ()) -> None:
        """Removes everything, but for texts of these digests."""
        copies = self._ledger.copies
        copies.forget_texts(self._batch_id, keep)
        place, gone = self._place, copies.elsewhere(self._batch_id)
        if place is None or not gone:
            return
        try:
            with ThreadPoolExecutor(_AT_ONCE, "clear") as pool:
                names = map(self._name, gone)
                list(pool.map(lambda name: retry_store(partial(place.remove, name)), names))
        except StoreError as error:
            where = f"{place.destination}/{self._root}"
            logger.warning("%d pictures stay in %s: %s", len(gone), where, error)
            return
        copies.forget(self._batch_id, gone)

    def _name(self, digest: str) -> str:
        return f"{self._root}/{digest}"

    def _send(self, digest: str, path: Path, *, patient: bool = True) -> None:
        place = self._place
        if place is None:
            return
        # Noted first: what is written is then found by who removes it, also after a crash.
        retry_while_unavailable(self._ledger.copies.put, self._batch_id, digest, None)
        parcel = Parcel(self._name(digest), path, _TYPE, digest, {"batch": self._batch_id})
        retry_store(lambda: place.put(parcel)) if patient else place.put(parcel)

    def _kept(self, digest: str, path: Path, *, patient: bool = True) -> bool:
        """Says whether a paid picture was taken; one that was not lies on this machine alone."""
        # One item has waited for a place that is away; the others do not wait as well.
        if time.monotonic() < self._away_until:
            return False
        try:
            self._send(digest, path, patient=patient)
        except StoreError as error:
            self._away_until = time.monotonic() + _AWAY_S
            logger.warning("A paid picture lies on this machine alone for now: %s", error)
            return False
        return True

    def _delivered(self, digest: str) -> bytes | None:
        if self._destination is None:
            return None
        path = self._ledger.deliveries.path_of(self._batch_id, digest)
        batch = self._ledger.batches.find(self._batch_id) if path else None
        return _read(self._destination, f"{batch.root}/{path}", digest) if batch else None


def _read(store: Store, path: str, digest: str) -> bytes | None:
    """Reads the bytes of that digest; None if they are not there."""

    def ask() -> bytes:
        with store.open(path) as stream:
            return stream.read()

    try:
        data = retry_store(ask)
    except StoreError as error:
        if error.kind == "not_found":
            return None
        raise
    return data if hashlib.sha256(data).hexdigest() == digest else None


def _second_place(batch_id: str, store: Store | None) -> SharedCopies:
    shared = _shared_vault(settings().vault, settings().vault_endpoint_url)
    bound = store is not None and is_bound(store.destination)
    place, root = (shared, batch_id) if shared else (store, f"{WAITING}/{batch_id}")
    place = None if bound else place
    at_once = place is not None and place is shared
    return SharedCopies(open_ledger(), batch_id, place, root, store, at_once=at_once)


def try_vault() -> None:
    """Writes, reads back and removes a probe in the vault of all machines, if there is one.

    Raises:
        PressrunError: It does not take files.
    """
    if vault := _shared_vault(settings().vault, settings().vault_endpoint_url):
        vault.check()


@lru_cache
def _shared_vault(address: str, endpoint_url: str) -> Store | None:
    """Opens the vault of all machines, if there is one.

    Raises:
        SettingError: PRESSRUN_VAULT cannot be used.
    """
    if not address:
        return None
    client = partial(_environment_client, endpoint_url)
    target = Target(address, s3_client=client, endpoint_url=endpoint_url)
    try:
        if target.scheme == "drive":
            raise SettingError("Give s3://bucket/prefix, or a folder that all machines mount.")
        return open_store(target, open_ledger().remote_ids)
    except PressrunError as error:
        raise SettingError(f"PRESSRUN_VAULT cannot be used. {error}") from error


def _environment_client(endpoint_url: str, config: Mapping[str, Any]) -> Any:
    """Makes an S3 client with the credentials that this machine has."""
    import boto3  # noqa: PLC0415 - SDK
    from botocore.config import Config  # noqa: PLC0415

    session = boto3.Session()
    region = session.region_name or "us-east-1"
    where = {"endpoint_url": endpoint_url} if endpoint_url else {}
    return session.client("s3", region_name=region, config=Config(**config), **where)

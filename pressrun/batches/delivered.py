"""A batch and where it was delivered, and work on many of its files at the same time."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, BinaryIO, Self, TypeVar

from pressrun.batches.delivery_rate import DeliveryRate
from pressrun.batches.lease import Lease
from pressrun.batches.run import reachable
from pressrun.batches.vaults import vault_of
from pressrun.errors import InputError, PressrunError, StoreError, VaultError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import OPEN, Batch, MadeFile
from pressrun.ledger.vault import Vault
from pressrun.reports.writing import Outcome, clean, write_reports
from pressrun.settings import settings
from pressrun.stores.base import Parcel, Store, Stored
from pressrun.stores.factory import SENDERS, Target, open_store
from pressrun.stores.retry import retry_store

CHUNK = 256 * 1024
#: Seconds that another process is waited for that works on the batch.
_PATIENCE_S = 5.0
T = TypeVar("T")
R = TypeVar("R")
#: Called with how many are done, and of how many.
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A batch, its records, its destination and what is left of it on this machine.

    Attributes:
        rate: When the next file may go there.
        at_once: How many files the destination is asked for at the same time.
    """

    ledger: Ledger
    batch: Batch
    store: Store
    vault: Vault
    rate: DeliveryRate
    at_once: int

    @classmethod
    def open(cls, ledger: Ledger, batch: Batch, target: Target | None = None) -> Self:
        """Opens a batch's destination; connects to nothing yet.

        Args:
            ledger: Where the batch stands.
            batch: The batch.
            target: What reaching its destination takes; None for a plain folder.

        Raises:
            SettingError: The target leads elsewhere, or cannot be used.
        """
        target = reachable(batch, target)
        store = open_store(target, ledger.remote_ids)
        rate = DeliveryRate(ledger, store.destination, target.files_per_minute)
        return cls(ledger, batch, store, vault_of(batch.id, store), rate, SENDERS[target.scheme])

    @property
    def place(self) -> str:
        """Where it lies, for people."""
        return f"{self.batch.destination}/{self.batch.root}"

    @property
    def is_in_work(self) -> bool:
        """Whether a run still works on it, as far as the ledger knows."""
        return self.batch.status in OPEN

    def path(self, below: str) -> str:
        """Gives the path below the store of a path below the batch's root."""
        return f"{self.batch.root}/{below}"

    def files(self) -> list[DeliveredFile]:
        """Reads the batch's files from the ledger."""
        return self.ledger.deliveries.all(self.batch.id)

    def standing(self) -> dict[str, Stored]:
        """Lists what stands at the destination, by path below the batch's root.

        Raises:
            StoreError: The destination cannot be listed.
        """
        found = retry_store(lambda: list(self.store.list(self.batch.root)))
        return {there.path.removeprefix(self.path("")): there for there in found}

    def is_same(self, file: DeliveredFile, there: Stored) -> bool:
        """Checks whether what stands there has the file's bytes.

        The destination's own digest decides where it can. Where it states none, or an MD5 that
        cannot be computed here or that differs (an S3 ETag need not be one), the bytes are read.
        """
        if there.bytes != file.bytes:
            return False
        if stated := there.digests.get("sha256"):
            return stated == file.sha256
        if (stated := there.digests.get("md5")) and stated == self._md5(file):
            return True
        return retry_store(lambda: self._read_back(file.path)) == file.sha256

    def content(self, file: DeliveredFile) -> bytes:
        """Reads a file as it stands at the destination.

        Raises:
            StoreError: It cannot be read, or has other bytes than those that were delivered.
        """
        data = retry_store(lambda: self._all_of(file.path))
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise StoreError(
                f"{file.path} was changed where it lies, so nothing is made of it. Put it back: "
                "`pressrun audit --repair`.",
                kind="changed",
            )
        return data

    def send(self, file: DeliveredFile | MadeFile, item_key: str, *, replace: bool) -> str:
        """Puts a file of the vault to its place; gives its address.

        Args:
            file: The file; its bytes lie in the vault under its digest.
            item_key: Whose it is.
            replace: Whether it may take the place of what stands there.

        Raises:
            StoreError: The destination refuses it.
        """
        parcel = Parcel(
            self.path(file.path),
            self.vault.path(file.sha256),
            file.media_type,
            file.sha256,
            {"batch": self.batch.id, "item": item_key},
        )
        return retry_store(lambda: self._put(parcel, replace=replace))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes from the batch while its files are changed.

        Raises:
            InputError: Another one works on it.
        """
        lease = Lease(self.ledger, self.batch.id)
        if not lease.acquire(_PATIENCE_S):
            raise InputError("Another process works on the batch. Try again when it has ended.")
        try:
            yield
        finally:
            lease.release()

    @contextmanager
    def reports_renewed(self) -> Iterator[None]:
        """Renews the reports after the block, also where it ends half-way.

        Then the vault is kept: files that the destination refused lie in it, and are sent by
        `pressrun audit --repair`.

        Raises:
            StoreError: The destination refuses the reports.
        """
        try:
            yield
        except PressrunError:
            with suppress(PressrunError):  # the first error says it
                self._write_reports()
            raise
        self.renew_reports()

    def renew_reports(self) -> Outcome:
        """Writes the reports once more, as of the batch's end; a clean vault is left clean.

        Raises:
            StoreError: The destination refuses them.
        """
        try:
            return self._write_reports()
        finally:
            if self.batch.status == "completed" and not settings().keep_vault:
                clean(self.ledger, self.batch, self.vault)

    def _write_reports(self) -> Outcome:
        at = self.batch.ended_at or time.time()
        return write_reports(self.ledger, self.batch, self.store, self.vault, at)

    def _put(self, parcel: Parcel, *, replace: bool) -> str:
        try:
            return self.store.put(parcel, replace=replace, throttle=self.rate.wait)
        except StoreError as error:
            if error.kind == "throttled":
                self.rate.refused(error.retry_after_s)
            raise

    def _all_of(self, path: str) -> bytes:
        with self.store.open(self.path(path)) as stream:
            return stream.read()

    def _md5(self, file: DeliveredFile) -> str | None:
        try:
            data = self.vault.held(file.sha256)
        except VaultError:
            return None
        return hashlib.md5(data, usedforsecurity=False).hexdigest()

    def _read_back(self, path: str) -> str:
        with self.store.open(self.path(path)) as stream:
            return sha256_of(stream)


def sha256_of(stream: BinaryIO, into: IO[bytes] | None = None) -> str:
    """Computes the SHA-256 (hex) of what is left in a stream, and may copy it into another."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        if into:
            into.write(chunk)
    return digest.hexdigest()


def silent(_done: int, _total: int) -> None:
    """Ignores the steps, for callers that show no progress."""


def map_bounded(
    work: Callable[[T], R], things: Sequence[T], at_once: int, step: Step = silent
) -> Generator[R, None, None]:
    """Maps a function over things in their order, on ``at_once`` threads at the same time.

    Nothing is begun far ahead of what is taken, and nothing more after an error.
    """
    todo = iter(things)
    with ThreadPoolExecutor(at_once, "files") as pool:
        running = deque(pool.submit(work, thing) for thing in islice(todo, 2 * at_once))
        try:
            for done in range(1, len(things) + 1):
                result = running.popleft().result()
                running.extend(pool.submit(work, thing) for thing in islice(todo, 1))
                step(done, len(things))
                yield result
        finally:
            for future in running:
                future.cancel()

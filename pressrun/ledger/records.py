"""What the ledger says of a batch and its items, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pressrun.errors import INPUT_KINDS, PASSING_SOURCE_KINDS, PressrunError

Priority = Literal["low", "normal", "high"]
#: An item that is ``made`` lies in the vault, whole and paid, and waits for its delivery.
Status = Literal["pending", "processing", "made", "completed", "failed", "cancelled"]
#: A ``draft`` is planned, and perhaps waits for a person; ``ready`` is a batch that was approved.
BatchStatus = Literal[
    "draft", "ready", "running", "paused", "completed", "partial", "failed", "cancelled"
]
#: Statuses of a batch that somebody works on, or will.
OPEN: tuple[BatchStatus, ...] = ("draft", "ready", "running")
#: Statuses of a batch that has ended; a retry lets it begin again.
OVER: tuple[BatchStatus, ...] = ("completed", "partial", "failed", "cancelled")
#: Statuses in which an item that is not made yet begins by itself.
RUNNING: tuple[BatchStatus, ...] = ("ready", "running")
#: Statuses of an item that is still to be made, or is in work.
UNMADE: tuple[Status, ...] = ("pending", "processing")
#: Statuses of an item without which a batch has ended: also made, and its destination did not
#: take it.
UNDONE: tuple[Status, ...] = ("failed", "made")

#: What stands in an item's spec of its mending, and is no part of what it is made from: words that
#: a person changed and that are not planned yet; those that could not be used; earlier ones, each
#: with the moment and the reason why the item had failed.
MENDING, TRIED, MENDED = MARKS = ("mending", "tried", "mended")


def batch_name(batch_id: str, title: str, root: str, created_at: float) -> str:
    """Gives the one name of a batch: its folder's, or where that is just an id, one like it.

    As ``Spring sale 2026-11-30 14-03-12``.
    """
    folder = root.rpartition("/")[2]
    if folder not in ("", batch_id):
        return folder
    return f"{title} {datetime.fromtimestamp(created_at).astimezone():%Y-%m-%d %H-%M-%S}"


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One thing to make, or (with ``error``) one thing that was asked for and cannot be.

    ``position`` orders the batch's items; it may leave gaps.
    """

    key: str
    position: int
    title: str
    spec: dict[str, Any]
    error: PressrunError | None = None


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file of an item, lying in the vault under its digest; ``path`` is below the root.

    Attributes:
        provenance: What is known of where it came from and does not stand in the file.
    """

    path: str
    media_type: str
    bytes: int
    sha256: str
    provenance: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One flow run's work: where it goes and what was asked.

    Attributes:
        destination: The store's address; ``root`` is the batch's folder in it.
        store: Name of the result store block that leads there; empty for a plain folder.
        layout: Where a file lies below the root, from ``{item}`` and ``{file}``.
        concurrency: Items at the same time; like priority and budget it may change in work.
        priority: The batch's weight among those that share a quota.
        budget_usd: Most that it may cost; None for no cap.
        only: Keys of the items that a retry shall make; None for all that are open.
        crashes: Processes in a row that died while they worked on it.
        owner: Whose it is, as the person who started it said.
        reviews: What a person was shown and asked, and has approved, see
            :mod:`pressrun.ledger.reviews`.
        requested_by: Whose requests it counts among; empty for nobody known.
        machine: Id of the machine that alone can go on with it, since it is delivered into a
            folder there; empty where any can.
        machine_name: What that machine calls itself, for people.
    """

    id: str
    kind: str
    title: str
    destination: str
    root: str
    parameters: dict[str, Any] = field(repr=False)
    status: str = "draft"
    created_at: float = 0.0
    ended_at: float | None = None
    store: str = ""
    layout: str = "{item}/{file}"
    concurrency: int = 5
    priority: Priority = "normal"
    budget_usd: float | None = None
    only: list[str] | None = None
    crashes: int = 0
    owner: str = ""
    reviews: dict[str, Any] | None = None
    requested_by: str = ""
    machine: str = ""
    machine_name: str = ""

    @property
    def name(self) -> str:
        """Its name, in its gallery, in lists and for its run."""
        return batch_name(self.id, self.title, self.root, self.created_at)


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the ledger has it; ``spec`` is what its recipe needs."""

    key: str
    position: int
    title: str
    status: Status
    attempts: int
    spec: dict[str, Any] = field(repr=False)
    error_kind: str | None = None
    error_message: str | None = None
    started_at: float | None = None
    ended_at: float | None = None

    @property
    def is_made(self) -> bool:
        """Whether it is paid and whole, delivered or not yet."""
        return self.status in ("made", "completed")

    @property
    def is_final(self) -> bool:
        """Whether another try would fail again: a safety block, or an unusable input."""
        # What failed without an attempt failed when it was planned.
        return self.status == "failed" and (self.error_kind == "blocked" or self.attempts == 0)

    @property
    def may_be_retried(self) -> bool:
        """Whether a retry of the run can make it, with what was given for it as it is."""
        if self.status != "failed" or self.attempts:
            return self.error_kind not in INPUT_KINDS
        if self.error_kind == "blocked" and "link" not in self.spec:  # a prompt, by the rules
            return False
        return self.error_kind in PASSING_SOURCE_KINDS and "slides" not in self.spec

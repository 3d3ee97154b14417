"""A batch's share of the global concurrency limit ``pressrun-items``, the operator's lever.

Prefect asks the server at every task run that has a tag, which costs a quarter of the speed; a
batch leases its slots once and renews the lease, so that it costs a few requests a batch. A
lease that nobody renews, of a crashed batch, expires by itself.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from httpx import HTTPError, HTTPStatusError
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import ObjectNotFound, PrefectException

from pressrun.batches.background import repeating
from pressrun.batches.item_queue import LIMIT, ItemSlots
from pressrun.errors import SettingError

LEASE_S = 60.0
LOOK_S = 15.0
#: How long a batch waits for its first slot, and the time until it logs so again.
MOST_WAIT_S, SAY_EVERY_S = 86_400.0, 600.0

logger = logging.getLogger(__name__)


@contextmanager
def shared_slots(
    wanted: Callable[[], int],
    halted: Callable[[], bool],
    note: Callable[[float, str], None] = lambda _seconds, _reason: None,
) -> Iterator[ItemSlots]:
    """Leases slots for a batch's items: as many as it wants, as far as the limit has them free.

    Args:
        wanted: Gives how many the batch wants now; asked every few seconds.
        halted: Says that the batch was paused or cancelled, so that it needs no slot any more.
        note: Is told for how long the first slot is waited for, and why; 0 at the end.
    """
    slots = ItemSlots(wanted())
    with get_client(sync_client=True) as client:
        share = _Share(client, note)
        slots.allow(share.first(wanted(), halted))

        try:
            with repeating(lambda: slots.allow(share.adjusted(wanted())), LOOK_S, "share"):
                yield slots
        finally:
            share.end()


@dataclass
class _Share:
    """The slots that this batch has leased."""

    client: SyncPrefectClient
    note: Callable[[float, str], None] = lambda _seconds, _reason: None
    leases: list[tuple[UUID, int]] = field(default_factory=list)

    @property
    def held(self) -> int:
        return sum(slots for _, slots in self.leases)

    def first(self, wanted: int, halted: Callable[[], bool]) -> int:
        """Waits until there is at least one slot; returns how many there are.

        Raises:
            SettingError: None was free for a day.
        """
        begun, said_s = time.monotonic(), -SAY_EVERY_S
        while not (allowed := self.adjusted(wanted)) and not halted():
            waited_s = time.monotonic() - begun
            if waited_s > MOST_WAIT_S:
                raise SettingError(
                    f"No slot of the concurrency limit {LIMIT} was free for a day. Raise it in the "
                    "UI (Concurrency), or retry the run when other batches have ended."
                )
            if waited_s - said_s >= SAY_EVERY_S:
                said_s = waited_s
                said = f"No slot of the concurrency limit {LIMIT} is free."
                logger.warning("%s Waiting for %.0f min so far.", said, waited_s / 60)
                self.note(SAY_EVERY_S, said)
            time.sleep(2.0)
        if said_s >= 0:
            self.note(0.0, "")
        return max(1, allowed)  # a halted batch takes one to see that it is halted

    def adjusted(self, wanted: int) -> int:
        """Renews the lease, grows and shrinks it; returns how many items may be in work."""
        try:
            found = self._limit()
            if found is None:
                return wanted
            limit, active = found
            self._renew()
            if self.held > wanted or (active > limit and self.held > 1):
                fair = max(1, self.held * limit // active) if active > limit else wanted
                free = limit - (active - self.held)
                self._release()
                self._lease(min(wanted, fair, free))
            elif self.held < wanted:
                self._lease(min(wanted - self.held, limit - active))
        except (HTTPError, PrefectException) as error:
            # The server is unavailable: go on with what was leased last.
            logger.debug("The share of %s is not renewed this time: %s", LIMIT, error)
            return self.held or wanted
        return self.held

    def end(self) -> None:
        """Gives all slots back."""
        try:
            self._release()
        except (HTTPError, PrefectException) as error:
            logger.debug("The lease of %s ends by itself: %s", LIMIT, error)

    def _limit(self) -> tuple[int, int] | None:
        """Reads the limit and its slots in use; None if there is no limit or it is switched off."""
        try:
            found = self.client.read_global_concurrency_limit_by_name(LIMIT)
        except ObjectNotFound:
            return None
        return (found.limit, found.active_slots or 0) if found.active else None

    def _renew(self) -> None:
        kept = []
        for lease_id, slots in self.leases:
            try:
                self.client.renew_concurrency_lease(lease_id, LEASE_S)
                kept.append((lease_id, slots))
            except HTTPStatusError as error:
                if error.response.status_code not in (404, 410):
                    raise
        self.leases = kept  # an expired one is gone, and its slots with it

    def _lease(self, slots: int) -> None:
        if slots < 1:
            return
        try:
            answer = self.client.increment_concurrency_slots_with_lease(
                [LIMIT], slots, "concurrency", LEASE_S
            )
        except HTTPStatusError as error:
            if error.response.status_code != 423:  # another batch was quicker
                raise
            return
        self.leases.append((UUID(answer.json()["lease_id"]), slots))

    def _release(self) -> None:
        while self.leases:
            lease_id, _ = self.leases.pop()
            self.client.release_concurrency_slots_with_lease(lease_id)

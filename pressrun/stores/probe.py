"""Whether a destination takes files: tried with a probe, before any batch is paid for."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pressrun.errors import SettingError, StoreError
from pressrun.stores.drive.claims import RemoteIdStore
from pressrun.stores.factory import Target, open_store


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a probe.

    Attributes:
        store: Name of the result store block; empty for a plain folder.
        seconds: How long the destination took.
        error: Why nothing can be delivered, and what to do; None if all is well.
        error_kind: The same for machines.
    """

    store: str
    destination: str
    seconds: float
    error: str | None = None
    error_kind: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the destination takes files."""
        return self.error is None


def check_store(target: Target, remote_ids: Callable[[str], RemoteIdStore]) -> Check:
    """Writes, reads back and removes a probe; asks once, so that a failure is seen at once.

    Args:
        target: The destination.
        remote_ids: As :func:`pressrun.stores.factory.open_store` takes it.
    """
    begun, refusal = time.monotonic(), None
    try:
        open_store(target, remote_ids).check()
    except (StoreError, SettingError) as error:
        refusal = error
    seconds = round(time.monotonic() - begun, 3)
    if refusal is None:
        return Check(target.name, target.address, seconds)
    return Check(target.name, target.address, seconds, str(refusal), refusal.kind)

"""What a kind of batch brings: a way from an item's spec to its files."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from pressrun.caller import Caller
from pressrun.ledger.batches import Item
from pressrun.vault import Vault


@dataclass(frozen=True, slots=True)
class Output:
    """A finished file of an item.

    Attributes:
        path: Below the batch's root.
        sha256: Its digest, if its bytes are in the vault already.
    """

    path: str
    media_type: str
    data: bytes = field(repr=False)
    sha256: str = ""


class Recipe(Protocol):
    """How one kind of item is made. Holds no state: the spec and the settings say all."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        """Names of the models that a batch with these settings calls."""
        ...

    def make(
        self, batch_id: str, item: Item, settings: dict[str, Any], caller: Caller, vault: Vault
    ) -> list[Output]:
        """Makes an item's files; raises :class:`~pressrun.errors.PressrunError` if it can't."""
        ...

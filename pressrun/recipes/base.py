"""What a kind of batch brings: a way from an item's spec to its files."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from pressrun.caller import Caller
from pressrun.engines.catalogue import Makes
from pressrun.ledger.records import Item
from pressrun.span import NOTHING, Span
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


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A call that making an item will take, as far as it is known before.

    Attributes:
        slot: What the call is for within the item; the ledger settles it under this name.
        pictures: Width and height in pixels of those sent along.
        characters: Of all words sent along.
        answer_tokens: What is written in answer. A picture's tokens are the catalogue's to say.
    """

    slot: str
    model: str
    kind: Makes
    size: str = ""
    pictures: tuple[tuple[int, int], ...] = ()
    characters: int = 0
    answer_tokens: Span = NOTHING


class Recipe(Protocol):
    """How one kind of item is made. Holds no state: the spec and the settings say all."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        """Names of the models that a batch with these settings calls."""
        ...

    def expect(self, spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
        """The calls that an item of this spec takes, in their order, without making one."""
        ...

    def make(
        self, batch_id: str, item: Item, settings: dict[str, Any], caller: Caller, vault: Vault
    ) -> list[Output]:
        """Makes an item's files; raises :class:`~pressrun.errors.PressrunError` if it can't."""
        ...

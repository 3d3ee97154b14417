"""A provider, a destination and a disk that misbehave as a seed says, in simulated time.

They keep books of their own: what was billed, and what bytes were answered to which question.
"""

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from PIL import Image

from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import NANO
from pressrun.errors import (
    BadReply,
    Blocked,
    EngineError,
    QuotaExhausted,
    StoreError,
    Throttled,
    Unavailable,
    VaultError,
)
from pressrun.ledger.vault import Use, Vault
from pressrun.pictures.picture import Picture
from pressrun.stores.base import Parcel, unthrottled
from pressrun.stores.folder import FolderStore
from tests.faults.scheduler import Died, World

#: What an answer takes of tokens; less than the worst case that caps set aside.
TEXT, IMAGE = Usage(900, 600, 0, 150), Usage(1_300, 1_320, 1_120, 0)
_PROVIDER = {
    "throttled": 6,
    "unavailable": 4,
    "truncated": 3,
    "timeout": 1,
    "connection": 3,
    "lost_reply": 3,
    "blocked": 1,
    "closed": 0.6,
}
_DESTINATION = {"refused": 4, "throttled": 4, "lost_reply": 4, "forbidden": 0.5, "away": 1}


@dataclass
class Weather:
    """How bad things are.

    Attributes:
        provider: Chance that a call fails.
        destination: Chance that a file is refused.
        disk: Chance that the disk is full when bytes are kept.
    """

    provider: float = 0.0
    destination: float = 0.0
    disk: float = 0.0


@dataclass(frozen=True)
class Served:
    """A line of the provider's bill, and what was answered."""

    question: str
    cost_nusd: int
    data: bytes = field(repr=False)


class Provider:
    """As :class:`pressrun.engines.base.Engine`; a request's prompt begins with ``item/slot``.

    Args:
        world: Its time.
        weather: How often it fails.
        watch: Called with a question before it is answered, and with one that was just billed.
    """

    name = "simulated"

    def __init__(self, world: World, weather: Weather, watch: Callable[[str, bool], None]):
        self._world, self._weather, self._watch = world, weather, watch
        self.bill: list[Served] = []

    def text(self, request: TextRequest) -> TextReply:
        """Answers with words that no other answer has."""
        self._go(request, TEXT)
        data = f'{{"words": "answer {len(self.bill)}"}}'
        self._charge(request, TEXT, data.encode())
        return TextReply(data, TEXT, "simulated-1")

    def image(self, request: ImageRequest) -> ImageReply:
        """Answers with a picture that no other answer has."""
        self._go(request, IMAGE)
        data = _numbered(len(self.bill))
        self._charge(request, IMAGE, data)
        return ImageReply(Picture(data, "image/jpeg", 8, 8), IMAGE, "simulated-1")

    def close(self) -> None:
        """Nothing to end."""

    def _go(self, request: TextRequest | ImageRequest, usage: Usage) -> None:
        """The way to an answer, or to its failure."""
        world, chance = self._world, self._world.chance
        world.step()
        self._watch(_question(request), False)
        fault = _drawn(world, _PROVIDER, self._weather.provider)
        latency_s = request.timeout_s if fault == "timeout" else chance.uniform(0.2, 20.0)
        try:
            world.sleep(latency_s)
        except Died:
            if chance.random() < 0.5:  # it goes on without its caller, and bills
                self._charge(request, usage, b"never read")
            raise
        if fault in ("truncated", "lost_reply") or (fault == "timeout" and chance.random() < 0.5):
            self._charge(request, usage, b"never kept")
        if fault:
            raise self._failure(fault, usage)

    def _charge(self, request: TextRequest | ImageRequest, usage: Usage, data: bytes) -> None:
        question, cost = _question(request), catalogue()[request.model].cost_usd(usage)
        self.bill.append(Served(question, round(cost * NANO), data))
        self._watch(question, True)

    def _failure(self, fault: str, usage: Usage) -> EngineError:
        world = self._world
        if fault == "throttled":
            return Throttled("Too fast.", retry_after_s=world.chance.choice((None, 0.5, 30.0)))
        if fault == "truncated":
            return BadReply("The answer is cut off.", kind="truncated", usage=usage)
        if fault == "blocked":
            return Blocked("Against the rules.")
        if fault == "closed":
            until = datetime.fromtimestamp(world.now + world.chance.choice((60, 7200)), UTC)
            return QuotaExhausted("The day is used up.", until=until)
        kind = "connection" if fault == "lost_reply" else fault
        return Unavailable("The provider failed.", kind=kind)


class Destination(FolderStore):
    """A folder behind a bad line: it refuses, forgets to answer, or is away for a while."""

    def __init__(self, folder: Path, world: World, weather: Weather):
        super().__init__(folder)
        self._world, self._weather = world, weather
        self._away_until = 0.0

    def check(self) -> None:
        """As :meth:`pressrun.stores.base.Store.check`."""
        self._world.step()
        self._be_there()

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        """As :meth:`pressrun.stores.base.Store.put`."""
        world = self._world
        world.step()
        world.sleep(world.chance.uniform(0.01, 2.0))
        self._be_there()
        fault = _drawn(world, _DESTINATION, self._weather.destination)
        if fault == "away":
            self._away_until = world.now + world.chance.choice((5.0, 300.0, 3000.0))
        if fault == "throttled":
            pause_s = world.chance.choice((None, 3.0))
            raise StoreError("Too fast.", kind="throttled", retry_after_s=pause_s)
        if fault == "forbidden":
            raise StoreError("Not yours.", kind="no_permission", retryable=False)
        if fault in ("refused", "away"):
            raise StoreError("Refused.")
        url = super().put(parcel, replace=replace, throttle=throttle)
        world.step()
        if fault == "lost_reply":
            raise StoreError("No answer.")
        return url

    def _be_there(self) -> None:
        if self._weather.destination and self._world.now < self._away_until:
            raise StoreError("It is away.")


class Disk(Vault):
    """A vault on a disk that is full for a minute now and then."""

    def __init__(self, folder: Path, world: World, weather: Weather):
        super().__init__(folder)
        self._world, self._weather = world, weather
        self._full_until = 0.0

    def put(self, data: bytes, use: Use = "report") -> str:
        """As :meth:`pressrun.ledger.vault.Vault.put`."""
        world = self._world
        world.step()
        if self._weather.disk and world.chance.random() < self._weather.disk:
            self._full_until = world.now + 60.0
        if self._weather.disk and world.now < self._full_until:
            raise VaultError("The disk is full.")
        digest = super().put(data, use)
        world.step()
        return digest

    def clear(self, keep: Collection[str] = ()) -> None:
        """As :meth:`pressrun.ledger.vault.Vault.clear`."""
        self._world.step()
        super().clear(keep)


def usd(usage: Usage, model: str) -> Decimal:
    """What an answer of that model costs."""
    return catalogue()[model].cost_usd(usage)


def _question(request: TextRequest | ImageRequest) -> str:
    return request.prompt.partition(" ")[0]


def _drawn(world: World, faults: dict[str, float], likely: float) -> str:
    if world.chance.random() >= likely:
        return ""
    return world.chance.choices(list(faults), list(faults.values()))[0]


def _blank() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 120, 40)).save(out, "JPEG")
    return out.getvalue()


_BLANK = _blank()


def _numbered(number: int) -> bytes:
    """A small JPEG with a comment in it."""
    comment = str(number).encode()
    return _BLANK[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + _BLANK[2:]

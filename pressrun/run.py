"""One batch in work, from its plan in the ledger to its last delivered file.

The whole life of a batch without Prefect: tasks call these methods, and so can a bare process.
Every method may be called again after a crash; what is done is found in the ledger.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pressrun.account import Account
from pressrun.caller import Caller, Lane
from pressrun.engines.base import Engine
from pressrun.engines.catalogue import catalogue
from pressrun.engines.factory import open_engine
from pressrun.errors import PressrunError, QuotaExhausted, StoreError
from pressrun.ledger import Ledger, open_ledger
from pressrun.ledger.batches import Batch, Item, MadeFile
from pressrun.recipes.base import Output
from pressrun.recipes.registry import find_recipe
from pressrun.settings import settings
from pressrun.stores.base import Parcel, Store
from pressrun.stores.factory import open_store
from pressrun.vault import Vault

logger = logging.getLogger(__name__)

DELIVERY_THREADS = 4
DELIVERY_TRIES = 3
_LOOK_S = 0.5
#: Kinds of refusals that hold for the whole account or model.
_REFUSES_ALL = frozenset({"bad_key", "no_permission", "unknown_model"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a made item comes to; small enough to travel through Prefect."""

    key: str
    files: int
    bytes: int


class BatchRun:
    """A batch that this process works on.

    Args:
        batch: As the ledger has it.
        account: Who pays for its calls.
        concurrency: Most items at the same time; bounds the connections to a provider.
    """

    def __init__(self, batch: Batch, account: Account, concurrency: int):
        self.batch = batch
        self.ledger: Ledger = open_ledger()
        self.vault = vault_of(batch.id)
        self.store: Store = open_store(batch.destination)
        self._recipe = find_recipe(batch.kind)
        self._lanes = _lanes(self._recipe.models(batch.parameters), account, concurrency)
        self._generated = threading.Event()
        self._look = threading.Event()
        self._stop: PressrunError | None = None

    def begin(self) -> None:
        """Checks the destination, and takes over what an ended process left behind."""
        self.store.check()
        lost = self.ledger.calls.abandon(self.batch.id)
        if lost:
            logger.warning("%d calls were in flight when the batch last stopped.", lost)
        self.ledger.batches.mark(self.batch.id, status="processing", ended_at=None)

    def todo(self) -> list[Item]:
        """Items that are to be made: not made yet, and not failed for good."""
        open_items = self.ledger.batches.items(self.batch.id, "pending", "processing", "failed")
        return [item for item in open_items if not is_final(item)]

    def make(self, key: str) -> Receipt:
        """Makes one item, keeps its files and hands it to the delivery.

        Raises:
            PressrunError: It could not be made; the ledger has the reason.
        """
        batch = self.batch
        item = self.ledger.batches.start(batch.id, key)
        try:
            self._go_on()
            caller = Caller(self.ledger, self.vault, self._lanes, batch.id, key, go_on=self._go_on)
            outputs = self._recipe.make(batch.id, item, batch.parameters, caller, self.vault)
            files = [self._keep(output) for output in outputs]
        except PressrunError as error:
            if stops_batch(error):
                self._stop = error
            self.ledger.batches.fail(batch.id, key, error)
            raise
        except Exception as error:
            # A bug, not an answer: the trace goes up, the ledger must not say "processing".
            self.ledger.batches.fail(batch.id, key, PressrunError(repr(error), kind="bug"))
            raise
        self.ledger.batches.finish(batch.id, key, files)
        self._look.set()
        return Receipt(key, len(files), sum(file.bytes for file in files))

    def generation_over(self) -> None:
        """Tells :meth:`deliver` that no further item will be made."""
        self._generated.set()
        self._look.set()

    def deliver(self) -> int:
        """Delivers made items until generation is over and none is left.

        An item that the destination refuses is tried again as long as others are made, and
        then a few times more; it stays in the vault for the next run. Returns how many remain.
        """
        tries: dict[str, int] = {}
        with ThreadPoolExecutor(DELIVERY_THREADS, "deliver") as pool:
            while True:
                over = self._generated.is_set()
                self._look.clear()
                made = self.ledger.batches.keys(self.batch.id, "made")
                open_keys = [key for key in made if tries.get(key, 0) < DELIVERY_TRIES]
                if over and not open_keys:
                    return len(made)
                failed = [
                    k
                    for k, ok in zip(open_keys, pool.map(self._deliver, open_keys), strict=True)
                    if not ok
                ]
                for key in failed:
                    # While items are still made there is no hurry to give one up.
                    tries[key] = tries.get(key, 0) + over
                self._look.wait(2.0 if failed else _LOOK_S)

    def close(self) -> None:
        """Ends the engines' connections."""
        for engine in {id(lane.engine): lane.engine for lane in self._lanes.values()}.values():
            engine.close()

    def _go_on(self) -> None:
        # What refused one item for all refuses the next: no call is sent to hear it again.
        if stop := self._stop:
            raise PressrunError(str(stop), kind=stop.kind)

    def _keep(self, output: Output) -> MadeFile:
        digest = output.sha256 or self.vault.put(output.data)
        return MadeFile(output.path, output.media_type, len(output.data), digest)

    def _deliver(self, key: str) -> bool:
        batch = self.batch
        files = [f for f in self.ledger.deliveries.all(batch.id, key) if f.status != "verified"]
        try:
            seen = [
                (
                    file.path,
                    self.store.put(
                        Parcel(
                            f"{batch.root}/{file.path}",
                            self.vault.path(file.sha256),
                            file.media_type,
                            file.sha256,
                        )
                    ),
                )
                for file in files
            ]
        except StoreError as error:
            self.ledger.batches.wait(batch.id, key, error)
            logger.warning("%s waits for its delivery: %s", key, error)
            return False
        self.ledger.deliveries.verify(batch.id, key, seen)
        return True


def is_final(item: Item) -> bool:
    """Whether another try would fail alike: a safety block, or an input that cannot be used."""
    return item.status == "failed" and (item.error_kind == "blocked" or "slides" not in item.spec)


def stops_batch(error: PressrunError) -> bool:
    """Whether no other item can be made now either: a spent quota or budget, a wrong key."""
    return isinstance(error, QuotaExhausted) or error.kind in _REFUSES_ALL


def vault_of(batch_id: str) -> Vault:
    """The vault of a batch."""
    return Vault(settings().vault / batch_id)


def default_destination(output: str) -> str:
    """The destination a person named, or the settings' folder, as an absolute path."""
    folder = Path(output) if output else settings().output
    return str(folder.expanduser().absolute())


def _lanes(models: Sequence[str], account: Account, concurrency: int) -> dict[str, Lane]:
    engines: dict[str, Engine] = {}
    lanes = {}
    for name in models:
        model = catalogue()[name]
        if model.engine not in engines:
            engines[model.engine] = open_engine(model, account, concurrency)
        lanes[name] = Lane(model, engines[model.engine], account)
    return lanes

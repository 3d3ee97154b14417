"""One batch in work, from its plan in the ledger to its last delivered file.

The whole life of a batch without Prefect: tasks call these methods, and so can a bare process.
Every method may be called again after a crash; what is done is found in the ledger.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

from pressrun.batches.beginnings import Beginnings
from pressrun.batches.delivery import DeliveryWorker
from pressrun.batches.delivery_rate import DeliveryRate
from pressrun.batches.item_queue import WaitingItem
from pressrun.batches.lease import Lease
from pressrun.batches.machine import require_here
from pressrun.batches.recovery import recover
from pressrun.batches.reuse import EarlierAnswers
from pressrun.batches.vaults import leave, remove_leftovers, vault_of
from pressrun.boundary.telemetry import work
from pressrun.boundary.telemetry.traces import BatchSpans
from pressrun.calls.caller import Caller, PaidBefore
from pressrun.calls.routes import Routes
from pressrun.engines.account import Account
from pressrun.errors import (
    BudgetSpent,
    EngineError,
    Halted,
    LedgerError,
    NotBegun,
    PressrunError,
    SettingError,
)
from pressrun.kinds.base import Output
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger, open_ledger
from pressrun.ledger.budgets import Budget, Cap
from pressrun.ledger.records import Batch, Item, MadeFile, Status
from pressrun.ledger.vault import use_of
from pressrun.settings import settings
from pressrun.stores.base import Store
from pressrun.stores.factory import SENDERS, Target, open_store
from pressrun.stores.layout import placed

logger = logging.getLogger(__name__)

#: How long another process that works on the batch is waited for: mostly it is about to end.
IN_WORK_S = 900.0


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
        account: Who pays for its calls, or what gives the account as it stands now.
        concurrency: Most items at the same time; bounds the connections to a provider.
        target: What reaching its destination takes; None for a plain folder.
        offline: Whether nothing will be made, only delivered: then no account is needed.

    Attributes:
        lease: Held from :meth:`begin` to :meth:`close`.
        routes: To the batch's models.
        delivery: Takes made items to the destination.
        spans: What those who watch see of it, from :meth:`begin` to :meth:`close`.
    """

    def __init__(
        self,
        batch: Batch,
        account: Account | Callable[[], Account],
        concurrency: int,
        target: Target | None = None,
        *,
        offline: bool = False,
    ):
        self.batch = batch
        self.ledger: Ledger = open_ledger()
        target = replace(reachable(batch, target), link=not settings().keep_vault)
        self.store: Store = open_store(target, self.ledger.remote_ids)
        self.vault = vault_of(batch.id, self.store)
        self._kind = find_kind(batch.kind)
        self._account = account if callable(account) else lambda: account
        self.routes = Routes(
            () if offline else self._kind.recipe.models(batch.parameters),
            self._account,
            concurrency,
            batch.priority,
            self.ledger,
            apart=self._kind.model_of is not None,
        )
        self.spans = BatchSpans(batch.id, batch.kind)
        self.delivery = DeliveryWorker(
            batch,
            self.ledger,
            self.vault,
            self.store,
            senders=SENDERS[target.scheme],
            rate=DeliveryRate(self.ledger, self.store.destination, target.files_per_minute),
            patience_s=settings().delivery_patience_s,
            spans=self.spans,
        )
        self._earlier = self._paid_before()
        self._beginnings = Beginnings(self.ledger, lambda: self.batch, self._unmade, self._caps)
        self._stop: PressrunError | None = None
        self._not_begun: NotBegun | None = None
        self.lease = Lease(self.ledger, batch.id, lost=self._lose)
        self._begun = self._closed = False
        self._closing = Lock()

    def begin(self, patience_s: float = IN_WORK_S) -> bool:
        """Takes the batch, also from a process that died; checks the destination.

        Waits as long as another process works on it; False if that is longer than
        ``patience_s``.
        """
        work.begin_batch(self.batch.id)
        if not self.lease.acquire(patience_s):
            return False
        self.spans.begin()
        self.ledger.waits.end(self.batch.id)  # whatever it waited for, it is in work now
        # First: what a dead process left is corrected also where the destination is unavailable.
        lost = self.ledger.calls.abandon(self.batch.id)
        if lost:
            logger.warning("%d calls were in flight when the batch last stopped.", lost)
        self.ledger.batches.abandon(self.batch.id)
        crashes = self.batch.crashes + 1 if self.lease.taken_over else 0
        # Before the destination is looked at: a process may die of that too.
        self.ledger.batches.mark(self.batch.id, crashes=crashes)
        self.store.check()
        self.ledger.batches.mark(self.batch.id, status="running", ended_at=None)
        self.batch = replace(self.batch, crashes=crashes)
        self._begun = True
        for key in recover(self.ledger, self.batch, self.vault, self.store):
            self.delivery.submit(key)
        remove_leftovers(self.ledger)
        return True

    @property
    def stopped_by(self) -> PressrunError | None:
        """What ended the making of items for all of them, or for those not begun, if it did."""
        return self._stop or self._not_begun

    @property
    def account(self) -> Account:
        """Who pays, as it stands now."""
        return self._account()

    def first_made(self) -> Item | None:
        """Finds the first item that is made; None if nothing was made yet."""
        return next(self.ledger.batches.each(self.batch.id, "made", "completed"), None)

    def model_of(self, item: Item) -> str:
        """Names the model that the item depends on; empty where a failure stops the whole batch."""
        return self._kind.model_of(item.spec) if self._kind.model_of else ""

    def todo(self, only: Collection[str] | None = None) -> list[WaitingItem]:
        """Lists the items that are still to be made; final failures are not among them.

        Args:
            only: Keys of the items that are asked about; None for all that the batch has.
        """
        return [
            WaitingItem(item.key, item.title, self.model_of(item)) for item in self._unmade(only)
        ]

    def _unmade(self, only: Collection[str] | None = None) -> Iterator[Item]:
        statuses: Sequence[Status] = ("pending", "processing", "failed", "cancelled")
        asked = self.batch.only if only is None else only
        wanted = None if asked is None else frozenset(asked)
        for item in self.ledger.batches.each(self.batch.id, *statuses):
            if not item.is_final and (wanted is None or item.key in wanted):
                yield item

    def make(self, key: str) -> Receipt:
        """Makes one item, keeps its files and submits it to the delivery.

        Raises:
            PressrunError: It could not be made; the ledger has the reason.
        """
        work.item.set(key)
        with self.spans.item(key):
            return self._make(key)

    def _make(self, key: str) -> Receipt:
        batch = self.batch
        item = self.ledger.batches.start(batch.id, key)
        raise_if_stopped = partial(self._raise_if_stopped, self.model_of(item), key)
        try:
            raise_if_stopped()
            caller = Caller(
                self.ledger,
                self.vault,
                self.routes.by_model,
                batch.id,
                key,
                raise_if_stopped=raise_if_stopped,
                caps=self._caps,
                earlier=self._earlier,
                begin=partial(self._beginnings.begin, item),
            )
            outputs = self._kind.recipe.make(batch.id, item, batch.parameters, caller, self.vault)
            files = [self._save(output) for output in outputs]
            if self.lease.is_lost:
                raise_if_stopped()
        except Halted:
            if not self.lease.is_lost:  # else it is another process's by now
                self.ledger.batches.release(batch.id, key)
            raise
        except PressrunError as error:
            if not error.retryable:  # else what is left to pay for it stays reckoned with
                self.give_up(key)
            if refuses_more(error):
                self._refuse_more(self.model_of(item), error)
            self._fail(key, error)
            raise
        except Exception as error:
            # A bug, not an answer: it is raised again, and the ledger must not say "processing".
            self.give_up(key)
            self._fail(key, PressrunError(repr(error), kind="bug"))
            raise
        self._beginnings.end(key)
        self.ledger.batches.finish(batch.id, key, files)
        self.delivery.submit(key)
        return Receipt(key, len(files), sum(file.bytes for file in files))

    def give_up(self, key: str) -> None:
        """Notes that an item is not tried again in this run: what it would cost is free."""
        self._beginnings.end(key)

    def remove_files(self) -> None:
        """Removes what was delivered from the destination, before other files take its place."""
        for file in self.ledger.deliveries.all(self.batch.id):
            if file.status == "verified":
                self.store.remove(f"{self.batch.root}/{file.path}")

    def close(self) -> None:
        """Ends the engines' connections, and lets another process have the batch.

        Any thread may call it, and more than one: the others wait for its end.
        """
        with self._closing:
            if not self._closed:
                self._close()
            self._closed = True

    def _close(self) -> None:
        self.routes.close()
        try:
            if self._begun and not self.lease.is_lost:
                leave(self.vault, self.batch.id)
        except PressrunError as error:
            logger.warning("What is paid and not delivered lies on this machine alone: %s", error)
        finally:
            self.lease.release()
            self.spans.end(self._stop)
            work.end_batch(self.batch.id)

    def halt(self, kind: str) -> None:
        """Lets no further call be sent; calls in flight end and are kept."""
        if self._stop is None or isinstance(self._stop, BudgetSpent):  # which lets some go on
            self._stop = Halted(f"The batch is {kind.replace('_', ' ')}.", kind=kind)

    def refresh(self) -> Batch:
        """Reads the batch anew: its concurrency, priority and budget may have been changed.

        While the ledger is unavailable, it stays as it was.
        """
        try:
            self.batch = self.ledger.batches.find(self.batch.id) or self.batch
        except LedgerError as error:
            logger.debug("The batch is not read anew this time: %s", error)
        self.routes.set_priority(self.batch.priority)
        return self.batch

    def _lose(self) -> None:
        # Whatever has stopped the batch before: nothing of it is this process's to end any more.
        self._stop = Halted("The batch is taken over.", kind="taken_over")
        self.delivery.abandon()

    def _fail(self, key: str, error: PressrunError) -> None:
        if not self.lease.is_lost:
            self.ledger.batches.fail(self.batch.id, key, error)

    def _paid_before(self) -> PaidBefore:
        named = self.batch.parameters.get("reuse")
        batch = self.ledger.batches.find(named) if named else None
        if batch is None:
            return lambda _item, _slot, _request: None
        store = self.store if batch.destination == self.batch.destination else None
        return EarlierAnswers(self.ledger, batch, vault_of(batch.id), store).answer

    def _caps(self, now: float) -> list[Cap]:
        account = self._account()
        budget = Budget(self.batch.budget_usd, account.daily_usd, account.monthly_usd)
        mine = budget.caps(self.batch.id, account.name, now)
        return mine + self.ledger.requests.caps(self.batch.requested_by, now)

    def _refuse_more(self, model: str, error: PressrunError) -> None:
        """Lets nothing more be made of one model, or of the batch where that is the same."""
        if isinstance(error, NotBegun):
            self._not_begun = error  # a cheaper item may begin, and what is begun goes on
        elif model and not isinstance(error, BudgetSpent):
            self.routes.refuse(model, error)
        else:
            self._stop = error

    def _raise_if_stopped(self, model: str, key: str) -> None:
        # What stops all items stops the next one too: no call is sent to be refused again.
        if stop := self._stop or self.routes.refused(model):
            if isinstance(stop, BudgetSpent) and self._beginnings.has_begun(key):
                return  # it may still be finished: its next call may be a cheaper one
            said = Halted if isinstance(stop, Halted) else PressrunError
            raise said(str(stop), kind=stop.kind)

    def _save(self, output: Output) -> MadeFile:
        digest = output.sha256 or self.vault.put(output.data, use_of(output.media_type))
        path = placed(self.batch.layout, output.path)
        return MadeFile(path, output.media_type, len(output.data), digest, output.provenance)


def refuses_more(error: PressrunError) -> bool:
    """Says whether an error stops all items of the model: a spent quota, a wrong key."""
    return isinstance(error, BudgetSpent) or (isinstance(error, EngineError) and error.stops_route)


def reachable(batch: Batch, target: Target | None) -> Target:
    """Checks and gives the target of a batch that was planned before.

    Raises:
        SettingError: Its result store leads elsewhere by now.
        ElsewhereError: It is delivered into a folder of another machine.
    """
    require_here(batch)
    target = target or Target(batch.destination)
    if target.address.rstrip("/") != batch.destination.rstrip("/"):
        raise SettingError(
            f"The batch is delivered to {batch.destination}, and its result store now leads to "
            f"{target.address}. Set it back, or start a new batch."
        )
    return target

"""What a person may do to a batch, what they are told before, and the doing."""

from collections.abc import Callable
from dataclasses import dataclass

from pressrun.batches import control
from pressrun.batches.control import Action
from pressrun.batches.retried import RetriedItems
from pressrun.boundary.numbers import read_number
from pressrun.boundary.text import counted, plain_line, usd
from pressrun.desk.batches.view import BatchView
from pressrun.desk.results import target_of
from pressrun.desk.server import Begun, PrefectServer
from pressrun.desk.who import user
from pressrun.engines.account import Account
from pressrun.errors import InputError, PressrunError
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch
from pressrun.reports.quote import Quote, quote_left


def _by() -> str:
    return f"{user()} at the desk" if user() else "the desk"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something is done.

    Attributes:
        told: What it does and what it costs, in sentences.
        button: What the button says that does it.
        cap: The most that the batch may cost, in USD, where it can be changed with it.
    """

    action: Action
    title: str
    told: tuple[str, ...]
    button: str
    cap: float | None = None


class Actions:
    """Asks, and does.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
    """

    def __init__(self, open_ledger: Callable[[], Ledger], server: PrefectServer):
        self._open_ledger, self._server = open_ledger, server

    def question(self, action: Action, view: BatchView) -> Question:
        """Builds what a person is asked.

        Raises:
            InputError: Nothing can be made again.
        """
        return _QUESTIONS[action](self, view)

    @staticmethod
    def question_unplanned(run: Begun) -> Question:
        """Builds what a person is asked before a run ends that has no batch yet.

        Raises:
            InputError: It has ended.
        """
        if run.is_over:
            raise InputError("It has ended already: there is nothing to cancel.")
        told = (
            "It is being cancelled, and its process has not ended yet. This ends it at once."
            if run.type == "CANCELLING"
            else "Nothing of it is made yet, and no picture is paid.",
            "What you gave is kept: “Mend it as a draft” on its page begins with it.",
        )
        return Question("cancel", "Cancel this batch?", told, "Cancel the batch")

    def do(self, action: Action, batch_id: str, cap: str = "") -> None:
        """Does it, as the command line does.

        Args:
            action: What.
            batch_id: Of the batch.
            cap: The most that it may cost from now on, as typed; empty leaves it.

        Raises:
            InputError: There is no such batch, it makes no sense any more, or the cap is no sum.
            ServerAway: Prefect's server does not answer; nothing was done.
        """
        # As it is now: the page may be seconds old.
        ledger = self._open_ledger()
        batch = ledger.batches.find(batch_id)
        if batch is None and action == "cancel":
            control.cancel_unplanned(self._server, batch_id, _by())
        elif batch is None:
            raise InputError("This batch is not planned yet, or was deleted. Load its page again.")
        else:
            if cap.strip() and batch.budget_usd:
                ledger.batches.mark(batch.id, budget_usd=_sum(cap) or None)
            self._do(action, ledger, batch)

    def _do(self, action: Action, ledger: Ledger, batch: Batch) -> None:
        if action == "pause":
            control.pause(self._server, ledger, batch, _by())
        elif action == "resume":
            control.resume(self._server, batch)
        elif action == "cancel":
            control.cancel(self._server, batch, target_of, _by())
        else:
            control.retry(self._server, ledger, batch, control.wanted(ledger, batch))

    def _pause(self, view: BatchView) -> Question:
        busy = view.progress.processing
        told = (
            "No further call is sent.",
            f"Calls that are under way end, are paid and kept: {counted(busy, 'item')} in work.",
            "It holds until somebody resumes it; a pause itself costs nothing.",
        )
        return Question("pause", "Pause this batch?", told, "Pause")

    def _resume(self, view: BatchView) -> Question:
        left = view.progress.remaining + view.progress.processing
        told = (
            f"Still to be made: {counted(left, 'item')}. What is paid is not paid again.",
            self._cost(lambda: quote_left(self._open_ledger(), view.batch, Account())),
            _cap(view),
        )
        said = tuple(filter(None, told))
        return Question("resume", "Resume this batch?", said, "Resume", view.batch.budget_usd)

    def _cancel(self, view: BatchView) -> Question:
        left = view.progress.remaining + view.progress.processing
        told = (
            f"Not made yet, and given up: {counted(left, 'item')}. What is made is delivered.",
            f"Spent so far: {usd(view.progress.cost_usd)}. Only calls under way are still paid.",
            "Retry makes the rest later, if you want it after all.",
        )
        return Question("cancel", "Cancel this batch?", told, "Cancel the batch")

    def _retry(self, view: BatchView) -> Question:
        ledger = self._open_ledger()
        items = control.wanted(ledger, view.batch)
        retried = RetriedItems.among(items)
        again = len(retried.known) + len(retried.unread)
        if not again and not retried.mended:
            raise InputError(
                "Nothing of this batch can be made by trying again: each item was refused for what "
                f"it is. The first: {plain_line(items[0].error_message or 'blocked', 300)}"
            )
        told = (
            f"Tried again, in the same batch and folder: {counted(again, 'item')}."
            if again
            else "",
            f"Looked at again first, since what they need could not be read, and not in the price: "
            f"{len(retried.unread)} of these."
            if retried.unread
            else "",
            self._changed(view.batch, retried) if retried.mended else "",
            "What is completed stays, and what is paid is not paid again.",
            f"Left out: {counted(len(retried.final), 'item')} whose own words or inputs were "
            "refused."
            if retried.final
            else "",
            self._cost(lambda: retried.quote_known(ledger, view.batch)) if retried.known else "",
            _cap(view),
        )
        title = f"Retry {counted(again + len(retried.mended), 'item')}?"
        said = tuple(filter(None, told))
        return Question("retry", title, said, "Retry", view.batch.budget_usd)

    def _changed(self, batch: Batch, retried: RetriedItems) -> str:
        cost = retried.quote_mended(self._open_ledger(), batch).cost_usd
        items = counted(len(retried.mended), "item")
        return f"Made with what you changed: {items}, for about {usd(cost.expected)}."

    @staticmethod
    def _cost(ask: Callable[[], Quote]) -> str:
        try:
            cost = ask().cost_usd
        except PressrunError as error:
            return f"What it will cost is not known: {error}"
        if not cost.high:
            return "It costs nothing."
        span = "" if cost.low == cost.high else f" ({usd(cost.low)} to {usd(cost.high)})"
        return f"It costs about {usd(cost.expected)}{span}."


_QUESTIONS: dict[Action, Callable[[Actions, BatchView], Question]] = {
    "pause": Actions._pause,
    "resume": Actions._resume,
    "cancel": Actions._cancel,
    "retry": Actions._retry,
}


def _cap(view: BatchView) -> str:
    cap = view.batch.budget_usd
    if not cap:
        return ""
    return (
        f"Its cap is {usd(cap)}, of which {usd(view.progress.cost_usd)} is spent. It stops before "
        "it goes over that: if the rest costs more, raise it here."
    )


def _sum(typed: str) -> float:
    """Reads a sum in USD.

    Raises:
        InputError: It is none.
    """
    amount = float(read_number(typed))
    if amount < 0:
        raise InputError("The cap is a sum in USD, or 0 for none.")
    return amount

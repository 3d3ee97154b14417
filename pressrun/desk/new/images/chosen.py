"""Pictures of an ended batch that a person wants anew: chosen by their looks, then a draft."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pressrun.boundary.text import usd
from pressrun.desk.bodies import LongForm
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.images.rows import CHANGED, ROWS, rows_of
from pressrun.desk.rendering import render
from pressrun.engines.account import Account
from pressrun.errors import InputError, PressrunError
from pressrun.inputs.photos import natural_order
from pressrun.kinds.image.mend import task_of
from pressrun.kinds.image.recipe import KIND
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import OVER, Batch, Item
from pressrun.reports.quote import quote_items

_FIELD = "item/"
_MOST = 600  # pictures of one page


@dataclass(frozen=True, slots=True)
class MadeItem:
    """A prompt with the pictures that were made of it."""

    item: Item
    files: Sequence[DeliveredFile]

    @property
    def name(self) -> str:
        """What it is called, else its number and words."""
        return str(self.item.spec.get("name") or self.item.title)


@dataclass(frozen=True, slots=True)
class MadeItems:
    """The items of an ended batch; ``each`` says what one costs again, ``words`` what is wrong."""

    batch: Batch
    rows: Sequence[MadeItem]
    left_out: int
    each: str
    words: str = ""


class ChosenAgain:
    """Shows what a batch of images has made, and drafts the chosen ones again.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        new: The drafts.
    """

    def __init__(self, open_ledger: Callable[[], Ledger], new: NewBatches):
        self._open_ledger, self._new = open_ledger, new

    def page(self, batch_id: str, words: str = "") -> MadeItems:
        """Builds the page.

        Raises:
            InputError: There is no such batch of images, or it has not ended.
        """
        ledger, batch, made = self._found(batch_id)
        shown = made[:_MOST]
        files = ledger.deliveries.of_items(batch.id, [item.key for item in shown])
        rows = [MadeItem(item, _pictures(files.get(item.key, ()))) for item in shown]
        return MadeItems(batch, rows, len(made) - len(shown), _each(ledger, batch, made), words)

    def draft(self, batch_id: str, sent: Mapping[str, str]) -> str:
        """Makes a draft in which the chosen items are ticked and no others.

        Returns:
            Its id; empty if none was chosen.

        Raises:
            InputError: As :meth:`page`; or Prefect does not know what the batch was given.
        """
        ledger, batch, made = self._found(batch_id)
        chosen = {name.removeprefix(_FIELD) for name in sent if name.startswith(_FIELD)}
        if not chosen & {item.key for item in made}:
            return ""
        items = ledger.batches.items(batch.id)
        off = [item.key not in chosen for item in items]
        rows = rows_of([task_of(item.spec) for item in items])
        # With its own seed a model may give the very same picture, to be paid once more.
        values: dict[str, Any] = {
            ROWS: [
                row.model_copy(
                    update={"off": is_off, "made_before": row.made_before + (not is_off)}
                ).model_dump()
                for row, is_off in zip(rows, off, strict=True)
            ]
        }
        draft = self._new.again(batch.id)
        others = [name for name in draft.values if name.startswith(CHANGED)]
        self._new.drafts.change(draft.id, values | dict.fromkeys(others))
        return draft.id

    def _found(self, batch_id: str) -> tuple[Ledger, Batch, list[Item]]:
        ledger = self._open_ledger()
        batch = ledger.batches.find(batch_id)
        if batch is None or batch.kind != KIND:
            raise InputError("There is no such batch of images.")
        if batch.status not in OVER:
            raise InputError("This batch is still in work. Choose when it has ended.")
        items = ledger.batches.items(batch.id)
        return ledger, batch, [item for item in items if item.status == "completed"]


def chosen_routes(chosen: ChosenAgain) -> APIRouter:
    """Makes the addresses of choosing what is made again."""
    router = APIRouter(prefix="/batches/{batch_id}/some")

    def shown(batch_id: str, words: str = "", status: int = 200) -> Response:
        return HTMLResponse(render("some.html", view=chosen.page(batch_id, words)), status)

    @router.get("")
    def _page(batch_id: str) -> Response:
        return shown(batch_id)

    @router.post("")
    def _draft(batch_id: str, sent: LongForm) -> Response:
        if draft_id := chosen.draft(batch_id, sent):
            return RedirectResponse(f"/drafts/{draft_id}", 303)
        return shown(batch_id, "Tick what should be made again.", 409)

    return router


def _pictures(files: Sequence[DeliveredFile]) -> list[DeliveredFile]:
    own = [file for file in files if file.is_picture and file.status == "verified"]
    return sorted(own, key=lambda file: natural_order(file.path))


def _each(ledger: Ledger, batch: Batch, made: Sequence[Item]) -> str:
    """Says what one item costs again, in words; empty where that is not known."""
    if not made:
        return ""
    try:
        quote = quote_items(
            ledger, batch.kind, made, batch.parameters, batch.concurrency, Account()
        )
    except PressrunError:
        return ""
    cost = quote.cost_usd.expected / len(made)
    return f"about {usd(cost)} each" if cost else "free"

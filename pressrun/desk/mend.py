"""Failed items that a person changes at the desk: fields, price, and the button that makes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pressrun.batches.mend import (
    Mend,
    Mendable,
    MendProblems,
    mend,
    mendable,
    quote_mends,
    read_mends,
    takes_effect,
)
from pressrun.boundary.text import counted, usd
from pressrun.boundary.uploads import name_of
from pressrun.desk.batches.views import BatchViews
from pressrun.desk.bodies import LongForm
from pressrun.desk.rendering import offer, render
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError
from pressrun.inputs.photos import photos_in
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, Item

#: Failed items of one page.
_MOST = 200
_FIELD = "item/"


@dataclass(frozen=True, slots=True)
class MendView:
    """Failed items with what of them can be changed.

    Attributes:
        only: Key of the one item that is shown; empty for all.
        typed: What a person typed by now, by the names of the page's fields.
        wrong: What is wrong with it, likewise.
        when: When changed items are made.
        price: Of what is changed; empty while nothing is.
        button: What the button says.
        why: Why it says a number of items that is not that of the changed rows; or nothing.
    """

    batch: Batch
    rows: Sequence[Mendable]
    left_out: int
    only: str
    when: str
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    price: str = ""
    button: str = ""
    why: str = ""

    def present(self, row: Mendable, name: str) -> str:
        """Says what holds of an item where a field of it is empty; nothing if that is not known.

        It is what was given for all items of the batch, or that its photo was read.
        """
        given = str(self.batch.parameters.get(name) or "").strip()
        if name == "photo" and not given:
            return "the photo that was read" if "product" in row.item.spec else ""
        places = photos_in(given) if name == "photo" else [given]
        return "; ".join(name_of(place) if name == "photo" else place for place in places)


class MendDesk:
    """Reads what was changed, prices it, and lets it be made.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
    """

    def __init__(self, open_ledger: Callable[[], Ledger], server: PrefectServer):
        self._open_ledger, self._server = open_ledger, server

    def page(self, batch_id: str, only: str, sent: Mapping[str, str] | None = None) -> MendView:
        """Builds the page, also of what a person has typed.

        Raises:
            InputError: Nothing of the batch has failed, or it cannot be changed now.
        """
        batch, items = self._found(batch_id)
        when = takes_effect(batch, self._server.state(batch_id))
        rows = mendable(batch, (item for item in items if only in ("", item.key)))
        if not rows:
            raise InputError("Nothing of that has failed: there is nothing to change.")
        typed = _typed(sent or {})
        wrong, mends = self._read(batch, items, typed)
        known = mends and not wrong
        price, button, why = self._priced(batch, items, mends) if known else ("", "", "")
        shown = rows[:_MOST]
        return MendView(
            batch, shown, len(rows) - len(shown), only, when, typed, wrong, price, button, why
        )

    def make(self, batch_id: str, sent: Mapping[str, str]) -> str:
        """Lets what was changed be made, if the price is the one that was shown.

        Returns:
            Why not, in a sentence; empty if it is.

        Raises:
            InputError: Nothing is changed, or the batch cannot be changed now.
        """
        batch, items = self._found(batch_id)
        wrong, mends = self._read(batch, items, _typed(sent))
        if wrong:
            return "This cannot be made yet: what to mend stands beside the fields."
        if not mends:
            raise InputError("Nothing is changed. To make the same again, retry.")
        if self._priced(batch, items, mends)[0] != sent.get("price"):
            return "Look at the price on the button, then press it."
        mend(self._server, self._open_ledger(), batch, mends)
        return ""

    def _found(self, batch_id: str) -> tuple[Batch, list[Item]]:
        ledger = self._open_ledger()
        batch = ledger.batches.find(batch_id)
        if batch is None:
            raise InputError("There is no such batch any more.")
        return batch, ledger.batches.items(batch_id)

    def _priced(
        self, batch: Batch, items: Sequence[Item], mends: Sequence[Mend]
    ) -> tuple[str, str, str]:
        quote = quote_mends(self._open_ledger(), batch, items, mends)
        cost = quote.cost_usd.expected
        why = "" if quote.items == len(mends) else _variations(quote.items, len(mends))
        button = offer(f"Make {counted(quote.items, 'item')} again", cost)
        return usd(cost), button.replace("for $", "for about $"), why

    @staticmethod
    def _read(
        batch: Batch, items: Sequence[Item], typed: Mapping[str, str]
    ) -> tuple[dict[str, str], list[Mend]]:
        given: dict[str, dict[str, str]] = {}
        for name, value in typed.items():
            key, _, of = name.removeprefix(_FIELD).rpartition("/")
            given.setdefault(key, {})[of] = value
        try:
            return {}, read_mends(batch, items, given)
        except MendProblems as error:
            return {
                f"{_FIELD}{key}/{name}": why
                for key, wrong in error.fields.items()
                for name, why in wrong.items()
            }, []


def mend_routes(desk: MendDesk, server: PrefectServer, views: BatchViews) -> APIRouter:
    """Makes the addresses of mending."""
    router = APIRouter(prefix="/batches/{batch_id}/mend")

    def shown(batch_id: str, view: MendView, words: str = "", status: int = 200) -> Response:
        frame = {"prefect": server.ui_url, "run_page": server.run_page(batch_id)}
        return HTMLResponse(render("mend.html", view=view, words=words, **frame), status)

    @router.get("")
    def _page(batch_id: str, item: str = "") -> Response:
        return shown(batch_id, desk.page(batch_id, item))

    @router.post("/price")
    def _price(batch_id: str, sent: LongForm) -> Response:
        view = desk.page(batch_id, sent.get("only", ""), sent)
        told: dict[str, Any] = {"wrong": view.wrong, "price": view.price, "button": view.button}
        told["why"] = view.why
        return JSONResponse(told)

    @router.post("")
    def _make(batch_id: str, sent: LongForm) -> Response:
        if why := desk.make(batch_id, sent):
            return shown(batch_id, desk.page(batch_id, sent.get("only", ""), sent), why, 409)
        views.forget(batch_id)
        return RedirectResponse(f"/batches/{quote(batch_id, safe='')}", 303)

    return router


def _variations(made: int, changed: int) -> str:
    rows = "The one that you changed" if changed == 1 else f"The {changed} that you changed"
    return f"{rows} {'is' if changed == 1 else 'are'} made in all variations: {made} items."


def _typed(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in sent.items() if name.startswith(_FIELD)}

"""The addresses of drafts: their page, what changes them, the start, and again as a draft."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pressrun.boundary.text import counted, usd
from pressrun.desk.batches.views import BatchViews
from pressrun.desk.bodies import reader_of
from pressrun.desk.doors import Form
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.drafts import ChangedElsewhere
from pressrun.desk.new.templates import Templates
from pressrun.desk.new.view import DraftView
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.rendering import fragment, listed, render
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError

#: What a start does, by what its button sends.
_ACTIONS = {"run": "Start", "preview": "Make one first"}
#: A price that has grown by more since the page showed it is asked about.
_GROWN = 1.02
_NO_KEY = (
    "If batches are made on another machine that has a key of its own, start. Otherwise {fails}: "
    "choose a model account under Look first."
)
_ALL_FAILS = "the batch fails, with nothing made and nothing paid"
_SOME_FAILS = "its pictures fail, unpaid, and only those of models with a key are made"
_NOT_STARTED = (
    "Nothing was started, as far as is known, and this draft is kept. Start it again when the "
    "server answers: a draft is never started twice."
)
#: How often a start asks for the price before it gives up.
_TRIES = 20


class Changes(BaseModel):
    """What a page sends as a person types: values by name, and the versions that it shows."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, Any] = Field(max_length=5000)
    seen: int | dict[str, int] | None = None


def page_drawer(
    new: NewBatches, server: PrefectServer, views: BatchViews, templates: Templates
) -> Callable[..., str]:
    """Gives what draws a draft's page; ``trouble`` says what could not be done from it."""

    def page_of(draft_id: str, trouble: str = "") -> str:
        view = new.view(draft_id)
        known = {"templates": templates.of(view.draft.flow), "trouble": trouble}
        return render("new.html", **_shown(view, server, views), **known)

    return page_of


def draft_routes(
    new: NewBatches,
    server: PrefectServer,
    views: BatchViews,
    templates: Templates,
    page_of: Callable[..., str],
) -> APIRouter:
    """Makes the addresses of drafts' pages."""
    router = APIRouter()

    @router.get("/new/{flow}")
    def _new(flow: str, template: str = "") -> Response:
        draft = new.new(flow)
        if template:
            templates.fill(draft, template)
        return RedirectResponse(f"/drafts/{draft.id}", 303)

    @router.get("/drafts/{draft_id}")
    def _draft(draft_id: str) -> Response:
        if run_id := new.drafts.read(draft_id).run_id:
            return RedirectResponse(f"/batches/{quote(run_id, safe='')}", 303)
        return HTMLResponse(page_of(draft_id))

    @router.get("/drafts/{draft_id}/live")
    def _live(request: Request, draft_id: str) -> Response:
        view = new.view(draft_id)
        return fragment(request, render("new_live.html", **_shown(view, server, views)))

    return router


def change_routes(new: NewBatches, page_of: Callable[..., str]) -> APIRouter:
    """Makes the addresses that change, start, copy and delete drafts.

    Args:
        new: The drafts.
        page_of: Draws a draft's page.
    """
    router = APIRouter()

    @router.post("/drafts/{draft_id}/values")
    def _change(
        draft_id: str, changes: Annotated[Changes, Depends(reader_of(Changes))]
    ) -> Response:
        try:
            draft = new.drafts.change(draft_id, changes.values, changes.seen)
        except ChangedElsewhere as error:
            now = new.drafts.read(draft_id)
            theirs = {name: new.stands(now, name) for name in error.names}
            return JSONResponse({"theirs": theirs, "version": now.version}, 409)
        return JSONResponse({"version": draft.version})

    @router.post("/drafts/{draft_id}/start")
    def _start(draft_id: str, form: Form) -> Response:
        action = form.get("action", "run")
        if action not in _ACTIONS:
            raise InputError("That is no way to start a batch.")
        try:
            view = _priced(new, draft_id)
            most = new.defaults().ask_over_usd
            doubts = [] if form.get("sure") else _doubts(view, action, form.get("shown", ""), most)
            if doubts:
                asked = {"action": action, "doubts": doubts, "facts": _facts(view, action)}
                return HTMLResponse(render("new_question.html", view=view, **asked))
            run_id = new.start(view.draft, action)
        except ServerAway as error:
            # The draft's own page: what was typed stands there, and so does the way to try again.
            return HTMLResponse(page_of(draft_id, trouble=f"{error} {_NOT_STARTED}"), 503)
        return RedirectResponse(f"/batches/{quote(run_id, safe='')}", 303)

    @router.get("/drafts/{draft_id}/delete")
    def _ask(draft_id: str) -> Response:
        return HTMLResponse(render("new_delete.html", view=new.view(draft_id)))

    @router.post("/drafts/{draft_id}/delete")
    def _delete(draft_id: str) -> Response:
        new.drafts.delete(draft_id)
        return RedirectResponse("/", 303)

    @router.post("/batches/{batch_id}/again")
    def _again(batch_id: str) -> Response:
        return RedirectResponse(f"/drafts/{new.again(batch_id).id}", 303)

    return router


def _shown(view: DraftView, server: PrefectServer, views: BatchViews) -> dict[str, Any]:
    return {
        "view": view,
        "fields": view.fields,
        "seen": view.seen,
        "last": view.last,
        "estimate": view.estimate,
        "warnings": views.warnings(),
        "prefect": server.ui_url,
    }


def _priced(new: NewBatches, draft_id: str) -> DraftView:
    """Reads a draft that can be started, and its price, without which nothing starts.

    Raises:
        InputError: It cannot, or its price is not known yet.
    """
    for _ in range(_TRIES):
        view = new.view(draft_id)  # waits for half a second
        if view.seen:
            break
    else:
        raise InputError(
            "It is still being read and priced, so nothing was started. Try again in a moment."
        )
    if view.estimate.problem:
        raise InputError("\n".join([view.problem, *view.problems]))
    if view.gone:
        raise InputError(" ".join(view.gone))
    return view


def _doubts(view: DraftView, action: str, shown: str, ask_over_usd: float) -> list[str]:
    """Lists what a person is asked about before a batch starts; mostly nothing."""
    quote_ = view.estimate.quote
    fails = _NO_KEY.format(fails=_ALL_FAILS if view.stops_without else _SOME_FAILS)
    told = [f"{view.without_key} {fails}"] if view.without_key else []
    if action == "preview" or quote_ is None:
        return told
    cost = quote_.cost_usd.expected
    try:
        before = float(shown)
    except ValueError:
        before = cost
    if cost > before * _GROWN + 0.005:
        told.append(f"The button said {usd(before)}; since then the price has become {usd(cost)}.")
    if min(cost, view.cap or cost) > ask_over_usd:
        told.append(f"It costs more than {usd(ask_over_usd)}, over which you are asked.")
    return told


def _facts(view: DraftView, action: str) -> list[str]:
    """Lists what a batch is, for a person who is asked whether to start it."""
    found, seen = view.estimate, view.seen
    assert found.quote  # noqa: S101 - it is priced
    assert seen  # noqa: S101
    cost = found.quote.cost_usd
    span = f", from {usd(cost.low)} to {usd(cost.high)}" if cost.low != cost.high else ""
    cap = view.cap
    said = [
        f"Price{' of all' * (action == 'preview')}: about {usd(cost.expected)}{span}"
        if cost.high
        else "It costs nothing",
        seen.told or counted(found.ready, "item"),
        f"Models: {listed(view.models)}" if view.models else "",
        f"Cap: {usd(cap)}; the batch stops before it goes over that"
        if cap
        else "No cap: nothing holds it back at a sum"
        if cost.high
        else "",
        view.over_budget,
        seen.busy,
    ]
    return [f"{words.rstrip('.')}." for words in said if words]

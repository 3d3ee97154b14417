"""The desk's pages: the list of batches, a batch, what may be done to it, what it has delivered."""

from typing import Annotated, Any, get_args
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pressrun.batches.control import Action
from pressrun.desk.batches.actions import Actions, Question
from pressrun.desk.batches.listing import BatchList, Choice
from pressrun.desk.batches.views import BatchViews, NoBatch
from pressrun.desk.bodies import LongForm
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.rendering import fragment, render
from pressrun.desk.results import Results
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError
from pressrun.kinds.registry import find_flow, kind_names


def _choice(
    q: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
    owner: Annotated[str, Query(max_length=200)] = "",
    most: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Choice:
    return Choice(" ".join(q.split()), kind, owner, most)


Chosen = Annotated[Choice, Depends(_choice)]


def list_routes(
    server: PrefectServer, views: BatchViews, batches: BatchList, new: NewBatches
) -> APIRouter:
    """Makes the addresses of the list, and of what starts a new batch."""
    router = APIRouter()

    @router.get("/")
    def _list(choice: Chosen) -> Response:
        drafts = new.listed() if choice.is_all else []
        fixed = {"faces": new.faces.values(), "drafts": drafts, "kinds": kind_names()}
        return HTMLResponse(
            render("batches.html", **fixed, **_listed(server, views, batches, choice))
        )

    @router.get("/signed-in")
    def _signed_in() -> Response:
        return Response(status_code=204)  # a page asks before it sends a form

    @router.get("/live")
    def _list_live(request: Request, choice: Chosen) -> Response:
        return fragment(
            request, render("batches_live.html", **_listed(server, views, batches, choice))
        )

    @router.get("/form/{flow}")
    def _form(flow: str) -> Response:
        return RedirectResponse(server.form_page(find_flow(flow).deployment), 303)

    @router.get("/prefect")
    def _prefect() -> Response:
        return RedirectResponse(server.ui_url, 303)

    return router


def batch_routes(server: PrefectServer, views: BatchViews, actions: Actions) -> APIRouter:
    """Makes the addresses of a batch's page and of what may be done to it."""
    router = APIRouter(prefix="/batches/{batch_id}")

    @router.get("")
    def _batch(batch_id: str) -> Response:
        try:
            return HTMLResponse(render("batch.html", **_shown(server, views, batch_id)))
        except NoBatch as error:
            return HTMLResponse(render("begun.html", **_begun(server, views, error)))

    @router.get("/live")
    def _batch_live(request: Request, batch_id: str) -> Response:
        return fragment(request, render("batch_live.html", **_shown(server, views, batch_id)))

    @router.get("/begun")
    def _begun_live(request: Request, batch_id: str) -> Response:
        try:
            views.batch(batch_id)
        except NoBatch as error:
            shown = render("begun_live.html", **_begun(server, views, error))
            return fragment(request, shown)
        return Response(status_code=205)  # it is planned: the page loads again

    @router.get("/do/{action}")
    def _ask(batch_id: str, action: str) -> Response:
        title, question = _question(server, views, actions, batch_id, _known(action))
        shown = render("question.html", batch_id=batch_id, title=title, question=question)
        return HTMLResponse(shown)

    @router.post("/do/{action}")
    def _do(batch_id: str, action: str, form: LongForm) -> Response:
        actions.do(_known(action), batch_id, form.get("cap", ""))
        views.forget(batch_id)
        return RedirectResponse(f"/batches/{quote(batch_id, safe='')}", 303)

    return router


def result_routes(results: Results) -> APIRouter:
    """Makes the addresses of what a batch has delivered."""
    router = APIRouter(prefix="/batches/{batch_id}")

    @router.get("/files/{path:path}")
    def _file(batch_id: str, path: str) -> Response:
        return results.file(batch_id, path)

    @router.get("/thumbs/{path:path}")
    def _thumb(batch_id: str, path: str, *, large: bool = False) -> Response:
        return results.thumb(batch_id, path, large=large)

    @router.get("/folder")
    def _folder(batch_id: str) -> Response:
        return results.folder(batch_id)

    @router.get("/zip")
    def _zip(batch_id: str) -> Response:
        return results.archive(batch_id)

    return router


def _listed(
    server: PrefectServer, views: BatchViews, batches: BatchList, choice: Choice
) -> dict[str, Any]:
    return {
        "server": server,
        "choice": choice,
        "asked": _asked(choice),
        "shown": batches.read(choice),
        "warnings": views.warnings(),
    }


def _shown(server: PrefectServer, views: BatchViews, batch_id: str) -> dict[str, Any]:
    view = views.batch(batch_id)
    return {
        "view": view,
        "warnings": views.warnings() if view.is_live and not view.away else [],
        "run_page": server.run_page(batch_id),
    }


def _begun(server: PrefectServer, views: BatchViews, error: NoBatch) -> dict[str, Any]:
    """What is known of a run that has no batch (yet)."""
    try:
        run = server.run(error.batch_id)
        says = server.last_words(run.id) if run.type == "RUNNING" else ""
    except (InputError, ServerAway):
        raise error from None
    return {
        "run": run,
        "says": says,
        "warnings": views.warnings(),
        "prefect": server.ui_url,
        "run_page": server.run_page(run.id),
    }


def _question(
    server: PrefectServer, views: BatchViews, actions: Actions, batch_id: str, wanted: Action
) -> tuple[str, Question]:
    """Builds what a person is asked about a batch, or about a run that has none yet."""
    try:
        view = views.batch(batch_id)
    except NoBatch:
        if wanted != "cancel":
            raise
        run = server.run(batch_id)
        return run.title, actions.question_unplanned(run)
    if not view.away and view.actions and wanted not in view.actions:
        raise InputError(f"That is not possible now. The batch is: {view.said.words}.")
    return view.batch.title, actions.question(wanted, view)


def _asked(choice: Choice) -> str:
    asked = {"q": choice.words, "kind": choice.kind, "owner": choice.owner}
    return urlencode({name: value for name, value in asked.items() if value})


def _known(action: str) -> Action:
    if action not in get_args(Action):
        raise InputError("That is nothing that can be done to a batch.")
    return action  # type: ignore[return-value]  # just checked

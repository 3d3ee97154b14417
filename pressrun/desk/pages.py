"""The desk's pages: the list of batches, a batch, what may be done to it, what it has delivered."""

import hashlib
from typing import Annotated, Any, get_args
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pressrun.batches.control import Action
from pressrun.desk.actions import Actions
from pressrun.desk.rendering import render
from pressrun.desk.results import Results
from pressrun.desk.server import PrefectServer
from pressrun.desk.views import Choice, Views
from pressrun.errors import InputError
from pressrun.kinds.registry import kind_names

#: The cards: flow, what it makes, what a person gives.
_NEW = (
    ("slideshow-batch", "Slideshows", "TikTok links and photos of your products"),
    ("image-batch", "Images", "A list of prompts"),
    ("article-batch", "Articles", "Topics, keywords, feeds or texts"),
    ("model-comparison", "Comparison", "One prompt or many, up to nine models"),
)
_FLOWS = frozenset(flow for flow, _, _ in _NEW)


def _choice(
    q: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
    owner: Annotated[str, Query(max_length=200)] = "",
    most: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Choice:
    return Choice(" ".join(q.split()), kind, owner, most)


Chosen = Annotated[Choice, Depends(_choice)]


def list_routes(server: PrefectServer, views: Views) -> APIRouter:
    """Makes the addresses of the list, and of what starts a new batch."""
    router = APIRouter()

    @router.get("/")
    def _list(choice: Chosen) -> Response:
        fixed = {"new": _NEW, "kinds": kind_names()}
        return HTMLResponse(render("batches.html", **fixed, **_listed(server, views, choice)))

    @router.get("/live")
    def _list_live(request: Request, choice: Chosen) -> Response:
        return _fragment(request, render("batches_live.html", **_listed(server, views, choice)))

    @router.get("/prefect")
    def _prefect() -> Response:
        return RedirectResponse(server.ui_url, 303)

    @router.get("/new/{flow}")
    def _new(flow: str) -> Response:
        if flow not in _FLOWS:
            raise InputError("There is no such kind of batch.")
        return RedirectResponse(server.form_page(flow), 303)

    return router


def batch_routes(server: PrefectServer, views: Views, actions: Actions) -> APIRouter:
    """Makes the addresses of a batch's page and of what may be done to it."""
    router = APIRouter(prefix="/batches/{batch_id}")

    @router.get("")
    def _batch(batch_id: str) -> Response:
        return HTMLResponse(render("batch.html", **_shown(server, views, batch_id)))

    @router.get("/live")
    def _batch_live(request: Request, batch_id: str) -> Response:
        return _fragment(request, render("batch_live.html", **_shown(server, views, batch_id)))

    @router.get("/do/{action}")
    def _ask(batch_id: str, action: str) -> Response:
        view = views.batch(batch_id)
        question = actions.question(_known(action), view)
        return HTMLResponse(render("question.html", view=view, question=question))

    @router.post("/do/{action}")
    def _do(batch_id: str, action: str) -> Response:
        actions.do(_known(action), batch_id)
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
    def _thumb(batch_id: str, path: str) -> Response:
        return results.thumb(batch_id, path)

    @router.get("/folder")
    def _folder(batch_id: str) -> Response:
        return results.folder(batch_id)

    @router.get("/zip")
    def _zip(batch_id: str) -> Response:
        return results.archive(batch_id)

    return router


def _listed(server: PrefectServer, views: Views, choice: Choice) -> dict[str, Any]:
    return {
        "server": server,
        "choice": choice,
        "asked": _asked(choice),
        "shown": views.batches(choice),
        "warnings": views.warnings(),
    }


def _shown(server: PrefectServer, views: Views, batch_id: str) -> dict[str, Any]:
    view = views.batch(batch_id)
    return {
        "view": view,
        "warnings": views.warnings() if view.is_live and not view.away else [],
        "run_page": server.run_page(batch_id),
    }


def _fragment(request: Request, content: str) -> Response:
    """Answers with a part of a page, or only that it is as it was."""
    tag = f'"{hashlib.sha256(content.encode()).hexdigest()[:20]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return HTMLResponse(content, headers={"ETag": tag})


def _asked(choice: Choice) -> str:
    asked = {"q": choice.words, "kind": choice.kind, "owner": choice.owner}
    return urlencode({name: value for name, value in asked.items() if value})


def _known(action: str) -> Action:
    if action not in get_args(Action):
        raise InputError("That is nothing that can be done to a batch.")
    return action  # type: ignore[return-value]  # just checked

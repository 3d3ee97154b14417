"""The addresses of an image batch's tasks: its rows, its lines, the way back to the document."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pressrun.boundary.text import counted
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.images.face import ImagesSeen
from pressrun.desk.new.images.rows import CHANGED, ROWS, EditedRows
from pressrun.desk.new.prompts.documents import used_lines
from pressrun.desk.new.view import DraftView
from pressrun.desk.rendering import listed, render
from pressrun.errors import InputError


def task_routes(new: NewBatches) -> APIRouter:
    """Makes the addresses."""
    router = APIRouter(prefix="/drafts/{draft_id}")

    @router.get("/tasks")
    def _tasks(draft_id: str) -> Response:
        own = _own(new.view(draft_id))
        rows = own.listed if own else []
        return JSONResponse({"key": own.key if own else "", "rows": rows})

    @router.get("/lines")
    def _lines(draft_id: str) -> Response:
        view = new.view(draft_id)
        own = view.last.own if view.last else None
        document = getattr(own, "document", None)
        lines = used_lines(document.parsed) if document else []
        return HTMLResponse(render("new_lines.html", view=view, lines=lines))

    @router.get("/document")
    def _ask(draft_id: str) -> Response:
        view = new.view(draft_id)
        page = render("new_document.html", view=view, lost=_lost(view.draft.values))
        return HTMLResponse(page)

    @router.post("/document")
    def _back(draft_id: str) -> Response:
        draft = new.drafts.read(draft_id)
        names = [name for name in draft.values if name == ROWS or name.startswith(CHANGED)]
        new.drafts.change(draft_id, dict.fromkeys(names))
        return RedirectResponse(f"/drafts/{draft_id}", 303)

    return router


def _own(view: DraftView) -> ImagesSeen | None:
    own = view.last.own if view.last else None
    return own if isinstance(own, ImagesSeen) else None


def _lost(values: Any) -> str:
    """Says what a person loses who goes back, such as ``2 changes and 1 added prompt are``."""
    try:
        edited = EditedRows.of(values)
    except InputError:
        edited = None
    if edited is None:
        return "nothing is"
    counts = (
        (edited.changed, counted(edited.changed, "change")),
        (edited.added, counted(edited.added, "added prompt")),
        (edited.off, f"{edited.off} that {'is' if edited.off == 1 else 'are'} left out"),
    )
    said = [words for count, words in counts if count]
    if not said:
        return "nothing is"
    many = len(said) > 1 or sum(count for count, _ in counts) > 1
    return f"{listed(said)} {'are' if many else 'is'}"

"""The addresses of changed words: the page, what it sends, and the table."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pressrun.desk.bodies import LongForm, reader_of
from pressrun.desk.rendering import fragment, render
from pressrun.desk.words.desk import TypedSlide, UploadedTable, WordsDesk


def words_routes(desk: WordsDesk) -> APIRouter:
    """Makes the addresses of changed words."""
    router = APIRouter(prefix="/batches/{batch_id}/words")

    @router.get("")
    def _page(batch_id: str, item: str = "") -> Response:
        return _shown(desk, batch_id, item)

    @router.get("/discard")
    def _ask(batch_id: str, item: str = "") -> Response:
        return HTMLResponse(render("discard.html", view=desk.page(batch_id, item)))

    @router.get("/live")
    def _live(request: Request, batch_id: str) -> Response:
        job = desk.job(batch_id)
        if job is None or job.is_over:
            return Response(status_code=205)  # the page loads again, with the new slides
        return fragment(request, render("job.html", job=job))

    @router.get("/table.csv")
    def _table(batch_id: str) -> Response:
        told = {"Content-Disposition": "attachment; filename=words.csv"}
        # With a mark: without it, Excel takes UTF-8 for something else.
        return Response("\ufeff" + desk.table(batch_id), media_type="text/csv", headers=told)

    return router


def typed_routes(desk: WordsDesk) -> APIRouter:
    """Makes the addresses to which the page sends what is typed, dropped, written or discarded."""
    router = APIRouter(prefix="/batches/{batch_id}/words")

    @router.post("/keep")
    def _keep(
        batch_id: str, given: Annotated[TypedSlide, Depends(reader_of(TypedSlide))]
    ) -> Response:
        return JSONResponse(desk.keep(batch_id, given))

    @router.post("/table")
    def _take(
        batch_id: str, given: Annotated[UploadedTable, Depends(reader_of(UploadedTable))]
    ) -> Response:
        desk.take_table(batch_id, given.reference)
        return Response(status_code=204)

    @router.post("/discard")
    def _discard(batch_id: str, sent: LongForm) -> Response:
        desk.discard(batch_id)
        return _back(batch_id, sent.get("item", ""))

    @router.post("")
    def _change(batch_id: str, sent: LongForm) -> Response:
        item = sent.get("item", "")
        if why := desk.change(batch_id, sent):
            return _shown(desk, batch_id, item, why, 409)
        return _back(batch_id, item)

    return router


def _shown(
    desk: WordsDesk, batch_id: str, item: str, words: str = "", status: int = 200
) -> Response:
    view = desk.page(batch_id, item)
    return HTMLResponse(render("words.html", view=view, words=words), status)


def _back(batch_id: str, item: str) -> Response:
    here = f"/batches/{quote(batch_id, safe='')}/words"
    return RedirectResponse(f"{here}?{urlencode({'item': item})}" if item else here, 303)

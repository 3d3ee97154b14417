"""The addresses of a review: its page, what is typed into it, the answer."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, Response

from pressrun.desk.batches.views import BatchViews
from pressrun.desk.bodies import JsonBody
from pressrun.desk.rendering import render
from pressrun.desk.review.desk import NotAsked, ReviewDesk
from pressrun.desk.server import PrefectServer


def review_routes(desk: ReviewDesk, server: PrefectServer, views: BatchViews) -> APIRouter:
    """Makes them."""
    router = APIRouter(prefix="/batches/{batch_id}/review")

    @router.get("")
    def _page(batch_id: str, page: int = 1) -> Response:
        frame = {"prefect": server.ui_url, "run_page": server.run_page(batch_id)}
        try:
            view, told = desk.page(batch_id, page)
        except NotAsked as error:
            views.forget(batch_id)
            now = views.batch(batch_id)
            again = now.is_live or now.batch.status in ("draft", "ready", "paused")
            words = _waits(now.said.words) if again else str(error)
            return HTMLResponse(
                render("review_over.html", view=now, words=words, again=again, **frame)
            )
        name = "review.html" if view.subject == "plan" else "preview.html"
        return HTMLResponse(render(name, view=view, told=told, **frame))

    @router.post("/draft")
    def _draft(batch_id: str, sent: JsonBody) -> Response:
        try:
            return JSONResponse(desk.save(batch_id, sent))
        except NotAsked as error:
            return _gone(error)

    @router.post("/answer")
    def _answer(batch_id: str, sent: JsonBody) -> Response:
        try:
            done = desk.answer(batch_id, sent)
        except NotAsked as error:
            return _gone(error)
        views.forget(batch_id)
        return JSONResponse(done, 200 if "done" in done else 409)

    return router


def _gone(error: NotAsked) -> Response:
    return JSONResponse({"gone": str(error)}, 409)


def _waits(words: str) -> str:
    return f"It is now: {words}. If it asks again, the question is shown here by itself."

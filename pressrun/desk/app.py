"""The desk as an application: its addresses together, and what errors look like.

Whoever is not signed in gets the page to do so, and nothing else.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from pressrun.batches.uploads import open_uploads
from pressrun.desk.approvals import ApprovalDesk, approval_routes
from pressrun.desk.batches.actions import Actions
from pressrun.desk.batches.listing import BatchList
from pressrun.desk.batches.views import BatchViews
from pressrun.desk.costs import cost_routes
from pressrun.desk.doors import Door, door_routes, static_routes
from pressrun.desk.guard import Guard, Names
from pressrun.desk.jobs import Jobs
from pressrun.desk.kept import Kept, TooSlow
from pressrun.desk.mend import MendDesk, mend_routes
from pressrun.desk.metrics import PATH as METRICS
from pressrun.desk.metrics import metrics_routes
from pressrun.desk.new.articles.face import ArticleFace
from pressrun.desk.new.articles.web import KeptPages
from pressrun.desk.new.comparison import ComparisonFace
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.drafts import Drafts
from pressrun.desk.new.faces import Face
from pressrun.desk.new.images.addresses import task_routes
from pressrun.desk.new.images.chosen import ChosenAgain, chosen_routes
from pressrun.desk.new.images.face import ImageFace
from pressrun.desk.new.pages import change_routes, draft_routes, page_drawer
from pressrun.desk.new.prompts.readings import KeptReadings
from pressrun.desk.new.slideshow.changes import RowChanges
from pressrun.desk.new.slideshow.face import SlideshowFace
from pressrun.desk.new.slideshow.pages import row_routes, thumb_routes
from pressrun.desk.new.templates import Templates, template_routes
from pressrun.desk.new.uploads import upload_routes
from pressrun.desk.pages import batch_routes, list_routes, result_routes
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.rendering import render
from pressrun.desk.results import Results
from pressrun.desk.review.desk import ReviewDesk
from pressrun.desk.review.drafts import ReviewDrafts
from pressrun.desk.review.pages import review_routes
from pressrun.desk.server import PrefectServer
from pressrun.desk.settings.pages import settings_routes
from pressrun.desk.who import remember
from pressrun.desk.words.desk import WordsDesk
from pressrun.desk.words.pages import typed_routes, words_routes
from pressrun.errors import InputError, LedgerError, PressrunError, SettingError, StoreError
from pressrun.inputs.web.fetch import Fetcher
from pressrun.kinds.slideshow.lookup import open_shelf, open_visitors
from pressrun.kinds.slideshow.posts import Posts
from pressrun.ledger import Ledger
from pressrun.settings import settings
from pressrun.stores.drive.consent import GOOGLE, GoogleAddresses

_LEDGER_SLOW = (
    "The ledger does not answer: another process locks it, or its server is away. This page tries "
    "again by itself."
)
_SERVER_SLOW = "Prefect's server takes long to answer."
_DRAFT_SLOW = "That is still being read and priced."
_SLIDE_SLOW = "The slide is still being read and drawn."
_STORE_SLOW = "The place where the pictures lie does not answer. Load the page again later."


class SignedOut(Exception):
    """The request carries no session that is open."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the addresses answer from.

    Attributes:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
        door: Who may come in.
        names: Under which people reach the desk.
        google: Where a person connects their Drive.
    """

    open_ledger: Callable[[], Ledger]
    server: PrefectServer
    door: Door
    names: Names
    google: GoogleAddresses = GOOGLE


def create_app(desk: Desk) -> Guard:
    """Builds the application."""
    kept, thumbs = Kept(_LEDGER_SLOW), Kept(_STORE_SLOW)
    drafted, blocks = Kept(_DRAFT_SLOW, patience_s=0.15), Kept(_SERVER_SLOW)
    drawn, jobs = Kept(_SLIDE_SLOW, patience_s=20.0), Jobs()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        shelf.clean()
        yield
        for closing in (kept, thumbs, drafted, blocks, drawn, jobs, pages, posts, desk.server):
            closing.close()

    async def signed_in(request: Request) -> None:  # async: what it remembers is the request's
        if not desk.door.is_open(request):
            raise SignedOut
        remember(desk.door.proxy.user_of(request))

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    views = BatchViews(desk.open_ledger, desk.server, kept)
    batches = BatchList(desk.open_ledger, desk.server, kept, views)
    actions = Actions(desk.open_ledger, desk.server)
    desk_data = settings().data.expanduser() / "desk"
    drafts = Drafts(desk_data / "drafts")
    uploads = cache(open_uploads)
    readings, pages = KeptReadings(), KeptPages(Fetcher().fetch_document)
    shelf = open_shelf(settings())
    posts = Posts(lambda: open_visitors(settings()), shelf, drafts.is_open)
    faces: list[Face] = [
        SlideshowFace(posts),
        ImageFace(readings),
        ArticleFace(pages),
        ComparisonFace(readings),
    ]
    new = NewBatches(desk.open_ledger, desk.server, drafts, faces, drafted, blocks)
    templates = Templates(desk.server, new, desk.open_ledger)
    page_of = page_drawer(new, desk.server, views, templates)
    reviews = ReviewDesk(desk.open_ledger, desk.server, ReviewDrafts(desk_data / "reviews"))
    typed = ReviewDrafts(desk_data / "words")
    words = WordsDesk(desk.open_ledger, uploads, typed, jobs, drawn, views)
    metrics = metrics_routes(desk.open_ledger, settings().metrics_token, kept)
    for router in (static_routes(), door_routes(desk.door), metrics):
        app.include_router(router)
    for router in (
        list_routes(desk.server, views, batches, new),
        batch_routes(desk.server, views, actions),
        draft_routes(new, desk.server, views, templates, page_of),
        template_routes(templates, new),
        change_routes(new, page_of),
        task_routes(new),
        chosen_routes(ChosenAgain(desk.open_ledger, new)),
        upload_routes(drafts, uploads),
        row_routes(RowChanges(drafts, uploads, posts)),
        thumb_routes(posts, uploads, thumbs),
        result_routes(Results(desk.open_ledger, thumbs)),
        settings_routes(desk.server, desk.open_ledger, desk.door, desk.google),
        cost_routes(desk.server, desk.open_ledger, kept),
        review_routes(reviews, desk.server, views),
        mend_routes(MendDesk(desk.open_ledger, desk.server), desk.server, views),
        words_routes(words),
        typed_routes(words),
        approval_routes(ApprovalDesk(desk.open_ledger, jobs, views)),
    ):
        app.include_router(router, dependencies=[Depends(signed_in)])
    app.add_exception_handler(SignedOut, _signed_out)
    app.add_exception_handler(PressrunError, _said)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(404, _missing)
    app.add_exception_handler(405, _not_so)
    app.add_exception_handler(Exception, _broken)
    return Guard(app, desk.names, own_door=METRICS)


_STATUSES: tuple[tuple[type[PressrunError], int], ...] = (
    (LedgerError, 503),
    (ServerAway, 503),
    (TooSlow, 503),
    (StoreError, 502),
    (SettingError, 409),
    (InputError, 404),
)


def _signed_out(request: Request, _: Exception) -> Response:
    if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        return PlainTextResponse("You are signed out.", 401)
    if request.headers.get("sec-fetch-site") == "cross-site":
        # The browser kept the cookie back, as a link of another address led here.
        return HTMLResponse(render("again.html"))
    here = request.url.path if request.method == "GET" else "/"
    asked = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/sign-in?{urlencode({'to': here + asked})}", 303)


def _said(request: Request, error: Exception) -> Response:
    status = next((code for of, code in _STATUSES if isinstance(error, of)), 500)
    if status == 404 and request.method != "GET":
        status = 400  # the page is there; what was asked of it is wrong
    again = request.method == "GET" and status == 503
    return _answered(request, str(error), status, again=again, back=_page_above(request.url.path))


def _page_above(path: str) -> tuple[str, str]:
    """Finds the page to which one below it leads back, and what it is called; empty for none."""
    match path.split("/"):
        case ["", "batches", batch_id, "do" | "words" | "drafts", *_]:
            return f"/batches/{batch_id}", "the batch"
        case ["", "drafts", draft_id, _, *_]:
            return f"/drafts/{draft_id}", "the draft"
    return "", ""


def _missing(request: Request, _: Exception) -> Response:
    words = "There is no such page. It may have been moved or deleted."
    return _answered(request, words, 404)


def _broken(request: Request, error: Exception) -> Response:
    words = f"The desk itself failed ({type(error).__name__}). Batches go on; its log says more."
    return _answered(request, words, 500)


def _unreadable(request: Request, _: Exception) -> Response:
    words = "The address asks for something that cannot be: check what stands behind the ?."
    return _answered(request, words, 400)


def _not_so(request: Request, _: Exception) -> Response:
    return _answered(request, "This page is only read, or only sent to.", 405)


def _answered(
    request: Request,
    words: str,
    status: int,
    *,
    again: bool = False,
    back: tuple[str, str] = ("", ""),
) -> Response:
    """Answers with a page, or with the words alone where a script of a page asks."""
    if request.headers.get("x-desk"):
        return PlainTextResponse(words, status)
    page = render("error.html", words=words, again=again, back=back, missing=status == 404)
    return HTMLResponse(page, status)

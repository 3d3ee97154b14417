"""Articles that await a person: read at the desk, and approved by name, one or several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pressrun.batches import approval
from pressrun.batches.approval import DraftArticle, drafts_of
from pressrun.batches.delivered import Delivered, Step
from pressrun.boundary.text import counted
from pressrun.desk.batches.views import BatchViews
from pressrun.desk.bodies import LongForm
from pressrun.desk.jobs import DeskJob, JobDone, Jobs
from pressrun.desk.rendering import fragment, render
from pressrun.desk.results import opened
from pressrun.desk.who import user
from pressrun.errors import InputError
from pressrun.kinds.article.html import html_of
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch

_FIELD = "draft/"


@dataclass(frozen=True, slots=True)
class DraftsView:
    """The drafts of a batch, and what was chosen of them.

    Attributes:
        opened: Key of the one that is read first; empty for none.
        chosen: Keys of those that are ticked.
        by: The name that was typed.
    """

    batch: Batch
    drafts: Sequence[DraftArticle]
    job: DeskJob | None
    opened: str = ""
    chosen: frozenset[str] = frozenset()
    by: str = ""


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """A draft as it is read; the markdown of the model as HTML that can do nothing.

    Attributes:
        pictures: Those that are published with it.
    """

    batch: Batch
    title: str
    summary: str
    language: str
    words: int
    awaits: str
    warnings: Sequence[str]
    body: Markup
    pictures: Sequence[DeliveredFile] = ()


class ApprovalDesk:
    """Shows drafts, and lets them be approved.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        jobs: Does what takes long.
        views: What other pages show of the batch.
    """

    def __init__(self, open_ledger: Callable[[], Ledger], jobs: Jobs, views: BatchViews):
        self._open_ledger, self._jobs, self._views = open_ledger, jobs, views

    def page(
        self, batch_id: str, key: str = "", sent: Mapping[str, str] | None = None
    ) -> DraftsView:
        """Builds the page, also of what a person has chosen; the draft of the key is read first.

        Raises:
            InputError: The batch is in work, or none of its articles.
        """
        delivered = self._opened(batch_id)
        drafts = drafts_of(delivered.ledger, delivered.batch)
        sent = sent or {}
        return DraftsView(
            delivered.batch,
            drafts,
            self._jobs.of(batch_id),
            key,
            frozenset(_chosen(sent)),
            sent.get("by", ""),
        )

    def article(self, batch_id: str, key: str) -> ReadArticle:
        """Reads a draft.

        Raises:
            InputError: There is no such article.
            StoreError: It cannot be read, or was changed where it lies.
        """
        delivered = self._opened(batch_id)
        content = approval.read_article(delivered, key)
        files = delivered.ledger.deliveries.all(delivered.batch.id, key)
        return ReadArticle(
            delivered.batch,
            content["title"],
            content["summary"],
            content["asked"]["language"],
            content["words"],
            ", ".join(map(str, content.get("awaits_approval", ()))),
            [str(one) for one in content.get("warnings", ())],
            html_of(content["body"]),
            [file for file in files if file.is_picture],
        )

    def approve(self, batch_id: str, sent: Mapping[str, str]) -> str:
        """Lets chosen drafts be approved.

        Returns:
            Why not, in a sentence; empty if it is begun.

        Raises:
            InputError: The batch is in work, or a job works on it.
        """
        self._opened(batch_id)
        keys = _chosen(sent)
        if not keys:
            return "Tick the articles that you have read."
        try:
            # Whom the server knows cannot sign as somebody else.
            by = approval.approver(user() or sent.get("by", ""))
        except InputError as error:
            return str(error)
        self._jobs.start(
            batch_id, "Approving", len(keys), lambda step: self._do(batch_id, keys, by, step)
        )
        return ""

    def job(self, batch_id: str) -> DeskJob | None:
        """Tells where the approving stands."""
        return self._jobs.of(batch_id)

    def _do(self, batch_id: str, keys: Sequence[str], by: str, step: Step) -> JobDone:
        try:
            done = approval.approve(self._opened(batch_id), keys, by, step)
        finally:
            self._views.forget(batch_id)
        if not done:
            return JobDone("They were approved before: nothing is changed.")
        return JobDone(f"{counted(len(done), 'article')} approved by {by}. No call was made.")

    def _opened(self, batch_id: str) -> Delivered:
        delivered = opened(self._open_ledger(), batch_id)
        approval.require_approvable(delivered)
        return delivered


def approval_routes(desk: ApprovalDesk) -> APIRouter:
    """Makes the addresses of drafts that await a person."""
    router = APIRouter(prefix="/batches/{batch_id}/drafts")

    @router.get("")
    def _page(batch_id: str, item: str = "") -> Response:
        return HTMLResponse(render("drafts.html", view=desk.page(batch_id, item), words=""))

    @router.get("/live")
    def _live(request: Request, batch_id: str) -> Response:
        job = desk.job(batch_id)
        if job is None or job.is_over:
            return Response(status_code=205)  # the page loads again, without what is approved
        return fragment(request, render("job.html", job=job))

    @router.get("/read")
    def _read(batch_id: str, item: str) -> Response:
        return HTMLResponse(render("draft.html", article=desk.article(batch_id, item)))

    @router.post("")
    def _approve(batch_id: str, sent: LongForm) -> Response:
        if why := desk.approve(batch_id, sent):
            view = desk.page(batch_id, sent=sent)
            return HTMLResponse(render("drafts.html", view=view, words=why), 409)
        return RedirectResponse(f"/batches/{quote(batch_id, safe='')}/drafts", 303)

    return router


def _chosen(sent: Mapping[str, str]) -> list[str]:
    return [name.removeprefix(_FIELD) for name in sent if name.startswith(_FIELD)]

"""The page of a new article batch: its items as they were understood, what they name behind it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pressrun.boundary.text import counted, one_line
from pressrun.desk.new.articles.web import KeptPages, PagesOfDraft
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.estimates import DraftEstimate, checked, planned, priced, refused
from pressrun.desk.new.faces import SeenDraft
from pressrun.desk.new.plans import KeptPlan, KeptPlans
from pressrun.engines.account import account_from_environment
from pressrun.engines.catalogue import catalogue
from pressrun.engines.token_estimates import Estimate as Amount
from pressrun.errors import PressrunError
from pressrun.inputs.articles.rows import Defaults, read_rows_text
from pressrun.kinds.article.languages import OtherLanguage, other_languages
from pressrun.kinds.article.mend import word_range
from pressrun.kinds.article.parameters import ArticleParameters
from pressrun.kinds.article.planner import ArticlePlanner
from pressrun.kinds.article.reading import reads
from pressrun.kinds.base import Kind, Planner, PlanningContext
from pressrun.ledger import Ledger
from pressrun.ledger.records import PlannedItem
from pressrun.settings import settings

#: What a plan depends on, beside the feeds and pages that it names.
_DEFAULTS = ("words", "tone", "language", "audience", "instructions")
_PLANNED = (
    *(
        "mode",
        "items",
        "file",
        "read_as",
        *_DEFAULTS,
        "sources",
        "facts",
        "rights",
        "count",
        "country",
    ),
    "skip_invalid",
    *("pictures", "model"),  # the plan counts them
)
_SHOWN = 200
#: Letters of a page whose text is not there yet, for a price.
_TYPICAL = 6000


@dataclass(frozen=True, slots=True)
class ArticleMode:
    """A mode as a choice: what is written, and what it takes."""

    value: str
    words: str
    takes: str


MODES = (
    ArticleMode("topic", "Topics", "One topic a line: an article on each."),
    ArticleMode(
        "keywords", "Keywords", "A primary keyword a line; behind a semicolon, secondary ones."
    ),
    ArticleMode("trends", "Trends", "Addresses of RSS or Atom feeds; without one, Google Trends."),
    ArticleMode(
        "spin",
        "Rewrite",
        "Addresses of pages, a document with links to them, or texts with a line of --- between "
        "them.",
    ),
)


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """One article as it was asked for; ``about`` is where a topic or text comes from."""

    line: int
    subject: str
    keywords: Sequence[str]
    words: str
    tone: str
    language: str
    about: str
    problem: str


@dataclass(frozen=True, slots=True)
class ArticlesSeen:
    """What the page shows of a draft.

    Attributes:
        rows: The articles; ``more`` are left out.
        notes: What of the items is left out, what the feeds gave.
        problem: Why the items cannot be used; empty if they can.
        bounds: How few and how many articles a batch takes, in words.
        each: What one article costs; None if that is not known.
        other: The language that the topics look to be in, where the articles' is another and can be
            changed to it for all.
    """

    rows: Sequence[ShownArticle]
    more: int
    notes: Sequence[str]
    problem: str
    bounds: str
    each: Amount | None
    other: OtherLanguage | None = None

    @property
    def has_keywords(self) -> bool:
        """Whether a row has any."""
        return any(row.keywords for row in self.rows)

    @property
    def has_tone(self) -> bool:
        """Whether a row has one."""
        return any(row.tone for row in self.rows)


class ArticleFace:
    """See :class:`pressrun.desk.new.faces.Face`.

    Args:
        pages: The feeds and pages that drafts name.
    """

    flow = "article-batch"
    name = "Articles"
    given = "Topics, keywords, feeds or texts"
    content = "new_articles.html"
    seen = "new_articles_seen.html"
    look: Sequence[str] = (
        *("text_model", "words", "language", "tone", "audience", "instructions", "title"),
        *("pictures", "model", "picture_style"),
        *("links", "author", "publisher", "disclosure"),
    )
    # Its flow takes no review.
    usual: Mapping[str, Any] = {"read_as": "form"}
    own: Sequence[str] = (
        *("items", "file", "mode", "count", "country", "sources", "facts", "rights", "review"),
    )
    modes = MODES

    def __init__(self, pages: KeptPages):
        self._pages, self._plans = pages, KeptPlans(_PLANNED)

    def parameters(self, draft: BatchDraft) -> Mapping[str, Any]:
        """Gives mode and items."""
        names = (name for name in self.own if name != "review")
        return {name: draft.values[name] for name in names if name in draft.values}

    def see(
        self,
        draft: BatchDraft,  # noqa: ARG002 - the parameters say all
        kind: Kind,
        given: Mapping[str, Any],
        ledger: Ledger,
    ) -> SeenDraft:
        """Reads the items, looks at feeds and pages behind, plans and prices."""
        given = kind.parse_parameters({}).model_dump() | dict(given)
        account = account_from_environment()
        try:
            parameters = checked(kind, given, account)
        except PressrunError as error:
            return SeenDraft(refused(error), _seen(given, refused(error), (), ()))
        assert isinstance(parameters, ArticleParameters)  # noqa: S101 - its kind's
        pages = PagesOfDraft(self._pages)
        plan = self._plan(kind, parameters, pages)
        if pages.waiting:
            likely = _likely(parameters, len(pages.asked))
            plan = self._plan(kind, likely, PagesOfDraft(self._pages))
        if isinstance(plan, PressrunError):
            found, said = refused(plan), list[str]()
        else:
            found, said = priced(ledger, kind, parameters, plan.items, (), account), [*plan.said]
        own = _seen(given, found, said, () if pages.waiting else found.items)
        told = found.told(_told(found))
        return SeenDraft(found, own, _busy(parameters, pages), told=told)

    def _plan(
        self, kind: Kind, parameters: ArticleParameters, pages: PagesOfDraft
    ) -> KeptPlan | PressrunError:
        """Plans, or takes the plan that was made of the same; gives what is wrong with it."""
        by = replace(kind, planner=_planned_by(pages))

        def plan() -> tuple[KeptPlan, bool]:
            said: list[str] = []
            account = account_from_environment()
            items = planned(by, parameters, account, said.append, said.append)
            return KeptPlan(items, said), not pages.waiting

        # It asks of the model whether it writes other languages than English, and who will read.
        is_sketch = catalogue()[parameters.text_model].engine == "sketch"
        reader = parameters.text_model if reads(parameters) else ""
        try:
            return self._plans.get(parameters.model_dump(), plan, is_sketch, reader)
        except PressrunError as error:
            return error


def _told(found: DraftEstimate) -> str:
    """Writes ``10 articles, 30 pictures``."""
    images = sum(model.images for model in found.quote.models) if found.quote else 0
    words = counted(found.ready, "article")
    return f"{words}, {counted(images, 'picture')}" if images else words


def _planned_by(pages: PagesOfDraft) -> Any:
    def planner(parameters: ArticleParameters, context: PlanningContext) -> Planner:
        return ArticlePlanner(
            parameters,
            context.settings,
            context.vault,
            context.log,
            context.download,
            pages.fetch,
            context.ask,
            context.note,
        )

    return planner


def _likely(parameters: ArticleParameters, addresses: int) -> ArticleParameters:
    """Gives parameters that cost about as much as those whose addresses are still read."""
    texts = "\n---\n".join(f"{n} {'word ' * (_TYPICAL // 5)}" for n in range(addresses))
    if parameters.mode == "trends":
        items = "\n".join(f"The newest entry number {n + 1}" for n in range(parameters.count))
        likely = {"mode": "topic", "items": items, "sources": "", "file": ""}
    elif parameters.mode == "spin":
        likely = {"items": texts, "file": ""}
    else:
        likely = {"sources": texts if parameters.sources else ""}
    return parameters.model_copy(update=likely)


def _busy(parameters: ArticleParameters, pages: PagesOfDraft) -> str:
    if not pages.waiting:
        return ""
    what = counted(len(pages.asked), "feed" if parameters.mode == "trends" else "page")
    done = len(pages.asked) - len(pages.waiting)
    return f"Reading {what}{f', {done} read' if done else ''} … the price may still change."


def _seen(
    given: Mapping[str, Any],
    found: DraftEstimate,
    notes: Sequence[str],
    items: Sequence[PlannedItem],
) -> ArticlesSeen:
    rows, read = [_of_item(item) for item in items], list[str]()
    if not rows:
        rows, read = _of_text(given)
    each = None
    if found.quote and found.ready:
        each = found.quote.cost_usd.times(1 / found.ready)
    # What a row and the line at the foot say is not said twice.
    elsewhere = ("Row ", f"{_told(found)} by ")
    told = [note for note in dict.fromkeys([*read, *notes]) if not note.startswith(elsewhere)]
    return ArticlesSeen(
        rows[:_SHOWN],
        max(0, len(rows) - _SHOWN),
        told,
        found.problem,
        f"a batch takes up to {settings().most_articles}",
        each,
        _changeable(given, items),
    )


def _changeable(given: Mapping[str, Any], items: Sequence[PlannedItem]) -> OtherLanguage | None:
    """Finds the language that one act would choose for all articles."""
    model = catalogue().get(given["text_model"])
    if model is None or model.engine == "sketch":  # writes English only
        return None
    return next((other for other in other_languages(items) if other.count == other.total), None)


def _of_item(item: PlannedItem) -> ShownArticle:
    spec = item.spec
    characters = spec["source_characters"]
    source = spec["source"].get("feed") or spec["source"].get("url", "")
    about = f"{characters:,} characters" if characters else one_line(source, 80)
    return ShownArticle(
        spec["line"],
        spec["subject"],
        [word for word in spec["keywords"] if word != spec["subject"]],
        str(word_range(spec)),
        spec["tone"],
        spec["language"],
        about,
        str(item.error or ""),
    )


def _of_text(given: Mapping[str, Any]) -> tuple[list[ShownArticle], list[str]]:
    """Reads the rows of items that cannot be planned (yet), with what of them is left out."""
    found = None
    # A setting that cannot be used spoils no row.
    for defaults in (Defaults(*(given[name] for name in _DEFAULTS)), Defaults()):
        with suppress(PressrunError, TypeError, ValueError, AttributeError, LookupError):
            found = found or read_rows_text(given["items"], given["mode"], defaults)
    if found is None:
        return [], []
    rows = [
        ShownArticle(
            row.line,
            one_line(row.subject, 300),
            [word for word in row.keywords if word != row.subject],
            str(row.words),
            row.tone,
            row.language,
            "",
            row.problem,
        )
        for row in found.rows
    ]
    return rows, list(found.notes)

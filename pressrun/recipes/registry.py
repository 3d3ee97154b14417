"""From a batch's kind, or its flow, to all that the kind brings. A new kind is one entry here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pressrun.account import Account
from pressrun.errors import InputError, LedgerError
from pressrun.layout import DEFAULT
from pressrun.ledger.records import Item, PlannedItem
from pressrun.recipes import article, comparison, image, slideshow
from pressrun.recipes.article_order import ArticleOrder
from pressrun.recipes.base import Recipe
from pressrun.recipes.comparison_order import ComparisonOrder
from pressrun.recipes.image_order import ImageOrder
from pressrun.recipes.image_parse import Ask
from pressrun.recipes.image_text import from_tasks_text, tasks_text
from pressrun.recipes.slideshow_order import SlideshowOrder
from pressrun.settings import Settings
from pressrun.vault import Vault

Say = Callable[[str], None]
Bring = Callable[[str], str]
Payer = Callable[[], Account]


class Planner(Protocol):
    """Plans one batch."""

    def plan(self) -> list[PlannedItem]:
        """The batch's items, in order; raises a PressrunError if nothing can be run."""
        ...

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """What stands in the place of failed items that may be had by now, by their key."""
        ...


@dataclass(frozen=True, slots=True)
class Editing:
    """What a person who reviews a batch sees of its plan, and can change.

    Attributes:
        columns: What a table of the items shows of their specs.
        settings: Fields of the order.
        text: The items as a text that can be edited; None if there is no such text.
        from_text: The fields of the order that a text stands for.
    """

    columns: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    text: Callable[[Sequence[Item]], str] | None = None
    from_text: Callable[[str], dict[str, Any]] = lambda _: {}


@dataclass(frozen=True, slots=True)
class Means:
    """What planners may need.

    Attributes:
        settings: Of the machine.
        vault: The batch's.
        say: Told a line at every step that takes long.
        bring: Copies what lies in S3 or Drive here; gives its path.
        ask: Has a model read or write.
        payer: Gives who pays.
        note: Told what a person should know of the plan although nothing is wrong.
    """

    settings: Settings
    vault: Vault
    say: Say
    bring: Bring
    ask: Ask
    payer: Payer
    note: Say


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of batch.

    Attributes:
        name: As the ledger has it.
        flow: The name of its flow.
        recipe: How its items are made.
        order: From the flow's parameters to checked ones; raises InputError.
        planner: From checked parameters to a planner.
        texts: What of an item's spec, with the order's parameters, is held against the rules before
            anything is paid: all that a person wrote and a model is told.
        path_template: Where its files lie below a destination that has no template of its own.
        editing: What of a plan can be changed before it runs.
        content: Fields of the order that belong to one batch, and so to no template.
        lane: Names the model that an item of a spec stands and falls with, where items of one
            batch are for several: what stops one model stops no other. None where what stops one
            item stops all.
    """

    name: str
    flow: str
    recipe: Recipe
    order: Callable[[Mapping[str, Any]], Any]
    planner: Callable[[Any, Means], Planner]
    texts: Callable[[Mapping[str, Any], Mapping[str, Any]], Sequence[str]]
    path_template: str = DEFAULT
    editing: Editing = Editing()
    content: tuple[str, ...] = ()
    lane: Callable[[Mapping[str, Any]], str] | None = None


# Planners are imported late: what fetches takes half a second to load, and only plans need it.


def _plan_slideshows(order: SlideshowOrder, means: Means) -> Planner:
    from pressrun.recipes.slideshow_plan import Planner as SlideshowPlanner  # noqa: PLC0415

    return SlideshowPlanner(order, means.settings, means.vault, means.say, means.bring, means.note)


def _plan_images(order: ImageOrder, means: Means) -> Planner:
    from pressrun.recipes.image_plan import Planner as ImagePlanner  # noqa: PLC0415

    return ImagePlanner(order, means.settings, means.say, means.bring, means.ask)


def _plan_articles(order: ArticleOrder, means: Means) -> Planner:
    from pressrun.inputs.fetch import Fetcher  # noqa: PLC0415
    from pressrun.recipes.article_plan import Planner as ArticlePlanner  # noqa: PLC0415

    fetch = Fetcher().fetch_document
    return ArticlePlanner(order, means.settings, means.vault, means.say, means.bring, fetch)


def _plan_comparisons(order: ComparisonOrder, means: Means) -> Planner:
    from pressrun.recipes.comparison_plan import Planner as ComparisonPlanner  # noqa: PLC0415

    return ComparisonPlanner(order, means.settings, means.say, means.payer)


_KINDS = (
    Kind(
        name=slideshow.KIND,
        flow="slideshow-batch",
        recipe=slideshow.SlideshowRecipe(),
        order=SlideshowOrder.of,
        planner=_plan_slideshows,
        texts=lambda spec, _settings: [spec["description"]],
        editing=Editing(
            settings=(
                *("model", "text_model", "size", "aspect_ratio", "description"),
                *("photo_variations", "text_variations", "concurrency", "budget_usd"),
            )
        ),
        content=(
            *("links", "photo", "description", "photos", "descriptions", "manifest", "slides"),
        ),
    ),
    Kind(
        name=image.KIND,
        flow="image-batch",
        recipe=image.ImageRecipe(),
        order=ImageOrder.of,
        planner=_plan_images,
        texts=lambda spec, _settings: [spec["prompt"]],
        path_template=image.PATH_TEMPLATE,
        editing=Editing(
            columns=("line", "category", "level", "tags", "prompt"),
            settings=(
                *("model", "aspect_ratio", "size", "format", "quality", "images"),
                *("delay_s", "concurrency", "budget_usd"),
            ),
            text=tasks_text,
            from_text=from_tasks_text,
        ),
        content=("prompts", "file", "prefix", "description", "session_id"),
    ),
    Kind(
        name=article.KIND,
        flow="article-batch",
        recipe=article.ArticleRecipe(),
        order=ArticleOrder.of,
        planner=_plan_articles,
        texts=article.texts,
        editing=Editing(
            columns=("line", "subject", "keywords", "word_count", "tone", "language", "audience"),
            settings=("text_model", "docx", "delay_s", "concurrency", "budget_usd"),
        ),
        content=("items", "file"),
    ),
    Kind(
        name=comparison.KIND,
        flow="model-comparison",
        recipe=comparison.ComparisonRecipe(),
        order=ComparisonOrder.of,
        planner=_plan_comparisons,
        texts=comparison.texts,
        editing=Editing(
            columns=("row", "model", "prompt", "enhanced", "dropped"),
            settings=(
                *("prompt", "prompts", "models", "aspect_ratio", "size", "seed", "steps"),
                *("negative_prompt", "guidance", "enhance", "text_model", "timeout_s"),
                *("format", "quality", "concurrency", "budget_usd"),
            ),
        ),
        content=("prompt", "prompts"),
        lane=comparison.lane,
    ),
)


def find_kind(kind: str) -> Kind:
    """The kind of that name.

    Raises:
        LedgerError: The ledger names a kind that this version does not know.
    """
    for known in _KINDS:
        if known.name == kind:
            return known
    raise LedgerError(f"The ledger has a batch of kind {kind!r}, which this version lacks.")


def find_recipe(kind: str) -> Recipe:
    """The recipe of that kind of batch; raises as :func:`find_kind`."""
    return find_kind(kind).recipe


def find_flow(flow: str) -> Kind:
    """The kind of batch that a flow runs.

    Raises:
        InputError: There is no such flow.
    """
    for known in _KINDS:
        if known.flow == flow:
            return known
    flows = ", ".join(known.flow for known in _KINDS)
    raise InputError(f"There is no flow {flow[:80]!r}. Choose one of: {flows}.")

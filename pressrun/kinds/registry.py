"""The table of kinds, found by their name or their flow. A new kind is one entry here."""

from pressrun.errors import InputError, LedgerError
from pressrun.kinds.article import mend as article_mend
from pressrun.kinds.article import recipe as article
from pressrun.kinds.article.approval import approved
from pressrun.kinds.article.parameters import ArticleParameters
from pressrun.kinds.base import Kind, Planner, PlanningContext, Recipe, ReviewForm
from pressrun.kinds.comparison import mend as comparison_mend
from pressrun.kinds.comparison import recipe as comparison
from pressrun.kinds.comparison.parameters import ComparisonParameters
from pressrun.kinds.image import mend as image_mend
from pressrun.kinds.image import recipe as image
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.kinds.image.planner import from_tasks_text, tasks_text
from pressrun.kinds.slideshow import mend as slideshow_mend
from pressrun.kinds.slideshow import recipe as slideshow
from pressrun.kinds.slideshow.parameters import SlideshowParameters

# Planners are imported late: what fetches takes half a second to load, and only plans need it.


def _plan_slideshows(parameters: SlideshowParameters, context: PlanningContext) -> Planner:
    from pressrun.kinds.slideshow.planner import SlideshowPlanner  # noqa: PLC0415

    return SlideshowPlanner(
        parameters, context.settings, context.vault, context.log, context.download, context.note
    )


def _plan_images(parameters: ImageParameters, context: PlanningContext) -> Planner:
    from pressrun.kinds.image.planner import ImagePlanner  # noqa: PLC0415

    return ImagePlanner(
        parameters, context.settings, context.log, context.download, context.ask, context.note
    )


def _plan_articles(parameters: ArticleParameters, context: PlanningContext) -> Planner:
    from pressrun.inputs.web.fetch import Fetcher  # noqa: PLC0415
    from pressrun.kinds.article.planner import ArticlePlanner  # noqa: PLC0415

    fetch = Fetcher().fetch_document
    return ArticlePlanner(
        parameters,
        context.settings,
        context.vault,
        context.log,
        context.download,
        fetch,
        context.note,
    )


def _plan_comparisons(parameters: ComparisonParameters, context: PlanningContext) -> Planner:
    from pressrun.kinds.comparison import enhance  # noqa: PLC0415
    from pressrun.kinds.comparison.planner import ComparisonPlanner  # noqa: PLC0415

    return ComparisonPlanner(
        parameters,
        context.settings,
        context.log,
        context.payer,
        lambda account: enhance.shared(account, context.vault_named(enhance.KIND)),
    )


_KINDS = (
    Kind(
        name=slideshow.KIND,
        flow="slideshow-batch",
        makes="slideshows",
        recipe=slideshow.SlideshowRecipe(),
        parse_parameters=SlideshowParameters.of,
        planner=_plan_slideshows,
        texts=lambda spec, _settings: [spec["description"]],
        mend_form=slideshow_mend.MEND,
        review_form=ReviewForm(
            settings=(
                *("model", "text_model", "size", "aspect_ratio", "description"),
                *("photo_variations", "text_variations"),
                *("lettering", "lettering_style", "lettering_margins"),
                *("concurrency", "budget_usd"),
            ),
            respecified=slideshow_mend.respecified,
        ),
        content=(
            *("links", "photo", "description", "photos", "descriptions", "manifest", "slides"),
        ),
        before={"lettering": "model"},
    ),
    Kind(
        name=image.KIND,
        flow="image-batch",
        makes="images",
        recipe=image.ImageRecipe(),
        parse_parameters=ImageParameters.of,
        planner=_plan_images,
        texts=lambda spec, _settings: [spec["prompt"]],
        mend_form=image_mend.MEND,
        path_template=image.PATH_TEMPLATE,
        review_form=ReviewForm(
            columns=("line", "category", "level", "tags", "prompt"),
            settings=(
                *("read_as", "model", "aspect_ratio", "size", "format", "quality", "images"),
                *("delay_s", "concurrency", "budget_usd"),
            ),
            text=tasks_text,
            from_text=from_tasks_text,
            rereads=("read_as",),
            editable=("specific_prompt", "category", "level"),
            shared=("prefix",),
            edit=image_mend.edited,
            problems=image_mend.task_problems,
        ),
        content=("prompts", "file", "prefix", "description", "session_id"),
    ),
    Kind(
        name=article.KIND,
        flow="article-batch",
        makes="articles",
        recipe=article.ArticleRecipe(),
        parse_parameters=ArticleParameters.of,
        planner=_plan_articles,
        texts=article.texts,
        mend_form=article_mend.MEND,
        review_form=ReviewForm(
            columns=("line", "subject", "keywords", "word_count", "tone", "language", "audience"),
            settings=(
                *("text_model", "facts", "docx", "delay_s", "concurrency", "budget_usd"),
                *("pictures", "model", "aspect_ratio", "size", "picture_style"),
                *("author", "publisher", "disclosure"),
            ),
        ),
        approved=approved,
        content=("items", "file", "sources"),
    ),
    Kind(
        name=comparison.KIND,
        flow="model-comparison",
        makes="comparisons",
        recipe=comparison.ComparisonRecipe(),
        parse_parameters=ComparisonParameters.of,
        planner=_plan_comparisons,
        texts=comparison.texts,
        mend_form=comparison_mend.MEND,
        review_form=ReviewForm(
            columns=("row", "model", "prompt", "enhanced", "dropped"),
            settings=(
                *("prompt", "prompts", "read_as", "models", "aspect_ratio", "size", "seed"),
                "steps",
                *("negative_prompt", "guidance", "enhance", "text_model", "timeout_s"),
                *("format", "quality", "concurrency", "budget_usd"),
            ),
            rereads=("prompt", "prompts", "read_as"),
            respecified=comparison_mend.respecified,
        ),
        content=("prompt", "prompts"),
        model_of=comparison.model_of,
    ),
)


def kind_names() -> list[str]:
    """Lists the names of all kinds."""
    return [kind.name for kind in _KINDS]


def find_kind(kind: str) -> Kind:
    """Finds the kind of that name.

    Raises:
        LedgerError: The ledger names a kind that this version does not know.
    """
    for known in _KINDS:
        if known.name == kind:
            return known
    raise LedgerError(f"The ledger has a batch of kind {kind!r}, which this version lacks.")


def find_recipe(kind: str) -> Recipe:
    """Finds the recipe of that kind of batch; raises as :func:`find_kind`."""
    return find_kind(kind).recipe


def find_flow(flow: str) -> Kind:
    """Finds the kind of batch that a flow runs.

    Raises:
        InputError: There is no such flow.
    """
    for known in _KINDS:
        if known.flow == flow:
            return known
    flows = ", ".join(known.flow for known in _KINDS)
    raise InputError(f"There is no flow {flow[:80]!r}. Choose one of: {flows}.")

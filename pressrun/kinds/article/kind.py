"""Articles as a kind of batch."""

from pressrun.kinds.article import mend, recipe
from pressrun.kinds.article.approval import approved
from pressrun.kinds.article.parameters import ArticleParameters
from pressrun.kinds.base import Kind, Planner, PlanningContext, ReviewForm


def _planner(parameters: ArticleParameters, context: PlanningContext) -> Planner:
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
        context.ask,
        context.note,
    )


KIND = Kind(
    name=recipe.KIND,
    flow="article-batch",
    makes="articles",
    items="articles",
    recipe=recipe.RECIPE,
    parse_parameters=ArticleParameters.of,
    planner=_planner,
    texts=recipe.texts,
    mend_form=mend.MEND,
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
)

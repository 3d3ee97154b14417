"""Comparisons of models as a kind of batch."""

from pressrun.kinds.base import Kind, Planner, PlanningContext, ReviewForm
from pressrun.kinds.comparison import mend, recipe
from pressrun.kinds.comparison.parameters import ComparisonParameters


def _planner(parameters: ComparisonParameters, context: PlanningContext) -> Planner:
    from pressrun.kinds.comparison import enhance  # noqa: PLC0415
    from pressrun.kinds.comparison.planner import ComparisonPlanner  # noqa: PLC0415

    return ComparisonPlanner(
        parameters,
        context.settings,
        context.log,
        context.payer,
        lambda account: enhance.shared(account, context.vault_named(enhance.KIND)),
    )


KIND = Kind(
    name=recipe.KIND,
    flow="model-comparison",
    makes="comparisons",
    recipe=recipe.RECIPE,
    parse_parameters=ComparisonParameters.of,
    planner=_planner,
    texts=recipe.texts,
    mend_form=mend.MEND,
    review_form=ReviewForm(
        columns=("row", "model", "prompt", "enhanced", "dropped"),
        settings=(
            *("prompt", "prompts", "read_as", "models", "aspect_ratio", "size", "seed"),
            "steps",
            *("negative_prompt", "guidance", "enhance", "text_model", "timeout_s"),
            *("format", "quality", "concurrency", "budget_usd"),
        ),
        rereads=("prompt", "prompts", "read_as"),
        respecified=mend.respecified,
    ),
    content=("prompt", "prompts"),
    model_of=recipe.model_of,
)

"""Images as a kind of batch."""

from pressrun.kinds.base import Kind, Planner, PlanningContext, ReviewForm
from pressrun.kinds.image import mend, recipe
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.kinds.image.planner import ImagePlanner, from_tasks_text, tasks_text


def _planner(parameters: ImageParameters, context: PlanningContext) -> Planner:
    return ImagePlanner(
        parameters, context.settings, context.log, context.download, context.ask, context.note
    )


KIND = Kind(
    name=recipe.KIND,
    flow="image-batch",
    makes="images",
    recipe=recipe.RECIPE,
    parse_parameters=ImageParameters.of,
    planner=_planner,
    texts=lambda spec, _settings: [spec["prompt"]],
    mend_form=mend.MEND,
    path_template=recipe.PATH_TEMPLATE,
    review_form=ReviewForm(
        columns=("line", "category", "level", "tags", "aspect_ratio", "prompt"),
        settings=(
            *("read_as", "model", "aspect_ratio", "size", "format", "quality", "images"),
            *("delay_s", "concurrency", "budget_usd"),
        ),
        text=tasks_text,
        from_text=from_tasks_text,
        rereads=("read_as",),
        editable=("specific_prompt", "category", "level"),
        shared=("prefix",),
        edit=mend.edited,
        problems=mend.task_problems,
    ),
    content=("prompts", "file", "prefix", "description", "session_id"),
)

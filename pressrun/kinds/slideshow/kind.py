"""Slideshows as a kind of batch."""

from pressrun.kinds.base import Kind, Planner, PlanningContext, ReviewForm
from pressrun.kinds.slideshow import mend, recipe
from pressrun.kinds.slideshow.parameters import SlideshowParameters


def _planner(parameters: SlideshowParameters, context: PlanningContext) -> Planner:
    from pressrun.kinds.slideshow.planner import SlideshowPlanner  # noqa: PLC0415

    return SlideshowPlanner(
        parameters, context.settings, context.vault, context.log, context.download, context.note
    )


KIND = Kind(
    name=recipe.KIND,
    flow="slideshow-batch",
    makes="slideshows",
    recipe=recipe.RECIPE,
    parse_parameters=SlideshowParameters.of,
    planner=_planner,
    texts=lambda spec, _settings: [spec["description"]],
    mend_form=mend.MEND,
    review_form=ReviewForm(
        settings=(
            *("model", "text_model", "size", "aspect_ratio", "description"),
            *("photo_variations", "text_variations"),
            *("lettering", "lettering_style", "lettering_margins"),
            *("concurrency", "budget_usd"),
        ),
        respecified=mend.respecified,
    ),
    content=(*("links", "photo", "description", "photos", "descriptions", "manifest", "slides"),),
    before={"lettering": "model"},
    posting={"link": "source", "product": "description"},
)

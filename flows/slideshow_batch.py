"""Slideshow batch: TikTok slideshows x own products x photo and text variations."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.kinds import parameters
from pressrun.kinds.slideshow import parameters as slideshow
from tasks.batch import run_batch
from tasks.cancel import conclude_cancelled
from tasks.request import Account, Store


@flow(name="slideshow-batch", persist_result=False, on_cancellation=[conclude_cancelled])
def slideshow_batch(
    links: slideshow.Links = "",
    photo: slideshow.Photo = "",
    description: slideshow.Description = "",
    photos: slideshow.Photos = "",
    descriptions: slideshow.Descriptions = "",
    manifest: slideshow.Manifest = "",
    slides: slideshow.Slides = "",
    photo_variations: slideshow.PhotoVariations = 3,
    text_variations: slideshow.TextVariations = 2,
    model: slideshow.ImageModel = "sketch",
    text_model: slideshow.TextModel = "sketch",
    aspect_ratio: parameters.AspectRatio = "9:16",
    size: parameters.Size = "1K",
    lettering: slideshow.Lettering = "Pressrun",
    lettering_style: slideshow.Style = "outline",
    lettering_margins: slideshow.Margins = "organic",
    format: slideshow.Format = "JPEG",  # noqa: A002 - the word that the form shows
    quality: slideshow.Quality = 88,
    title: parameters.Title = "TikTok Batch",
    account: Account = None,
    action: parameters.Action = "run",
    budget_usd: parameters.Budget = 0.0,
    store: Store = None,
    output: parameters.Output = "",
    owner: parameters.Owner = "",
    concurrency: parameters.Concurrency = 5,
    retries: parameters.Retries = 3,
    priority: parameters.Priority = "normal",
    skip_invalid: slideshow.SkipInvalid = True,
    requested_by: parameters.RequestedBy = "",
    notify: parameters.Notify = "",
    template: parameters.Template = "",
    reuse: parameters.Reuse = "",
    tag_task_runs: parameters.TagTaskRuns = False,
    what: parameters.EarlierAction = "",
) -> State[Any]:
    """Remakes TikTok slideshows for your products: every link x photo x text variation."""
    # The same parameters as the kind's model has, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("slideshow-batch", given, account, store)

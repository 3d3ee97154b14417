"""Slideshow batch: TikTok slideshows x own products x photo and text variations."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.recipes import order
from pressrun.recipes import slideshow_order as asked
from tasks.batch import Account, Store, run_batch
from tasks.cancel import conclude_cancelled


@flow(name="slideshow-batch", persist_result=False, on_cancellation=[conclude_cancelled])
def slideshow_batch(
    links: asked.Links = "",
    photo: asked.Photo = "",
    description: asked.Description = "",
    photos: asked.Photos = "",
    descriptions: asked.Descriptions = "",
    manifest: asked.Manifest = "",
    slides: asked.Slides = "",
    photo_variations: asked.PhotoVariations = 3,
    text_variations: asked.TextVariations = 2,
    model: asked.ImageModel = "sketch",
    text_model: asked.TextModel = "sketch",
    account: Account = None,
    concurrency: order.Concurrency = 5,
    retries: order.Retries = 3,
    priority: order.Priority = "normal",
    budget_usd: order.Budget = 0.0,
    what: order.What = "run",
    aspect_ratio: order.AspectRatio = "9:16",
    size: order.Size = "1K",
    format: asked.Format = "JPEG",  # noqa: A002 - the word that the form shows
    quality: asked.Quality = 88,
    skip_invalid: asked.SkipInvalid = True,
    store: Store = None,
    output: order.Output = "",
    title: order.Title = "TikTok Batch",
    owner: order.Owner = "",
    requested_by: order.RequestedBy = "",
    template: order.Template = "",
    notify: order.Notify = "",
    reuse: order.Reuse = "",
    tag_task_runs: order.TagTaskRuns = False,
) -> State[Any]:
    """Remakes TikTok slideshows for your products: every link x photo x text variation."""
    # The parameters are the order's fields, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("slideshow-batch", given, account, store)

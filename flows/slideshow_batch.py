"""Slideshow batch: TikTok slideshows x own products x photo and text variations."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from pressrun.blocks import ModelAccount, ResultStore
from pressrun.recipes import order
from pressrun.recipes import slideshow_order as asked
from tasks.account import find_account
from tasks.destination import find_target
from tasks.plan import plan_slideshows
from tasks.work import work

Account = Annotated[
    ModelAccount | None,
    Field(
        json_schema_extra={
            "title": "Model account",
            "description": "Key of the models. Empty: GEMINI_API_KEY where the worker runs.",
        }
    ),
]

Store = Annotated[
    ResultStore | None,
    Field(
        json_schema_extra={
            "title": "Result store",
            "description": "Where the batch is delivered. Empty: a folder where the worker runs.",
        }
    ),
]


@flow(name="slideshow-batch", persist_result=False)
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
    priority: order.Priority = "normal",
    budget_usd: order.Budget = 0.0,
    what: order.What = "run",
    aspect_ratio: asked.AspectRatio = "9:16",
    size: asked.Size = "1K",
    format: asked.Format = "JPEG",  # noqa: A002 - the word that the form shows
    quality: asked.Quality = 88,
    skip_invalid: asked.SkipInvalid = True,
    store: Store = None,
    output: order.Output = "",
    title: order.Title = "TikTok Batch",
    tag_task_runs: order.TagTaskRuns = False,
) -> State[Any]:
    """Remakes TikTok slideshows for your products: every link x photo x text variation."""
    # The parameters are the order's fields, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    payer = find_account(account, model, text_model)
    target = find_target(store, output)
    batch = plan_slideshows(given, target)
    return work(batch, payer, target, tag_task_runs=tag_task_runs)

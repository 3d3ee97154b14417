"""Image batch: a pasted list of prompts, one task a prompt."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.recipes import image_order as asked
from pressrun.recipes import order
from tasks.batch import Account, Store, run_batch
from tasks.cancel import conclude_cancelled


@flow(name="image-batch", persist_result=False, on_cancellation=[conclude_cancelled])
def image_batch(
    prompts: asked.Prompts = "",
    file: asked.PromptFile = "",
    prefix: asked.Prefix = "",
    parser: asked.Parser = "auto",
    text_model: asked.TextModel = "",
    model: order.ImageModel = "sketch",
    aspect_ratio: order.AspectRatio = "1:1",
    size: order.Size = "1K",
    format: asked.Format = "WEBP",  # noqa: A002 - the word that the form shows
    quality: asked.Quality = 85,
    images: asked.Images = 1,
    delay_s: asked.Delay = 0.0,
    account: Account = None,
    concurrency: order.Concurrency = 5,
    retries: order.Retries = 3,
    priority: order.Priority = "normal",
    budget_usd: order.Budget = 0.0,
    what: order.What = "run",
    review: order.Review = False,
    skip_invalid: asked.SkipInvalid = True,
    owner: order.Owner = "",
    description: asked.Description = "",
    session_id: asked.Session = "",
    store: Store = None,
    output: order.Output = "",
    title: order.Title = "Images",
    requested_by: order.RequestedBy = "",
    template: order.Template = "",
    notify: order.Notify = "",
    reuse: order.Reuse = "",
    tag_task_runs: order.TagTaskRuns = False,
) -> State[Any]:
    """Makes the images of a pasted list of prompts: markdown, CSV, JSON or plain lines."""
    # The parameters are the order's fields, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("image-batch", given, account, store)

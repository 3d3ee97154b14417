"""Image batch: a pasted list of prompts, one task for each prompt."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.kinds import parameters
from pressrun.kinds.image import parameters as image
from tasks.batch import run_batch
from tasks.cancel import conclude_cancelled
from tasks.request import Account, Store


@flow(name="image-batch", persist_result=False, on_cancellation=[conclude_cancelled])
def image_batch(
    prompts: image.Prompts = "",
    file: image.PromptFile = "",
    prefix: image.Prefix = "",
    read_as: image.ReadAs = "auto",
    text_model: image.TextModel = "auto",
    model: parameters.ImageModel = "sketch",
    aspect_ratio: parameters.AspectRatio = "1:1",
    size: parameters.Size = "1K",
    format: parameters.Format = "WEBP",  # noqa: A002 - the word that the form shows
    quality: parameters.Quality = 85,
    images: image.Images = 1,
    title: parameters.Title = "Images",
    account: Account = None,
    action: parameters.Action = "run",
    review: parameters.Review = False,
    budget_usd: parameters.Budget = 0.0,
    store: Store = None,
    output: parameters.Output = "",
    owner: parameters.Owner = "",
    concurrency: parameters.Concurrency = 5,
    delay_s: image.Delay = 0.0,
    retries: parameters.Retries = 3,
    priority: parameters.Priority = "normal",
    skip_invalid: image.SkipInvalid = True,
    requested_by: parameters.RequestedBy = "",
    notify: parameters.Notify = "",
    template: parameters.Template = "",
    reuse: parameters.Reuse = "",
    description: image.Description = "",
    session_id: image.Session = "",
    tag_task_runs: parameters.TagTaskRuns = False,
    what: parameters.EarlierAction = "",
    parser: image.EarlierParser = "",
) -> State[Any]:
    """Makes the images of a pasted list of prompts: markdown, CSV, JSON or plain lines."""
    # The same parameters as the kind's model has, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("image-batch", given, account, store)

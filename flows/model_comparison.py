"""Model comparison: prompts on up to nine image models, side by side."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.recipes import comparison_order as asked
from pressrun.recipes import image_order, order
from tasks.batch import Account, Store, run_batch
from tasks.cancel import conclude_cancelled


@flow(name="model-comparison", persist_result=False, on_cancellation=[conclude_cancelled])
def model_comparison(
    prompt: asked.Prompt = "",
    prompts: asked.Prompts = "",
    models: asked.Models = [],  # noqa: B006 - never changed, and the form shows it
    aspect_ratio: order.AspectRatio = "1:1",
    size: order.Size = "1K",
    seed: asked.Seed = 0,
    negative_prompt: asked.NegativePrompt = "",
    steps: asked.Steps = 0,
    guidance: asked.Guidance = 0.0,
    enhance: asked.Enhance = False,
    text_model: asked.TextModel = "",
    timeout_s: asked.Timeout = 60.0,
    format: image_order.Format = "WEBP",  # noqa: A002 - the word that the form shows
    quality: image_order.Quality = 85,
    account: Account = None,
    concurrency: asked.AtOnce = 9,
    retries: order.Retries = 3,
    priority: order.Priority = "normal",
    budget_usd: order.Budget = 0.0,
    what: order.What = "run",
    review: order.Review = False,
    store: Store = None,
    output: order.Output = "",
    title: order.Title = "Comparison",
    owner: order.Owner = "",
    requested_by: order.RequestedBy = "",
    template: order.Template = "",
    notify: order.Notify = "",
    reuse: order.Reuse = "",
    tag_task_runs: order.TagTaskRuns = False,
) -> State[Any]:
    """Asks up to nine image models the same, one prompt or many, and shows the answers together."""
    # The parameters are the order's fields, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("model-comparison", given, account, store)

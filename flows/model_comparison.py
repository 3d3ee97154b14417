"""Model comparison: prompts on up to nine image models, side by side."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.kinds import parameters
from pressrun.kinds.comparison import parameters as comparison
from tasks.batch import run_batch
from tasks.cancel import conclude_cancelled
from tasks.request import Account, Store


@flow(name="model-comparison", persist_result=False, on_cancellation=[conclude_cancelled])
def model_comparison(
    prompt: comparison.Prompt = "",
    prompts: comparison.Prompts = "",
    read_as: comparison.ReadAs = "auto",
    models: comparison.Models = [],  # noqa: B006 - never changed, and the form shows it
    aspect_ratio: parameters.AspectRatio = "1:1",
    size: parameters.Size = "1K",
    seed: comparison.Seed = 0,
    negative_prompt: comparison.NegativePrompt = "",
    steps: comparison.Steps = 0,
    guidance: comparison.Guidance = 0.0,
    enhance: comparison.Enhance = False,
    text_model: comparison.TextModel = "",
    format: parameters.Format = "WEBP",  # noqa: A002 - the word that the form shows
    quality: parameters.Quality = 85,
    title: parameters.Title = "Comparison",
    account: Account = None,
    action: parameters.Action = "run",
    review: parameters.Review = False,
    budget_usd: parameters.Budget = 0.0,
    store: Store = None,
    output: parameters.Output = "",
    owner: parameters.Owner = "",
    concurrency: comparison.AtOnce = 9,
    timeout_s: comparison.Timeout = 60.0,
    retries: parameters.Retries = 3,
    priority: parameters.Priority = "normal",
    requested_by: parameters.RequestedBy = "",
    notify: parameters.Notify = "",
    template: parameters.Template = "",
    reuse: parameters.Reuse = "",
    tag_task_runs: parameters.TagTaskRuns = False,
    what: parameters.EarlierAction = "",
) -> State[Any]:
    """Asks up to nine image models the same, one prompt or many, and shows the answers together."""
    # The same parameters as the kind's model has, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("model-comparison", given, account, store)

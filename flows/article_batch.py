"""Article batch: articles by topic, keywords, trends or a given text, one after the other."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.recipes import article_order as asked
from pressrun.recipes import order
from tasks.batch import Account, Store, run_batch
from tasks.cancel import conclude_cancelled


@flow(name="article-batch", persist_result=False, on_cancellation=[conclude_cancelled])
def article_batch(
    mode: asked.Mode = "topic",
    items: asked.Items = "",
    file: asked.ItemFile = "",
    word_count: asked.WordCount = 1200,
    tone: asked.Tone = "",
    language: asked.Language = "en",
    audience: asked.Audience = "",
    instructions: asked.Instructions = "",
    text_model: asked.TextModel = "sketch",
    count: asked.Count = 10,
    country: asked.Country = "US",
    most_similarity: asked.Similarity = 0.5,
    docx: asked.Docx = False,
    account: Account = None,
    delay_s: asked.Delay = 5.0,
    concurrency: asked.AtOnce = 1,
    retries: order.Retries = 3,
    priority: order.Priority = "normal",
    budget_usd: order.Budget = 0.0,
    what: order.What = "run",
    skip_invalid: asked.SkipInvalid = True,
    store: Store = None,
    output: order.Output = "",
    title: order.Title = "Articles",
    owner: order.Owner = "",
    requested_by: order.RequestedBy = "",
    template: order.Template = "",
    notify: order.Notify = "",
    reuse: order.Reuse = "",
    tag_task_runs: order.TagTaskRuns = False,
) -> State[Any]:
    """Writes 10 to 50 articles, checked: on topics, for keywords, on trends, or texts rewritten."""
    # The parameters are the order's fields, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("article-batch", given, account, store)

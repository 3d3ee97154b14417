"""Article batch: articles by topic, keywords, trends or a given text, one after the other."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from pressrun.kinds import parameters
from pressrun.kinds.article import parameters as article
from tasks.batch import run_batch
from tasks.cancel import conclude_cancelled
from tasks.request import Account, Store


@flow(name="article-batch", persist_result=False, on_cancellation=[conclude_cancelled])
def article_batch(
    mode: article.Mode = "topic",
    items: article.Items = "",
    file: article.ItemFile = "",
    read_as: article.ReadAs = "auto",
    words: article.Words = "1000-1400",
    tone: article.Tone = "",
    language: article.Language = "en",
    audience: article.Audience = "",
    instructions: article.Instructions = "",
    sources: article.Sources = "",
    facts: article.Facts = "warn",
    links: article.Links = "",
    rights: article.Rights = "",
    author: article.Author = "",
    publisher: article.Publisher = "",
    disclosure: article.Disclosure = "",
    text_model: article.TextModel = "sketch",
    pictures: article.Pictures = 0,
    model: article.ImageModel = "sketch",
    aspect_ratio: parameters.AspectRatio = "16:9",
    size: article.PictureSize = "1K",
    picture_style: article.PictureStyle = "",
    count: article.Count = 10,
    country: article.Country = "US",
    most_similarity: article.Similarity = 0.5,
    docx: article.Docx = False,
    title: parameters.Title = "Articles",
    account: Account = None,
    action: parameters.Action = "run",
    budget_usd: parameters.Budget = 0.0,
    store: Store = None,
    output: parameters.Output = "",
    owner: parameters.Owner = "",
    concurrency: article.AtOnce = 1,
    delay_s: article.Delay = 5.0,
    retries: parameters.Retries = 3,
    priority: parameters.Priority = "normal",
    skip_invalid: article.SkipInvalid = True,
    requested_by: parameters.RequestedBy = "",
    notify: parameters.Notify = "",
    template: parameters.Template = "",
    reuse: parameters.Reuse = "",
    tag_task_runs: parameters.TagTaskRuns = False,
    what: parameters.EarlierAction = "",
    word_count: article.EarlierWordCount = 0,
) -> State[Any]:
    """Writes up to 50 articles, checked: on topics, for keywords, on trends, or texts rewritten."""
    # The same parameters as the kind's model has, so that the form is flat and the check is one.
    given = {name: value for name, value in locals().items() if name not in ("account", "store")}
    return run_batch("article-batch", given, account, store)

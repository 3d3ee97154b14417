"""What a person should look at in an article although it may be right: said beside it."""

import math
from collections.abc import Iterator

from pressrun.boundary import text as words
from pressrun.kinds.article.checks.faults import ArticleDraft, WantedArticle, facts_of
from pressrun.kinds.article.checks.style import style_warnings
from pressrun.kinds.article.checks.visible import read_markdown

DENSITY = (0.003, 0.03)


def warnings(draft: ArticleDraft, wanted: WantedArticle) -> list[str]:
    """Finds what to look at, a sentence each."""
    body = read_markdown(draft.body)
    return [
        *([] if wanted.strict else facts_of(draft, wanted)),
        *_of_density(draft, wanted),
        *style_warnings(body, wanted.language),
    ]


def _of_density(draft: ArticleDraft, wanted: WantedArticle) -> Iterator[str]:
    if not words.tokens(wanted.primary):
        return
    text = read_markdown(draft.body).text
    total = words.count_words(text)
    found = words.occurrences(words.tokens(text), wanted.primary, wanted.language)
    fewest = max(1, math.ceil(total * DENSITY[0]))
    most = max(fewest, math.floor(total * DENSITY[1]))
    if not fewest <= found <= most:
        times = "once" if found == 1 else f"{found} times"
        yield (
            f'The keyword "{words.one_line(wanted.primary, 80)}" stands {times} in {total:,} '
            f"words; {fewest} to {most} times are usual."
        )

"""The pages that a kind of batch has beside its gallery. A new page is one entry here."""

from collections.abc import Callable, Mapping

from pressrun.ledger.deliveries import Delivery
from pressrun.recipes import article
from pressrun.report.article_index import index
from pressrun.report.manifest import BatchRecord

Page = Callable[[BatchRecord, Callable[[Delivery], bytes]], bytes]

_PAGES: Mapping[str, Mapping[str, Page]] = {article.KIND: {"index.html": index}}


def pages_of(kind: str) -> Mapping[str, Page]:
    """What writes each page, by the page's name."""
    return _PAGES.get(kind, {})

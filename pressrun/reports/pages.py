"""What a kind of batch has beside its gallery. A new page, or file, is one entry here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pressrun.kinds.article import recipe as article
from pressrun.kinds.comparison import recipe as comparison
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.reports import status
from pressrun.reports.gallery.article_page import index
from pressrun.reports.manifest import BatchRecord


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report of some kinds of batch.

    Attributes:
        write: Gives its bytes from the batch and what reads a delivered file.
    """

    write: Callable[[BatchRecord, Callable[[DeliveredFile], bytes]], bytes]
    media_type: str = "text/html"


_PAGES: Mapping[str, Mapping[str, ReportPage]] = {
    article.KIND: {"index.html": ReportPage(index)},
    comparison.KIND: {status.NAME: ReportPage(status.final_status, status.MEDIA_TYPE)},
}


def pages_of(kind: str) -> Mapping[str, ReportPage]:
    """Finds the pages of a kind, by their names."""
    return _PAGES.get(kind, {})

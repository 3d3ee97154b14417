"""What a kind of batch has beside its gallery. A new page, or file, is one entry here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pressrun.kinds.article import recipe as article
from pressrun.kinds.comparison import recipe as comparison
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.reports import status
from pressrun.reports.gallery import article_page
from pressrun.reports.manifest import BatchRecord
from pressrun.reports.paging import Link


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report of some kinds of batch, in one file or in several.

    Attributes:
        write: Gives name and bytes of each, from the batch, what reads a delivered file and what
            links from one to another.
    """

    write: Callable[
        [BatchRecord, Callable[[DeliveredFile], bytes], Link], Iterable[tuple[str, bytes]]
    ]
    media_type: str = "text/html"


def _status(record: BatchRecord, _read: object, _link: object) -> list[tuple[str, bytes]]:
    return [(status.NAME, status.final_status(record))]


_PAGES: Mapping[str, Mapping[str, ReportPage]] = {
    article.KIND: {article_page.NAME: ReportPage(article_page.index)},
    comparison.KIND: {status.NAME: ReportPage(_status, status.MEDIA_TYPE)},
}


def pages_of(kind: str) -> Mapping[str, ReportPage]:
    """Finds the reports of a kind beside its gallery, by their names."""
    return _PAGES.get(kind, {})

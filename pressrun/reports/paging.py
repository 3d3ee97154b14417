"""Reports of large batches in several pages, so that a browser opens each in a moment.

Pure: it is told how much each item takes, and says where pages begin and how they are called. A
page stands for itself; of the others it has links, and what is failed on them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import PurePosixPath

#: Gives the link from one page to another by its name: the name itself beside it in a folder.
Link = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Weight:
    """What one item takes of a page.

    Attributes:
        group: What it stands under; a group is not divided if a page has room for it.
        amount: Pictures, or whatever else makes a page large.
    """

    group: str = ""
    amount: int = 1
    status: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One of a report's pages.

    Attributes:
        number: From 1.
        first: Number of its first item, from 1, as ``last``; 0 on the page of an empty batch.
        statuses: How many of its items have each status.
    """

    number: int
    name: str
    first: int
    last: int
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def items(self) -> int:
        """How many items it has."""
        return self.last - self.first + 1 if self.last else 0


@dataclass(frozen=True, slots=True)
class Pager:
    """A page with its links to the others.

    Attributes:
        total: Items on all pages.
    """

    page: Page
    pages: Sequence[Page]
    total: int
    link: Link

    @property
    def several(self) -> bool:
        """Whether there are others."""
        return len(self.pages) > 1

    @property
    def words(self) -> str:
        """Writes ``Items 601 to 1,200 of 10,000``."""
        return f"Items {self.page.first:,} to {self.page.last:,} of {self.total:,}"

    @property
    def links(self) -> list[tuple[int, str]]:
        """Number and link of every page; the link of this one is empty."""
        return [(of.number, "" if of is self.page else self.link(of.name)) for of in self.pages]

    @property
    def previous(self) -> str:
        """The link of the page before; empty on the first."""
        return self.links[self.page.number - 2][1] if self.page.number > 1 else ""

    @property
    def next(self) -> str:
        """The link of the page behind; empty on the last."""
        return self.links[self.page.number][1] if self.page.number < len(self.pages) else ""

    @property
    def failed(self) -> list[tuple[int, str]]:
        """Number and link of the pages with failed items."""
        return [self.links[of.number - 1] for of in self.pages if of.statuses["failed"]]


def beside(name: str) -> str:
    """Links to a page that lies in the same folder."""
    return name


def page_name(name: str, number: int) -> str:
    """Names a page of a report: ``gallery.html``, then ``gallery_2.html``."""
    path = PurePosixPath(name)
    return name if number == 1 else f"{path.stem}_{number}{path.suffix}"


def is_page_of(name: str, report: str) -> bool:
    """Says whether a file is called like a page of the report."""
    path, of = PurePosixPath(name), PurePosixPath(report)
    number = path.stem.removeprefix(f"{of.stem}_")
    return name == report or (number.isdecimal() and name == page_name(report, int(number)))


def divide(
    name: str | Callable[[int], str],
    weights: Iterable[Weight],
    most_items: int,
    most_amount: int,
) -> tuple[Page, ...]:
    """Divides items, in their order, into pages; at least one.

    Args:
        name: Of the report, which the first page has; or what names a page by its number.
        weights: Of the items.
        most_items: On one page.
        most_amount: On one page; an item of more has a page of its own.
    """
    named = name if callable(name) else partial(page_name, name)
    pages = list[Page]()
    first = 1
    for part in _parts(weights, most_items, most_amount):
        number, last = len(pages) + 1, first + len(part) - 1
        statuses = Counter(weight.status for weight in part)
        pages.append(Page(number, named(number), first, last, statuses))
        first = last + 1
    return tuple(pages) or (Page(1, named(1), 0, 0),)


def _parts(
    weights: Iterable[Weight], most_items: int, most_amount: int
) -> Iterator[Sequence[Weight]]:
    part, amount = list[Weight](), 0
    for _, members in groupby(weights, key=lambda weight: weight.group):
        group = list(members)
        whole = len(group) <= most_items and sum(of.amount for of in group) <= most_amount
        # Whole where a page has room for it, else one by one.
        for piece in [group] if whole else [[weight] for weight in group]:
            more = sum(weight.amount for weight in piece)
            if part and (len(part) + len(piece) > most_items or amount + more > most_amount):
                yield part
                part, amount = [], 0
            part += piece
            amount += more
    if part:
        yield part

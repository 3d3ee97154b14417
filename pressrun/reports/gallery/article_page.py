"""``index.html`` of an article batch: its articles on one page, to be read from first to last.

Very many stand on several pages: ``index_2.html`` and so on. A page needs nothing else to be looked
at; words of users and models are escaped, as in the gallery.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from jinja2 import Environment, PackageLoader, Template, select_autoescape
from markupsafe import Markup

from pressrun.boundary.text import usd
from pressrun.errors import PressrunError
from pressrun.kinds.article.html import html_of
from pressrun.kinds.article.pictures.placing import Illustration, illustration, name_of
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.pictures.picture import thumbnail
from pressrun.reports.gallery.cards import href
from pressrun.reports.gallery.page import page_part, source_hash
from pressrun.reports.manifest import BatchRecord, ItemRecord
from pressrun.reports.paging import Link, Pager, Weight, beside, divide

NAME = "index.html"
#: The most of one page: a few MB of what people read.
PAGE_ARTICLES = 200
Read = Callable[[DeliveredFile], bytes]
#: Of the pictures on the page: it holds those of fifty articles. Each leads to its file.
_WIDTH, _QUALITY = 720, 70


@dataclass(frozen=True, slots=True)
class PageLink:
    """A file beside the page."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One article on the page; without ``html`` it is not finished, or cannot be read."""

    record: ItemRecord
    title: str
    summary: str = ""
    language: str = ""
    words: int = 0
    html: Markup | None = None
    source: str = ""
    warnings: tuple[str, ...] = ()
    awaits: str = ""
    reviewed: str = ""
    pictures: int = 0
    files: tuple[PageLink, ...] = ()


def index(record: BatchRecord, read: Read, link: Link = beside) -> Iterator[tuple[str, bytes]]:
    """Renders the pages one after another, as name and bytes; the first is the report itself.

    Args:
        record: The batch.
        read: Gives a delivered file's bytes, or raises a PressrunError: then its article is left
            out, and the links to its files still stand there.
        link: Gives the links between the pages.
    """
    weights = (Weight(status=item.status) for item in record.items)
    script = page_part("gallery_back.js")
    pages = divide(NAME, weights, PAGE_ARTICLES, PAGE_ARTICLES)
    items = iter(record.items)
    for page in pages:
        shown = _template().render(
            record=record,
            batch=record.batch,
            script=Markup(script),  # noqa: S704 - ours
            allowed=source_hash(script),
            pieces=[_piece(item, read) for item in islice(items, page.items)],
            sketch=record.batch.parameters.get("text_model") == "sketch",
            pager=Pager(page, pages, len(record.items), link),
        )
        yield page.name, shown.encode()


def _piece(record: ItemRecord, read: Read) -> Piece:
    files = tuple(_link(file) for file in record.files if not file.is_picture)
    content = _content(record, read)
    if not content:
        return Piece(record, record.item.title, files=files)
    url = str(content["source"].get("url", ""))
    pictures = [*_pictures(content, record, read)]
    return Piece(
        record,
        title=content["title"],
        summary=content["summary"],
        language=content["asked"]["language"],
        words=content["words"],
        html=html_of(content["body"], pictures),
        source=url if url.lower().startswith(("https://", "http://")) else "",
        warnings=tuple(map(str, content.get("warnings", ()))),
        awaits=", ".join(map(str, content.get("awaits_approval", ()))),
        reviewed=", ".join(str(content[n]) for n in ("reviewed_by", "reviewed_at") if n in content),
        pictures=len(pictures),
        files=files,
    )


def _pictures(content: Mapping[str, Any], record: ItemRecord, read: Read) -> Iterator[Illustration]:
    """Finds the pictures of an article among its files; one that cannot be read is left out."""
    there = {name_of(file.path): file for file in record.files}
    for told in content.get("pictures", ()):
        file = there.get(told.get("file"))
        if file is None:
            continue
        try:
            small = thumbnail(read(file), _WIDTH, _QUALITY)
        except PressrunError:
            continue
        if small:
            yield illustration(told, small, href(file.path, file.url))


def _content(record: ItemRecord, read: Read) -> dict[str, Any]:
    for file in record.files:
        if file.media_type == "application/json":
            try:
                content = json.loads(read(file))
            except (PressrunError, ValueError):  # perhaps a person changed it where it lies
                continue
            if isinstance(content, dict):
                return content
    return {}


def _link(file: DeliveredFile) -> PageLink:
    # In a folder the page lies beside its files, wherever that folder is moved to.
    return PageLink(file.path.rpartition(".")[2], href(file.path, file.url))


@lru_cache
def _template() -> Template:
    loader = PackageLoader("pressrun.reports.gallery", "templates")
    environment = Environment(loader=loader, autoescape=select_autoescape(default=True))
    environment.filters["usd"] = usd
    return environment.get_template("article_index.html")

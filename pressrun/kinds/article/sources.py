"""What articles are written from: pages, uploads and texts, read once and kept for the batch."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pressrun.boundary.files import read_text
from pressrun.boundary.text import counted, one_line, plain_text, short_url
from pressrun.boundary.uploads import is_upload, name_of
from pressrun.errors import InputError, PressrunError, foreseen
from pressrun.inputs.articles.rows import read_lines
from pressrun.inputs.places import ITEMS, existing, is_address
from pressrun.inputs.web.page import Document, read_page
from pressrun.kinds.article.parameters import ArticleParameters
from pressrun.kinds.article.topics import Fetch, or_raise, side_by_side
from pressrun.ledger.records import PlannedItem
from pressrun.ledger.vault import Vault

#: Of one source, and of all sources of one article: more is not read whole by every model.
MOST_CHARACTERS, MOST_TOGETHER = 60_000, 120_000
_MOST_BYTES = 2 * 2**20
_FILE_NAME = re.compile(r"\.(?:txt|md|markdown|html?|csv|json|pdf|docx?|rtf|odt)$", re.IGNORECASE)

SourceRecord = dict[str, Any]


def listed_sources(text: str) -> list[str]:
    """Lists the sources of a text: addresses, uploads and paths a line, texts between ``---``."""
    rows = read_lines(text, "spin").fields if text.strip() else []
    return list(dict.fromkeys(row.given["source"] for row in rows))


class SourceReader:
    """Reads sources, each once.

    Args:
        vault: Where their texts are kept.
        fetch: Gives what is at a web address, or raises a PressrunError.
        download: Gives the local path of an upload.
        log: Called with what was read.
    """

    def __init__(
        self,
        vault: Vault,
        fetch: Fetch,
        download: Callable[[str], str],
        log: Callable[[str], None],
    ):
        self._vault, self._fetch, self._download, self._log = vault, fetch, download, log
        self._read: dict[str, SourceRecord | PressrunError] = {}

    def read(self, sources: Iterable[str]) -> None:
        """Reads those that are not read yet, pages some at a time."""
        new = [source for source in dict.fromkeys(sources) if source not in self._read]
        pages = [source for source in new if is_address(source)]
        for url, answer in zip(pages, side_by_side(self._fetch, pages), strict=True):
            self._read[url] = self._outcome(url, partial(self._page, answer))
        for source in new:
            if source not in self._read:
                self._read[source] = self._outcome(source, partial(self._text, source))

    def problems(self, sources: Sequence[str]) -> list[tuple[str, PressrunError]]:
        """Lists those of them that could not be read, with the reason."""
        self.read(sources)
        found = ((shown(source), self._read[source]) for source in sources)
        return [(name, error) for name, error in found if isinstance(error, PressrunError)]

    def records(self, sources: Sequence[str]) -> list[SourceRecord]:
        """Gives what is known of each, numbered S1, S2 and so on.

        Raises:
            InputError: One cannot be read, or they are too long together.
        """
        for name, error in self.problems(sources):
            raise InputError(f"The source {name} cannot be used. {error}", kind=error.kind)
        read = [record for s in sources if isinstance(record := self._read[s], dict)]
        together = sum(record["characters"] for record in read)
        if together > MOST_TOGETHER:
            raise InputError(
                f"The sources of one article have {together:,} characters; {MOST_TOGETHER:,} are "
                "taken. Give fewer, or only the parts that matter.",
                kind="bad_source",
            )
        return [{"id": f"S{number}", **record} for number, record in enumerate(read, 1)]

    def _outcome(
        self, source: str, read: Callable[[], SourceRecord]
    ) -> SourceRecord | PressrunError:
        try:
            record = read()
        except Exception as error:  # noqa: BLE001 - what is wrong with one ends no other
            return foreseen(error)
        self._log(f"Source {shown(source)}: {record['characters']:,} characters")
        return record

    def _page(self, answer: Document | PressrunError) -> SourceRecord:
        found = or_raise(answer)
        page = read_page(found.data, found.url)
        return self._kept(page.text, one_line(page.title, 300) or short_url(found.url), found.url)

    def _text(self, source: str) -> SourceRecord:
        if not _is_place(source):
            return self._kept(source, one_line(source, 60), "")
        place = existing(self._download(source), ITEMS)
        return self._kept(read_text(place, _MOST_BYTES), name_of(source), "")

    def _kept(self, text: str, title: str, url: str) -> SourceRecord:
        text = plain_text(text.encode(errors="replace").decode())
        if not any(map(str.isalnum, text)):
            raise InputError("There is no text in it. Give another one.", kind="bad_source")
        if len(text) > MOST_CHARACTERS:
            raise InputError(
                f"It has {len(text):,} characters; {MOST_CHARACTERS:,} are taken. Give only the "
                "part that matters.",
                kind="bad_source",
            )
        digest = self._vault.put(text.encode(), "text")
        return {"title": title, "url": url, "sha256": digest, "characters": len(text)}


class BatchSources:
    """The sources of one batch: those of all articles, and those of their rows.

    Args:
        parameters: Of the batch.
        reader: Reads them.
    """

    def __init__(self, parameters: ArticleParameters, reader: SourceReader):
        self._parameters, self._reader = parameters, reader
        self._of_all = listed_sources(parameters.sources)

    def require(self) -> None:
        """Reads the sources of all articles; one that cannot be read would spoil every row.

        Raises:
            InputError: One cannot be read; lists them all. Or texts that are rewritten have some.
        """
        if self._of_all and self._parameters.mode == "spin":
            raise InputError("A text that is rewritten is its own source. Leave sources empty.")
        if problems := self._reader.problems(self._of_all):
            said = [f"{name}: {error}" for name, error in problems]
            raise InputError("Sources cannot be used; nothing was made or paid.", said)

    def added_to(self, item: PlannedItem) -> PlannedItem:
        """Adds its sources to an item, or the reason why it has none."""
        if item.error or self._parameters.mode == "spin":
            return item
        named = dict.fromkeys((*self._of_all, *item.spec.get("own_sources", ())))
        try:
            sources = self._reader.records([*named])
            if not (sources or item.spec["source"]) and self._parameters.facts == "strict":
                raise InputError("Strict facts need sources. Give some, or choose warn.")
        except InputError as error:
            said = InputError(f"row {item.spec['line']}: {error}", kind=error.kind)
            return replace(item, error=said)
        return replace(item, spec={**item.spec, "sources": sources})

    def lacking(self, items: Iterable[PlannedItem]) -> str:
        """Says how many articles have no source; empty if all have one."""
        without = [
            item
            for item in items
            if not (item.error or item.spec["sources"] or item.spec["source"])
        ]
        if not without or self._parameters.mode == "spin":
            return ""
        return (
            f"{counted(len(without), 'article')} without sources: written from what the model "
            "remembers, and no number, date or name is checked."
        )


def with_texts(spec: Mapping[str, Any], vault: Vault) -> list[SourceRecord]:
    """Gives the sources of an article with their texts."""
    return [{**one, "text": vault.get(one["sha256"]).decode()} for one in spec.get("sources", ())]


def unread_sources(spec: Mapping[str, Any]) -> list[SourceRecord]:
    """Gives the sources of an article with texts of their length: enough to price it."""
    return [{**one, "text": " " * one["characters"]} for one in spec.get("sources", ())]


def shown(source: str) -> str:
    """Names a source on a short line."""
    if is_address(source):
        return short_url(source)
    return name_of(source) if is_upload(source) else f"“{one_line(source, 60)}”"


def _is_place(source: str) -> bool:
    if is_upload(source) or _FILE_NAME.search(source):
        return "\n" not in source
    return len(source.split()) == 1 and "/" in source

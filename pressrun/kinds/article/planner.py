"""From rows to articles: every row judged, feeds and pages fetched, nothing paid."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from pressrun.boundary.text import counted, one_line, short_url
from pressrun.calls.standalone import Ask
from pressrun.engines.catalogue import catalogue
from pressrun.errors import InputError, PressrunError, foreseen
from pressrun.inputs.articles.document import read_document_file, read_document_text
from pressrun.inputs.articles.rows import ArticleRow, Defaults
from pressrun.inputs.places import ITEMS, bare, existing
from pressrun.inputs.web.page import Document, read_page
from pressrun.kinds.article.languages import other_languages
from pressrun.kinds.article.mend import mended, mended_row
from pressrun.kinds.article.parameters import ArticleParameters
from pressrun.kinds.article.prompt import picture_count
from pressrun.kinds.article.reading import DocumentReader
from pressrun.kinds.article.sources import BatchSources, SourceReader
from pressrun.kinds.article.topics import Fetch, Topic, find_topics, or_raise, side_by_side
from pressrun.ledger.records import Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.moderation.words import moderator
from pressrun.settings import Settings

#: Why a page could not be fetched, where it may be available later.
PASSING_KINDS = frozenset({"unreachable"})
#: Of a text that is rewritten. Less is no article, more is not read whole by every model.
FEWEST_CHARACTERS, MOST_CHARACTERS = 250, 60_000
_TITLE_LETTERS = 80
_LOST_LINKS = "What was copied from a browser has lost its links: give the file itself."
#: How there are more items of a mode.


class ArticlePlanner:
    """Plans one article batch.

    Args:
        parameters: Of the batch.
        settings: How many articles a batch takes.
        vault: Where texts that are rewritten are kept for the batch's life.
        log: Called with what is fetched, and what cannot be used.
        download: Gives the local path of an upload and of what lies in S3 or Drive; any other place
            as it is.
        fetch: Gives what is at a web address, or raises a PressrunError.
        ask: Asks the text model, which reads a document first.
        note: Called with what a person should know although nothing is wrong; ``log`` if none.
    """

    def __init__(
        self,
        parameters: ArticleParameters,
        settings: Settings,
        vault: Vault,
        log: Callable[[str], None],
        download: Callable[[str], str],
        fetch: Fetch,
        ask: Ask,
        note: Callable[[str], None] | None = None,
    ):
        self._parameters, self._settings, self._vault = parameters, settings, vault
        self._log, self._download, self._fetch = log, download, fetch
        self._note = note or log
        blocks = moderator(settings.blocked_words, settings.allowed_words)
        self._reader = DocumentReader(
            parameters, ask, lambda text: blocks.check(text) is not None, self._note
        )
        self._sources = BatchSources(parameters, SourceReader(vault, fetch, download, log))

    def plan(self) -> list[PlannedItem]:
        """Plans the items of the batch, in the order of their rows; of trends, the newest first.

        Raises:
            InputError: Nothing can be run, there are too few or too many rows, or
                ``skip_invalid`` is off and something is wrong; lists every problem. Or a source
                of all articles cannot be read, or nobody says that texts may be rewritten.
        """
        self._require_rights()
        self._sources.require()
        if self._parameters.mode == "trends":
            topics = find_topics(self._parameters, self._feeds(), self._fetch, self._log)
        else:
            topics = [Topic(row) for row in self._rows()]
        topics = self._bounded(topics)
        self._refuse_language([topic.row for topic in topics])
        items = [self._item(order, topic) for order, topic in enumerate(topics, 1)]
        self._refuse_if_bad(items)
        if self._reader.parts:
            made = next(item for item in items if not item.error)
            made.spec["reads"] = self._reader.parts
        if self._parameters.mode == "spin":
            items = self._with_texts(items)
        items = [self._sources.added_to(item) for item in items]
        self._refuse_if_bad(items)
        if said := self._sources.lacking(items):
            self._note(said)
        for other in other_languages(items):
            self._note(other.told(english_only=self._is_english_only))
        if self._parameters.pictures:
            self._tell_pictures([item for item in items if not item.error])
        return items

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """Fetches pages once more that could not be reached.

        Args:
            failed: The batch's failed items; the others of them stay as they are.

        Returns:
            For every item that is planned anew its key, and the item in its place (failed again,
            if its page still cannot be fetched).
        """
        again = [
            PlannedItem(item.key, item.position, item.title, item.spec)
            for item in failed
            if item.error_kind in PASSING_KINDS and item.attempts == 0
        ]
        return {item.key: [self._sources.added_to(item)] for item in self._with_texts(again)}

    def mend(self, item: Item, words: Mapping[str, str]) -> list[PlannedItem]:
        """Plans an article again with other words; fetches its page where it names one."""
        row, _ = mended_row(item.spec, words)
        spec, problem = mended(item.spec, row), row.problem or self._language_problem(row)
        error = InputError(f"row {row.line}: {problem}", kind="bad_row") if problem else None
        if spec["mode"] == "spin" and "link" in words and not error:
            empty = {"source": {}, "source_sha256": "", "source_characters": 0}
            subject = one_line(row.subject, 500)
            spec, error = self._placed(row, spec | empty | {"subject": subject})
        title = _title(spec["order"], spec["subject"])
        planned = self._with_texts([PlannedItem(item.key, item.position, title, spec, error)])
        return [self._sources.added_to(one) for one in planned]

    def _tell_pictures(self, items: Sequence[PlannedItem]) -> None:
        """Says how many there will be, and where they are fewer than was asked."""
        asked, settings = self._parameters.pictures, self._parameters.model_dump()
        counts = [picture_count(item.spec, settings) for item in items]
        articles, pictures = counted(len(counts), "article"), counted(sum(counts), "picture")
        self._note(f"{articles}, {pictures} by {self._parameters.model}.")
        if short := sum(count < asked for count in counts):
            self._note(
                f"Too short for {asked} pictures: {counted(short, 'article')}. One stands above "
                "the text, and one below each heading."
            )

    def _require_rights(self) -> None:
        if self._parameters.mode == "spin" and not self._parameters.rights:
            raise InputError(
                "Texts are rewritten only by who may: set rights to mine, licensed or open. "
                "Nothing was made or paid."
            )

    def _rows(self) -> list[ArticleRow]:
        parameters, file = self._parameters, bare(self._parameters.file)
        if file and parameters.items.strip():
            raise InputError("Give items or a file of items, not both.")
        defaults = self._defaults()
        if file:
            given = read_document_file(
                existing(self._download(file), ITEMS), parameters.mode, defaults
            )
        else:
            given = read_document_text(parameters.items, parameters.mode, defaults)
        return self._reader.rows(given, defaults)

    def _defaults(self) -> Defaults:
        parameters = self._parameters
        return Defaults(
            parameters.words,
            parameters.tone,
            parameters.language,
            parameters.audience,
            parameters.instructions,
        )

    def _feeds(self) -> list[ArticleRow]:
        from pressrun.inputs.web.feeds import TRENDS_URL  # noqa: PLC0415 - only trends read feeds

        if self._parameters.file or self._parameters.items.strip():
            return self._rows()
        country = self._parameters.country
        self._log(f"No feed is named: topics are taken from Google Trends for {country}.")
        defaults = self._defaults()
        given = read_document_text(TRENDS_URL.format(country=country), "trends", defaults)
        return self._reader.rows(given, defaults)

    def _bounded(self, topics: list[Topic]) -> list[Topic]:
        """Checks how many there are; of a quote only says it, where a model is still to read."""
        try:
            self._check_count(len(topics))
        except InputError as error:
            if not self._reader.parts:
                raise
            self._note(f"Before it is read: {error}")
        return topics[: self._settings.most_articles]

    def _check_count(self, count: int) -> None:
        if count > (most := self._settings.most_articles):
            raise InputError(
                f"There are {count} items; an article batch takes at most {most}. Split them into "
                "several batches, or raise PRESSRUN_MOST_ARTICLES."
            )

    def _item(self, order: int, topic: Topic) -> PlannedItem:
        row = topic.row
        problem = row.problem or self._language_problem(row)
        error = InputError(f"row {row.line}: {problem}", kind="bad_row") if problem else None
        spec = self._spec(order, topic)
        if self._parameters.mode == "spin" and error is None:
            spec, error = self._placed(row, spec)
        return PlannedItem(
            key=f"article_{order:02d}",
            position=order,
            title=_title(order, spec["subject"]),
            spec=spec,
            error=error,
        )

    def _spec(self, order: int, topic: Topic) -> dict[str, Any]:
        row = topic.row
        return {
            "order": order,
            "line": row.line,
            "mode": self._parameters.mode,
            "subject": one_line(topic.subject, 500),
            "keywords": list(row.keywords),
            "word_count": row.words.middle,
            "words_from": row.words.fewest,
            "words_to": row.words.most,
            "tone": row.tone,
            "language": row.language,
            "audience": row.audience,
            "instructions": row.instructions,
            "source": dict(topic.source),
            "source_sha256": "",
            "source_characters": 0,
            "today": date.today().isoformat(),  # noqa: DTZ011 - the day where the batch is planned
            "own_sources": list(row.sources),
            "sources": [],
            "group": "",  # all stand together in the gallery
        }

    def _refuse_language(self, rows: Sequence[ArticleRow]) -> None:
        """Says once, of the parameter, what would be wrong with every row."""
        mine = all(row.language == self._parameters.language for row in rows)
        if mine and (problem := self._language_problem(rows[0])):
            none = "No row can be used; nothing was made or paid."
            raise InputError(none, [f"language: {problem}"])

    @property
    def _is_english_only(self) -> bool:
        return catalogue()[self._parameters.text_model].engine == "sketch"

    def _language_problem(self, row: ArticleRow) -> str:
        if row.language == "en" or not self._is_english_only:
            return ""
        return (
            f"The language is {row.language!r}, and the sketch engine writes English only. "
            "Choose another text model, or the language en."
        )

    def _placed(
        self, row: ArticleRow, spec: dict[str, Any]
    ) -> tuple[dict[str, Any], InputError | None]:
        """Puts a row's text into the vault, or its address into the spec; gives the new spec."""
        if _is_address(row.subject):
            url = row.subject.strip()
            subject = row.title or short_url(url)
            return spec | {"subject": subject, "source": {"title": row.title, "url": url}}, None
        try:
            return spec | self._kept(row.subject, "The source text"), None
        except InputError as error:
            said = f"row {row.line}: {error} {_LOST_LINKS}"
            return spec, InputError(said, kind=error.kind)

    def _with_texts(self, items: Sequence[PlannedItem]) -> list[PlannedItem]:
        """Adds the texts of their pages to the items that name one."""
        urls = [item.spec["source"]["url"] for item in items if _needs_page(item)]
        pages = side_by_side(self._fetch, urls)
        return [self._with_text(item, next(pages)) if _needs_page(item) else item for item in items]

    def _with_text(self, item: PlannedItem, answer: Document | PressrunError) -> PlannedItem:
        """Adds the text of its page to an item, or the reason why there is none."""
        spec, url = item.spec, item.spec["source"]["url"]
        try:
            found = or_raise(answer)
            page = read_page(found.data, found.url)
            text = self._kept(page.text, f"The text of {short_url(url)}")
        except Exception as error:  # noqa: BLE001 - what is wrong with one page ends no other row
            failure = foreseen(error)
            self._log(f"Row {spec['line']} cannot be used: {failure}")
            said = InputError(f"row {spec['line']}: {failure}", kind=failure.kind)
            return PlannedItem(item.key, item.position, item.title, spec, said)
        title = one_line(page.title, 300) or spec["source"]["title"] or short_url(url)
        self._log(f"Row {spec['line']}: {text['source_characters']:,} characters of {title}")
        spec = spec | text | {"subject": title, "source": {"title": title, "url": url}}
        return PlannedItem(item.key, item.position, _title(spec["order"], title), spec)

    def _kept(self, text: str, what: str) -> dict[str, Any]:
        text = text.encode(errors="replace").decode().strip()
        if not FEWEST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
            raise InputError(
                f"{what} has {len(text):,} characters; {FEWEST_CHARACTERS} to "
                f"{MOST_CHARACTERS:,} can be rewritten. Give another one.",
                kind="bad_source",
            )
        digest = self._vault.put(text.encode(), "text")
        return {"source_sha256": digest, "source_characters": len(text)}

    def _refuse_if_bad(self, items: Sequence[PlannedItem]) -> None:
        bad = [item for item in items if item.error]
        if len(bad) == len(items):
            raise InputError("No row can be used; nothing was made or paid.", _said_once(bad))
        if bad and not self._parameters.skip_invalid:
            raise InputError(
                f"{len(bad)} of {len(items)} rows cannot be used; nothing was made or paid. "
                "Mend them, or turn skip_invalid on to write the others.",
                _said_once(bad),
            )


def _said_once(bad: Sequence[PlannedItem]) -> list[str]:
    """Lists what is wrong with rows: what holds for several is one sentence."""
    rows: dict[str, list[int]] = {}
    for item in bad:
        line = item.spec["line"]
        said = str(item.error).removeprefix(f"row {line}: ")
        rows.setdefault(said, []).append(line)
    return [
        f"row {of[0]}: {said}" if len(of) == 1 else f"{len(of)} rows, from row {of[0]} on: {said}"
        for said, of in rows.items()
    ]


def _needs_page(item: PlannedItem) -> bool:
    url = item.spec["source"].get("url")
    return bool(url) and not item.error and not item.spec["source_sha256"]


def _title(order: int, subject: str) -> str:
    return f"Article {order:02d}: {one_line(subject, _TITLE_LETTERS)}"


def _is_address(text: str) -> bool:
    text = text.strip()
    return text.lower().startswith(("http://", "https://")) and len(text.split()) == 1

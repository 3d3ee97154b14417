"""What an article batch is given, with the text itself where it is a document and no table.

A document is read by its form here, and by a model elsewhere: it must not know how one is asked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.answer import TopicsAnswer, check_topics
from pressrun.inputs.articles.columns import MAX_ROWS, GivenFields
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.articles.lists import UNCLEAR
from pressrun.inputs.articles.outline import read_outline
from pressrun.inputs.articles.readings import ranked
from pressrun.inputs.articles.rows import (
    SUBJECTS,
    ArticleRow,
    Defaults,
    Mode,
    fields_in_text,
    rows_of,
    text_for,
    with_notes,
)
from pressrun.inputs.articles.tables import read_sheets
from pressrun.inputs.articles.titles import topics_of
from pressrun.inputs.confined import parse_bounded
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.tables.files import COPY_ANEW, WorkbookSheet
from pressrun.inputs.tables.files import read_sheets as sheets_of
from pressrun.inputs.tables.values import looks_like_json

_TEXT, _SPLIT = "The text", "Split it into several batches."
#: Of the beginning of a table: rows of it, lines above them, letters of one line and of all.
_ROWS, _ABOVE, _LINE_LETTERS, _BEGINNING_LETTERS = 15, 8, 600, 6_000


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """What was given, as its form reads it.

    Attributes:
        rows: Where there is a doubt, those that are likeliest.
        notes: What is left out, in sentences.
        text: Of a document; empty for tables and JSON, which name what is asked for.
        doubt: Why its form cannot say which lines are asked for; empty if it can.
        beginning: Of a table or JSON, how it begins; of a workbook with the names of its sheets.
    """

    rows: list[ArticleRow]
    notes: tuple[str, ...] = ()
    text: str = ""
    doubt: str = ""
    beginning: str = ""


@dataclass(frozen=True, slots=True)
class ReadTopics:
    """A document's rows as a model reads them, checked.

    Attributes:
        rows: In the order of the text.
        notes: What a person should know of them, in sentences.
        doubts: Why they may not be what is asked for, in sentences.
    """

    rows: list[ArticleRow]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def read_document_text(text: str, mode: Mode, defaults: Defaults) -> GivenDocument:
    """Reads what was pasted, as :func:`~pressrun.inputs.articles.rows.read_rows_text` does.

    Raises:
        InputError: As there, but for a document of which it is not clear what is asked for.
    """
    return parse_bounded(document_in_text, text, _TEXT, _SPLIT, mode=mode, defaults=defaults)


def read_document_file(path: Path, mode: Mode, defaults: Defaults) -> GivenDocument:
    """Reads a file, as :func:`~pressrun.inputs.articles.rows.read_rows_file` does.

    Raises:
        InputError: As there, but for a document of which it is not clear what is asked for.
    """
    what = one_line(path.name)
    return parse_bounded(document_in_file, path, what, COPY_ANEW, mode=mode, defaults=defaults)


def read_topics(
    given: GivenDocument, answer: TopicsAnswer, mode: Mode, defaults: Defaults
) -> ReadTopics:
    """Checks a model's answer about a document; see :mod:`pressrun.inputs.articles.answer`.

    Raises:
        InputError: Too much is made up, or it takes too long to find out.
    """
    by_form = [] if given.doubt else [(row.line, one_line(row.subject, 60)) for row in given.rows]
    asked = {"answer": answer, "by_form": by_form, "mode": mode, "defaults": defaults}
    return parse_bounded(checked_topics, given.text, _TEXT, _SPLIT, **asked)


def document_in_text(
    text: str,
    mode: Mode,
    defaults: Defaults,
    *,
    table: bool = False,
    notes: tuple[str, ...] = (),
) -> GivenDocument:
    """Does what :func:`read_document_text` says, however long it takes.

    Args:
        text: All of it.
        mode: What the articles are about.
        defaults: Of the rows.
        table: It is one, even if its head does not look like one.
        notes: What is to be said of the file that it was read from.
    """
    doubt, read = "", text_for(mode, text)
    text, notes = read.text, (*notes, *read.notes)
    try:
        found = fields_in_text(text, mode, table=table)
    except InputError as error:
        if error.kind != UNCLEAR:
            raise
        found, doubt = GivenFields(_likeliest(text, mode), is_list=True), str(error)
    given = rows_of(with_notes(found, notes), mode, defaults)
    if found.is_list:
        return GivenDocument(given.rows, given.notes, text, doubt)
    return GivenDocument(given.rows, given.notes, beginning=_beginning(text, found.fields[0].line))


def document_in_file(path: Path, mode: Mode, defaults: Defaults) -> GivenDocument:
    """Does what :func:`read_document_file` says, however long it takes."""
    content = sheets_of(path, MAX_ROWS)
    if isinstance(content, DocumentText):
        table = path.suffix.lower() in (".csv", ".tsv")
        return document_in_text(content.text, mode, defaults, table=table, notes=content.notes)
    shown = list[str]()
    given = rows_of(read_sheets(_noted(content, shown), mode), mode, defaults)
    beginning = "\n".join(shown)[:_BEGINNING_LETTERS]
    return GivenDocument(given.rows, given.notes, beginning=beginning)


def checked_topics(
    text: str,
    answer: TopicsAnswer,
    by_form: list[tuple[int, str]],
    mode: Mode,
    defaults: Defaults,
) -> ReadTopics:
    """Does what :func:`read_topics` says, however long it takes."""
    found = check_topics(answer, text, by_form, SUBJECTS[mode])
    rows = rows_of(GivenFields(found.fields), mode, defaults).rows if found.fields else []
    return ReadTopics(rows, found.notes, found.doubts)


def _beginning(text: str, first: int) -> str:
    """Gives the lines at the top of a text, and those about its first row."""
    if looks_like_json(text):
        return text[:_BEGINNING_LETTERS]
    lines = text.splitlines()
    above = max(0, first - 1 - _ABOVE)
    shown = [*lines[:above][:_ABOVE], *lines[above : first + _ROWS]]
    return "\n".join(line[:_LINE_LETTERS] for line in shown)[:_BEGINNING_LETTERS]


def _noted(sheets: Iterable[WorkbookSheet], shown: list[str]) -> Iterator[WorkbookSheet]:
    """Yields the sheets; adds how each begins to what is shown, and before them all names."""
    for sheet in sheets:
        shown += [] if shown else [f"Sheets: {', '.join(map(one_line, sheet.titles))}"]
        rows = ("\t".join(map(one_line, cells)) for _, cells in sheet.rows[:_ROWS])
        shown += ["", f"Sheet {one_line(sheet.title)}:", *(row[:_LINE_LETTERS] for row in rows)]
        yield sheet


def _likeliest(text: str, mode: Mode) -> list[Fields]:
    """Takes the best reading of a text that may be read in several ways, for a price."""
    read = read_outline(text.splitlines())
    readings = ranked(read, mode, 0)
    topics, _ = topics_of(readings[0].lines if readings else read)
    return [Fields(one.line, {SUBJECTS[mode]: one.words}) for one in topics]

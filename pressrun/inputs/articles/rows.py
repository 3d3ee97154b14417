"""What an article batch is given: pasted lines, a table or JSON, as one row an article.

It must not know how an article is made, nor fetch the feeds and pages that rows name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.columns import MAX_ROWS, GivenFields, known_columns, no_subject
from pressrun.inputs.articles.feeds import read_feeds
from pressrun.inputs.articles.fields import Fields, Values, checked_defaults, read_fields
from pressrun.inputs.articles.lists import has_list, is_better_list, read_list
from pressrun.inputs.articles.markdown import markdown_head, read_markdown
from pressrun.inputs.articles.outline import bare
from pressrun.inputs.articles.pages import read_linked, read_marked_up
from pressrun.inputs.articles.records import read_json
from pressrun.inputs.articles.sources import without_numbers
from pressrun.inputs.articles.tables import read_sheets, read_table
from pressrun.inputs.articles.word_range import FEWEST_WORDS, WordRange
from pressrun.inputs.confined import parse_bounded
from pressrun.inputs.hyperlinks.forms import form_of
from pressrun.inputs.hyperlinks.markdown import without_front_matter
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.tables.files import COPY_ANEW
from pressrun.inputs.tables.files import read_sheets as sheets_of
from pressrun.inputs.tables.values import looks_like_json
from pressrun.inputs.web.markdown import readable

Mode = Literal["topic", "keywords", "trends", "spin"]
_COLUMNS = re.compile(r"[\t,;|]")
_RULE = re.compile(r"\s*-{3,}\s*")
_SPLIT = "Split it into several batches."
_SHOWN = 4  # rows that a note names
SUBJECTS = {"topic": "topic", "keywords": "primary", "trends": "feed"}

_USUAL = WordRange.around(1200)

Numbered = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say otherwise; see :class:`ArticleRow`."""

    words: str = "1200"
    tone: str = ""
    language: str = "en"
    audience: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article as it was asked for.

    Attributes:
        line: Of the paste, row of the table as a spreadsheet shows it, or number in the JSON
            list; from 1.
        subject: The topic; the primary keyword; the feed's URL; the source text or its URL.
        keywords: Primary first. In mode keywords the primary one is the subject.
        words: Within 200 to 5,000.
        language: ISO 639-1 code.
        sources: What it shall be written from: addresses, uploads and paths of texts.
        problem: Why it cannot be used, in words that say what to do; empty if it can. It does not
            repeat the line.
        title: What the document that its address was found in calls it.
    """

    line: int
    subject: str
    keywords: tuple[str, ...] = ()
    words: WordRange = _USUAL
    tone: str = ""
    language: str = "en"
    audience: str = ""
    instructions: str = ""
    sources: tuple[str, ...] = ()
    problem: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class GivenArticles:
    """The rows of what was given, and in sentences what of it is left out."""

    rows: list[ArticleRow]
    notes: tuple[str, ...] = ()


def read_rows_text(text: str, mode: Mode, defaults: Defaults) -> GivenArticles:
    """Reads what was pasted into one text field.

    Takes one item a line, a list among other words (of texts to rewrite: parted by lines of
    ``---``), rows copied from a spreadsheet or CSV with a head, or JSON (a list of texts or
    objects).

    Raises:
        InputError: There is nothing, more than 10,000 rows, a table that does not say what to
            write about, JSON that cannot be read, or a default that cannot be used; or it takes
            too long to read.
    """
    return parse_bounded(rows_in_text, text, "The text", _SPLIT, mode=mode, defaults=defaults)


def read_rows_file(path: Path, mode: Mode, defaults: Defaults) -> GivenArticles:
    """Reads a file: text, CSV in any usual encoding and delimiter, JSON, DOCX or XLSX.

    Raises:
        InputError: As :func:`read_rows_text`; or the file cannot be read, or is too large.
    """
    what = one_line(path.name)
    return parse_bounded(rows_in_file, path, what, COPY_ANEW, mode=mode, defaults=defaults)


def rows_in_text(text: str, mode: Mode, defaults: Defaults) -> GivenArticles:
    """Does what :func:`read_rows_text` says, however long it takes."""
    read = text_for(mode, text)
    return rows_of(with_notes(fields_in_text(read.text, mode), read.notes), mode, defaults)


def rows_in_file(path: Path, mode: Mode, defaults: Defaults) -> GivenArticles:
    """Does what :func:`read_rows_file` says, however long it takes."""
    content = sheets_of(path, MAX_ROWS)
    if not isinstance(content, DocumentText):
        return rows_of(read_sheets(content, mode), mode, defaults)
    table = path.suffix.lower() in (".csv", ".tsv")
    read = text_for(mode, content.text)
    found = fields_in_text(read.text, mode, table=table)
    return rows_of(with_notes(found, (*content.notes, *read.notes)), mode, defaults)


def text_for(mode: Mode, text: str) -> DocumentText:
    """Gives the text of a page that lists what to write about, and any other text as it is.

    Raises:
        InputError: The page has no text, or far too much.
    """
    return readable(text) if mode in ("topic", "keywords") else DocumentText(text)


def with_notes(given: GivenFields, notes: Sequence[str]) -> GivenFields:
    """Adds to what was read how it became a text."""
    return replace(given, notes=(*notes, *given.notes))


def fields_in_text(text: str, mode: Mode, *, table: bool = False) -> GivenFields:
    """Reads a text as what it is by its form: JSON, tables, or lines."""
    if looks_like_json(text):
        return read_json(text, mode)
    if mode == "trends" and form_of(text):
        return read_feeds(_lines(text))
    if mode == "spin" and not table and (linked := read_marked_up(text)):
        return linked
    found = read_markdown(text, mode)
    if found and not _is_better_list(text, mode, found):
        return found
    if mode == "spin" and not table and not found and (given := _table_or_pages(text)):
        return given
    if not found and (head := markdown_head(text)) and not has_list(_lines(text), mode):
        raise no_subject(head, mode)
    found = None if found else read_table(text, mode, always=table)
    return read_lines(text, mode) if found is None else found  # no more lines than a table has


def _table_or_pages(text: str) -> GivenFields | None:
    """Reads a table, or the pages that a text leads to; None if addresses stand alone in lines."""
    if not markdown_head(text) and (rows := read_table(text, "spin")):
        return rows
    blocks = [*_blocks([*enumerate(_lines(text), 1)])]
    alone = any(map(_are_words, blocks))
    return None if alone else read_linked(text, [_joined(block) for block in blocks])


def _is_better_list(text: str, mode: Mode, tables: GivenFields) -> bool:
    """Says whether a list beside the tables of a document looks more like what is asked for."""
    if mode not in ("topic", "keywords"):
        return False
    if not tables.fields:  # a table to fill in, beside the list of what to write
        return has_list(_lines(text), mode)
    subjects = [(row.line, row.given.get(SUBJECTS[mode], "")) for row in tables.fields]
    return is_better_list(_lines(text), subjects, mode)


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def rows_of(given: GivenFields, mode: Mode, defaults: Defaults) -> GivenArticles:
    """Checks what rows give, and adds the defaults.

    Raises:
        InputError: There is none, there are too many, or a default cannot be used.
    """
    found, said = _with_sources(given.fields)
    if not found:
        raise InputError(
            "There is nothing to write about. Give one item a line, or a table with the columns "
            f"{known_columns(mode)}."
        )
    if len(found) > MAX_ROWS:
        raise InputError(f"There are more than {MAX_ROWS:,} rows. Split them into several batches.")
    base = checked_defaults(
        defaults.words,
        Values(
            WordRange.around(FEWEST_WORDS),
            defaults.tone,
            defaults.language,
            defaults.audience,
            defaults.instructions,
        ),
    )
    rows, repeats = _without_repeats([_row(one, mode, base) for one in found])
    return GivenArticles(rows, (*given.notes, *said, *repeats))


def _with_sources(rows: Sequence[Fields]) -> tuple[list[Fields], list[str]]:
    """Keeps of the column of sources what is one; says what is not."""
    naming = [at for at, row in enumerate(rows) if row.given.get("sources")]
    cells, said = without_numbers([rows[at].given["sources"] for at in naming])
    kept = [*rows]
    for at, cell in zip(naming, cells, strict=True):
        kept[at] = replace(rows[at], given=rows[at].given | {"sources": cell})
    return kept, said


def _row(fields: Fields, mode: Mode, base: Values) -> ArticleRow:
    subject, keywords, values, problems = read_fields(fields, mode, base)
    return ArticleRow(
        line=fields.line,
        subject=subject,
        keywords=keywords,
        words=values.words,
        tone=values.tone,
        language=values.language,
        audience=values.audience,
        instructions=values.instructions,
        sources=values.sources,
        problem=" ".join(problems),
        title=one_line(fields.given.get("title", ""), 300),
    )


def _without_repeats(rows: Sequence[ArticleRow]) -> tuple[list[ArticleRow], list[str]]:
    """Leaves out each row that asks the very same again, and says which.

    Two articles on the same words would be near copies, and that would show only once both are
    paid for.
    """
    first: dict[ArticleRow, int] = {}
    kept, again = list[ArticleRow](), list[tuple[int, int]]()
    for row in rows:
        before = first.setdefault(replace(row, line=0), row.line)
        if row.problem or before == row.line:
            kept.append(row)
        else:
            again.append((row.line, before))
    if not again:
        return kept, []
    some = ", ".join(f"{line} as {before}" for line, before in again[:_SHOWN])
    more = ", …" if len(again) > _SHOWN else ""
    rest = f"{counted(len(again), 'row')} that ask{'s' if len(again) == 1 else ''}"
    return kept, [f"Left out: {rest} the very same as one above ({some}{more})."]


def read_lines(text: str, mode: str) -> GivenFields:
    """Reads the items of a text without a head, numbered by their lines."""
    lines = _lines(text)
    if mode == "spin":
        return _texts(lines)
    if mode == "trends":
        return read_feeds(lines)
    items, said = read_list(lines, mode)
    cut = [_without_figures(item.words, mode) for item in items]
    with_figures = sum(words != item.words for words, item in zip(cut, items, strict=True))
    if with_figures:
        said += (f"Left out: the figures beside {with_figures} of {len(items)} items.",)
    pairs = zip(items, cut, strict=True)
    found = [_item(one.line, words, mode, one.remark) for one, words in pairs]
    return GivenFields(found, said, is_list=True)


def _texts(lines: Sequence[str]) -> GivenFields:
    """Reads texts parted by rules, without the settings (front matter) before the first."""
    kept = _lines(without_front_matter("\n".join(lines)))
    front = sum(old != new for old, new in zip(lines, kept, strict=True))
    said = (f"Left out: {counted(front, 'line')} of settings at the beginning.",) if front else ()
    found = [one for block in _blocks([*enumerate(kept, 1)]) for one in _sources(block)]
    return GivenFields(found, said)


def _without_figures(words: str, mode: str) -> str:
    """Removes the columns of figures that keyword tools put beside an item."""
    if mode == "topic" and "\t" not in words:
        return words
    parts = (_COLUMNS if mode == "keywords" else re.compile("\t")).split(words)
    lettered = [part for part in parts if any(map(str.isalpha, part))]
    figures = [part for part in parts if part.strip() and part not in lettered]
    if not lettered or not figures:
        return words
    return ("\t" if mode == "topic" else "; ").join(part.strip() for part in lettered)


def _item(line: int, words: str, mode: str, remark: str = "") -> Fields:
    if "\t" in words and mode != "keywords":
        return Fields(
            line,
            {SUBJECTS[mode]: words.partition("\t")[0]},
            "There are several columns. Put a row with their names above, or keep one.",
        )
    return Fields(line, {SUBJECTS[mode]: words} | ({"remark": remark} if remark else {}))


def _blocks(lines: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """Yields the texts between rules, without blank lines before them; none that is blank."""
    block: list[Numbered] = []
    for line, words in [*lines, (0, "---")]:
        if not _RULE.fullmatch(words):
            if block or words.strip():
                block.append((line, words))
        elif block:
            yield block
            block = []


def _are_words(block: Sequence[Numbered]) -> bool:
    """Says whether each line is one word, as addresses are."""
    told = [words for _, line in block if (words := bare(line))]
    return all(len(words.split()) == 1 and words.isascii() for words in told)


def _sources(block: Sequence[Numbered]) -> list[Fields]:
    """Reads one text; or one source a line, where every line is one word, as URLs are."""
    told = [(line, bare(words)) for line, words in block if bare(words)]
    if not told:
        return []
    if _are_words(block):
        return [Fields(line, {"source": words}) for line, words in told]
    return [Fields(block[0][0], {"source": _joined(block)})]


def _joined(block: Sequence[Numbered]) -> str:
    return "\n".join(words for _, words in block)

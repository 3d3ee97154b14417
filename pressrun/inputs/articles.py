"""What an article batch is given: pasted lines, a table or JSON, as one row an article.

It must not know how an article is made, nor fetch the feeds and pages that rows name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pressrun.errors import InputError
from pressrun.inputs import articles_json
from pressrun.inputs.articles_columns import known_columns
from pressrun.inputs.articles_fields import Fields, Values, checked_defaults, read_fields
from pressrun.inputs.articles_lines import read_lines
from pressrun.inputs.articles_table import read_cells, read_table
from pressrun.inputs.sheets import read_sheet_file

Mode = Literal["topic", "keywords", "trends", "spin"]
#: Most rows that are looked at; a batch takes fewer.
MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say otherwise; see :class:`ArticleRow`."""

    word_count: int = 1200
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
        word_count: 200 to 5,000.
        language: ISO 639-1 code.
        problem: Why it cannot be used, in words that say what to do; empty if it can. It does not
            repeat the line.
    """

    line: int
    subject: str
    keywords: tuple[str, ...] = ()
    word_count: int = 1200
    tone: str = ""
    language: str = "en"
    audience: str = ""
    instructions: str = ""
    problem: str = ""


def read_rows_text(text: str, mode: Mode, defaults: Defaults) -> list[ArticleRow]:
    """Reads what was pasted into one text field.

    Takes one item a line (of texts to rewrite: parted by lines of ``---``), rows copied from a
    spreadsheet or CSV with a head, or JSON (a list of texts or objects).

    Raises:
        InputError: There is nothing, more than 10,000 rows, an unknown column, JSON that cannot
            be read, or a default that cannot be used.
    """
    return _rows(_fields_of_text(text, mode), mode, defaults)


def read_rows_file(path: Path, mode: Mode, defaults: Defaults) -> list[ArticleRow]:
    """Reads a file: text, CSV in any usual encoding and delimiter, JSON, or XLSX.

    Raises:
        InputError: As :func:`read_rows_text`; or the file cannot be read, or is too large.
    """
    content = read_sheet_file(path, MAX_ROWS)
    if not isinstance(content, str):
        return _rows(read_cells(content, mode), mode, defaults)
    table = path.suffix.lower() in (".csv", ".tsv")
    return _rows(_fields_of_text(content, mode, table=table), mode, defaults)


def _fields_of_text(text: str, mode: Mode, *, table: bool = False) -> list[Fields]:
    value = articles_json.load(text)
    if value is not articles_json.NO_JSON:
        return articles_json.read_value(value, mode)
    found = read_table(text, mode, always=table)
    return read_lines(text, mode) if found is None else found


def _rows(found: Sequence[Fields], mode: Mode, defaults: Defaults) -> list[ArticleRow]:
    if not found:
        raise InputError(
            "There is nothing to write about. Give one item a line, or a table with the columns "
            f"{known_columns(mode)}."
        )
    if len(found) > MAX_ROWS:
        raise InputError(f"There are more than {MAX_ROWS:,} rows. Split them into several batches.")
    base = checked_defaults(
        Values(
            defaults.word_count,
            defaults.tone,
            defaults.language,
            defaults.audience,
            defaults.instructions,
        )
    )
    return _without_repeats([_row(fields, mode, base) for fields in found])


def _row(fields: Fields, mode: Mode, base: Values) -> ArticleRow:
    subject, keywords, values, problems = read_fields(fields, mode, base)
    return ArticleRow(
        line=fields.line,
        subject=subject,
        keywords=keywords,
        word_count=values.word_count,
        tone=values.tone,
        language=values.language,
        audience=values.audience,
        instructions=values.instructions,
        problem=" ".join(problems),
    )


def _without_repeats(rows: Sequence[ArticleRow]) -> list[ArticleRow]:
    """The rows; one that asks the very same again has that as its problem.

    Two articles on the same words would be near copies, and be found out after they are paid.
    """
    first: dict[ArticleRow, int] = {}
    return [_marked(row, first.setdefault(replace(row, line=0), row.line)) for row in rows]


def _marked(row: ArticleRow, first: int) -> ArticleRow:
    if row.problem or row.line == first:
        return row
    return replace(row, problem=f"It is row {first} again. Remove it, or change a column.")

"""The markdown tables of a document, among its other text: those that say what to write about."""

import re
from collections.abc import Iterator, Sequence

from pressrun.boundary.text import counted
from pressrun.errors import InputError
from pressrun.inputs.articles.columns import GivenFields, named_columns, read_headed
from pressrun.inputs.articles.lists import UNCLEAR
from pressrun.inputs.articles.outline import read_outline
from pressrun.inputs.articles.tables import numbered_records
from pressrun.inputs.tables.columns import HeadedTable, is_rule, quoted, split_rows, table_below

_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)


def read_markdown(text: str, mode: str) -> GivenFields | None:
    """Reads the markdown tables of a document that say what to write about; None if none does.

    Raises:
        InputError: It is far too long, or most of its tables are about something else.
    """
    records = numbered_records(text) if "|" in text else []
    tables = [*_markdown_tables(records)]
    named = [table for table in tables if named_columns(table.head, mode)]
    if not named:
        return None
    _refuse_few([table for table in tables if not named_columns(table.head, mode)], named)
    aside = {line.number for line in read_outline(text.splitlines()) if line.aside}
    wanted = [table for table in named if not any(line in aside for line, _ in table.rows)] or named
    every = [read_headed(table, mode) for table in wanted]
    read = [one for one in every if not one.all_done] or every
    inside = sum(len(table.rows) + 2 for table in wanted)
    said = [*dict.fromkeys(note for one in read for note in one.notes)]
    if done := [field.line for one in every if one not in read for field in one.fields]:
        said.append(
            f"Left out: {counted(len(done), 'row')} of tables in which all is done (from line "
            f"{done[0]} on)."
        )
    if outside := len(records) - inside:
        where = "the table" if len(wanted) == 1 else f"{len(wanted)} tables"
        lines = "1 line" if outside == 1 else f"{outside} lines"
        said.append(f"Left out: {lines} outside of {where}.")
    return GivenFields([field for one in read for field in one.fields], tuple(said))


def _refuse_few(others: Sequence[HeadedTable], named: Sequence[HeadedTable]) -> None:
    """Refuses a document whose tables mostly do not say what they have.

    Raises:
        InputError: It is one.
    """
    alike: dict[tuple[str, ...], int] = {}
    for table in others:
        head = tuple(table.head)
        alike[head] = alike.get(head, 0) + len(table.rows)
    most = max(alike, key=lambda head: alike[head], default=())
    if alike and alike[most] > sum(len(table.rows) for table in named):
        raise InputError(
            f"It is not clear what to write about: {counted(len(named), 'table')} of this document "
            f"say it, and others with more rows do not: they have the columns {quoted(most)}. Give "
            "the table that is meant.",
            kind=UNCLEAR,
        )


def markdown_head(text: str) -> list[str]:
    """Gives the names of the columns of a document's first markdown table; empty if it has none."""
    tables = _markdown_tables(numbered_records(text) if "|" in text else [])
    return next((table.head for table in tables if table.rows), [])


def _markdown_tables(records: Sequence[tuple[int, str]]) -> Iterator[HeadedTable]:
    """Yields the tables: lines with bars, without a blank one, the second of them a rule."""
    block: list[tuple[int, str]] = []
    for line, record in [*records, (0, "")]:
        if block and not ("|" in record and line == block[-1][0] + 1):
            rows = [(at, [*map(_with_lines, cells)]) for at, cells in split_rows(block, "|")]
            if len(rows) > 1 and len(rows[0][1]) > 1 and is_rule(rows[1][1]):
                yield table_below(rows, 0)
            block = []
        if "|" in record:
            block.append((line, record))


def _with_lines(cell: str) -> str:
    return _BREAK.sub("\n", cell) if "<" in cell else cell

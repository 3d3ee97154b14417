"""What a plan says of its rows: which are done, and which only name a group of others."""

import re
from collections.abc import Sequence
from itertools import islice

from pressrun.boundary.text import counted, one_line, without_emphasis
from pressrun.inputs.tables import names
from pressrun.inputs.tables.columns import HeadedTable

_NAMED = 4  # groups that a note names
_BOLD = re.compile(r"(\*\*|__)[^*_]+\1:?")
ALL_DONE = "All rows are said to be done; they are taken all the same."
_YES = frozenset({"yes", "y", "x", "true", "1", "ja", "oui", "si", "sim", "да", "是"})
_IS_DONE = frozenset({"done", "published", "erledigt"})  # columns that are answered by yes or no


def without_signs(text: str) -> str:
    """Removes signs such as a tick or an hourglass before a title."""
    return text.lstrip(names.STATE_SIGNS + "\ufe0f ")


def without_groups(table: HeadedTable, subject: int) -> tuple[HeadedTable, list[str]]:
    """Leaves out the rows that name those below them: one cell in bold print, and no other.

    Args:
        table: A plan of articles.
        subject: The column that says what each is about.
    """
    groups = {n: cells[subject] for n, cells in table.rows if _is_group(cells, subject)}
    if not groups or 2 * len(groups) > len(table.rows):
        return table, []
    kept = [row for row in table.rows if row[0] not in groups]
    some = ", ".join(
        f"line {line} “{one_line(without_emphasis(name), 40)}”"
        for line, name in islice(groups.items(), _NAMED)
    )
    more = ", …" if len(groups) > _NAMED else ""
    what = counted(len(groups), "row")
    return HeadedTable(table.head, kept), [f"Left out: {what} with names of groups ({some}{more})."]


def _is_group(cells: Sequence[str], subject: int) -> bool:
    cell = cells[subject] if subject < len(cells) else ""
    return "".join(cells) == cell and bool(_BOLD.fullmatch(cell))


def without_done(table: HeadedTable, subject: int) -> tuple[HeadedTable, list[str]]:
    """Leaves out the rows that are done, where others are not; says which ones.

    Args:
        table: A plan of articles.
        subject: The column that says what each is about.
    """
    states = [p for p, name in enumerate(table.head) if names.plain_name(name) in names.STATE]
    done = {line for line, cells in table.rows if _is_done(table, cells, states, subject)}
    if not done:
        return table, []
    if len(done) == len(table.rows):
        return table, [ALL_DONE]
    kept = [row for row in table.rows if row[0] not in done]
    count = "1 row that is" if len(done) == 1 else f"{len(done):,} rows that are"
    some = ", ".join(str(line) for line in sorted(done)[:8])
    more = ", …" if len(done) > 8 else ""
    by = f" by “{one_line(table.name(states[0]), 40)}”" if states else ""
    return HeadedTable(table.head, kept), [f"Left out: {count} done{by} (line {some}{more})."]


def _is_done(table: HeadedTable, cells: Sequence[str], states: Sequence[int], subject: int) -> bool:
    told = [(names.plain_name(table.name(p)), cells[p]) for p in states if p < len(cells)]
    if any(says_done(name, cell) for name, cell in told):
        return True
    title = cells[subject].lstrip("*_ ") if subject < len(cells) else ""
    return title.startswith(("~~", *names.DONE_SIGNS))


def says_done(name: str, cell: str) -> bool:
    """Says whether the cell of a column such as "Status" says that its row is done."""
    words = {*names.plain_name(cell).split()}
    if cell.lstrip("*_ ").startswith((*names.DONE_SIGNS,)) and not words & names.STATES:
        return True
    if words and name in _IS_DONE and words <= _YES:
        return True
    words = {word for word in words if not word.isdecimal()}  # of a date
    return bool(words) and words <= names.DONE

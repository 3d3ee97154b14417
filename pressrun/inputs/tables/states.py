"""What a plan says of its rows: which are done, and need no article any more."""

from collections.abc import Sequence

from pressrun.boundary.text import one_line
from pressrun.inputs.tables import names
from pressrun.inputs.tables.columns import HeadedTable

ALL_DONE = "All rows are said to be done; they are taken all the same."
_YES = frozenset({"yes", "y", "x", "true", "1", "ja", "oui", "si", "sim", "да", "是"})
_IS_DONE = frozenset({"done", "published", "erledigt"})  # columns that are answered by yes or no


def without_signs(text: str) -> str:
    """Removes signs such as a tick or an hourglass before a title."""
    return text.lstrip(names.STATE_SIGNS + "\ufe0f ")


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
    if any(_says_done(name, cell) for name, cell in told):
        return True
    title = cells[subject].lstrip("*_ ") if subject < len(cells) else ""
    return title.startswith(("~~", *names.DONE_SIGNS))


def _says_done(name: str, cell: str) -> bool:
    words = {*names.plain_name(cell).split()}
    if cell.lstrip("*_ ").startswith((*names.DONE_SIGNS,)) and not words & names.STATES:
        return True
    if words and name in _IS_DONE and words <= _YES:
        return True
    words = {word for word in words if not word.isdecimal()}  # of a date
    return bool(words) and words <= names.DONE

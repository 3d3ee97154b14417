"""Prompts in rows and columns: a table of a document, CSV, the sheet of a workbook.

What the columns hold is known by their titles and by how long their texts are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.inputs.prompts.draft import Context, PromptDraft
from pressrun.inputs.prompts.words import Role, find_level, is_level, level_value, role_of
from pressrun.inputs.tables import cells as shapes

_PHRASE = 12  # letters that a prompt has at least, on average, where no title says what it is
Row = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table stand.

    Attributes:
        prompts: Place of each column with prompts, and the name or level that its title gives
            them, if there are several.
        known: Whether the titles themselves say where prompts are.
    """

    prompts: tuple[tuple[int, str], ...]
    level: int | None = None
    category: int | None = None
    names: tuple[int, ...] = ()
    tags: int | None = None
    prefix: int | None = None
    known: bool = False


def find_columns(titles: Sequence[str], weights: Sequence[float]) -> Columns:
    """Finds where the columns of a table stand.

    Args:
        titles: Of its head.
        weights: Mean length of each column's texts.
    """
    # What has no title names its rows.
    roles = [role_of(title) if title.strip() else Role.NAME for title in titles]
    prompts = _prompts(titles, roles, weights)
    taken = {place for place, _ in prompts}
    free = [(place, role) for place, role in enumerate(roles) if place not in taken]
    first = {role: place for place, role in reversed(free)}
    return Columns(
        prompts,
        level=first.get(Role.LEVEL),
        category=first.get(Role.CATEGORY),
        names=tuple(place for place, role in free if role in (Role.NAME, Role.GROUP)),
        tags=first.get(Role.TAGS),
        prefix=first.get(Role.PREFIX),
        known=Role.PROMPT in roles or len(_levels(titles)) > 1,
    )


def _prompts(
    titles: Sequence[str], roles: Sequence[Role | None], weights: Sequence[float]
) -> tuple[tuple[int, str], ...]:
    places = range(len(titles))
    asked = [place for place in places if roles[place] is Role.PROMPT]
    if asked:  # "Prompt" and "Description": one of them asks, the other tells
        named = [place for place in asked if "prompt" in titles[place].casefold()]
        return (((named or [_longest(asked, weights)])[0], ""),)
    if len(levels := _levels(titles)) > 1:
        return levels
    crossed = [p for p in places[1:] if roles[p] is Role.GROUP and weights[p] > _PHRASE]
    if titles and not titles[0].strip() and len(crossed) == len(titles) - 1 > 1:
        return tuple((place, titles[place]) for place in crossed)
    free = [place for place in places if roles[place] in (Role.GROUP, Role.NAME)]
    return ((_longest(free or places, weights), ""),)


def _levels(titles: Sequence[str]) -> tuple[tuple[int, str], ...]:
    return tuple((n, find_level(title)) for n, title in enumerate(titles) if is_level(title))


def _longest(places: Sequence[int], weights: Sequence[float]) -> int:
    return max(places, key=lambda place: weights[place], default=0)


def read_rows(
    titles: Sequence[str], rows: Sequence[Row], context: Context
) -> Iterator[PromptDraft]:
    """Reads the prompts of rows below a head; one is empty where a row has all but its prompt."""
    columns = find_columns(titles, _mean_lengths(len(titles), rows))
    return _drafts(columns, rows, context)


def read_table(text: str, context: Context, *, always: bool = False) -> list[PromptDraft]:
    """Reads the prompts of CSV or of rows pasted from a spreadsheet; none if it is no table.

    Args:
        text: The whole of it.
        context: Of all rows.
        always: It is a table, even if its head does not say what is a prompt.
    """
    records = [(n, record) for n, record in shapes.read_records(text) if record.strip()]
    if len(records) < 2:
        return []
    delimiter, titles = _head(records[0][1])
    rows = [(line, _cells(record, delimiter, len(titles))) for line, record in records[1:]]
    if delimiter == "\t" and not _says_prompt(titles) and _is_even(titles, rows):
        rows = [(records[0][0], titles), *rows]
        return list(_drafts(_guessed(rows), rows, context))
    if not always and not _is_table(titles, rows):
        return []
    if always and not _says_prompt(titles) and len(titles) == 1:
        return [context.draft(record.strip(), line) for line, record in records]
    return list(read_rows(titles, rows, context))


def _head(record: str) -> tuple[str, list[str]]:
    tries = [(delimiter, shapes.split_cells(record, delimiter)) for delimiter in "\t;,"]
    return max(tries, key=lambda found: len(found[1]))


def _cells(record: str, delimiter: str, width: int) -> list[str]:
    """Splits a record into cells; a comma left unquoted in the last column does not cut it."""
    cells = shapes.split_cells(record, delimiter)
    if len(cells) > width:
        joint = delimiter if delimiter == "\t" else f"{delimiter} "
        cells = [*cells[: width - 1], joint.join(cells[width - 1 :])]
    return cells


def _is_table(titles: Sequence[str], rows: Sequence[Row]) -> bool:
    """Says whether a first line is a head, with a column of prompts, over rows that fit it."""
    if len(titles) < 2 or not all(_is_title(title) for title in titles):
        return False
    full = sum(len(cells) > 1 for _, cells in rows)
    return _says_prompt(titles) and full >= 0.8 * len(rows)


def _is_even(titles: Sequence[str], rows: Sequence[Row]) -> bool:
    """Says whether rows were copied from a spreadsheet: as many cells in each."""
    whole = all(len(cells) == len(titles) and all(cells) for _, cells in rows)
    return len(titles) > 1 and all(titles) and whole


def _guessed(rows: Sequence[Row]) -> Columns:
    """Guesses the columns of rows without a head: levels, the longest texts, and names."""
    width = len(rows[0][1])
    levels = [n for n in range(width) if all(is_level(cells[n]) for _, cells in rows)]
    lengths = _mean_lengths(width, rows)
    prompt = max(range(width), key=lambda place: lengths[place])
    numbers = [n for n in range(width) if all(_counts(cells[n]) for _, cells in rows)]
    names = tuple(n for n in range(width) if n not in (prompt, *levels, *numbers))
    return Columns(((prompt, ""),), level=levels[0] if levels else None, names=names)


def _counts(cell: str) -> bool:
    """Says whether a cell is a number or a bullet."""
    return role_of(cell) is Role.NUMBER or not any(char.isalnum() for char in cell)


def _is_title(title: str) -> bool:
    return len(title) < 40 and not re.search(r"[.!?:]\s", title)


def _says_prompt(titles: Sequence[str]) -> bool:
    return find_columns(titles, [0.0] * len(titles)).known


def _drafts(columns: Columns, rows: Sequence[Row], context: Context) -> Iterator[PromptDraft]:
    above: dict[int, str] = {}
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        inside = _described(columns, _filled(columns, cells, above), context)
        for place, name in columns.prompts:
            text = _cell(cells, place)
            if text or len(columns.prompts) == 1:
                yield (inside.named(name) if name else inside).draft(text, line)


def _described(columns: Columns, cells: Sequence[str], context: Context) -> Context:
    if category := _cell(cells, columns.category):
        context = context.under(category)
    if level := _cell(cells, columns.level):
        context = replace(context, level=level_value(level))
    for place in columns.names:
        if name := _cell(cells, place):
            context = context.named(name)
    if prefix := _cell(cells, columns.prefix):
        context = replace(context, prefix=prefix)
    return context.tagged(*split_tags(_cell(cells, columns.tags)))


def _filled(columns: Columns, cells: Sequence[str], above: dict[int, str]) -> list[str]:
    """Fills in category and first name from the rows above, where people merge cells."""
    filled = list(cells)
    for place in (columns.category, *columns.names[:1]):
        if place is None or place >= len(filled):
            continue
        if filled[place].strip():
            above[place] = filled[place]
        elif _cell(cells, columns.prompts[0][0]):
            filled[place] = above.get(place, "")
    return filled


def split_tags(text: str) -> list[str]:
    """Splits tags as people write them: ``fire, ice; #wind``."""
    parts = text.replace(";", ",").replace("|", ",").split(",")
    return [part.strip().lstrip("#").strip() for part in parts if part.strip()]


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _mean_lengths(count: int, rows: Sequence[Row]) -> list[float]:
    return [
        sum(len(_cell(cells, place)) for _, cells in rows) / max(1, len(rows))
        for place in range(count)
    ]

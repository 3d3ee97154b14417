"""Prompts in rows and columns: a table of a document, CSV, the sheet of a workbook.

What the columns hold is known by their titles and by how long their texts are.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.boundary.text import LIST_COMMA
from pressrun.inputs.prompts.draft import Draft, Told, is_count
from pressrun.inputs.prompts.labels import plain, unquoted
from pressrun.inputs.prompts.levels import find_level, is_level, level_value
from pressrun.inputs.prompts.ratios import is_of_shape, stated_ratio
from pressrun.inputs.prompts.roles import role_of
from pressrun.inputs.prompts.vocabulary import Role
from pressrun.inputs.tables import cells as shapes

_BETWEEN_TAGS = re.compile(rf"{LIST_COMMA}|[;|]")
_CELL_END = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
Row = tuple[int, Sequence[str]]
_PHRASE = 12  # letters that a prompt has at least, on average, where no title says what it is
_LONGEST_ROW = 200  # lines
_HEAD = 10  # rows at the top among which the titles are looked for
_ONE: dict[Role, Told] = {
    Role.LEVEL: "level",
    Role.CATEGORY: "category",
    Role.PREFIX: "prefix",
    Role.SUFFIX: "suffix",
    Role.NEGATIVE: "negative",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table stand.

    Attributes:
        titles: Of all columns.
        prompts: Place of each column with prompts, and the name or level that its title gives
            them, if there are several.
        roles: What each column holds.
        known: Whether the titles themselves say where prompts are.
    """

    titles: Sequence[str]
    prompts: tuple[tuple[int, str], ...]
    roles: tuple[Role, ...]
    known: bool = False


def find_columns(titles: Sequence[str], weights: Sequence[float]) -> Columns:
    """Finds where the columns of a table stand.

    Args:
        titles: Of its head.
        weights: Mean length of each column's texts.
    """
    # What has no title names its rows.
    roles = tuple(role_of(spaced(title)) if title.strip() else Role.NAME for title in titles)
    levels = tuple((n, find_level(title)) for n, title in enumerate(titles) if is_level(title))
    asked = [n for n, role in enumerate(roles) if role in (Role.PROMPT, Role.PROMPTS)]
    if asked:
        named = [
            n for n in asked if re.search(r"final|full|english|\ben\b", titles[n], re.IGNORECASE)
        ]
        return Columns(titles, (((named or asked)[0], ""),), roles, known=True)
    if len(levels) > 1:
        return Columns(titles, levels, roles, known=True)
    return Columns(titles, _guessed(titles, roles, weights), roles)


def _guessed(
    titles: Sequence[str], roles: Sequence[Role], weights: Sequence[float]
) -> tuple[tuple[int, str], ...]:
    told = [n for n, role in enumerate(roles) if role is Role.CONTENT]
    if told:
        return ((max(told, key=lambda n: weights[n]), ""),)
    crossed = [
        n for n, role in enumerate(roles) if n and role is Role.GROUP and weights[n] > _PHRASE
    ]
    if titles and not titles[0].strip() and len(crossed) == len(titles) - 1 > 1:
        return tuple((n, titles[n]) for n in crossed)
    free = [n for n, role in enumerate(roles) if role in (Role.GROUP, Role.NAME)]
    return ((max(free or range(len(titles)), key=lambda n: weights[n], default=0), ""),)


def find_prompts(rows: Sequence[Row], *, said: bool = False) -> list[Draft]:
    """Finds the prompts of a document's table, of which the first row is the head.

    Args:
        rows: With their line numbers.
        said: Only where the titles say which column has prompts.
    """
    titles = [plain(cell) for cell in rows[0][1]]
    body = [(line, [_shown(cell) for cell in cells]) for line, cells in rows[1:]]
    columns = find_columns(titles, _mean_lengths(len(titles), body))
    return list(_drafts(columns, body)) if columns.known or not said else []


def _shown(cell: str) -> str:
    return unquoted(plain(cell))


def read_sheet(rows: Sequence[Row]) -> tuple[list[Draft], Columns]:
    """Reads the rows of a sheet; the titles may stand below other rows."""
    at = next((n for n, (_, cells) in enumerate(rows[:_HEAD]) if says_prompt(cells)), 0)
    (_, titles), body = rows[at], rows[at + 1 :]
    columns = find_columns(titles, _mean_lengths(len(titles), body))
    return list(_drafts(columns, body)), columns


def read_table(text: str, *, always: bool = False) -> tuple[list[Draft], Columns] | None:
    """Reads the prompts of CSV or of rows pasted from a spreadsheet; None if it is no table.

    Args:
        text: The whole of it.
        always: It is a table, even if its head does not say what is a prompt.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter, titles = _head(first)
    if len(titles) < 2 and not always:
        return None
    if not always and delimiter != "\t" and not says_prompt(titles):
        return None
    if always and len(titles) == 1 and not says_prompt(titles):
        lines = enumerate(text.splitlines(), 1)
        return [Draft(line.strip(), n) for n, line in lines if line.strip()], Columns(
            titles, (), ()
        )
    rows = list(_rows(text, delimiter, len(titles)))
    if says_prompt(titles) or (always and (delimiter != "\t" or _are_titles(titles))):
        full = sum(len(cells) > 1 for _, cells in rows)
        return read_sheet(rows) if always or full >= 0.8 * len(rows) else None
    return _headless(rows) if _is_even(rows) or always else None


def _head(record: str) -> tuple[str, list[str]]:
    tries = [(delimiter, shapes.split_cells(record, delimiter)) for delimiter in "\t;,"]
    return max(tries, key=lambda found: len(found[1]))


def _rows(text: str, delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Splits a table into rows; a quote that never closes is just a character."""
    lines = text.split("\n")
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
        before, rows = 0, []
        for cells in reader:
            if reader.line_num - before > _LONGEST_ROW:
                raise csv.Error
            rows.append((before + 1, cells))
            before = reader.line_num
    except csv.Error:
        rows = [(n, line.split(delimiter)) for n, line in enumerate(lines, 1)]
    for line, cells in rows:
        if any(cell.strip() for cell in cells):
            yield line, _fitted(shapes.trim(cells), delimiter, width)


def _fitted(cells: list[str], delimiter: str, width: int) -> list[str]:
    """Joins what a comma left unquoted in the last column has cut."""
    if len(cells) <= width:
        return cells
    joint = delimiter if delimiter == "\t" else f"{delimiter} "
    return [*cells[: width - 1], joint.join(cells[width - 1 :])]


def says_prompt(titles: Sequence[str]) -> bool:
    """Says whether these are titles, and one of them says where prompts are."""
    if len(titles) > 200 or not all(len(t) < 40 and not re.search(r"[.!?:]\s", t) for t in titles):
        return False
    if any(title.lstrip().startswith("-") for title in titles):
        return False
    return find_columns(titles, [0.0] * len(titles)).known


def _are_titles(cells: Sequence[str]) -> bool:
    """Says whether most of a first row are words that columns are called by."""
    known = [role_of(spaced(cell)) not in (Role.GROUP, Role.PROMPTS) for cell in cells]
    return all(len(cell) < 40 for cell in cells) and sum(known) > 0.5 * len(cells)


def _is_even(rows: Sequence[Row]) -> bool:
    """Says whether rows were copied from a spreadsheet: as many cells in each."""
    width = len(rows[0][1]) if rows else 0
    return width > 1 and all(len(cells) == width and all(cells) for _, cells in rows)


def _headless(rows: Sequence[Row]) -> tuple[list[Draft], Columns]:
    """Guesses the columns of rows without a head: levels, the longest texts, and names."""
    width = len(rows[0][1]) if rows else 0
    lengths = _mean_lengths(width, rows)
    prompt = max(range(width), key=lambda place: lengths[place])
    roles = [_held(rows, n) if n != prompt else Role.PROMPT for n in range(width)]
    columns = Columns([""] * width, ((prompt, ""),), tuple(roles))
    return list(_drafts(columns, rows)), columns


def _held(rows: Sequence[Row], place: int) -> Role:
    cells = [cells[place] for _, cells in rows]
    if all(map(is_level, cells)):
        return Role.LEVEL
    counts = all(role_of(cell) is Role.NUMBER or not any(map(str.isalnum, cell)) for cell in cells)
    return Role.NUMBER if counts else Role.NAME


def _drafts(columns: Columns, rows: Sequence[Row]) -> Iterator[Draft]:
    above: dict[int, str] = {}
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        known = _described(columns, _filled(columns, cells, above), line)
        for place, name in columns.prompts:
            text = _cell(cells, place)
            if text or len(columns.prompts) == 1:
                yield replace(known.named(name) if name else known, text=text, lines=(line,))


def _described(columns: Columns, cells: Sequence[str], line: int) -> Draft:
    known = Draft("", line)
    prompts = [place for place, _ in columns.prompts]
    for place, role in enumerate(columns.roles):
        value = _cell(cells, place)
        names = role in (Role.NAME, Role.GROUP) and not is_count(columns.titles[place])
        if place in prompts or not value or role is Role.NUMBER:
            continue
        if role is Role.TAGS:
            known = known.tagged(*split_tags(value))
        elif name := _ONE.get(role):
            known = known.told(name, level_value(value) if name == "level" else value)
        elif names and len(value) < 60 and not _states_ratio(columns.titles[place], value):
            known = known.named(value)
        else:
            known = known.beside(columns.titles[place], value)
    return known


def _states_ratio(title: str, value: str) -> bool:
    return is_of_shape(title) and bool(stated_ratio(value))


def _filled(columns: Columns, cells: Sequence[str], above: dict[int, str]) -> list[str]:
    """Fills in category and first name from the rows above, where people merge cells."""
    filled = list(cells)
    names = [n for n, role in enumerate(columns.roles) if role in (Role.NAME, Role.GROUP)]
    groups = [n for n, role in enumerate(columns.roles) if role is Role.CATEGORY]
    prompt = columns.prompts[0][0] if columns.prompts else 0
    for place in (*groups[:1], *[n for n in names if n != prompt][:1]):
        if place < len(filled) and filled[place].strip():
            above[place] = filled[place]
        elif place < len(filled) and _cell(cells, prompt):
            filled[place] = above.get(place, "")
    return filled


def spaced(title: str) -> str:
    """Splits ``negative_prompt`` and ``negativePrompt`` into words."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)
    return " ".join(parted.replace("_", " ").replace("-", " ").split())


def split_tags(text: str) -> list[str]:
    """Splits tags as people write them: ``fire, ice; #wind``."""
    return [tag for part in _BETWEEN_TAGS.split(text) if (tag := part.strip().lstrip("#").strip())]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _mean_lengths(count: int, rows: Sequence[Row]) -> list[float]:
    return [
        sum(len(_cell(cells, place)) for _, cells in rows) / max(1, len(rows))
        for place in range(count)
    ]


def split_row(line: str) -> list[str]:
    """Splits a row of a table into its cells."""
    bare = line.strip().removeprefix("|")
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return [_BREAK.sub("\n", cell).replace("\\|", "|").strip() for cell in _CELL_END.split(bare)]

"""The table of a batch's words: written for people to change or translate, and read again."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from pressrun.batches.reletter import LetteredSlide, SlideWords
from pressrun.errors import InputError
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.tables.files import read_sheet_file
from pressrun.reports.manifest import neutral

_COLUMNS = ("item", "slide", "words")
_MOST_ROWS = 20_000


def write_table(slides: Sequence[LetteredSlide]) -> str:
    """Writes the table as CSV, a row a slide; no cell is a formula."""
    out = StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows((slide.item, slide.number, _harmless(slide.words)) for slide in slides)
    return out.getvalue()


def read_table(path: Path) -> list[SlideWords]:
    """Reads a table of words, CSV or XLSX.

    Raises:
        InputError: It is no such table; names the row.
    """
    rows = _rows(path)
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if lacking := [name for name in _COLUMNS if name not in head]:
        raise InputError(
            f"{path.name} has no column {', '.join(lacking)}. Take the table of the batch's words "
            "(`pressrun reletter RUN` prints it) and change the words in it."
        )
    found, problems = list[SlideWords](), list[str]()
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(head, [*row, *[""] * len(head)], strict=False))
        if not any(cell.strip() for cell in row):
            continue
        if not cells["slide"].strip().isdecimal():
            problems.append(f"row {number}: {cells['slide'][:40]!r} is no number of a slide.")
            continue
        number_of = int(cells["slide"].strip()[:6])
        words = _as_meant(cells["words"])
        found.append(SlideWords(cells["item"].strip(), number_of, words, f"row {number}"))
    if problems:
        raise InputError(f"{path.name} cannot be used; nothing was changed.", problems)
    if not found:
        raise InputError(f"{path.name} has no row with words.")
    return found


def _harmless(words: str) -> str:
    """Writes words as no formula, and so that :func:`_as_meant` reads the same."""
    cell = str(neutral(words))
    return cell if _as_meant(cell) == words else f"'{cell}"


def _as_meant(cell: str) -> str:
    """Takes away the mark with which :func:`_harmless` wrote a cell."""
    bare = cell.removeprefix("'")
    return bare if bare != cell and (neutral(bare) == cell or _as_meant(bare) != bare) else cell


def _rows(path: Path) -> list[list[str]]:
    """Reads the cells of a CSV or XLSX file; a CSV may have commas, semicolons or tabs."""
    content = read_sheet_file(path, _MOST_ROWS)
    if not isinstance(content, DocumentText):
        return [list(cells) for _, cells in content]
    text = content.text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    try:
        return list(csv.reader(StringIO(text, ""), delimiter=max(",;\t", key=first.count)))
    except csv.Error as error:
        raise InputError(f"{path.name} is no CSV table: {error}.") from error

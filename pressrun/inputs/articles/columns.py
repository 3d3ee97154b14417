"""What the columns of a table of articles say: by their names, and by what stands in them.

Columns are known by the many names that people and keyword tools give them
(:mod:`pressrun.inputs.tables.names`); what is left out is said. It must not know where in a text a
table is (see :mod:`pressrun.inputs.articles.tables`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pressrun.boundary.text import count_words, one_line, plain_markup, without_emphasis
from pressrun.errors import InputError
from pressrun.inputs.articles.fields import Fields, without_figures
from pressrun.inputs.tables import cells as shapes
from pressrun.inputs.tables import names
from pressrun.inputs.tables.columns import HeadedTable, quoted, rows_without, told
from pressrun.inputs.tables.headings import only_topics
from pressrun.inputs.tables.states import ALL_DONE, without_done, without_groups, without_signs

MAX_ROWS = 10_000
# What each mode's article is about.
_SUBJECTS: dict[str, dict[str, Mapping[str, int]]] = {
    "topic": {"topic": names.TOPIC},
    "keywords": {"primary": names.KEYWORD},
    "trends": {"feed": names.FEED},
    "spin": {"source": names.SOURCE, "text": names.SOURCE_TEXT, "url": names.SOURCE_URL},
}
_ADDRESSES = frozenset({"feed", "source", "url"})
_EITHER = re.compile(r"([\w ]{1,20})/([\w ]{1,20})")  # "Title/Topic" is one or the other
_LAST_NUMBER = re.compile(r" [0-9]{1,2}$")  # of several columns of one kind
_CLASSES = 0.5  # share of different values below which a column names classes of its rows
_APART = 0.9  # and from which on a column tells the rows apart
_FEWEST = 4  # rows that tell which of both a column does
_ADDRESSED = 0.5  # share of addresses in a column of them
_TITLE_WORDS = 3  # that titles have at least, in the mean
_LESS_EXACT = 1000  # rank of a name that is known only without words such as "suggested"
_SEVERAL = re.compile(r"[;,|\n]")
_SAID = {"primary": "keyword"}

_Columns = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class GivenFields:
    """What rows give by field, and in sentences what of them is left out.

    Attributes:
        is_list: Whether they are lines of a text, not rows of a table or entries of JSON.
    """

    fields: list[Fields]
    notes: tuple[str, ...] = ()
    is_list: bool = False

    @property
    def all_done(self) -> bool:
        """Whether every row of a plan is said to be done."""
        return ALL_DONE in self.notes


def field_of(name: str, mode: str) -> tuple[str, int] | None:
    """Finds the field that a column's or key's name means, and how well; None if unknown."""
    either = _EITHER.fullmatch(name)
    for part in (name, *(either.groups() if either else ())):
        plain = names.plain_name(part)
        exact = _LAST_NUMBER.sub("", plain)
        less = names.less_exact(exact)
        for known in dict.fromkeys((plain, exact, *less)):
            for field, named in _fields(mode).items():
                if known in named:
                    return field, named[known] + (known not in (plain, exact)) * _LESS_EXACT
    if mode == "topic" and only_topics(name):
        return "topic", 2 * _LESS_EXACT
    if names.is_kind_of_keyword(names.plain_name(name)):
        return ("primary" if mode == "keywords" else "keywords"), 2 * _LESS_EXACT
    return None


def is_subject(field: str, mode: str) -> bool:
    """Checks whether a field says what an article is about."""
    return field in _SUBJECTS[mode]


def known_columns(mode: str) -> str:
    """Lists the advised names of all columns of a mode, for a sentence."""
    advised = [next(iter(named)) for named in _fields(mode).values()]
    return ", ".join(name.replace(" ", "_") for name in advised)


def first_subject(mode: str) -> str:
    """Gives the field that says what an article is about where nothing else is said."""
    return next(iter(_SUBJECTS[mode]))


def is_subject_of_any(name: str) -> bool:
    """Says whether a column's name says what to write about, in one mode or another."""
    return any(is_subject(field[0], m) for m in _SUBJECTS if (field := field_of(name, m)))


def no_subject(found: Sequence[str], mode: str, what: str = "The table has") -> InputError:
    """Makes the error of a table that does not say what to write about."""
    advised = next(iter(next(iter(_SUBJECTS[mode].values()))))
    other = next((m for m in _SUBJECTS if m != mode and any(_about(n, m) for n in found)), "")
    hint = f"; or choose the mode {other}" if other else ""
    return InputError(
        f"{what} no column {advised!r}: found {quoted([*filter(None, found)])}. Name the column "
        f"that says what to write about{hint}. Known are {known_columns(mode)}."
    )


def _fields(mode: str) -> dict[str, Mapping[str, int]]:
    # Where articles are about keywords, "keywords" names the primary one.
    keywords = names.SECONDARY if mode == "keywords" else names.KEYWORD | names.SECONDARY
    return {**_SUBJECTS[mode], "keywords": keywords, **names.OPTIONS}


def _about(name: str, mode: str) -> bool:
    return any(names.plain_name(name) in named for named in _SUBJECTS[mode].values())


def named_columns(cells: Sequence[str], mode: str) -> int:
    """Counts the columns that a row names; none unless it names what to write about."""
    found = [field_of(cell, mode) for cell in cells]
    title = len(cells) == 1 and cells[0].startswith("#")  # above a table, in markdown or CSV
    if title or any(len(cell) > 60 for cell in cells):
        return 0
    about = any(one and is_subject(one[0], mode) for one in found)
    return sum(map(bool, found)) if about else 0


def is_figure(name: str) -> bool:
    """Says whether this is a column of figures of a keyword tool, or of row numbers."""
    return names.plain_name(name) in names.FIGURES or names.plain_name(name) in names.COUNTERS


def is_known(name: str) -> bool:
    """Says whether a column's name means anything in a table of articles or of keywords."""
    return is_figure(name) or any(field_of(name, mode) for mode in _SUBJECTS)


def has_letter(cell: str) -> bool:
    """Says whether a cell has a letter of any script."""
    return any(map(str.isalpha, cell))


# --- Its rows -----------------------------------------------------------------------------------


def read_headed(table: HeadedTable, mode: str) -> GivenFields:
    """Reads the rows of a table whose head says what to write about.

    Raises:
        InputError: There are more than 10,000 rows.
    """
    if len(table.rows) > MAX_ROWS:
        raise InputError(f"There are more than {MAX_ROWS:,} rows. Split them into several batches.")
    columns = _columns(table, mode)
    subject = next((columns[field][0] for field in columns if is_subject(field, mode)), 0)
    _refuse_names(table, subject)
    table, groups = without_groups(table, subject)
    table, done = without_done(table, subject)
    rows = [_of_row(columns, len(table.head), line, cells) for line, cells in table.rows]
    full, figures = without_figures([row for row in rows if row.given])
    full = _in_language(full, table.name(subject))
    used = [(_SAID.get(field, field), places) for field, places in columns.items()]
    said = [*told(_named_only(table), used, always=False), *groups, *done, *figures]
    if empty := len(rows) - len(full):
        said.append(f"Left out: {rows_without(empty)} nothing in these columns.")
    return GivenFields(full, tuple(said))


def _refuse_names(table: HeadedTable, place: int) -> None:
    """Refuses a column of names of people or things: "name" says of nothing that it is a topic.

    Raises:
        InputError: It is one.
    """
    words = [count_words(cell) for cell in table.column(place)]
    weak = names.plain_name(table.name(place)) in names.WEAK_TOPIC
    if weak and len(words) >= _FEWEST and sum(words) < _TITLE_WORDS * len(words):
        raise InputError(
            f"The column “{one_line(table.name(place), 40)}” may have names of people or things. "
            "Name it topic, or title, if articles are to be written about them."
        )


def _in_language(rows: list[Fields], name: str) -> list[Fields]:
    """Takes the language of articles from their column's name, as "title_de", where no other is."""
    language = names.without_language(names.plain_name(name))[1]
    return [
        replace(row, given={"language": language} | row.given) if language else row for row in rows
    ]


def _named_only(table: HeadedTable) -> HeadedTable:
    """Leaves columns out of what is told that only count the rows, or have neither name nor use."""
    head = ["" if names.plain_name(name) in names.COUNTERS else name for name in table.head]
    return HeadedTable(head, [])


def _columns(table: HeadedTable, mode: str) -> _Columns:
    """Finds the column of each field; of several, the one that tells the rows apart best."""
    found: dict[str, list[tuple[int, int]]] = {}
    known = [field_of(name, mode) for name in table.head]
    plain = [names.plain_name(name) for name in table.head]
    foreign = any(not k and p not in names.COUNTERS for k, p in zip(known, plain, strict=True))
    for place, meant in enumerate(known):
        remark = foreign and meant is not None and _is_remark(table.head[place], meant[0])
        if meant and not remark:
            found.setdefault(meant[0], []).append((meant[1], place))
    columns: _Columns = {}
    for field, ranked in found.items():
        places = [place for _, place in sorted(ranked)]
        ranking = partial(_holds_what_is_named, table, field)
        best = max(places, key=ranking) if is_subject(field, mode) else places[0]
        columns[field] = places if field == "keywords" else [best]
        if field == "primary" and (
            lists := [p for p in places if p != best and _is_list(table, p)]
        ):
            columns["keywords"] = [*columns.get("keywords", []), *lists]
    if "topic" in columns:
        columns["topic"] = [_instead_of_classes(table, columns)]
    for field in ("topic", "primary"):
        _refuse_figures(table, columns.get(field, []))
    return columns


def _instead_of_classes(table: HeadedTable, columns: _Columns) -> int:
    """Gives the column of topics; that of keywords where "topic" only names classes of them."""
    [topic] = columns["topic"]
    if len(table.rows) < _FEWEST or _share_apart(table, topic) > _CLASSES:
        return topic
    apart = (p for p in columns.get("keywords", []) if _share_apart(table, p) >= _APART)
    return next(apart, topic)


def _share_apart(table: HeadedTable, place: int) -> float:
    return len(set(table.column(place))) / max(1, min(len(table.rows), len(table.column(place))))


def _refuse_figures(table: HeadedTable, places: Sequence[int]) -> None:
    for place in places:
        if _holds_figures(table, place):
            raise InputError(
                f"The column “{one_line(table.name(place), 40)}” should say what to write about, "
                "and most of its cells are figures. Put each name of a column above its cells."
            )


def _holds_figures(table: HeadedTable, place: int) -> bool:
    figures = table.share(place, lambda cell: any(map(str.isdigit, cell)) and not has_letter(cell))
    return figures > 0.5


def _is_remark(name: str, field: str) -> bool:
    parts = map(names.plain_name, name.split("/"))
    return field == "instructions" and any(part in names.REMARKS for part in parts)


def _holds_what_is_named(table: HeadedTable, field: str, place: int) -> tuple[bool, int, int]:
    """Ranks a column by what it has: addresses where such are meant, and many different values.

    Then by how exact its name is. An "address" is as often one of a street.
    """
    fits = field not in _ADDRESSES or table.share(place, shapes.is_link) >= _ADDRESSED
    exact = len(names.plain_name(table.name(place)).split())
    return fits, len(set(table.column(place))), exact


def _is_list(table: HeadedTable, place: int) -> bool:
    return table.share(place, lambda cell: bool(_SEVERAL.search(cell))) >= 0.5


def _of_row(columns: _Columns, width: int, line: int, cells: Sequence[str]) -> Fields:
    given = {}
    for field, places in columns.items():
        parts = [cell_text(cells[place], field) for place in places if place < len(cells)]
        if text := "; ".join(part for part in parts if any(map(str.isalnum, part))):
            given[field] = text
    over = any(cells[width:])
    return Fields(line, given, "There are more cells than columns have names." if over else "")


def cell_text(cell: str, field: str) -> str:
    """Takes out of a cell what its field is for: an address, a text, or words without marks."""
    if field in _ADDRESSES and (address := shapes.target(cell)) != cell:
        return address
    if field == "text":
        return cell
    return without_emphasis(without_signs(without_emphasis(plain_markup(cell))))

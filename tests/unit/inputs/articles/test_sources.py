"""A column of sources: addresses and names of works are kept, numbers and tags are left out."""

import pytest

from pressrun.inputs.articles.rows import Defaults, read_rows_text
from pressrun.inputs.articles.sources import without_numbers

LEFT_OUT = "no address, and no name of a work."


def sources_of(head: str, *cells: str) -> tuple[list[tuple[str, ...]], list[str]]:
    rows = [f"Tea number {n}\t{cell}" for n, cell in enumerate(cells)]
    given = read_rows_text("\n".join([f"topic\t{head}", *rows]), "topic", Defaults())
    return [row.sources for row in given.rows], [n for n in given.notes if n.endswith(LEFT_OUT)]


@pytest.mark.parametrize(
    "head",
    [
        "Quelle",
        "source",
        "Source URL",
        "Fuente",
        "fonte",
        "Bron",
        "Źródło",
        "出典",
        "来源",
        "sources",
    ],
)
def test_a_column_of_sources_is_known_in_the_singular_too(head: str) -> None:
    page = "https://tee.example/anbau"
    found, said = sources_of(head, page, "Stiftung Warentest 3/2024", "")
    assert found == [(page,), ("Stiftung Warentest 3/2024",), ()]
    assert said == []


def test_numbers_of_items_are_no_sources_and_that_is_said() -> None:
    found, said = sources_of("出典", "14, 60", "3", "Nr. 7 und 12a", "茶の本", "S. 14-16", "#Q3")
    assert found == [(), (), (), ("茶の本",), (), ()]
    assert said == [
        f"Left out: what 5 rows say of sources (“14, 60”, “3”, “Nr. 7 und 12a”, …): {LEFT_OUT}"
    ]


def test_a_tag_and_what_stands_in_every_row_are_no_sources() -> None:
    assert sources_of("Source", "blog", "google / organic", "DIN 1055")[0] == [
        (), (), ("DIN 1055",),
    ]  # fmt: skip
    found, said = sources_of("Source", "Semrush", "Semrush", "Semrush")
    assert found == [(), (), ()]
    assert said == [f"Left out: what 3 rows say of sources (“Semrush”): {LEFT_OUT}"]


def test_addresses_files_and_texts_stay() -> None:
    page = "https://tee.example/anbau"
    cells = [page, page, page]
    assert without_numbers(cells) == (cells, [])
    cells = ["notes.txt", "what our own gardener says", f"Destatis {page}"]
    assert without_numbers(cells) == (cells, [])
    assert without_numbers([f"S. 4 {page}", "n/a"]) == (
        [page, ""],
        [f"Left out: what 1 row says of sources (“S. 4”): {LEFT_OUT}"],
    )


def test_of_texts_to_rewrite_such_a_column_is_still_what_is_rewritten() -> None:
    given = read_rows_text("Quelle\nhttps://tee.example/a\n", "spin", Defaults())
    assert [row.subject for row in given.rows] == ["https://tee.example/a"]

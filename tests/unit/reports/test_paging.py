"""How the items of a report are divided into pages."""

import pytest

from pressrun.reports.paging import Weight, divide, is_page_of


def spans(weights: list[Weight], items: int = 4, amount: int = 6) -> list[tuple[int, int]]:
    return [(page.first, page.last) for page in divide("gallery.html", weights, items, amount)]


def of(*groups: tuple[str, int, int]) -> list[Weight]:
    """Groups as name, items in it, and what each of them takes."""
    return [Weight(name, amount) for name, count, amount in groups for _ in range(count)]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([], [(0, 0)]),
        (of(("a", 4, 1)), [(1, 4)]),
        (of(("a", 5, 1)), [(1, 4), (5, 5)]),  # no page has room for the group
        (of(("a", 3, 1), ("b", 3, 1)), [(1, 3), (4, 6)]),  # each has room for one
        (of(("a", 2, 3), ("b", 1, 1)), [(1, 2), (3, 3)]),  # full by pictures
        (of(("a", 1, 9), ("b", 1, 1)), [(1, 1), (2, 2)]),  # more than a page takes
        (of(*((str(n), 1, 1) for n in range(9))), [(1, 4), (5, 8), (9, 9)]),
        (of(("a", 1, 1), ("b", 4, 2), ("c", 1, 1)), [(1, 3), (4, 6)]),
    ],
)
def test_pages_are_filled_and_groups_kept_whole_where_they_fit(
    weights: list[Weight], expected: list[tuple[int, int]]
) -> None:
    assert spans(weights) == expected


def test_every_page_says_how_its_items_ended() -> None:
    weights = [Weight(status=status) for status in ("completed", "completed", "failed")]
    first, second = divide("index.html", weights, 2, 99)
    assert (first.name, second.name) == ("index.html", "index_2.html")
    assert (first.statuses["completed"], first.statuses["failed"]) == (2, 0)
    assert second.statuses["failed"] == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gallery.html", True),
        ("gallery_2.html", True),
        ("gallery_12.html", True),
        ("gallery_02.html", False),
        ("gallery_1.html", False),
        ("gallery_x.html", False),
        ("my_gallery_2.html", False),
        ("Link/gallery_2.html", False),
    ],
)
def test_pages_are_known_by_their_names(name: str, expected: bool) -> None:
    assert is_page_of(name, "gallery.html") is expected

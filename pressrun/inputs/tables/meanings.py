"""What the columns of a table hold: the links, the product's photo and its description.

Columns are known by their names and, where these say nothing, by what stands in them. It must not
know where a table is, nor make its rows (see :mod:`pressrun.inputs.tables.rows`).
"""

from collections.abc import Sequence
from itertools import islice

from pressrun.boundary.uploads import is_upload
from pressrun.inputs.tables import cells as shapes
from pressrun.inputs.tables import names
from pressrun.inputs.tables.columns import HeadedTable

_SAMPLE = 60  # rows that tell what a column holds
_NARROW = 4  # columns: what such a table says beside links is about products

SlideshowColumns = dict[str, list[int]]
#: With these names, in this order, nothing is guessed by what stands in the columns.
HEAD = ("link", "photo", "description", "slideshow name")


def field_of(name: str) -> str:
    """Finds what a column's name means: "Product Photo (URL)" is the photo; empty if unknown."""
    words = {word for word in names.plain_name(name[:80]).split() if not word.isdecimal()}
    if not words or len(words) > 5 or not words <= names.KNOWN:
        return ""
    if words & names.TIKTOK and (words & names.LINK or not words & names.NAME):
        return "link"
    if words & names.PHOTO:
        return "photo"
    if words & names.DESCRIPTION:
        return "description"
    if words & names.LINK:
        return "" if words & (names.PRODUCT | names.NAME | names.TEXT) else "link"
    meanings = (("product", names.PRODUCT), ("text", names.TEXT), ("name", names.NAME))
    return next((field for field, meant in meanings if words & meant), "")


def columns_of(table: HeadedTable) -> SlideshowColumns:
    """Finds the columns of link, photos and description; by content where names say nothing."""
    if (head := tuple(name.casefold() for name in table.head)) in (HEAD, HEAD[:3]):
        return {name: [place] for place, name in enumerate(head)}
    fields = [field_of(table.name(place)) for place in range(table.width)]
    link = _link_column(table, fields)
    if link is None:
        return {}
    photos = _photo_columns(table, fields, link)
    free = [p for p in range(table.width) if p not in (link, *photos) and _has_words(table, p)]
    found = {"link": [link], "photo": photos}
    if not photos and _is_about_posts(table, link):
        free = [p for p in free if fields[p] == "product"]
    return found | {"description": _description_columns(table, fields, free, bool(photos))}


def _is_about_posts(table: HeadedTable, link: int) -> bool:
    """Says whether a table describes posts: their figures, or the number that their link has."""
    counted = (names.plain_name(table.name(place)).split() for place in range(table.width))
    if sum(not names.POST_FIGURES.isdisjoint(words) for words in counted) > 1:
        return True
    return any(_is_number_of(table, place, link) for place in range(table.width) if place != link)


def _is_number_of(table: HeadedTable, place: int, link: int) -> bool:
    pairs = [
        (cells[place], cells[link]) for _, cells in table.rows if len(cells) > max(place, link)
    ]
    return bool(pairs) and all(shapes.is_post_number(a) and a in b for a, b in pairs[:_SAMPLE])


def _link_column(table: HeadedTable, fields: Sequence[str]) -> int | None:
    def rank(place: int) -> tuple[int, bool, int, int]:
        cells = table.column(place)
        posts = [cell for cell in cells if shapes.is_post(cell)]
        whole = sum(not shapes.is_short(cell) for cell in posts)
        return len(posts), fields[place] == "link", whole, sum(map(shapes.is_tiktok, cells))

    best = max(range(table.width), key=rank)
    if not rank(best)[0]:
        numbers = number_columns(table)
        return numbers[0] if numbers else best if any(rank(best)) else None
    return best


def _photo_columns(table: HeadedTable, fields: Sequence[str], link: int) -> list[int]:
    """Finds the column of the photo, and those of further photos beside it."""
    others = [place for place in range(table.width) if place != link]
    named = [p for p in others if fields[p] == "photo" and table.share(p, shapes.is_tiktok) < 0.5]
    if named:
        first = next((place for place in named if table.column(place)), named[0])
        more = [place for place in named if place != first and table.share(place, _is_photo) >= 0.5]
        return [first, *more]
    shown = (place for place in others if table.share(place, shapes.is_image) >= 0.5)
    return [*islice((p for p in shown if not _of_a_person(table.name(p))), 1)]


def _is_photo(cell: str) -> bool:
    """Says whether a cell names a photo: a column of titles or credits of photos does not."""
    return shapes.is_image(cell) or shapes.is_link(cell) or is_upload(cell)


def _of_a_person(name: str) -> bool:
    return not names.NO_PRODUCT.isdisjoint(names.plain_name(name).split())


def _description_columns(
    table: HeadedTable, fields: Sequence[str], free: Sequence[int], has_photo: bool
) -> list[int]:
    about_product = has_photo or table.width <= _NARROW

    def first(*wanted: str) -> list[int]:
        return [place for field in wanted for place in free if fields[place] == field][:1]

    named = first("product", *["name"] * about_product)
    texts = first("description", *["text"] * about_product)
    if named or texts or any(fields[place] for place in free):
        return named + texts
    unknown = [place for place in free if about_product and table.share(place, _is_phrase) >= 0.5]
    return unknown if len(unknown) == 1 else []


def _is_phrase(cell: str) -> bool:
    return len(cell) >= 8 and " " in cell and any(map(str.isalpha, cell))


def _has_words(table: HeadedTable, place: int) -> bool:
    def other(cell: str) -> bool:
        return shapes.is_link(cell) or shapes.is_image(cell)

    return not table.column(place) or table.share(place, other) < 0.5


def _is_post_id(name: str) -> bool:
    """Says whether a column is named for the number of a post: "video_id"."""
    words = {*names.plain_name(name[:80]).split()}
    return bool(words & names.POST_ID) and len(words) < 4 and not words & names.NO_POST_ID


def number_columns(table: HeadedTable) -> list[int]:
    """Finds the columns of the numbers of posts, by their names and by what stands in them."""
    named = [place for place in range(table.width) if _is_post_id(table.name(place))]
    return [place for place in named if table.share(place, shapes.is_post_number) > 0.5]

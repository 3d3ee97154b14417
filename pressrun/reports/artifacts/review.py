"""What a person is shown before the rest of a batch is made: its plan, or its first item.

Prefect's form renders markdown with HTML in it, so all that comes from elsewhere is escaped.
"""

from collections.abc import Sequence

from pressrun.errors import VaultError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, Item
from pressrun.ledger.reviews import warnings
from pressrun.pictures.picture import thumbnail
from pressrun.reports.artifacts.progress import ReadBytes, plain
from pressrun.reports.artifacts.quote import quote_page
from pressrun.reports.quote import Quote

#: A form is fetched whole: of long plans a part is shown, and the text below has all of them.
_ROWS, _LETTERS = 300, 300
_PICTURES, _IN_A_ROW, _WIDTH = 12, 3, 180
_WORDS = 4000  # letters of an item's text


def plan_page(
    batch: Batch, items: Sequence[Item], columns: Sequence[str], quote: Quote, note: str = ""
) -> str:
    """Shows a plan with its price, its time and what cannot be made of it.

    Args:
        batch: As planned.
        items: All of its items.
        columns: What is shown of their specs.
        quote: Of what can be made.
        note: What to say of the last answer.
    """
    failed = [(n, item) for n, item in enumerate(items, 1) if item.status == "failed"]
    page = [_noted(note), quote_page(quote, batch.title)]
    if noticed := warnings(batch):
        page += ["### Look at", "", *(f"- {plain(words)}" for words in noticed[:_ROWS]), ""]
    if failed:
        page.append(f"### {len(failed)} cannot be made\n\n| # | why |\n|---|---|")
        page += [f"| {n} | {plain(item.error_message or '')} |" for n, item in failed[:_ROWS]]
        page.append("")
    page += [f"### {len(items)} items", "", f"| # | {' | '.join(columns)} |"]
    page.append("|---" * (len(columns) + 1) + "|")
    page += [_row(number, item, columns) for number, item in enumerate(items[:_ROWS], 1)]
    if len(items) > _ROWS:
        page.append(f"\n… and {len(items) - _ROWS} more.")
    return "\n".join(page).strip()


def preview_page(
    batch: Batch,
    item: Item,
    files: Sequence[DeliveredFile],
    read: ReadBytes,
    *,
    cost_usd: float,
    folder: str,
    rest: str,
    note: str = "",
) -> str:
    """Shows the first item with its pictures or words and its cost.

    Args:
        batch: As it was planned.
        item: The one that is made.
        files: Those of the item.
        read: Gives the bytes of a digest, or raises VaultError where they are gone.
        cost_usd: What the item cost.
        folder: Where the batch lies, as a link.
        rest: What is left and what it will cost, in a sentence.
        note: What to say of the last answer.
    """
    shown = [_picture(read, file.sha256) for file in files if file.is_picture]
    texts = [_words(read, file.sha256) for file in files if file.media_type == "text/markdown"]
    return "\n\n".join(
        filter(
            None,
            (
                _noted(note),
                f"## {plain(batch.title)}: the first item",
                f"**{plain(item.title)}** cost ${cost_usd:.4f}. {rest}",
                f"It lies in [{plain(folder)}]({folder}).",
                _side_by_side([picture for picture in shown if picture][:_PICTURES]),
                *texts[:1],
            ),
        )
    )


def _side_by_side(pictures: Sequence[str]) -> str:
    """Puts pictures into a table: the UI gives every picture of a paragraph its own line."""
    if not pictures:
        return ""
    rows = [pictures[at : at + _IN_A_ROW] for at in range(0, len(pictures), _IN_A_ROW)]
    first, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([first, "|---" * len(rows[0]) + "|", *rest])


def _noted(note: str) -> str:
    return f"> **{plain(note)}**\n" if note else ""


def _row(number: int, item: Item, columns: Sequence[str]) -> str:
    return f"| {number} | {' | '.join(_cell(item.spec.get(name)) for name in columns)} |"


def _cell(value: object) -> str:
    said = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    return plain(said if len(said) <= _LETTERS else said[: _LETTERS - 1] + "…")


def _picture(read: ReadBytes, digest: str) -> str:
    try:
        uri = thumbnail(read(digest), _WIDTH, quality=70)
    except VaultError:
        uri = ""
    return f"![The first item]({uri})" if uri else ""


def _words(read: ReadBytes, digest: str) -> str:
    try:
        return plain(read(digest).decode()[:_WORDS])
    except VaultError:
        return ""

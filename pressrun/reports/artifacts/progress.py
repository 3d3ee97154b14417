"""Pages for Prefect's artifacts: progress while a batch runs, and the summary at its end.

Everything that came from a link, a file or a model is escaped: Prefect renders markdown with
HTML in it.
"""

import html
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pressrun.errors import VaultError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.reviews import notes
from pressrun.pictures.picture import thumbnail
from pressrun.reports.progress import Event, Progress, clock

if TYPE_CHECKING:
    # All reports and kinds, for one annotation: a terminal's tables start without them.
    from pressrun.reports.writing import Outcome

FilesOf = Callable[[str], Sequence[DeliveredFile]]
ReadBytes = Callable[[str], bytes]

#: The UI's list downloads every page whole, so a page stays small.
_THUMBS = 6
_FAILURES = 50


def plain(text: str) -> str:
    """Escapes text so that markdown and HTML show it as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", html.escape(" ".join(text.split())))


def progress_page(progress: Progress, files_of: FilesOf, read: ReadBytes) -> str:
    """Shows counts, the last events and a few thumbnails.

    Args:
        progress: Of the batch.
        files_of: Gives the files of an item by its key.
        read: Gives the bytes of a digest, or raises VaultError where they are gone.
    """
    left = progress.left_words().replace(" left", "") or "?"
    if progress.ends_at:
        left += f", about {datetime.fromtimestamp(progress.ends_at).astimezone():%H:%M}"
    rows = "\n".join(_event(event) for event in progress.events)
    return (
        f"## {plain(progress.name)}: {progress.percent:.0f}%\n\n"
        "| done | completed | failed | in work | remaining | time left | cost so far |\n"
        "|---|---|---|---|---|---|---|\n"
        f"| {progress.done} of {progress.total} | {progress.completed} | {progress.failed} "
        f"| {', '.join(progress.work_words()).replace(' in work', '')} | {progress.remaining} "
        f"| {left} | ${progress.cost_usd:.4f} |\n\n"
        + "".join(f"**{plain(words)}**\n\n" for words in progress.wait_words())
        + f"{_thumbnails(progress, files_of, read)}\n\n"
        "| time | item | status |\n|---|---|---|\n"
        f"{rows}\n"
    )


def summary(outcome: "Outcome", desk_url: str = "") -> str:
    """Writes what the batch came to, where it is, and what failed for which reason.

    Args:
        outcome: Of the batch.
        desk_url: Where the desk is, which shows what lies in a folder; empty for none.
    """
    record = outcome.record
    failed = list(islice(record.having("failed"), _FAILURES))
    page = [
        f"## {plain(record.batch.name)}: {record.summary()}",
        "",
        f"- Cost: **${record.cost_usd:.4f}** for {record.calls} calls",
        f"- Time: {clock(record.seconds)}, {clock(record.work_s)} of it in calls of models",
        *_places(outcome, desk_url),
    ]
    if noted := notes(record.batch):
        page += ["", "### Notes", "", *(f"- {plain(words)}" for words in noted[:_FAILURES])]
    if failed:
        page += ["", "### Failed", "", "| item | kind | reason |", "|---|---|---|"]
        page += [
            f"| {plain(r.item.title)} | {plain(r.item.error_kind or '')} "
            f"| {plain(r.item.error_message or '')} |"
            for r in failed
        ]
        if (more := record.count("failed") - len(failed)) > 0:
            page.append(f"\n{more} more stand in items.csv.")
        page.append(f"\n{record.advice()}")
    return "\n".join(page)


def _places(outcome: "Outcome", desk_url: str) -> list[str]:
    """Lists where a person finds the batch. Prefect's UI opens no ``file:`` link."""
    found = {"Folder": outcome.folder, "Gallery": outcome.gallery}
    if not desk_url:
        return [f"- {name}: [{plain(url)}]({url})" for name, url in found.items()]
    page = f"{desk_url}/batches/{outcome.record.batch.id}"
    gallery = f"{page}/files/gallery.html"
    lines = [f"- Results: [{plain(page)}]({page})", f"- Gallery: [{plain(gallery)}]({gallery})"]
    folder = outcome.folder
    if folder.startswith("file:"):
        return [*lines, f"- Folder: {plain(unquote(urlsplit(folder).path))}"]
    return [*lines, f"- Folder: [{plain(folder)}]({folder})"]


def _event(event: Event) -> str:
    at = datetime.fromtimestamp(event.at).astimezone()
    message = f": {plain(event.message[:200])}" if event.message else ""
    return f"| {at:%H:%M:%S} | {plain(event.title)} | {event.status}{message} |"


def _thumbnails(progress: Progress, files_of: FilesOf, read: ReadBytes) -> str:
    done = [event.item for event in progress.events if event.status == "completed"][:_THUMBS]
    shown = []
    for key in done:
        pictures = [file for file in files_of(key) if file.is_picture]
        try:
            uri = thumbnail(read(pictures[0].sha256), 128) if pictures else ""
        except VaultError:
            uri = ""
        if uri:
            shown.append(f"![{plain(key)}]({uri})")
    # In a table they stand side by side; the UI gives every picture of a paragraph its own line.
    return f"|{'|'.join(shown)}|\n|{'---|' * len(shown)}" if shown else ""

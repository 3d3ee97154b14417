"""The message that tells people how a batch ended, or what it waits for.

It reads the ledger and writes plain text; it knows nothing of how a message is sent. A message
stays where it was sent, and many may read it, so it holds no link that opens something by itself.
"""

import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch
from pressrun.reports.progress import clock

#: Failed items whose reasons are shown; the others stand in the reports.
_FAILURES = 3
#: Most characters of each part: with all of them a message fits Discord's 2,000.
_SAID, _ITEM, _REASON, _LINK = 250, 50, 140, 300

_ENDED = {
    "Completed": "completed",
    "PartiallyFailed": "completed in part",
    "Failed": "failed",
    "Cancelled": "cancelled",
    "Rejected": "rejected",
    "TooManyCrashes": "stopped after too many crashes",
    "AwaitingRetry": "waits for a model's quota",
    "Paused": "paused",
    "Suspended": "paused",
}
#: What a chat reads as a mention or code, and a mail as HTML.
_HARMLESS = str.maketrans({"@": "\uff20", "<": "\u2039", ">": "\u203a", "`": "'"})
#: What markdown reads as a link, and a webhook's template as a field.
_PAIRS = re.compile(r"(\](?=\()|\{(?=\{)|\}(?=\}))")
#: How a state's message begins; the counts are shown anyway.
_COUNTED = re.compile(r"^\d+ of \d+ completed(, \d+ \w+)*\.?")
#: Parameters of a link that anybody who has it can open, such as S3's presigned ones.
_SIGNED = re.compile(r"(^|[-_])(sig|signature|token)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended, or why it stopped for now.

    Attributes:
        state: The name of its state: Completed, PartiallyFailed, AwaitingRetry, Suspended …
        message: What the state says.
        asks: Whether it shows a form that somebody has to answer.
    """

    state: str
    message: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The run that a message is about; ``url`` is its page in the UI, if that is known."""

    flow: str
    run_id: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A message, as plain text."""

    subject: str
    body: str


def notice(ledger: Ledger, about: Subject, end: End) -> Notice:
    """Writes the message of a run's end; of a run that has no batch, just what its state says."""
    batch = ledger.batches.find(about.run_id)
    title, words = calm(batch.title if batch else about.title, 100), _words(batch, end)
    failures = _failures(ledger, batch) if batch else []
    lines = [
        f"{title} ({about.flow}) {_verb(words)}.",
        *(_sums(ledger, batch) if batch else ()),
        *_said(end, failures),
        *(_results(ledger, batch) if batch else ()),
        *([f"Run: {about.url}"] if about.url else ()),
        *_next(about, end),
        *_listed(failures),
    ]
    return Notice(f"Pressrun: {title}: {words}", "\n".join(lines))


def calm(text: str, most: int) -> str:
    """Puts words of others on one line, in which no chat, mail or template finds a command.

    Args:
        text: From a link, a file, a model or a person.
        most: Characters that are kept.
    """
    line = " ".join(text.split())
    line = "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    line = _PAIRS.sub(r"\1 ", line.translate(_HARMLESS))
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def link(url: str) -> str:
    """Makes a link harmless for a message: no signature, and no sign with a meaning in a chat.

    The file of a signed link is opened from the run's page, by people who may see that.
    """
    parts = urlsplit(url)
    if any(_SIGNED.search(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        url = parts._replace(query="", fragment="").geturl()
    shown = quote(url, safe="/:?&=%#+,;~!$*'")
    return shown if len(shown) <= _LINK else ""


def _words(batch: Batch | None, end: End) -> str:
    if not end.asks:
        return _ENDED.get(end.state, calm(end.state, 40))
    is_draft = batch is not None and batch.status == "draft"
    return "waits for your review" if is_draft else "waits for your look at the first item"


def _verb(words: str) -> str:
    """Writes the words as a sentence's end: "is completed", "failed", "waits for …"."""
    return words if words.startswith(("waits", "failed", "stopped")) else f"is {words}"


def _sums(ledger: Ledger, batch: Batch) -> Iterator[str]:
    yield _counts(ledger, batch)
    calls, cost_usd = ledger.calls.totals(batch.id)
    seconds = (batch.ended_at or time.time()) - batch.created_at
    yield f"Cost: ${cost_usd:.4f} for {calls} calls. Time: {clock(seconds)}."


def _counts(ledger: Ledger, batch: Batch) -> str:
    of = ledger.batches.counts(batch.id)
    total, completed = sum(of.values()), of.get("completed", 0)
    cancelled = of.get("cancelled", 0)
    # Made, but its destination did not take it: the batch has ended without it.
    failed = of.get("failed", 0) + (of.get("made", 0) if batch.ended_at else 0)
    left = total - completed - cancelled - failed
    parts = ((failed, "failed"), (cancelled, "cancelled"), (left, "not made yet"))
    told = [f"{completed} of {total} completed", *(f"{n} {what}" for n, what in parts if n)]
    return f"{', '.join(told)}."


def _results(ledger: Ledger, batch: Batch) -> Iterator[str]:
    reports = {report.path: report.url for report in ledger.deliveries.all(batch.id, "")}
    if shown := link(reports.get("gallery.html") or ""):
        yield f"Results: {shown}"
        yield f"Folder: {calm(f'{batch.destination}/{batch.root}', 200)}"


def _next(about: Subject, end: End) -> list[str]:
    if end.asks:
        return [f"Answer under Resume on its page, or: pressrun approve {about.run_id[:8]}"]
    if end.state in ("Suspended", "Paused"):
        return [f"Resume it on its page, or: pressrun resume {about.run_id[:8]}"]
    return []


def _said(end: End, failures: list[tuple[str, str]]) -> Iterator[str]:
    """Gives what the state says besides the counts and the reasons, which are shown anyway."""
    said = _COUNTED.sub("", end.message).strip()
    for _, reason in failures:
        said = said.removeprefix(reason).lstrip(". ")
    if said:
        yield calm(said, _SAID)


def _failures(ledger: Ledger, batch: Batch) -> list[tuple[str, str]]:
    """Reads titles and reasons of items that failed, or wait for their delivery."""
    failed = ledger.batches.items(batch.id, "failed", "made")
    return [(item.title, item.error_message) for item in failed if item.error_message]


def _listed(failures: list[tuple[str, str]]) -> Iterator[str]:
    if failures:
        yield "First errors:" if len(failures) > _FAILURES else "Errors:"
    for title, reason in failures[:_FAILURES]:
        yield f"- {calm(title, _ITEM)}: {calm(reason, _REASON)}"
    if len(failures) > _FAILURES:
        yield f"- and {len(failures) - _FAILURES} more"

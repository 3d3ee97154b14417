"""What people are told at a batch's end: short, whole, and with nothing that a chat obeys."""

import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from pressrun.errors import BadReply, PressrunError
from pressrun.ledger import Ledger, open_ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, PlannedItem
from pressrun.reports.notice import End, Notice, Subject, calm, link, notice

pytestmark = pytest.mark.usefixtures("home")

#: What stands in the place of signs that a chat or a mail obeys.
AT, LT, GT = "\uff20", "\u2039", "\u203a"
UI = "http://127.0.0.1:4200/runs/flow-run"


@pytest.fixture
def ledger(home: Path) -> Ledger:
    return open_ledger()


def batch_of(
    ledger: Ledger,
    failed: int = 0,
    pending: int = 1,
    title: str = "Cards",
    error: PressrunError | None = None,
) -> Batch:
    reason = error or BadReply("The answer is no picture.")
    items = [
        PlannedItem(f"f{n}", n, f"Task {n}", {}, error=reason if n < failed else None)
        for n in range(failed + pending)
    ]
    batch = Batch(str(uuid.uuid4()), "image", title, "/out", "Cards 1", {}, created_at=time.time())
    return ledger.batches.create(batch, items)


def gallery_at(ledger: Ledger, batch: Batch, url: str) -> None:
    report = DeliveredFile("gallery.html", "", "text/html", 1, "00", "verified", url)
    ledger.deliveries.note_report(batch.id, report)


def told(ledger: Ledger, batch: Batch, end: End) -> Notice:
    about = Subject("image-batch", batch.id, batch.title, f"{UI}/{batch.id}")
    return notice(ledger, about, end)


def test_a_message_says_what_came_of_a_batch_and_where_it_is(ledger: Ledger) -> None:
    batch = batch_of(ledger, failed=1, pending=2)
    gallery_at(ledger, batch, "file:///out/Cards%201/gallery.html")
    message = told(ledger, batch, End("PartiallyFailed", "0 of 3 completed, 1 failed. No quota."))
    assert message.subject == "Pressrun: Cards: completed in part"
    assert message.body.splitlines() == [
        "Cards (image-batch) is completed in part.",
        "0 of 3 completed, 1 failed, 2 not made yet.",
        "Cost: $0.0000 for 0 calls. Time: 0:00.",
        "No quota.",
        "Results: file:///out/Cards%201/gallery.html",
        "Folder: /out/Cards 1",
        f"Run: {UI}/{batch.id}",
        "Errors:",
        "- Task 0: The answer is no picture.",
    ]


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (End("Completed"), "Cards (image-batch) is completed."),
        (End("Failed"), "Cards (image-batch) failed."),
        (End("Cancelled"), "Cards (image-batch) is cancelled."),
        (End("Rejected"), "Cards (image-batch) is rejected."),
        (End("TooManyCrashes"), "Cards (image-batch) stopped after too many crashes."),
        (End("AwaitingRetry"), "Cards (image-batch) waits for a model's quota."),
        (End("Suspended"), "Cards (image-batch) is paused."),
        (End("Suspended", asks=True), "Cards (image-batch) waits for your review."),
    ],
)
def test_every_end_has_its_words(ledger: Ledger, end: End, says: str) -> None:
    assert told(ledger, batch_of(ledger), end).body.splitlines()[0] == says


def test_a_run_that_waits_says_how_it_goes_on(ledger: Ledger) -> None:
    batch = batch_of(ledger)
    run = batch.id[:8]
    assert f"pressrun approve {run}" in told(ledger, batch, End("Suspended", asks=True)).body
    assert f"pressrun resume {run}" in told(ledger, batch, End("Suspended")).body
    ledger.batches.mark(batch.id, status="paused")
    message = told(ledger, batch, End("Suspended", asks=True))
    assert message.subject == "Pressrun: Cards: waits for your look at the first item"


def test_three_errors_are_told_and_the_rest_counted(ledger: Ledger) -> None:
    lines = told(ledger, batch_of(ledger, failed=5), End("Failed")).body.splitlines()
    assert lines[-5] == "First errors:"
    assert [line.partition(":")[0] for line in lines[-4:-1]] == ["- Task 0", "- Task 1", "- Task 2"]
    assert lines[-1] == "- and 2 more"


def test_the_only_reason_is_not_told_twice(ledger: Ledger) -> None:
    end = End("Failed", "0 of 1 completed, 1 failed. The answer is no picture.")
    assert told(ledger, batch_of(ledger, 1, 0), end).body.count("The answer is no picture.") == 1


def test_a_run_without_a_batch_says_why_it_failed(ledger: Ledger) -> None:
    about = Subject("image-batch", str(uuid.uuid4()), "Cards", "")
    message = notice(ledger, about, End("Failed", "There are no prompts.\n  - line 1: empty"))
    assert message.body == ("Cards (image-batch) failed.\nThere are no prompts. - line 1: empty")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 100%", "plain words, 100%"),
        ("@everyone @here", f"{AT}everyone {AT}here"),
        ("<!channel> <@U123>", f"{LT}!channel{GT} {LT}{AT}U123{GT}"),
        ("[Retry](https://evil.example)", "[Retry] (https://evil.example)"),
        ("<https://evil.example|Retry>", f"{LT}https://evil.example|Retry{GT}"),
        ("<at>ana</at>", f"{LT}at{GT}ana{LT}/at{GT}"),
        ("```code```", "'''code'''"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("a\x1b[31m\u202eb\u200bc\ue000", "a[31mbc"),
        ("{{{token}}}", "{ { {token} } }"),
    ],
)
def test_words_of_others_stay_words(text: str, shown: str) -> None:
    assert calm(text, 100) == shown


def test_long_words_are_cut() -> None:
    assert calm("x" * 101, 100) == "x" * 99 + "…"
    assert len(calm("word " * 100, 50)) <= 50
    assert calm("word " * 100, 50).endswith("…")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://drive.example/file/d/1a/view", "https://drive.example/file/d/1a/view"),
        ("https://drive.example/open?id=1a", "https://drive.example/open?id=1a"),
        (
            "https://b.s3.example/a/gallery.html?X-Amz-Date=1&X-Amz-Signature=abc#top",
            "https://b.s3.example/a/gallery.html",
        ),
        ("https://b.s3.example/a.html?Signature=abc&Expires=1", "https://b.s3.example/a.html"),
        ("https://x.example/a.html?sv=1&sig=abc", "https://x.example/a.html"),
        ("https://x.example/@here/<a>(b)", "https://x.example/%40here/%3Ca%3E%28b%29"),
        ("https://x.example/" + "a" * 300, ""),
        ("", ""),
    ],
)
def test_a_link_holds_no_signature_and_nothing_that_a_chat_obeys(url: str, shown: str) -> None:
    assert link(url) == shown


def test_everything_that_others_wrote_is_calmed_and_fits_a_chat_s_message(ledger: Ledger) -> None:
    wild = "@everyone <!here> [x](https://evil.example) \n" * 50
    batch = batch_of(ledger, failed=4, title=wild, error=PressrunError(wild))
    gallery_at(ledger, batch, "https://x.example/" + "a" * 250)
    message = told(ledger, replace(batch, title=wild), End("PartiallyFailed", wild * 2))
    for sign in ("@", "<", "](", "\n\n"):
        assert sign not in message.subject + message.body
    assert len(message.body) < 2000
    assert "\n" not in message.subject

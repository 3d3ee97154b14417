"""Markdown for Prefect's artifacts: words of others stay words."""

from dataclasses import replace

import pytest

from pressrun.ledger.records import Batch, Item
from pressrun.ledger.reviews import noted
from pressrun.reports.artifacts.progress import plain, summary
from pressrun.reports.manifest import BatchRecord, ItemRecord
from pressrun.reports.writing import Outcome


def outcome(failed: int, message: str = "It is gone.") -> Outcome:
    batch = Batch("b1", "slideshow", "Sale *now*", "/out", "Sale *now* 1", {}, created_at=0.0)
    items = [
        Item(f"i{n}", n, f"Link {n:03d}", "failed", 0, {}, "post_gone", message)
        for n in range(failed)
    ]
    records = tuple(ItemRecord(item, "failed", 0.0, ()) for item in items)
    done = Item("ok", 0, "Link 999", "completed", 1, {})
    record = BatchRecord(batch, (*records, ItemRecord(done, "completed", 0.5, ())), 7, 0.5, 61.0)
    return Outcome(record, "file:///out/Sale", "file:///out/Sale/gallery.html")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("a|b", r"a\|b"),
        ("[x](javascript:alert)", r"\[x\]\(javascript:alert\)"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("two\nlines | x", r"two lines \| x"),
        ("# head", r"\# head"),
        ("`code`", r"\`code\`"),
    ],
)
def test_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_the_summary_links_to_the_output_and_says_the_cost() -> None:
    page = summary(outcome(0))
    assert "## Sale \\*now\\* 1: 1 of 1 completed" in page
    assert "**$0.5000** for 7 calls" in page
    assert "(file:///out/Sale/gallery.html)" in page
    assert "Failed" not in page


def test_where_a_desk_runs_the_summary_links_to_it_and_names_the_folder() -> None:
    whole = replace(outcome(0), folder="file:///out/Sale%20%231", gallery="file:///out/g.html")
    page, batch_id = summary(whole, "https://desk.example"), whole.record.batch.id
    assert f"(https://desk.example/batches/{batch_id}/files/gallery.html)" in page
    assert r"- Folder: /out/Sale \#1" in page
    assert "file:" not in page


def test_failed_items_are_listed_with_reasons_and_what_to_do() -> None:
    page = summary(outcome(2, "Gone | for <b>good</b>."))
    assert r"| Link 001 | post\_gone | Gone \| for &lt;b&gt;good&lt;/b&gt;. |" in page
    assert page.endswith(
        "A retry fails in the same way: change the failed items at the desk, or by pressrun mend."
    )


@pytest.mark.parametrize(
    ("failures", "said"),
    [
        # kind, attempts, what the plan knows of the item
        ([("unavailable", 1, {}), ("made", 1, {})], "Retry makes just what failed"),
        ([("bad_key", 1, {}), ("timeout", 1, {})], "Retry makes just what failed"),
        # TikTok refuses for a while; a rule blocks a prompt for ever.
        ([("blocked", 0, {"link": 1}), ("unreachable", 0, {})], "Retry makes just what failed"),
        ([("blocked", 0, {"link": 1, "slides": []})], "A retry fails in the same way"),
        ([("blocked", 0, {}), ("blocked", 3, {})], "A retry fails in the same way"),
        ([("post_gone", 0, {"link": 1}), ("bad_picture", 1, {})], "A retry fails in the same way"),
        ([("post_gone", 0, {}), ("timeout", 2, {}), ("bad_reply", 4, {})], "Retry makes 2 of the"),
        ([("budget", 1, {}), ("budget", 1, {})], "Raise the cap first: 2 of the failed were kept"),
        (
            [("budget", 1, {}), ("timeout", 2, {})],
            "Raise the cap first: 1 of the failed was kept back by it. Retry makes just what",
        ),
    ],
)
def test_a_retry_is_advised_where_it_can_help(
    failures: list[tuple[str, int, dict[str, object]]], said: str
) -> None:
    items = [
        Item(kind, n, kind, "made", attempts, spec)
        if kind == "made"
        else Item(kind, n, kind, "failed", attempts, spec, kind, "It failed.")
        for n, (kind, attempts, spec) in enumerate(failures)
    ]
    batch = outcome(0).record.batch
    record = BatchRecord(batch, tuple(ItemRecord(item, "failed", 0, ()) for item in items), 0, 0, 0)
    assert record.advice().startswith(said)


def test_what_to_know_of_the_plan_stands_apart_from_failures() -> None:
    whole = outcome(0)
    batch = noted(whole.record.batch, ["Line 3 is the same as line 1 | <b>."])
    page = summary(replace(whole, record=replace(whole.record, batch=batch)))
    assert "### Notes\n\n- Line 3 is the same as line 1 \\| &lt;b&gt;." in page
    assert "Failed" not in page


def test_a_long_list_of_failures_is_cut() -> None:
    page = summary(outcome(60))
    assert page.count("| Link ") == 50
    assert "10 more stand in items.csv." in page

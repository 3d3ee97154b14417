"""Long waits: of each batch and model the next to end, until it is over."""

import time

from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch


def read(ledger: Ledger, after_s: float = 0.0) -> list[tuple[str, str]]:
    waits = ledger.waits.read("b1", time.time() + after_s)
    return [(wait.model, wait.reason) for wait in waits]


def test_the_wait_that_ends_first_is_shown_until_it_is_over(ledger: Ledger) -> None:
    ledger.waits.note("b1", "text", 900.0, "later")
    ledger.waits.note("b1", "text", 300.0, "first")
    ledger.waits.note("b1", "text", 600.0, "between")
    ledger.waits.note("b1", "image", 600.0, "another model")
    ledger.waits.note("b2", "text", 300.0, "another batch")
    assert read(ledger) == [("image", "another model"), ("text", "first")]
    assert read(ledger, 400.0) == [("image", "another model")]
    assert read(ledger, 700.0) == []


def test_a_short_wait_is_none(ledger: Ledger) -> None:
    ledger.waits.note("b1", "text", 9.0, "short")
    assert read(ledger) == []


def test_a_wait_that_ended_early_is_forgotten_and_so_are_those_of_a_batch_that_is_gone(
    ledger: Ledger,
) -> None:
    ledger.waits.note("b1", "", 300.0, "a slot")
    assert read(ledger) == [("", "a slot")]
    ledger.waits.end("b1")
    assert read(ledger) == []
    ledger.batches.create(Batch("b1", "slideshow", "T", "/out", "R", {}), [])
    ledger.waits.note("b1", "text", 300.0, "a quota")
    ledger.batches.remove("b1")
    assert read(ledger) == []

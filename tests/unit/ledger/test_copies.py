"""Bytes that every machine can read: texts in the ledger, others by their digest."""

from pressrun.ledger import Ledger
from pressrun.ledger.copies import CopyFound


def test_texts_are_kept_as_they_are_and_others_by_their_digest(ledger: Ledger) -> None:
    text = "Grüße\x00".encode()
    ledger.copies.put("b1", "d1", text)
    ledger.copies.put("b1", "d1", text)
    ledger.copies.put("b1", "d2", None)
    ledger.copies.put("b2", "d3", b"of another batch")
    assert ledger.copies.find("b1", "d1") == CopyFound(text)
    assert ledger.copies.find("b1", "d2") == CopyFound(None)
    assert ledger.copies.find("b1", "d3") is None
    assert ledger.copies.texts("b1") == [text]
    assert ledger.copies.elsewhere("b1") == ["d2"]


def test_what_is_kept_stays_when_the_rest_is_forgotten(ledger: Ledger) -> None:
    for number in range(1200):
        ledger.copies.put("b1", f"d{number}", b"text" if number % 2 else None)
    ledger.copies.forget_texts("b1", keep={"d1", "d3"})
    assert len(ledger.copies.texts("b1")) == 2
    ledger.copies.forget("b1", ledger.copies.elsewhere("b1"))
    assert ledger.copies.elsewhere("b1") == []

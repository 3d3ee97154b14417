"""Answers that are paid and of no use: asked again as often as it helps, and no more."""

from dataclasses import replace
from pathlib import Path

import pytest

from pressrun.calls.caller import Caller
from pressrun.calls.unusable import BY_CHANCE, NEVER_AN_ITEM, NEVER_USED, Unusable
from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import catalogue
from pressrun.errors import BadReply, Blocked, EngineError, Unavailable
from pressrun.ledger import Ledger
from pressrun.ledger.vault import Vault
from tests.unit.calls.test_caller import IMAGE, TEXT, USAGE, Provider, caller, rows

ADDRESS = "The answer's picture is an address."


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def useless(said: str = ADDRESS) -> BadReply:
    return BadReply(said, usage=USAGE)


def no_picture(repeats: int = 2, *, reencode: bool = False) -> BadReply:
    error = BadReply("It sent no picture.", kind="no_image", usage=USAGE)
    error.repeats, error.reencode = repeats, reencode
    return error


def ask(made: Caller) -> None:
    made.image("slide", ImageRequest(IMAGE, "A cup"), lambda picture: picture)


def test_a_model_whose_every_answer_is_useless_is_paid_twice_and_no_more(
    ledger: Ledger, tmp_path: Path
) -> None:
    provider = Provider([useless() for _ in range(9)])
    made = caller(ledger, Vault(tmp_path), provider)
    with pytest.raises(BadReply, match="address") as first:
        ask(made)
    assert first.value.retryable
    with pytest.raises(BadReply, match=r"2 times in a row.*Choose another model") as second:
        ask(made)
    assert (second.value.kind, second.value.retryable) == ("unusable", False)
    assert second.value.stops_route
    assert [row.status for row in rows(ledger)] == ["failed"] * NEVER_USED
    assert all(row.cost_nusd > 0 for row in rows(ledger))  # the provider bills them


@pytest.mark.parametrize("model", [IMAGE, TEXT])
def test_one_that_gave_usable_answers_or_writes_text_is_trusted_for_longer(model: str) -> None:
    row = Unusable(catalogue()[model])
    if model == IMAGE:
        row.record(None)
    for _ in range(BY_CHANCE - 1):
        row.record(useless())
    with pytest.raises(BadReply, match=f"{BY_CHANCE} times in a row"):
        row.record(useless())


@pytest.mark.parametrize(
    "between", [None, useless("Another reason."), no_picture()], ids=["answer", "reason", "item"]
)
def test_what_ends_a_row_and_what_does_not(between: EngineError | None) -> None:
    row = Unusable(catalogue()[IMAGE])
    row.record(useless())
    row.record(Unavailable("Not an answer at all."))
    row.record(between)
    if between is not None and between.repeats is not None:
        with pytest.raises(BadReply, match="in a row"):
            row.record(useless())
    else:
        row.record(useless())


def test_a_model_that_gives_no_item_anything_is_left_after_some_items() -> None:
    row, calls = Unusable(catalogue()[IMAGE]), 3 * NEVER_AN_ITEM
    for number in range(calls - 1):
        error = no_picture()
        error.args = (f"It sent no picture. It says: not number {number}.",)
        row.record(error)
    with pytest.raises(BadReply, match=f"{calls} times in a row") as last:
        row.record(no_picture())
    assert last.value.stops_route


def test_and_one_that_ever_gave_a_picture_is_not() -> None:
    row = Unusable(catalogue()[IMAGE])
    row.record(None)
    for _ in range(9 * NEVER_AN_ITEM):
        row.record(no_picture())


def test_a_reason_that_stops_the_route_already_is_left_as_it_is() -> None:
    row = Unusable(catalogue()[IMAGE])
    for _ in range(3):
        row.record(BadReply(ADDRESS, kind="address_only", retryable=False))


@pytest.mark.parametrize("useless_ones", [1, 2])
def test_a_picture_that_did_not_come_is_asked_for_twice_more(
    ledger: Ledger, tmp_path: Path, useless_ones: int
) -> None:
    provider = Provider([no_picture() for _ in range(useless_ones)])
    ask(caller(ledger, Vault(tmp_path), provider))
    assert len(provider.asked) == useless_ones + 1
    assert [row.status for row in rows(ledger)] == ["failed"] * useless_ones + ["settled"]


def test_and_is_then_final_for_its_item_alone(ledger: Ledger, tmp_path: Path) -> None:
    provider = Provider([no_picture() for _ in range(9)])
    with pytest.raises(BadReply, match="no picture") as last:
        ask(caller(ledger, Vault(tmp_path), provider))
    assert len(provider.asked) == 3
    assert not last.value.retryable
    assert not last.value.stops_route


def test_a_refusal_that_asks_for_it_is_asked_again_with_pictures_encoded_anew(
    ledger: Ledger, tmp_path: Path
) -> None:
    provider = Provider([no_picture(1, reencode=True), Blocked("Refused for good.")])
    with pytest.raises(Blocked):
        ask(caller(ledger, Vault(tmp_path), provider))
    first, second = provider.asked
    assert isinstance(second, ImageRequest)
    assert second.reencoded
    assert first == replace(second, reencoded=False)
    assert len({row.call_key for row in rows(ledger)}) == 1  # the same is asked


def test_reasons_that_take_turns_are_asked_no_more_often_than_one(
    ledger: Ledger, tmp_path: Path
) -> None:
    turns: list[EngineError | str] = [
        no_picture(2),
        no_picture(2),
        *(no_picture(1, reencode=True) for _ in range(9)),
    ]
    provider = Provider(turns)
    with pytest.raises(BadReply, match="no picture"):
        ask(caller(ledger, Vault(tmp_path), provider))
    assert len(provider.asked) == 3

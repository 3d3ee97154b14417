"""The caller: every call reserved, written, sent, kept and settled, once."""

import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import BaseModel
from sqlalchemy import select

from pressrun.calls import routes
from pressrun.calls.admission import Admission
from pressrun.calls.caller import Caller
from pressrun.calls.endpoints import Endpoint
from pressrun.calls.routes import Route
from pressrun.engines.account import Access, Account
from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.errors import (
    BadReply,
    Blocked,
    EngineError,
    PictureError,
    QuotaExhausted,
    Throttled,
    Unavailable,
)
from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import calls
from pressrun.ledger.vault import Vault
from pressrun.pictures.picture import MAX_BYTES, Picture, read_picture

TEXT, IMAGE = "gemini-3.8-flash", "gemini-nano-banana-2.1"
USAGE = Usage(input_tokens=1000, output_tokens=200, thought_tokens=100)
COST = (1000 * 0.75 + 300 * 3.75) / 1e6


class Shape(BaseModel):
    word: str


@dataclass
class Provider:
    """An engine that answers as it is told, and counts; then it answers well."""

    answers: list[EngineError | str] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)
    name: str = "told"

    def text(self, request: TextRequest) -> TextReply:
        return TextReply(self._next(request), USAGE, "v-1")

    def image(self, request: ImageRequest) -> ImageReply:
        self._next(request)
        return ImageReply(a_picture(), USAGE, "v-1")

    def close(self) -> None:
        pass

    def _next(self, request: object) -> str:
        self.asked.append(request)
        answer = self.answers.pop(0) if self.answers else json.dumps({"word": "yes"})
        if isinstance(answer, EngineError):
            raise answer
        return answer


def a_picture() -> Picture:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(data, "PNG")
    return read_picture(data.getvalue(), "a picture")


def question(**changes: Any) -> TextRequest:
    asked: dict[str, Any] = {"model": TEXT, "prompt": "Why?", "schema": Shape, "seed": 1}
    return TextRequest(**asked | changes)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def caller(
    ledger: Ledger, vault: Vault, provider: Provider, item: str = "i1", per_minute: float = 1e6
) -> Caller:
    limits = Limits(requests_per_minute=per_minute)
    account = Account((Access("key"),), {TEXT: limits, IMAGE: limits})
    endpoints = (Endpoint(account.accesses[0].name, provider),)
    by_model = {
        name: Route(catalogue()[name], endpoints, lambda: account, Admission(), ledger=ledger)
        for name in (TEXT, IMAGE)
    }
    return Caller(ledger, vault, by_model, "b1", item)


def rows(ledger: Ledger) -> list[Any]:
    with ledger.database.read() as connection:
        return list(connection.execute(select(calls).order_by(calls.c.send_at)))


def test_a_call_is_settled_with_its_price_and_its_place(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    answer = caller(ledger, vault, provider).text("analysis", question())
    (row,) = rows(ledger)
    assert answer.cost_usd == pytest.approx(COST, abs=1e-12)
    assert (row.status, row.cost_nusd) == ("settled", round(COST * 1e9))
    assert (row.slot, row.model, row.model_version) == ("analysis", TEXT, "v-1")
    assert vault.get(row.sha256) == answer.data == b'{"word": "yes"}'


def test_the_intent_stands_before_the_call_is_sent(
    ledger: Ledger, vault: Vault, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    answer = provider.text

    def look(request: TextRequest) -> TextReply:
        seen.extend(row.status for row in rows(ledger))
        return answer(request)

    monkeypatch.setattr(provider, "text", look)
    caller(ledger, vault, provider).text("analysis", question())
    assert seen == ["intent"]


def test_what_is_settled_is_never_asked_again(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    first = caller(ledger, vault, provider).text("analysis", question())
    again = caller(ledger, vault, provider).text("analysis", question())
    assert (again.data, again.cost_usd) == (first.data, first.cost_usd)
    assert len(provider.asked) == 1


def test_what_is_blocked_is_not_asked_again_until_a_person_wants_it(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    provider.answers = [Blocked("Gemini refuses the prompt (SAFETY)."), BadReply("Cut off.")]
    for _ in range(3):
        with pytest.raises(Blocked, match=r"refuses the prompt \(SAFETY\)") as refusal:
            caller(ledger, vault, provider).text("analysis", question())
        assert not refusal.value.retryable
    assert len(provider.asked) == 1
    with pytest.raises(BadReply):  # may pass, and is asked again
        caller(ledger, vault, provider).text("analysis", question(prompt="Who?"))
    caller(ledger, vault, provider).text("analysis", question(prompt="Who?"))
    caller(ledger, vault, provider, "i2").text("analysis", question())
    assert len(provider.asked) == 4

    ledger.calls.forget_blocked("b1", ["i1"])
    assert caller(ledger, vault, provider).text("analysis", question()).data == b'{"word": "yes"}'
    assert len(provider.asked) == 5
    assert sum(row.error_kind == "blocked" for row in rows(ledger)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "Who?"},
        {"seed": 2},
        {"system": "Be brief."},
        {"pictures": (a_picture(),)},
        {"schema": type("Other", (Shape,), {"__annotations__": {"more": str}})},
    ],
)
def test_another_question_is_another_call(
    ledger: Ledger, vault: Vault, provider: Provider, changes: dict[str, Any]
) -> None:
    caller(ledger, vault, provider).text("analysis", question())
    provider.answers = ['{"word": "a", "more": "b"}']
    caller(ledger, vault, provider).text("analysis", question(**changes))
    assert len(provider.asked) == 2
    assert len({row.call_key for row in rows(ledger)}) == 2


def test_another_item_pays_for_its_own(ledger: Ledger, vault: Vault, provider: Provider) -> None:
    for item in ("i1", "i2"):
        caller(ledger, vault, provider, item).text("analysis", question())
    assert len(provider.asked) == 2


def test_a_picture_is_kept_as_it_is_delivered(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    final = a_picture()
    ask = ImageRequest(IMAGE, "A slide")
    picture, answer = caller(ledger, vault, provider).image("slide_0", ask, lambda _: final)
    assert picture == final
    assert vault.get(rows(ledger)[0].sha256) == answer.data == final.data
    again, _ = caller(ledger, vault, provider).image("slide_0", ask, lambda p: p)
    assert again == final
    assert len(provider.asked) == 1


def test_a_picture_larger_than_any_that_people_may_upload_is_read_again(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    small = a_picture()
    final = Picture(small.data + bytes(MAX_BYTES), small.media_type, small.width, small.height)
    ask = ImageRequest(IMAGE, "A slide")
    caller(ledger, vault, provider).image("slide_0", ask, lambda _: final)
    again, _ = caller(ledger, vault, provider).image("slide_0", ask, lambda p: p)
    assert again == final
    assert len(provider.asked) == 1


def test_a_picture_that_cannot_be_finished_is_a_paid_failure(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    def damaged(_: Picture) -> Picture:
        raise PictureError("The picture is damaged.")

    with pytest.raises(BadReply):
        caller(ledger, vault, provider).image("slide_0", ImageRequest(IMAGE, "A slide"), damaged)
    assert [(r.status, r.cost_nusd > 0) for r in rows(ledger)] == [("failed", True)]


def test_an_answer_that_the_item_cannot_use_is_paid_and_not_settled(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    def useless(_: str) -> None:
        raise BadReply("Too few.", usage=None)

    with pytest.raises(BadReply):
        caller(ledger, vault, provider).text("analysis", question(), useless)
    (row,) = rows(ledger)
    assert (row.status, row.cost_nusd) == ("failed", round(COST * 1e9))


def test_a_failure_is_written_and_goes_up(ledger: Ledger, vault: Vault, provider: Provider) -> None:
    provider.answers = [Unavailable("It failed.")]
    with pytest.raises(Unavailable):
        caller(ledger, vault, provider).text("analysis", question())
    (row,) = rows(ledger)
    assert (row.status, row.error_kind, row.cost_nusd) == ("failed", "unavailable", 0)


def test_being_throttled_moves_everybodys_next_call_and_then_asks_again(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    provider.answers = [Throttled("Too fast.", retry_after_s=0.3)]
    begun = time.time()
    caller(ledger, vault, provider).text("analysis", question())
    assert [row.status for row in rows(ledger)] == ["failed", "settled"]
    assert rows(ledger)[1].send_at >= begun + 0.3


def test_a_failure_that_names_a_wait_holds_everybodys_next_call(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    provider.answers = [Unavailable("Much is asked of it.", retry_after_s=0.4)]
    begun = time.time()
    with pytest.raises(Unavailable):
        caller(ledger, vault, provider).text("analysis", question())
    caller(ledger, vault, provider, "i2").text("analysis", question())
    assert rows(ledger)[1].send_at >= begun + 0.4


def test_who_wakes_far_too_late_reserves_again(
    ledger: Ledger, vault: Vault, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = [0.7]

    def oversleep(seconds: float, _: object) -> None:
        time.sleep(max(0.0, seconds) + (late.pop() if late else 0.0))

    monkeypatch.setattr(routes, "sleep", oversleep)
    begun = time.time()
    caller(ledger, vault, provider).text("analysis", question())
    (row,) = rows(ledger)
    assert row.status == "settled"
    assert row.send_at >= begun + 0.7


def test_a_days_quota_closes_the_model_for_every_item(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    until = datetime.now(UTC) + timedelta(hours=2)
    provider.answers = [QuotaExhausted("The day is used up.", until=until)]
    for item in ("i1", "i2"):
        with pytest.raises(QuotaExhausted, match="The day is used up"):
            caller(ledger, vault, provider, item).text("analysis", question())
    assert len(provider.asked) == 1


def test_a_reset_that_is_soon_is_waited_for(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=0.5)
    provider.answers = [QuotaExhausted("The day is used up.", until=until)]
    for item in ("i1", "i2"):
        caller(ledger, vault, provider, item).text("analysis", question())
    assert [row.status for row in rows(ledger)] == ["failed", "settled", "settled"]
    assert rows(ledger)[1].send_at >= until.timestamp()


def test_bytes_lost_from_the_vault_are_asked_for_again(
    ledger: Ledger, vault: Vault, provider: Provider
) -> None:
    caller(ledger, vault, provider).text("analysis", question())
    vault.clear()
    caller(ledger, vault, provider).text("analysis", question())
    assert [row.status for row in rows(ledger)] == ["voided", "settled"]

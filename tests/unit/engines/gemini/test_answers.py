"""Answers of Gemini with status 200: what is read of them, what they cost, what else they mean."""

import base64
from typing import Any

import pytest
from pydantic import BaseModel

from pressrun.engines.base import ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.engines.gemini.answers import Answer
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import BadReply, Blocked, EngineError, Refused
from pressrun.pictures.picture import read_picture
from tests.servers.provider import drawn

MODEL = "gemini-nano-banana-2.1"
FIRST, SECOND = drawn(8, 8, "red"), drawn(8, 8, "blue")
USED = {
    "promptTokenCount": 300,
    "candidatesTokenCount": 1120,
    "thoughtsTokenCount": 220,
    "totalTokenCount": 1640,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}
#: By Google's price page: 300 read, 1120 of a picture, 220 thoughts.
USED_USD = 300 * 1.5e-6 + 1120 * 30e-6 + 220 * 7.5e-6


class Shape(BaseModel):
    title: str


def asked(**changes: Any) -> ImageRequest:
    return ImageRequest(**{"model": MODEL, "prompt": "a red cup"} | changes)


def answer(body: Any, request: Any = None, headers: dict[str, str] | None = None) -> Answer:
    request = request or asked()
    most = most_usage(catalogue()[request.model], request)
    return Answer(body, headers or {}, request, most)


def inline(data: bytes = FIRST, **more: Any) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    return {"inlineData": {"mimeType": "image/png", "data": encoded}, **more}


def came(*parts: Any, finish: str = "STOP", usage: Any = USED) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m-1"}


def usd(usage: Usage, model: str = MODEL) -> float:
    return float(catalogue()[model].cost_usd(usage))


def failure(body: Any, request: Any = None) -> EngineError:
    with pytest.raises(EngineError) as caught:
        answer(body, request).image()
    return caught.value


PICTURES = [
    ([inline(FIRST), inline(SECOND)], SECOND),
    ([inline(FIRST), inline(SECOND, thought=True)], FIRST),
    ([inline(FIRST, thought=True), inline(SECOND, thought=True)], SECOND),
    ([{"text": "Here it is."}, inline(FIRST), {"text": "Enjoy."}], FIRST),
    ([None, "odd", {"inlineData": "odd"}, inline(FIRST)], FIRST),
]


@pytest.mark.parametrize(("parts", "picture"), PICTURES)
def test_the_last_picture_counts_and_one_among_thoughts_if_there_is_no_other(
    parts: list[Any], picture: bytes
) -> None:
    reply = answer(came(*parts)).image()
    assert reply.picture.data == picture
    assert reply.model_version == "m-1"


@pytest.mark.parametrize(
    "told",
    [
        lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
        lambda text: "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
        lambda text: f"data:image/png;base64,{text}",
        lambda text: f"  {text}\n",
    ],
)
def test_base64_is_read_however_it_is_written(told: Any) -> None:
    part = inline(FIRST)
    part["inlineData"]["data"] = told(part["inlineData"]["data"])
    assert answer(came(part)).image().picture.data == FIRST


def left_out(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in USED.items() if name not in names} | changes


SUM = "totalTokenCount"
DETAILS = "candidatesTokensDetails"
ODD_DETAILS = [{"modality": "IMAGE", "tokenCount": "n/a"}, None, 7]
BILLED: list[tuple[str, Any, float]] = [
    ("as told", USED, USED_USD),
    ("no modalities", left_out(DETAILS), USED_USD),
    ("odd modalities", left_out(candidatesTokensDetails=ODD_DETAILS), USED_USD),
    ("numbers as words", {name: str(USED[name]) for name in USED if name != DETAILS}, USED_USD),
    ("thoughts in the sum alone", left_out("thoughtsTokenCount"), USED_USD),
    ("thoughts of 0, and a sum", left_out(thoughtsTokenCount=0), USED_USD),
    ("the answer in the sum alone", left_out("candidatesTokenCount"), USED_USD),
    ("a negative answer", left_out(candidatesTokenCount=-5), USED_USD),
    ("snake case", {"prompt_token_count": 300, "candidates_token_count": 1120,
                    "thoughts_token_count": 220, "total_token_count": 1640}, USED_USD),
    ("the chat API's", {"prompt_tokens": 300, "completion_tokens": 1120, "total_tokens": 1640},
     USED_USD),
    ("the provider's price", USED | {"cost": 0.5}, 0.5),
    ("a price as a word", USED | {"cost": "0.5"}, 0.5),
    ("a price of nothing", USED | {"cost": 0}, USED_USD),
    ("a negative price", USED | {"cost": -1}, USED_USD),
    ("no price", USED | {"cost": "free"}, USED_USD),
]  # fmt: skip


@pytest.mark.parametrize(("usage", "cost"), [row[1:] for row in BILLED])
def test_what_is_told_is_billed_and_what_is_hidden_is_found(usage: Any, cost: float) -> None:
    assert usd(answer(came(inline(), usage=usage)).image().usage) == pytest.approx(cost)


def test_a_picture_that_was_kept_back_costs_what_was_read_and_thought() -> None:
    thought = {"promptTokenCount": 1119, "totalTokenCount": 1359, "thoughtsTokenCount": 240}
    body = {
        "candidates": [{"content": {"role": "model"}, "finishReason": "IMAGE_PROHIBITED_CONTENT"}],
        "usageMetadata": thought,
    }
    with pytest.raises(Blocked) as caught:
        answer(body).image()
    used = caught.value.usage
    assert isinstance(used, Usage)
    assert usd(used) == pytest.approx(1119 * 1.5e-6 + 240 * 7.5e-6)


ZEROS: dict[str, Any] = dict.fromkeys(("promptTokenCount", "candidatesTokenCount", SUM), 0)


@pytest.mark.parametrize("usage", [None, {}, [], "n/a", ZEROS, {"promptTokenCount": "n/a"}])
def test_what_is_not_told_is_counted_at_its_most(usage: Any) -> None:
    most = most_usage(catalogue()[MODEL], asked())
    assert answer(came(inline(), usage=usage)).image().usage == most


def test_thoughts_that_nobody_can_know_of_are_counted_at_their_most() -> None:
    hidden = left_out("thoughtsTokenCount", SUM)
    assert answer(came(inline(), usage=hidden)).image().usage.thought_tokens == 2048


def test_words_are_billed_as_words_and_told_thoughts_too() -> None:
    request = TextRequest("gemini-3.8-flash", "Why?", Shape)
    told = {"promptTokenCount": 40, "candidatesTokenCount": 9, "thoughtsTokenCount": 6, SUM: 55}
    body = came({"text": "I think", "thought": True}, {"text": '{"title": "x"}'}, usage=told)
    reply = answer(body, request).text()
    assert reply.text == '{"title": "x"}'
    assert reply.usage == Usage(40, 9, 0, 6)


def test_the_tier_that_was_served_is_kept_and_billed() -> None:
    plain = came(inline())
    for body, headers, factor in (
        (plain, {"X-Gemini-Service-Tier": "flex"}, 0.5),
        (came(inline(), usage=USED | {"serviceTier": "SERVICE_TIER_PRIORITY"}), {}, 2.0),
        (came(inline(), usage=USED | {"trafficType": "ON_DEMAND_FLEX"}), {}, 0.5),
        (plain, {"x-gemini-service-tier": "standard"}, 1.0),
        (came(inline(), usage=USED | {"trafficType": "ON_DEMAND"}), {}, 1.0),
        (plain, {"x-gemini-service-tier": "!"}, 1.0),
    ):
        usage = answer(body, headers=headers).image().usage
        assert usd(usage) == pytest.approx(USED_USD * factor)


NOTHING_MADE = {"promptTokenCount": 12, "totalTokenCount": 12}


@pytest.mark.parametrize("reason", ["SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"])
@pytest.mark.parametrize("usage", [NOTHING_MADE, None])
def test_a_blocked_prompt_is_final_and_costs_what_was_read(reason: str, usage: Any) -> None:
    error = failure({"promptFeedback": {"blockReason": reason}, "usageMetadata": usage})
    assert (type(error), error.kind, error.retryable) == (Blocked, "blocked", False)
    assert reason in str(error)
    read = most_usage(catalogue()[MODEL], asked()).input_tokens if usage is None else 12
    assert error.usage == Usage(read)


def test_a_prompt_refused_without_a_reason_is_asked_once_more_with_other_bytes() -> None:
    body = {"promptFeedback": {"blockReason": "OTHER"}, "usageMetadata": NOTHING_MADE}
    pictures = (read_picture(FIRST, "a picture"),)
    blind = failure(body, asked(pictures=pictures))
    assert (type(blind), blind.kind) == (BadReply, "refused_blindly")
    assert (blind.retryable, blind.reencode, blind.repeats) == (True, True, 1)
    for request in (asked(pictures=pictures, reencoded=True), asked()):
        assert type(failure(body, request)) is Blocked


FINISHES = [
    ("SAFETY", Blocked, "blocked"),
    ("RECITATION", Blocked, "blocked"),
    ("LANGUAGE", Blocked, "blocked"),
    ("SPII", Blocked, "blocked"),
    ("IMAGE_SAFETY", Blocked, "blocked"),
    ("IMAGE_PROHIBITED_CONTENT", Blocked, "blocked"),
    ("IMAGE_RECITATION", Blocked, "blocked"),
    ("IMAGE_BOREDOM", Blocked, "blocked"),  # invented tomorrow
    ("NO_IMAGE", BadReply, "no_image"),
    ("MAX_TOKENS", BadReply, "truncated"),
    ("CONTINUATION", BadReply, "truncated"),
    ("OTHER", BadReply, "bad_reply"),
    ("IMAGE_OTHER", BadReply, "bad_reply"),
    ("MALFORMED_RESPONSE", BadReply, "bad_reply"),
    ("PUP_LIMITED_DISABLED", Refused, "no_permission"),
]


@pytest.mark.parametrize(("reason", "expected", "kind"), FINISHES)
@pytest.mark.parametrize("content", [{}, {"parts": None}, None, "odd"])
def test_a_finish_that_is_no_end_is_an_error_with_its_usage(
    reason: str, expected: type[EngineError], kind: str, content: Any
) -> None:
    candidate = {"content": content, "finishReason": reason, "finishMessage": "because"}
    error = failure({"candidates": [candidate], "usageMetadata": NOTHING_MADE})
    assert (type(error), error.kind) == (expected, kind)
    assert error.retryable is (expected is BadReply)
    assert f"{reason}: because" in str(error)
    assert error.usage == Usage(12)


def test_no_picture_is_asked_again_twice_at_most_and_says_what_the_model_said() -> None:
    told = {"promptTokenCount": 300, "thoughtsTokenCount": 220, "totalTokenCount": 520}
    for finish in ("NO_IMAGE", "STOP"):
        body = came({"text": "I would rather describe it"}, finish=finish, usage=told)
        error = failure(body)
        assert (error.kind, error.retryable, error.repeats) == ("no_image", True, 2)
        assert "I would rather describe it" in str(error)
    nothing = failure({"candidates": [{"finishReason": "NO_IMAGE"}], "usageMetadata": told})
    assert nothing.usage == Usage(300, 0, 0, 220)


def test_an_address_in_place_of_a_picture_is_never_of_use() -> None:
    error = failure(came({"fileData": {"fileUri": "gs://bucket/x.png"}}))
    assert (error.kind, error.retryable, error.stops_route) == ("address_only", False, True)


@pytest.mark.parametrize("candidates", [None, [], {}, "odd", [None], [7]])
def test_an_answer_without_candidates_is_a_bad_reply(candidates: Any) -> None:
    error = failure({"candidates": candidates, "usageMetadata": USED})
    assert (type(error), error.kind) == (BadReply, "empty")


@pytest.mark.parametrize("reason", ["STOP", "FINISH_REASON_UNSPECIFIED", None, 7, {}])
def test_a_regular_end_gives_the_picture(reason: Any) -> None:
    body = came(inline())
    body["candidates"][0]["finishReason"] = reason
    assert answer(body).image().picture.data == FIRST

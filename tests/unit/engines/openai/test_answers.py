"""Answers of the Images API with status 200: the picture, what it costs, and odd ones."""

import base64
from typing import Any

import pytest

from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.openai.answers import read_image
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import BadReply, Blocked
from pressrun.pictures.picture import read_picture
from tests.servers.provider import drawn

MODEL = "gpt-image-2.5-flare"
DRAWN = drawn(8, 8)
PICTURE = base64.b64encode(DRAWN).decode()
#: By OpenAI's price page: 20 read, 439 of a picture.
USED_USD = 20 * 5e-6 + 439 * 30e-6


def asked(**changes: Any) -> ImageRequest:
    return ImageRequest(**{"model": MODEL, "prompt": "a red cup", "aspect_ratio": "1:1"} | changes)


def read(body: Any, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    return read_image(body, headers or {}, catalogue()[MODEL], asked(**changes))


def usd(usage: Any) -> float:
    return float(catalogue()[MODEL].cost_usd(usage))


WHOLE = {"input_tokens": 20, "output_tokens": 439, "total_tokens": 459}
BILLED: list[tuple[Any, float]] = [
    (WHOLE, USED_USD),
    (WHOLE | {"output_tokens_details": {"image_tokens": 439, "text_tokens": 0}}, USED_USD),
    (WHOLE | {"output_tokens_details": "n/a", "input_tokens_details": [7]}, USED_USD),
    ({"prompt_tokens": 20, "completion_tokens": 439}, USED_USD),
    ({"input_tokens": "20", "output_tokens": "439"}, USED_USD),
    ({"input_tokens": 20, "output_tokens": 0, "total_tokens": 459}, USED_USD),
    ({"input_tokens": 20, "output_tokens": -439, "total_tokens": 459}, USED_USD),
    (WHOLE | {"cost": 0.04}, 0.04),
    (WHOLE | {"cost": 0}, USED_USD),
    (WHOLE | {"cost": 10**9}, USED_USD),
    (WHOLE | {"cost": True}, USED_USD),
]


@pytest.mark.parametrize(("usage", "cost"), BILLED)
def test_what_is_told_is_billed(usage: Any, cost: float) -> None:
    reply = read({"data": [{"b64_json": PICTURE}], "usage": usage})
    assert usd(reply.usage) == pytest.approx(cost)


ZEROS = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}


@pytest.mark.parametrize("usage", [None, ZEROS, "n/a", [], {"input_tokens": "n/a"}, {"cost": 0}])
def test_what_is_not_told_is_counted_at_its_most(usage: Any) -> None:
    reply = read({"data": [{"b64_json": PICTURE}], "usage": usage})
    assert reply.usage == most_usage(catalogue()[MODEL], asked())


def test_pictures_that_were_shown_cost_their_own_rate_where_it_is_not_told_apart() -> None:
    shown = (read_picture(DRAWN, "a picture"),)
    reply = read({"data": [{"b64_json": PICTURE}], "usage": WHOLE}, pictures=shown)
    assert reply.usage.input_image_tokens == 20


@pytest.mark.parametrize(
    "data",
    [
        [{"b64_json": PICTURE, "url": None}],
        [{"b64_json": f"data:image/png;base64,{PICTURE}"}],
        [{"url": f"data:image/png;base64,{PICTURE}"}],
        [{"b64_json": "\n".join(PICTURE)}],
        [PICTURE],
        [None, {"b64_json": PICTURE}],
    ],
)
def test_a_picture_is_read_however_it_is_sent(data: Any) -> None:
    assert read({"data": data}).picture.data == DRAWN


ODD = [
    ([], "no_image", True),
    (None, "no_image", True),
    ([None], "no_image", True),
    ([7, {}], "no_image", True),
    (["iVBOR"], "bad_picture", True),
    ([{"b64_json": 7}], "bad_picture", True),
    ([{"b64_json": "n/a!"}], "bad_picture", True),
    ([{"url": "https://vendor.example/x.png"}], "address_only", False),
    ([{"b64_json": "https://vendor.example/x.png"}], "address_only", False),
    (["https://vendor.example/x.png"], "address_only", False),
]


@pytest.mark.parametrize(("data", "kind", "again"), ODD)
def test_what_is_no_picture_is_a_bad_reply_with_its_usage(
    data: Any, kind: str, again: bool
) -> None:
    with pytest.raises(BadReply) as caught:
        read({"data": data, "usage": WHOLE})
    error = caught.value
    assert (error.kind, error.retryable, error.stops_route) == (kind, again, not again)
    assert usd(error.usage) == pytest.approx(USED_USD)


def test_the_tier_that_was_served_is_kept() -> None:
    body = {"data": [{"b64_json": PICTURE}], "usage": WHOLE}
    assert read(body | {"service_tier": "priority"}).usage.tier == "priority"
    assert read(body | {"service_tier": "default"}).usage.tier == ""
    assert read(body, {"openai-service-tier": "flex"}).usage.tier == "flex"


WITHHELD = [
    {"data": [{"b64_json": "", "respect_moderation": False}]},
    {"data": [{"url": None, "respect_moderation": False}]},
    {"data": [], "respect_moderation": False},
]


@pytest.mark.parametrize("body", WITHHELD)
def test_a_picture_that_the_vendor_s_moderation_keeps_back_is_not_asked_again(body: Any) -> None:
    with pytest.raises(Blocked, match="moderation") as caught:
        read(body)
    assert caught.value.usage == most_usage(catalogue()[MODEL], asked())


def test_a_picture_that_passed_the_vendor_s_moderation_is_read() -> None:
    one = {"b64_json": PICTURE, "respect_moderation": True}
    assert read({"data": [one]}).picture.data == DRAWN

"""The OpenAI engine with the real SDK against the local server: replies, bills and every error."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pressrun.engines.account import Access, Account
from pressrun.engines.account_check import check_account
from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.openai.engine import OpenAIEngine
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import (
    Refused,
)
from pressrun.pictures.picture import Picture, read_picture
from tests.servers.openai_images import OpenAIServer
from tests.servers.provider import drawn

KEY, MODEL = "sk-a-good-key", "gpt-image-2.5-flare"
OPENAIS = [name for name, model in catalogue().items() if model.engine == "openai"]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys={KEY}) as server:
        yield server


def access(server: OpenAIServer, key: str = KEY) -> Access:
    return Access(key, base_url=server.base_url, engine="openai")


@pytest.fixture
def engine(server: OpenAIServer) -> Iterator[OpenAIEngine]:
    engine = OpenAIEngine(access(server))
    yield engine
    engine.close()


def wish(**changes: Any) -> ImageRequest:
    asked: dict[str, Any] = {"model": MODEL, "prompt": "a cat", "aspect_ratio": "1:1", "seed": 5}
    return ImageRequest(**asked | changes)


def a_picture() -> Picture:
    return read_picture(drawn(64, 96), "a picture")


@pytest.mark.parametrize("model", OPENAIS)
@pytest.mark.parametrize(("shape", "size"), [("1:1", "1K"), ("9:16", "2K"), ("21:9", "1K")])
def test_every_model_makes_the_asked_size_for_what_the_server_bills(
    server: OpenAIServer, engine: OpenAIEngine, model: str, shape: str, size: str
) -> None:
    request = wish(model=model, aspect_ratio=shape, size=size)
    reply = engine.image(request)
    entry = catalogue()[model]
    assert (reply.picture.width, reply.picture.height) == entry.pixel_size(shape, size)
    assert entry.cost_usd(reply.usage) == server.bill_usd > 0
    assert server.bill_usd <= entry.cost_usd(most_usage(entry, request))


def test_what_the_catalogue_fixes_is_sent_and_what_the_model_does_not_know_is_not(
    server: OpenAIServer, engine: OpenAIEngine
) -> None:
    engine.image(wish(options={"negative_prompt": "dogs", "steps": 30}))
    (asked,) = server.asked
    assert asked == {
        "pictures": [],
        "model": MODEL,
        "prompt": "a cat",
        "n": 1,
        "size": "1024x1024",
        "quality": "medium",
        "background": "opaque",
    }


def test_pictures_are_sent_along_in_order_and_billed_at_their_own_rate(
    server: OpenAIServer, engine: OpenAIEngine
) -> None:
    pictures = (a_picture(), read_picture(drawn(32, 32, "red"), "another"))
    request = wish(pictures=pictures)
    reply = engine.image(request)
    (asked,) = server.asked
    assert asked["pictures"] == [picture.data for picture in pictures]
    assert (asked["quality"], asked["size"], asked["prompt"]) == ("medium", "1024x1024", "a cat")
    entry = catalogue()[MODEL]
    assert reply.usage.input_image_tokens == 2000
    assert entry.cost_usd(reply.usage) == server.bill_usd
    assert server.bill_usd <= entry.cost_usd(most_usage(entry, request))


def test_a_vendor_that_counts_nothing_is_counted_at_the_most(
    server: OpenAIServer, engine: OpenAIEngine
) -> None:
    server.fail("no_usage")
    request = wish()
    assert engine.image(request).usage == most_usage(catalogue()[MODEL], request)


def test_a_shape_that_the_model_does_not_make_is_refused_before_anything_is_sent(
    server: OpenAIServer, engine: OpenAIEngine
) -> None:
    for changes in ({"aspect_ratio": "1:8"}, {"size": "4K"}):
        with pytest.raises(Refused, match="makes no picture of"):
            engine.image(wish(**changes))
    assert server.asked == []


def test_an_account_check_tells_what_a_key_reaches_and_pays_nothing(server: OpenAIServer) -> None:
    lost = Access(KEY, base_url=f"{server.url}/nowhere", engine="openai")
    check = check_account(Account((access(server), access(server, "sk-bad"), lost)))
    good, bad, astray = check.accesses
    assert good.reached == OPENAIS
    assert (bad.error_kind, astray.error_kind) == ("bad_key", "bad_address")
    assert [pace.model for pace in check.paces] == OPENAIS
    assert server.bill_usd == Decimal(0)

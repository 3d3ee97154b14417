"""The Gemini engine through the real SDK, against the local Gemini server."""

import io
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image
from pydantic import BaseModel, Field

from pressrun.engines.account import Access
from pressrun.engines.base import Engine, ImageRequest, TextRequest, Usage
from pressrun.engines.gemini.engine import GeminiEngine
from pressrun.errors import (
    QuotaExhausted,
    Refused,
    Unavailable,
)
from pressrun.pictures.picture import Picture, read_picture
from tests.servers.gemini import GeminiServer

KEY = "AIza-good-key-0123456789"
IMAGE_MODEL = "gemini-nano-banana-2.1"
TEXT_MODEL = "gemini-3.8-flash"


class Slide(BaseModel):
    index: int = Field(ge=0)
    text: str = Field(max_length=40)


class Analysis(BaseModel):
    caption: str
    slides: list[Slide] = Field(min_length=3, max_length=3)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[GeminiServer, GeminiEngine]]:
    """One server and one engine for all: an engine takes a tenth of a second to make."""
    with GeminiServer(keys={KEY}) as server:
        engine = GeminiEngine(Access(KEY, base_url=server.url))
        yield server, engine
        engine.close()


@pytest.fixture
def server(running: tuple[GeminiServer, GeminiEngine]) -> GeminiServer:
    running[0].reset()
    return running[0]


@pytest.fixture
def engine(running: tuple[GeminiServer, GeminiEngine]) -> GeminiEngine:
    return running[1]


def text_request(prompt: str = "Describe the slides.", **settings: Any) -> TextRequest:
    return TextRequest(**{"model": TEXT_MODEL, "schema": Analysis, **settings}, prompt=prompt)


def image_request(prompt: str = "Draw a mug.", **settings: Any) -> ImageRequest:
    return ImageRequest(**{"model": IMAGE_MODEL, **settings}, prompt=prompt)


def ask(engine: Engine, kind: str, prompt: str = "Draw a mug.", **settings: Any) -> Any:
    if kind == "image":
        return engine.image(image_request(prompt, **settings))
    return engine.text(text_request(prompt, **settings))


def picture(colour: str, format_: str = "PNG") -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, format_)
    return read_picture(out.getvalue(), "a test picture")


def test_a_text_reply_is_json_that_fits_the_schema(
    engine: GeminiEngine, server: GeminiServer
) -> None:
    reply = engine.text(text_request(system="Answer in English.", seed=7))

    assert len(Analysis.model_validate_json(reply.text).slides) == 3
    (call,) = server.bill
    assert (call.kind, call.seed) == ("text", 7)
    assert reply.usage == Usage(
        call.input_tokens, call.output_tokens, call.image_tokens, call.thought_tokens
    )
    assert reply.usage.thought_tokens > 0
    assert reply.model_version.startswith(TEXT_MODEL)


@pytest.mark.parametrize(
    ("aspect_ratio", "size", "pixels", "tokens"),
    [
        ("9:16", "1K", (768, 1376), 1120),
        ("1:1", "1K", (1024, 1024), 1120),
        ("4:5", "2K", (1856, 2304), 1680),
    ],
)
def test_an_image_reply_has_the_size_asked_for(
    engine: GeminiEngine,
    aspect_ratio: str,
    size: str,
    pixels: tuple[int, int],
    tokens: int,
) -> None:
    reply = engine.image(image_request(aspect_ratio=aspect_ratio, size=size))

    assert (reply.picture.width, reply.picture.height) == pixels
    assert reply.picture.open().size == pixels
    assert reply.usage.image_tokens == tokens


def test_a_png_reply_is_read_as_well() -> None:
    with GeminiServer(picture_format="PNG") as server:
        engine = GeminiEngine(Access(KEY, base_url=server.url, api_version="v1beta"))
        assert engine.image(image_request()).picture.media_type == "image/png"
        engine.close()


def test_references_go_before_the_prompt_in_their_order(
    engine: GeminiEngine, server: GeminiServer
) -> None:
    references = (picture("red", "JPEG"), picture("blue", "PNG"))

    engine.image(image_request(pictures=references))

    assert server.bill[0].parts == ("image/jpeg", "image/png", "text")


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(
    engine: GeminiEngine,
) -> None:
    first, again, other = (engine.image(image_request(seed=s)).picture.sha256 for s in (1, 1, 2))

    assert first == again != other


def test_a_seed_larger_than_the_api_takes_is_folded(
    engine: GeminiEngine, server: GeminiServer
) -> None:
    engine.image(image_request(seed=2**63 + 5))

    assert server.bill[0].seed == 5


def test_a_draft_among_the_thoughts_is_not_the_picture(
    engine: GeminiEngine, server: GeminiServer
) -> None:
    server.fail("thought_draft")

    assert engine.image(image_request()).picture.width == 768


def test_a_day_s_quota_ends_at_midnight_in_california(
    engine: GeminiEngine, server: GeminiServer
) -> None:
    server.fail("per_day", retry_after_s=1)

    with pytest.raises(QuotaExhausted) as caught:
        ask(engine, "image")

    assert caught.value.until is not None
    assert caught.value.until > datetime.now(UTC)
    assert caught.value.until.hour in {7, 8}


def test_a_key_that_google_quotes_is_scrubbed(engine: GeminiEngine) -> None:
    with pytest.raises(Refused, match=r"\[API key\]") as caught:
        ask(engine, "image", model=KEY)  # the 404 names the model, which here is the key

    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_margins_of_a_pasted_key_do_not_matter(server: GeminiServer) -> None:
    engine = GeminiEngine(Access(f" {KEY}\n", base_url=server.url))

    assert ask(engine, "text").text
    engine.close()


class Unspeakable(BaseModel):
    anything: dict[str, int]


def test_a_schema_that_gemini_cannot_express_is_a_wrong_request(engine: GeminiEngine) -> None:
    with pytest.raises(Refused) as caught:
        ask(engine, "text", schema=Unspeakable)

    assert caught.value.kind == "bad_request"


def test_an_engine_has_as_many_calls_in_flight_as_it_has_connections(server: GeminiServer) -> None:
    engine = GeminiEngine(Access(KEY, base_url=server.url), connections=120)
    server.fail("hang", times=120)

    def kind_of_failure(_: int) -> str:
        with pytest.raises(Unavailable) as caught:
            ask(engine, "image")
        return caught.value.kind

    with ThreadPoolExecutor(120) as pool:
        kinds = pool.map(kind_of_failure, range(120))
        wait_until(lambda: server.in_flight == 120)
        server.release()
        assert set(kinds) == {"connection"}
    engine.close()


def wait_until(true: Callable[[], bool], deadline_s: float = 20.0) -> None:
    end = time.monotonic() + deadline_s
    while not true():
        assert time.monotonic() < end, "the moment never came"
        time.sleep(0.01)

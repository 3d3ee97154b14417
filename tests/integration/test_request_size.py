"""Requests with large photos, as they arrive at a provider: none is larger than it takes."""

from collections.abc import Callable

import pytest

from pressrun.engines.account import Access
from pressrun.engines.base import Engine, ImageRequest, TextRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.gemini.engine import GeminiEngine
from pressrun.engines.openai.engine import OpenAIEngine
from pressrun.errors import EngineError
from pressrun.inputs.photos import MOST_PHOTOS
from pressrun.kinds.slideshow.prompt import SlideshowDraft
from tests.servers.gemini_http import Answer, HttpServer, Received
from tests.support.odd_pictures import noisy_photo

SLIDE = noisy_photo(0, 1080, 1920)
#: What is blurred of the source slide before it is sent.
WORDS = (100, 100, 200, 900)


def arrived(ask: Callable[[Engine], object], open_engine: Callable[[str], Engine]) -> int:
    """Asks a server that refuses everything; gives the bytes of the body that came there."""
    bodies: list[int] = []

    def refuse(received: Received) -> Answer:
        bodies.append(len(received.body))
        return Answer.of({}, status=400)

    server = HttpServer(refuse, 0)
    server.start()
    engine = open_engine(server.url)
    with pytest.raises(EngineError):
        ask(engine)
    engine.close()
    server.stop()
    (length,) = bodies
    return length


def gemini(url: str) -> Engine:
    return GeminiEngine(Access("AIza-a-key", base_url=url, api_version="v1beta"))


def openai(url: str) -> Engine:
    return OpenAIEngine(Access("sk-a-key", base_url=f"{url}/v1", engine="openai"))


@pytest.mark.parametrize("count", [1, 3, MOST_PHOTOS])
@pytest.mark.parametrize(
    ("open_engine", "model", "longer"),
    [(gemini, "gemini-nano-banana-2.1", 4 / 3), (openai, "gpt-image-2.5-flare", 1)],
)
def test_a_slide_with_any_number_of_photos(
    open_engine: Callable[[str], Engine], model: str, longer: float, count: int
) -> None:
    photos = [noisy_photo(number) for number in range(1, count + 1)]
    pictures = (SLIDE, *photos)
    labels = tuple(f"Image {number}:" for number in range(1, len(pictures) + 1))
    request = ImageRequest(model, "p" * 4000, pictures, labels, hidden=(WORDS,))
    body = arrived(lambda engine: engine.image(request), open_engine)
    assert body < catalogue()[model].most_request_mb * 0.92e6
    given, most = sum(len(one.data) for one in photos), catalogue()[model].most_picture_bytes
    assert (
        body > min(given, most) * longer * 0.6
    )  # and nothing is scaled much further than it has to be


@pytest.mark.parametrize("reencoded", [False, True])
def test_an_analysis_of_many_slides_and_photos(*, reencoded: bool) -> None:
    slides = [noisy_photo(-number, 1080, 1920) for number in range(1, 13)]
    pictures = (*slides, *(noisy_photo(number) for number in range(1, MOST_PHOTOS + 1)))
    request = TextRequest(
        "gemini-3.8-flash", "p" * 4000, SlideshowDraft, pictures, reencoded=reencoded
    )
    assert 10e6 < arrived(lambda engine: engine.text(request), gemini) < 18.4e6

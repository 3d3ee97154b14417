"""What is sent to Gemini, beside what Google's library would send of the same question."""

import io
import json
from collections.abc import Callable
from typing import Any

import google.auth
import httpx2
import pytest
from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials
from PIL import Image

from pressrun.engines import http
from pressrun.engines.account import Access
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.engines.gemini.engine import GeminiEngine
from pressrun.errors import EngineError
from pressrun.kinds.article.prompt import ArticleAnswer, Outline
from pressrun.kinds.slideshow.prompt import SlideshowDraft
from pressrun.moderation.model import Verdicts
from pressrun.pictures.picture import Picture, read_picture

Sent = list[tuple[str, Any]]

_credentials: Any = Credentials
_SIGNED_IN = _credentials("a-token")
KEY = {"vertexai": False, "api_key": "a-key"}
PROJECT = {
    "vertexai": True,
    "project": "ours",
    "location": "global",
    "credentials": _SIGNED_IN,
}
WAYS = [(Access("a-key"), KEY, "v1beta"), (Access(project="ours"), PROJECT, None)]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Keeps the address and the body of what is sent, which nobody answers well."""
    kept: Sent = []

    def keep(request: httpx2.Request) -> httpx2.Response:
        kept.append((str(request.url), json.loads(request.content)))
        return httpx2.Response(400, json={"error": {"code": 400, "message": "no"}})

    monkeypatch.setattr(http, "open_client", lambda _: _client(keep))
    monkeypatch.setattr(google.auth, "default", lambda **_: (_SIGNED_IN, "ours"))
    return kept


def _client(answer: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.Client:
    return httpx2.Client(transport=httpx2.MockTransport(answer))


def _picture(colour: str) -> Picture:
    drawn = io.BytesIO()
    Image.new("RGB", (24, 32), colour).save(drawn, "PNG")
    return read_picture(drawn.getvalue(), "a test")


def _theirs(
    way_in: dict[str, Any], version: str | None, request: TextRequest | ImageRequest, **config: Any
) -> None:
    """Asks the same by the library's own models."""
    options = types.HttpOptions(api_version=version, httpx_client=http.open_client(1))
    shown = [types.Part.from_bytes(data=p.data, mime_type=p.media_type) for p in request.pictures]
    contents: list[Any] = [one for pair in zip(request.labels, shown, strict=True) for one in pair]
    asked = types.GenerateContentConfig(
        seed=request.seed, automatic_continuation=False, should_return_http_response=True, **config
    )
    client = genai.Client(**way_in, http_options=options)
    with pytest.raises(genai.errors.APIError):
        client.models.generate_content(
            model=request.model, contents=[*contents, request.prompt], config=asked
        )


@pytest.mark.parametrize(("access", "way_in", "version"), WAYS, ids=["key", "project"])
@pytest.mark.parametrize("schema", [SlideshowDraft, ArticleAnswer, Outline, Verdicts])
@pytest.mark.parametrize("system", ["", "You write."])
def test_a_question_is_sent_as_the_library_sends_it(
    sent: Sent, access: Access, way_in: dict[str, Any], version: str, schema: Any, system: str
) -> None:
    request = TextRequest(
        "gemini-x", "Wörds “of it”", schema, (_picture("red"),), ("Slide 1:",), system, seed=7
    )
    with pytest.raises(EngineError):
        GeminiEngine(access).text(request)
    _theirs(
        way_in,
        version,
        request,
        system_instruction=system or None,
        response_mime_type="application/json",
        response_schema=schema,
        max_output_tokens=request.max_output_tokens,
    )
    ours, theirs = sent
    assert ours == theirs


@pytest.mark.parametrize(("access", "way_in", "version"), WAYS, ids=["key", "project"])
@pytest.mark.parametrize("model", ["gemini-y", "models/gemini-y", "google/gemini-y"])
def test_a_picture_is_asked_for_as_the_library_does(
    sent: Sent, access: Access, way_in: dict[str, Any], version: str, model: str
) -> None:
    shown = (_picture("red"), _picture("blue"))
    request = ImageRequest(model, "A poster", shown, ("Slide:", "Product:"), size="2K", seed=9)
    with pytest.raises(EngineError):
        GeminiEngine(access).image(request)
    asked = types.ImageConfig(aspect_ratio=request.aspect_ratio, image_size=request.size)
    _theirs(way_in, version, request, response_modalities=["IMAGE"], image_config=asked)
    ours, theirs = sent
    assert ours == theirs


def test_a_model_whose_name_would_change_the_address_is_not_asked(sent: Sent) -> None:
    with pytest.raises(EngineError, match="cannot be put to Gemini") as refused:
        GeminiEngine(Access("a-key")).image(ImageRequest("../files?x=", "A poster"))
    assert refused.value.kind == "bad_request"
    assert sent == []

"""Vertex AI through the real SDK and google-auth, against the local Gemini."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from pressrun.engines.account import Access
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.engines.gemini.engine import GeminiEngine
from pressrun.errors import (
    Refused,
    SettingError,
    Throttled,
    Unavailable,
)
from tests.servers.gemini import GeminiServer
from tests.servers.gemini_books import MODELS, key_hash_of

IMAGE_MODEL = "gemini-nano-banana-2.1"
TEXT_MODEL = "gemini-3.8-flash"


class Shape(BaseModel):
    word: str
    counts: dict[str, int] = {}


def image(**changes: Any) -> ImageRequest:
    asked: dict[str, Any] = {"model": IMAGE_MODEL, "prompt": "Draw a mug."}
    return ImageRequest(**asked | changes)


def text(**changes: Any) -> TextRequest:
    asked: dict[str, Any] = {"model": TEXT_MODEL, "prompt": "Why?", "schema": Shape}
    return TextRequest(**asked | changes)


@pytest.fixture(scope="module")
def running() -> Iterator[GeminiServer]:
    with GeminiServer(keys={"no key is used"}, vertex_projects={"ours"}) as server:
        yield server


@pytest.fixture
def server(running: GeminiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GeminiServer:
    """With a service account's key in this machine's environment, and a key that may not be used.

    The variables of Vertex AI say what is not wanted: the access alone counts.
    """
    running.reset()
    sign_in_with(running.service_key(), tmp_path, monkeypatch)
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-of-somebody-else")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "theirs")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "mars")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "false")
    return running


@pytest.fixture
def engine(server: GeminiServer) -> Iterator[GeminiEngine]:
    engine = GeminiEngine(vertex(server))
    yield engine
    engine.close()


def vertex(server: GeminiServer, **changes: Any) -> Access:
    return Access(**{"project": "ours", "base_url": server.url} | changes)


def sign_in_with(key: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "service-account.json"
    file.write_text(json.dumps(key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))


def test_text_and_pictures_are_made_with_an_access_token_and_no_key(
    engine: GeminiEngine, server: GeminiServer
) -> None:
    picture = engine.image(image(seed=2**63 + 5, aspect_ratio="4:5", size="2K")).picture
    answer = engine.text(text(system="Be brief."))

    assert (picture.width, picture.height) == (1856, 2304)
    # Unlike the Developer API, Vertex AI takes schemas with free keys.
    assert Shape.model_validate_json(answer.text).word
    drawn, written = server.bill
    assert (drawn.seed, drawn.image_tokens) == (5, 1680)
    assert answer.usage.thought_tokens == written.thought_tokens > 0
    assert {call.key_hash for call in server.bill} == {key_hash_of("ours/global")}


def test_a_preview_version_is_called_otherwise_there(server: GeminiServer) -> None:
    engine = GeminiEngine(vertex(server, api_version="v1beta", location="europe-west4"))

    assert engine.text(text()).text
    engine.close()


@pytest.mark.parametrize(("token_s", "fetched"), [(3600.0, 1), (60.0, 3)])
def test_a_token_is_fetched_once_and_again_before_it_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token_s: float, fetched: int
) -> None:
    with GeminiServer(vertex_token_s=token_s) as server:
        sign_in_with(server.service_key(), tmp_path, monkeypatch)
        engine = GeminiEngine(vertex(server))
        for _ in range(3):
            engine.text(text())
        assert server.vertex.tokens.issued == fetched
        engine.close()


def test_a_project_without_the_role_says_which_role(server: GeminiServer) -> None:
    engine = GeminiEngine(vertex(server, project="theirs"))

    with pytest.raises(Refused, match=r"denied on resource.*role Vertex AI User") as caught:
        engine.text(text())

    assert caught.value.kind == "no_permission"
    engine.close()


def test_a_model_that_is_not_in_the_location_is_unknown(engine: GeminiEngine) -> None:
    with pytest.raises(Refused, match="locations/global") as caught:
        engine.text(text(model="gemini-9"))

    assert caught.value.kind == "unknown_model"


def test_a_sign_in_that_cannot_be_reached_may_be_over_soon(
    server: GeminiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GeminiServer() as gone:
        sign_in_with(gone.service_key(), tmp_path, monkeypatch)
    engine = GeminiEngine(vertex(server))

    with pytest.raises(Unavailable, match="sign-in cannot be reached") as caught:
        engine.text(text())

    assert caught.value.kind == "connection"
    engine.close()


@pytest.mark.parametrize("content", ["{}", "no JSON", '{"type": "service_account"}'])
def test_a_machine_without_usable_credentials_says_what_to_do(
    server: GeminiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    file = tmp_path / "broken.json"
    file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))

    with pytest.raises(SettingError, match="gcloud auth application-default login"):
        GeminiEngine(vertex(server))


@pytest.mark.parametrize(
    "wrong", [{"project": "a/b"}, {"location": "evil.example/"}, {"location": ""}]
)
def test_what_cannot_be_a_project_or_a_location_gets_no_token(
    server: GeminiServer, wrong: dict[str, str]
) -> None:
    issued = server.vertex.tokens.issued

    with pytest.raises(SettingError, match="Vertex AI has no project"):
        GeminiEngine(vertex(server, **wrong))

    assert server.vertex.tokens.issued == issued


def test_projects_and_locations_have_quotas_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GeminiServer(rpm=1) as server:
        sign_in_with(server.service_key(), tmp_path, monkeypatch)
        keys = [Access(key, base_url=server.url) for key in ("a", "b")]
        for access in (vertex(server), vertex(server, location="us-central1"), *keys):
            engine = GeminiEngine(access)
            engine.image(image())
            with pytest.raises(Throttled):
                engine.image(image())
            engine.close()
        assert {call.key_hash for call in server.bill} == {
            key_hash_of(key) for key in ("a", "b", "ours/global", "ours/us-central1")
        }


def test_an_engine_tells_what_it_reaches_and_pays_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GeminiServer(models={TEXT_MODEL: MODELS[TEXT_MODEL]}) as small:
        sign_in_with(small.service_key(), tmp_path, monkeypatch)
        for access in (vertex(small), Access("key", base_url=small.url)):
            engine = GeminiEngine(access)
            reached = engine.reach([TEXT_MODEL, IMAGE_MODEL])
            assert reached[TEXT_MODEL] is None
            missing = reached[IMAGE_MODEL]
            assert missing is not None
            assert missing.kind == "unknown_model"
            engine.close()
        assert not small.bill

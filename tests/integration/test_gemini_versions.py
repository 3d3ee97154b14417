"""What each version of Gemini's API takes: the local server by published types, and the engine."""

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.auth.transport import requests
from google.genai import types as sdk
from google.oauth2 import service_account
from google.protobuf import json_format
from pydantic import BaseModel

from pressrun.engines.account import Access
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.engines.gemini.engine import GeminiEngine
from pressrun.errors import Refused
from tests.servers.gemini import GeminiServer
from tests.servers.gemini_fields import violations
from tests.servers.gemini_types import ADDED, key_types, published_key_types
from tests.servers.gemini_vertex import CLOUD_SCOPE

KEY = "AIza-good-key-0123456789"
TEXT_MODEL, IMAGE_MODEL = "gemini-3.8-flash", "gemini-nano-banana-2.1"
CONTENTS = [{"role": "user", "parts": [{"text": "hello"}]}]
SYSTEM = {"parts": [{"text": "Be brief."}]}
SCHEMA = {"type": "OBJECT", "properties": {"word": {"type": "STRING"}}}


Post = Callable[..., httpx2.Response]


class Shape(BaseModel):
    word: str


@pytest.fixture(scope="module")
def running() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


@pytest.fixture
def server(running: GeminiServer) -> GeminiServer:
    running.reset()
    return running


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(headers={"x-goog-api-key": KEY}, timeout=10) as client:
        yield client


@pytest.fixture
def post(server: GeminiServer, http: httpx2.Client) -> Post:
    """Sends a body to a version, without the SDK."""

    def send(version: str, body: Any, method: str = "generateContent") -> httpx2.Response:
        url = f"{server.url}/{version}/models/{TEXT_MODEL}:{method}"
        return http.post(url, json=body)

    return send


def asked(**config: Any) -> dict[str, Any]:
    return {"contents": CONTENTS} | ({"generationConfig": config} if config else {})


# The server, asked without the SDK.

ONLY_IN_BETA: list[tuple[dict[str, Any], str, str]] = [
    ({"systemInstruction": SYSTEM}, "systemInstruction", ""),
    ({"system_instruction": SYSTEM}, "system_instruction", ""),
    ({"cachedContent": "cachedContents/x"}, "cachedContent", ""),
    (asked(responseMimeType="text/plain"), "responseMimeType", "generation_config"),
    (asked(responseSchema=SCHEMA), "responseSchema", "generation_config"),
    (asked(response_schema=SCHEMA), "response_schema", "generation_config"),
    (asked(responseJsonSchema={"type": "object"}), "responseJsonSchema", "generation_config"),
    (asked(responseModalities=["TEXT"]), "responseModalities", "generation_config"),
    (asked(imageConfig={"aspectRatio": "1:1"}), "imageConfig", "generation_config"),
    (asked(thinkingConfig={"thinkingBudget": 0}), "thinkingConfig", "generation_config"),
]


@pytest.mark.parametrize(("fields", "name", "place"), ONLY_IN_BETA)
def test_v1_refuses_in_google_s_words_what_only_v1beta_knows(
    server: GeminiServer, post: Post, fields: dict[str, Any], name: str, place: str
) -> None:
    body = asked() | fields

    error = post("v1", body).json()["error"]

    at = f" at '{place}'" if place else ""
    said = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
    assert (error["code"], error["status"], error["message"]) == (400, "INVALID_ARGUMENT", said)
    (detail,) = error["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    (violation,) = detail["fieldViolations"]
    assert violation == ({"field": place} if place else {}) | {"description": said}
    assert server.bill == []
    assert post("v1beta", body).status_code == 200


def test_what_v1_knows_it_takes(server: GeminiServer, post: Post) -> None:
    body = asked(temperature=0.5, seed=7, maxOutputTokens=100, stop_sequences=["."])
    body["safetySettings"] = [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"},
    ]

    assert post("v1", body).status_code == 200
    assert [(call.version, call.seed) for call in server.bill] == [("v1", 7)]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"contents": [{"parts": [{"words": "x"}]}]}, "contents[0].parts[0]"),
        (
            {"contents": [{"parts": [{"inlineData": {"bytes": "x"}}]}]},
            "contents[0].parts[0].inline_data",
        ),
        (asked(pictures=3), "generation_config"),
        (asked() | {"safetySettings": [{}, {"level": 1}]}, "safety_settings[1]"),
    ],
)
def test_an_unknown_name_is_refused_at_any_depth(
    post: Post, version: str, body: dict[str, Any], place: str
) -> None:
    error = post(version, body).json()["error"]

    assert [v["field"] for v in error["details"][0]["fieldViolations"]] == [place]


def test_names_within_a_response_s_schema_are_looked_at_and_those_of_its_keys_are_not(
    post: Post,
) -> None:
    odd = {"type": "OBJECT", "properties": {"anything": SCHEMA, "other": {"const": 1}}}
    error = post("v1beta", asked(responseSchema=odd)).json()["error"]

    (violation,) = error["details"][0]["fieldViolations"]
    assert violation["field"] == "generation_config.response_schema.properties[1].value"
    assert '"const"' in violation["description"]


def test_all_that_is_wrong_is_listed_at_once(post: Post) -> None:
    body = asked(responseSchema=SCHEMA, seed="x") | {"systemInstruction": SYSTEM, "odd": 1}
    error = post("v1", body).json()["error"]

    said = [v["description"] for v in error["details"][0]["fieldViolations"]]
    assert error["message"] == "\n".join(said)
    assert [sentence.split('"')[1] for sentence in said] == [
        "responseSchema",
        "x",
        "systemInstruction",
        "odd",
    ]


WRONG_KIND: list[tuple[Any, str]] = [
    (asked(seed="some"), "Invalid value at 'generation_config.seed' (TYPE_INT32), \"some\""),
    (asked(seed=2**31), "(TYPE_INT32), 2147483648"),
    (asked(seed=1.5), "(TYPE_INT32), 1.5"),
    (asked(seed=True), "(TYPE_INT32), true"),
    (asked(temperature="warm"), "(TYPE_FLOAT)"),
    (asked(stopSequences=[1]), "'generation_config.stop_sequences[0]' (TYPE_STRING), 1"),
    (asked(seed=[1]), "Proto field is not repeating, cannot start list."),
    (
        asked(responseModalities=["PICTURE"]),
        'google.ai.generativelanguage.v1beta.GenerationConfig.Modality), "PICTURE"',
    ),
    ({"contents": ["hello"]}, "'contents[0]' (type.googleapis.com/"),
    (asked(responseSchema=SCHEMA | {"properties": 1}), "'generation_config.response_schema"),
    ([], "Root element must be a message."),
]


@pytest.mark.parametrize(("body", "says"), WRONG_KIND)
def test_values_of_another_kind_are_refused(post: Post, body: Any, says: str) -> None:
    response = post("v1beta", body)

    assert response.status_code == 400
    assert says in response.json()["error"]["message"]


TAKEN: list[dict[str, Any]] = [
    asked(response_modalities=["text"]),
    asked(seed="7", temperature=1, topP="0.5"),
    asked(seed=None, responseSchema=None),
    asked(responseSchema={"type": "object", "properties": {"a": {"type": 1}}, "minItems": "2"}),
    asked(responseJsonSchema={"anything": [{"goes": None}]}),
    asked(stopSequences="."),
]


@pytest.mark.parametrize("body", TAKEN)
def test_other_spellings_of_the_same_are_taken(post: Post, body: Any) -> None:
    assert post("v1beta", body).status_code == 200


JUDGED = [
    *(("v1", asked() | fields) for fields, _, _ in ONLY_IN_BETA),
    *(("v1beta", asked() | fields) for fields, _, _ in ONLY_IN_BETA),
    *(("v1beta", body) for body, _ in WRONG_KIND if isinstance(body, dict)),
    *(("v1beta", body) for body in TAKEN[1:3]),
    ("v1beta", asked(imageConfig={"imageSize": "1K"})),
]


@pytest.mark.parametrize(("version", "body"), JUDGED)
def test_protobuf_s_own_parser_is_of_the_same_mind(version: str, body: dict[str, Any]) -> None:
    messages = importlib.import_module(f"google.ai.generativelanguage_{version}")
    message = messages.GenerateContentRequest.pb()()
    try:
        json_format.ParseDict(body, message)
        takes = True
    except json_format.ParseError:
        takes = False

    assert takes == (not violations(published_key_types(version), "generateContent", body))


def test_added_fields_are_the_sdk_s_and_not_in_the_published_types() -> None:
    for added in ADDED:
        version, _, message = added.message.removeprefix("google.ai.generativelanguage.").partition(
            "."
        )
        assert added.field.name in getattr(sdk, message).model_fields
        assert added.source.startswith(f"types.{message} of google-genai; https://ai.google.dev/")
        assert added.field.name not in published_key_types(version).messages[added.message]
        assert added.field.name in key_types(version).messages[added.message]


def test_tokens_are_counted_by_the_same_types(post: Post) -> None:
    def count(version: str, body: dict[str, Any]) -> int:
        return post(version, body, "countTokens").status_code

    whole = {"generateContentRequest": asked() | {"systemInstruction": SYSTEM}}
    assert count("v1", {"contents": CONTENTS}) == 200
    assert count("v1beta", whole) == 200
    assert count("v1", whole) == 400
    assert count("v1beta", {"contents": CONTENTS, "systemInstruction": SYSTEM}) == 400


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_a_missing_model_is_missing_in_the_version_that_was_asked(
    server: GeminiServer, http: httpx2.Client, version: str
) -> None:
    url = f"{server.url}/{version}/models/no-model"
    shown, called = http.get(url), http.post(f"{url}:generateContent", json=asked())

    for answer in (shown, called):
        assert answer.status_code == 404
        assert f"not found for API version {version}," in answer.json()["error"]["message"]


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_vertex_ai_has_types_of_its_own(
    server: GeminiServer, http: httpx2.Client, version: str
) -> None:
    credentials: Any = service_account.Credentials
    ours = credentials.from_service_account_info(server.service_key(), scopes=[CLOUD_SCOPE])
    ours.refresh(requests.Request())
    models = f"{server.url}/{version}/projects/p/locations/global/publishers/google/models"

    def status(body: dict[str, Any]) -> int:
        headers = {"Authorization": f"Bearer {ours.token}"}
        url = f"{models}/{TEXT_MODEL}:generateContent"
        return http.post(url, json=body, headers=headers).status_code

    known = asked(responseSchema=SCHEMA | {"additionalProperties": True}) | {
        "systemInstruction": SYSTEM,
        "labels": {"team": "ours"},
    }
    assert status(known) == 200
    assert status(asked(imageConfig={"imageSize": "1K"})) == 200
    assert status(asked(enableEnhancedCivicAnswers=True)) == 400
    assert status(asked(responseModalities=["PICTURE"])) == 400
    assert [call.version for call in server.bill] == [version, version]


def sign_in(server: GeminiServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "service-account.json"
    file.write_text(json.dumps(server.service_key()))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))


# The engine, through the SDK.


def text() -> TextRequest:
    return TextRequest(TEXT_MODEL, "Why?", schema=Shape, system="Be brief.")


def image() -> ImageRequest:
    return ImageRequest(IMAGE_MODEL, "Draw a mug.", aspect_ratio="4:5", size="2K")


def versions(server: GeminiServer, **access: Any) -> set[str]:
    """The versions at which an engine asks for a text and a picture."""
    engine = GeminiEngine(Access(**{"base_url": server.url} | access))
    engine.text(text())
    engine.image(image())
    engine.close()
    return {call.version for call in server.bill}


@pytest.mark.parametrize(("chosen", "is_asked"), [("", "v1beta"), ("v1beta", "v1beta")])
def test_keys_are_asked_at_v1beta_if_nothing_else_is_chosen(
    server: GeminiServer, monkeypatch: pytest.MonkeyPatch, chosen: str, is_asked: str
) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1")  # other programs' business
    assert versions(server, api_key=KEY, api_version=chosen) == {is_asked}


@pytest.mark.parametrize(
    ("chosen", "variable", "is_asked"),
    [
        ("", "", "v1beta1"),
        ("", "v1", "v1"),  # the SDK's own variable
        ("v1", "", "v1"),
        ("v1beta", "v1", "v1beta1"),
    ],
)
def test_vertex_ai_is_asked_at_the_version_of_google_s_library_if_none_is_chosen(
    server: GeminiServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chosen: str,
    variable: str,
    is_asked: str,
) -> None:
    sign_in(server, tmp_path, monkeypatch)
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", variable)
    assert versions(server, project="ours", api_version=chosen) == {is_asked}


@pytest.mark.parametrize("kind", ["text", "image"])
def test_a_version_that_does_not_know_our_fields_is_left_once_and_said_so(
    server: GeminiServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = GeminiEngine(Access(KEY, base_url=server.url, api_version="v1"))
    ask: Any = (lambda: engine.text(text())) if kind == "text" else lambda: engine.image(image())

    with pytest.raises(Refused, match="Gemini's API version v1 does not know a field") as caught:
        ask()
    assert (caught.value.kind, caught.value.retryable) == ("unknown_field", True)
    assert not caught.value.stops_route
    assert 'Unknown name "' in str(caught.value)
    assert server.bill == []

    ask()
    ask()
    engine.close()
    assert {call.version for call in server.bill} == {"v1beta"}
    (said,) = [one for one in caplog.messages if "is asked from now on" in one]
    assert "v1beta" in said

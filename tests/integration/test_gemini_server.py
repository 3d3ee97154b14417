"""The local Gemini server itself: its protocol, its quotas, its faults and its bill."""

import base64
import io
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal

import httpx2
import pytest
from google import genai
from google.genai import types
from PIL import Image
from pydantic import BaseModel, Field

from tests.servers.gemini import GeminiServer
from tests.servers.gemini_books import Limits, Quotas
from tests.servers.gemini_replies import SIZES_1K
from tests.servers.gemini_schema import json_for

TEXT_MODEL = "gemini-3.8-flash"
IMAGE_MODEL = "gemini-nano-banana-2.1"
HEADERS = {"x-goog-api-key": "any"}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(headers=HEADERS, timeout=10) as client:
        yield client


def body(prompt: str = "hello", **config: Any) -> dict[str, Any]:
    contents = [{"role": "user", "parts": [{"text": prompt}]}]
    return {"contents": contents, "generationConfig": config}


def generate(
    http: httpx2.Client,
    server: GeminiServer,
    asked: dict[str, Any] | None = None,
    model: str = TEXT_MODEL,
    *,
    version: str = "v1beta",
    key: str = "any",
) -> httpx2.Response:
    url = f"{server.url}/{version}/models/{model}:generateContent"
    return http.post(url, json=asked or body(), headers={"x-goog-api-key": key})


def decoded(response: httpx2.Response) -> Image.Image:
    part = response.json()["candidates"][0]["content"]["parts"][0]
    image = Image.open(io.BytesIO(base64.b64decode(part["inlineData"]["data"])))
    image.load()
    return image


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_both_versions_are_served(http: httpx2.Client, version: str) -> None:
    with GeminiServer() as server:
        assert generate(http, server, version=version).status_code == 200


@pytest.mark.parametrize("blob", ["inlineData", "inline_data"])
@pytest.mark.parametrize("alphabet", ["standard", "urlsafe"])
def test_both_spellings_and_both_alphabets_are_read(
    http: httpx2.Client, blob: str, alphabet: str
) -> None:
    picture = b"\xff\xd8\xff" + b"\xfb\xef\xff" * 9
    encode = base64.b64encode if alphabet == "standard" else base64.urlsafe_b64encode
    kind = "mimeType" if blob == "inlineData" else "mime_type"
    part = {blob: {kind: "image/jpeg", "data": encode(picture).decode()}}
    asked = {"contents": [{"parts": [part, {"text": "draw"}]}]}
    with GeminiServer() as server:
        assert generate(http, server, asked, IMAGE_MODEL).status_code == 200
        assert server.bill[0].parts == ("image/jpeg", "text")
        assert server.bill[0].input_tokens == 258 + 1


@pytest.mark.parametrize("ratio", SIZES_1K)
def test_every_aspect_ratio_gives_a_picture_of_its_size(http: httpx2.Client, ratio: str) -> None:
    with GeminiServer() as server:
        asked = body(imageConfig={"aspectRatio": ratio, "imageSize": "1K"})
        image = decoded(generate(http, server, asked, IMAGE_MODEL))

    across, down = (int(n) for n in ratio.split(":"))
    assert image.size == SIZES_1K[ratio]
    assert image.width / image.height == pytest.approx(across / down, rel=0.06)


def test_pictures_of_two_prompts_differ_to_the_eye(http: httpx2.Client) -> None:
    with GeminiServer() as server:
        looks = {
            decoded(generate(http, server, body(f"{n}"), IMAGE_MODEL)).resize((2, 2)).tobytes()
            for n in range(12)
        }

    assert len(looks) > 6


@pytest.mark.parametrize(
    ("model", "config"),
    [
        (IMAGE_MODEL, {"imageConfig": {"aspectRatio": "9:17"}}),
        (IMAGE_MODEL, {"imageConfig": {"imageSize": "1k"}}),
        ("gemini-3.1-flash-lite-image", {"imageConfig": {"imageSize": "2K"}}),
        (IMAGE_MODEL, {"responseMimeType": "application/json"}),
        (TEXT_MODEL, {"responseModalities": ["IMAGE"]}),
    ],
)
def test_what_the_model_cannot_do_is_refused(
    http: httpx2.Client, model: str, config: dict[str, Any]
) -> None:
    with GeminiServer() as server:
        response = generate(http, server, body(**config), model)

    assert response.status_code == 400
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert not server.bill


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"contents": []}', b'{"contents": [3]}'])
def test_a_broken_request_is_refused(http: httpx2.Client, content: bytes) -> None:
    with GeminiServer() as server:
        url = f"{server.url}/v1beta/models/{TEXT_MODEL}:generateContent"
        assert http.post(url, content=content).status_code == 400


def test_keys_are_checked(http: httpx2.Client) -> None:
    with GeminiServer(keys={"good"}) as server:
        wrong = generate(http, server, key="bad")
        assert generate(http, server, key="good").status_code == 200
        assert generate(http, server, key="").status_code == 403

    assert wrong.status_code == 400
    assert wrong.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"


def test_the_sdk_lists_models_and_counts_tokens() -> None:
    with GeminiServer() as server:
        options = types.HttpOptions(base_url=server.url, api_version="v1", timeout=5000)
        with genai.Client(api_key="any", vertexai=False, http_options=options) as client:
            assert IMAGE_MODEL in {
                str(m.name).removeprefix("models/") for m in client.models.list()
            }
            assert client.models.get(model=TEXT_MODEL).name == f"models/{TEXT_MODEL}"
            counted = client.models.count_tokens(model=TEXT_MODEL, contents="12345678")
        assert counted.total_tokens == 2
        assert not server.bill


def test_a_window_admits_its_number_and_refuses_the_rest(http: httpx2.Client) -> None:
    with GeminiServer(rpm=3) as server:
        codes = [generate(http, server).status_code for _ in range(5)]
        failure, retry = generate(http, server).json()["error"]["details"]
        assert generate(http, server, model="gemini-3.5-flash-lite").status_code == 200

    assert codes == [200, 200, 200, 429, 429]
    assert failure["violations"][0]["quotaId"] == "GenerateRequestsPerMinutePerProjectPerModel"
    assert 0 < float(retry["retryDelay"].removesuffix("s")) <= 60
    assert len(server.bill) == 4
    assert server.rejected == {"GenerateRequestsPerMinutePerProjectPerModel": 3}


def test_a_window_slides_and_its_wait_is_exact() -> None:
    quotas = Quotas(Limits(rpm=2, window_s=10))

    def wait_at(now: float) -> float | None:
        denial = quotas.admit(now, images=0, tokens=1)
        return denial.retry_after_s if denial else None

    assert [wait_at(now) for now in (0, 4, 5, 9.5)] == [None, None, 5, 0.5]
    assert [wait_at(now) for now in (10, 11, 14, 15)] == [None, 3, None, 5]


@pytest.mark.parametrize(
    ("limits", "quota"),
    [
        (Limits(rpd=1), "GenerateRequestsPerDayPerProjectPerModel"),
        (Limits(ipm=1), "GenerateImagesPerMinutePerProjectPerModel"),
        (Limits(tpm=3), "GenerateContentInputTokensPerModelPerMinute"),
    ],
)
def test_the_other_quotas_hold_too(http: httpx2.Client, limits: Limits, quota: str) -> None:
    with GeminiServer(limits={IMAGE_MODEL: limits}) as server:
        codes = [generate(http, server, model=IMAGE_MODEL).status_code for _ in range(2)]

    assert codes == [200, 429]
    assert server.rejected == {quota: 1}


def test_a_spend_cap_answers_without_details(http: httpx2.Client) -> None:
    with GeminiServer(spend_cap_usd=0.03) as server:
        assert generate(http, server, model=IMAGE_MODEL).status_code == 200
        capped = generate(http, server, model=IMAGE_MODEL)

    assert capped.status_code == 429
    assert "details" not in capped.json()["error"]


def test_the_bill_prices_a_call_as_google_does(http: httpx2.Client) -> None:
    with GeminiServer() as server:
        generate(http, server, body("x" * 400), IMAGE_MODEL)
        generate(http, server, body("x" * 400), TEXT_MODEL)

    image, text = server.bill
    assert image.cost_usd == pytest.approx(0.0336 + 100 * 1.5e-6)
    written = text.output_tokens + text.thought_tokens
    assert text.cost_usd == pytest.approx((100 * 0.75 + written * 3.75) / 1e6)
    assert server.bill_usd == pytest.approx(image.cost_usd + text.cost_usd)


@pytest.mark.parametrize(
    ("selectors", "codes"),
    [
        ({}, "5...."),
        ({"times": 2}, "55..."),
        ({"every": 2}, ".5.5."),
        ({"every": 2, "times": 1}, ".5..."),
        ({"contains": "call 3"}, "...5."),
        ({"model": "another"}, "....."),
        ({"probability": 1.0}, "55555"),
        ({"probability": 0.0}, "....."),
    ],
)
def test_faults_strike_the_calls_that_they_select(
    http: httpx2.Client, selectors: dict[str, Any], codes: str
) -> None:
    with GeminiServer() as server:
        server.fail("500", **selectors)
        answers = [generate(http, server, body(f"call {n}")).status_code for n in range(5)]

    assert "".join("." if code == 200 else "5" for code in answers) == codes


def test_other_processes_script_faults_and_read_the_bill(http: httpx2.Client) -> None:
    with GeminiServer() as server:
        scripts = [{"kind": "503", "retry_after_s": 4}, {"kind": "500"}]
        assert http.post(f"{server.url}/_control/faults", json=scripts).status_code == 200
        busy = generate(http, server)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "4")
        assert generate(http, server).status_code == 500
        assert generate(http, server).status_code == 200

        account = http.get(f"{server.url}/_control/bill").json()
        assert [call["model"] for call in account["calls"]] == [TEXT_MODEL]
        assert account["rejected"] == {"503": 1, "500": 1}

        http.post(f"{server.url}/_control/reset")
        assert http.get(f"{server.url}/_control/bill").json()["calls"] == []
        wrong = http.post(f"{server.url}/_control/faults", json={"kind": "earthquake"})
        assert wrong.status_code == 400


def test_hung_calls_are_let_go_on_demand(http: httpx2.Client) -> None:
    with GeminiServer() as server:
        server.fail("hang", times=2)
        broken: list[Exception] = []

        def call() -> None:
            try:
                generate(http, server)
            except httpx2.RemoteProtocolError as error:
                broken.append(error)

        threads = [threading.Thread(target=call) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_until(lambda: server.in_flight == 2)
        http.post(f"{server.url}/_control/release")
        for thread in threads:
            thread.join(5)
        assert len(broken) == 2
        assert generate(http, server).status_code == 200


def test_a_server_with_hung_calls_ends_at_once() -> None:
    with GeminiServer() as server, httpx2.Client(headers=HEADERS, timeout=0.1) as impatient:
        server.fail("hang")
        with pytest.raises(httpx2.ReadTimeout):
            generate(impatient, server)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 2


def test_latency_can_have_a_long_tail(http: httpx2.Client) -> None:
    with GeminiServer(latency_s=0.01, latency_sigma=0.8, seed=3) as server:
        for _ in range(20):
            generate(http, server)

    assert len(server.bill) == 20
    assert max(call.seconds for call in server.bill) > 0.02


class Mood(Enum):
    calm = "calm"
    loud = "loud"


class Point(BaseModel):
    x: float = Field(ge=0, le=1)
    label: str = Field(min_length=30, max_length=60)


class Everything(BaseModel):
    mood: Mood
    word: Literal["a", "b"]
    colour: str = Field(pattern=r"^#[0-9a-f]{6}$")
    count: int = Field(gt=4, lt=7)
    maybe: int | None
    flag: bool
    points: list[Point] = Field(min_length=5)
    few: list[str] = Field(max_length=1)
    pair: tuple[int, str]


@pytest.mark.parametrize("seed", range(10))
def test_json_fits_any_shape_that_pydantic_describes(seed: int) -> None:
    schema = Everything.model_json_schema()
    made = json_for(schema, seed)

    Everything.model_validate_json(json.dumps(made))
    assert made == json_for(schema, seed)


def test_a_json_schema_is_taken_as_well_as_an_openapi_one(http: httpx2.Client) -> None:
    asked = body(
        responseMimeType="application/json", responseJsonSchema=Everything.model_json_schema()
    )
    with GeminiServer() as server:
        reply = generate(http, server, asked).json()

    Everything.model_validate_json(reply["candidates"][0]["content"]["parts"][0]["text"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_by_hand_it_prints_its_address_first_and_ends_on_a_signal(
    http: httpx2.Client, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "tests.servers.gemini", "--rate", "1", "--per", "30", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        asked = f"{url}/v1beta/models/{TEXT_MODEL}:generateContent"
        assert [http.post(asked, json=body()).status_code for _ in range(2)] == [200, 429]
        process.send_signal(number)
        assert process.wait(10) == 0


def wait_until(true: Any, deadline_s: float = 5.0) -> None:
    end = time.monotonic() + deadline_s
    while not true():
        assert time.monotonic() < end, "the moment never came"
        time.sleep(0.01)

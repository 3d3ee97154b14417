"""Answers over the wire, through the real SDKs: status, headers and body in; the error out."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from PIL.PngImagePlugin import PngInfo

from pressrun.engines.base import Engine, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import EngineError
from pressrun.pictures.picture import read_picture
from tests.fuzz.answers import PICTURE, Scripted
from tests.fuzz.bills import bedrock_answer, gemini_answer, openai_answer
from tests.fuzz.providers import SHOWN, Wire, opened, picture_request

GOOD = {"gemini": gemini_answer(None), "openai": openai_answer(None), "bedrock": bedrock_answer()}
PAGE = "<html>Welcome</html>"
NO_CREDIT = {"error": {"code": 402, "message": "Add credits."}}
RETRY_INFO = {"error": {"status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "39s"}]}}
LM_STUDIO = {"error": {"message": "Error in iterating prediction stream"}, "message": "The same"}
SKEWED = {"message": "Signature expired: 20261121T120000Z is now earlier than 20261121T130000Z"}
CODE = "x-amzn-ErrorType"

Wired = dict[str, tuple[Engine, Wire]]


@pytest.fixture(scope="module")
def wired() -> Iterator[Wired]:
    """One engine each for all: an SDK takes a second to begin."""
    with ExitStack() as stack:
        yield {engine: stack.enter_context(opened(engine)) for engine in GOOD}


#: Engine, status, headers, body; class, kind, wait, whether the model's route stops.
ROWS: list[tuple[str, int, dict[str, str], Any, str, str, float | None, bool]] = [
    ("gemini", 200, {}, PAGE, "BadReply", "bad_json", None, False),
    ("openai", 200, {}, PAGE, "BadReply", "bad_json", None, False),
    ("bedrock", 200, {}, PAGE, "BadReply", "bad_json", None, False),
    ("gemini", 200, {}, [7], "BadReply", "bad_json", None, False),
    ("openai", 200, {}, "", "BadReply", "bad_json", None, False),
    ("gemini", 200, {}, {}, "BadReply", "empty", None, False),
    ("openai", 200, {}, {}, "BadReply", "no_image", None, False),
    ("bedrock", 200, {}, {}, "BadReply", "no_image", None, False),
    ("gemini", 200, {}, NO_CREDIT, "QuotaExhausted", "quota_exhausted", None, True),
    ("openai", 200, {}, NO_CREDIT, "QuotaExhausted", "quota_exhausted", None, True),
    ("bedrock", 200, {}, {"images": "n/a"}, "BadReply", "no_image", None, False),
    ("bedrock", 200, {}, {"finish_reasons": ["\n"]}, "BadReply", "bad_reply", None, False),
    ("bedrock", 200, {}, {"url": "https://x"}, "BadReply", "address_only", None, True),
    ("bedrock", 200, {}, {"images": ["https://x"]}, "BadReply", "address_only", None, True),
    # Billed perhaps, though the SDK takes it for a refusal.
    ("gemini", 203, {}, GOOD["gemini"], "BadReply", "bad_json", None, False),
    ("gemini", 246, {}, GOOD["gemini"], "BadReply", "bad_json", None, False),
    # As gateways and local servers answer with status 200.
    ("openai", 200, {}, 'data: {"type": "x"}\n\ndata: [DONE]', "BadReply", "bad_json", None, False),
    ("openai", 200, {}, LM_STUDIO, "Unavailable", "unavailable", None, False),
    ("openai", 200, {}, {"data": [{"embedding": None, "index": 0, "url": "http://x/a.png"}]},
     "BadReply", "address_only", None, True),
    ("openai", 200, {}, {"object": "chat.completion.chunk", "choices": []},
     "BadReply", "no_image", None, False),
    ("openai", 200, {}, {"data": [{"b64_json": None, "respect_moderation": False}]},
     "Blocked", "blocked", None, False),
    ("gemini", 200, {}, {"error": {"code": 500, "message": "x.ContentPolicyViolationError: No."}},
     "Blocked", "blocked", None, False),
    ("openai", 446, {}, {"error": {"message": "The checks failed", "type": "hooks_failed"}},
     "Blocked", "blocked", None, False),
    ("openai", 498, {}, {"error": {"code": "capacity_exceeded"}},
     "Unavailable", "unavailable", None, False),
    ("gemini", 302, {"location": "/x"}, "", "Refused", "bad_address", None, True),
    ("openai", 302, {"location": "/x"}, "", "Refused", "bad_address", None, True),
    ("gemini", 404, {}, PAGE, "Refused", "bad_address", None, True),
    ("openai", 404, {}, {"detail": "Not Found"}, "Refused", "bad_address", None, True),
    ("bedrock", 404, {}, PAGE, "Refused", "bad_address", None, True),
    ("gemini", 429, {}, RETRY_INFO, "Throttled", "throttled", 39.0, False),
    ("openai", 429, {"retry-after-ms": "12000"}, {}, "Throttled", "throttled", 12.0, False),
    ("openai", 429, {"x-ratelimit-reset-tokens": "6m0s"}, {}, "Throttled", "throttled", 360, False),
    ("gemini", 503, {"retry-after": "30"}, PAGE, "Unavailable", "unavailable", 30.0, False),
    ("openai", 503, {"retry-after": "30"}, PAGE, "Unavailable", "unavailable", 30.0, False),
    ("bedrock", 503, {"retry-after": "30"}, PAGE, "Unavailable", "unavailable", 30.0, False),
    ("bedrock", 429, {"retry-after": "3", CODE: "ThrottlingException"}, {"message": "Slow."},
     "Throttled", "throttled", 3.0, False),
    ("bedrock", 403, {CODE: "InvalidSignatureException"}, SKEWED,
     "Unavailable", "clock_skew", None, False),
    ("bedrock", 400, {CODE: "ValidationException"}, {"message": "Operation not allowed"},
     "Refused", "no_permission", None, True),
    ("bedrock", 400, {CODE: "ValidationException"}, {"message": "extraneous key [x] is not ok"},
     "Refused", "unknown_field", None, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("engine", "status", "headers", "body", "name", "kind", "wait_s", "stops"), ROWS
)
def test_an_answer_is_one_error_and_its_wait_is_heard(
    *,
    wired: Wired,
    engine: str,
    status: int,
    headers: dict[str, str],
    body: Any,
    name: str,
    kind: str,
    wait_s: float | None,
    stops: bool,
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    asked, wire = wired[engine]
    wire.answer = Scripted(status, headers, text.encode())
    with pytest.raises(EngineError) as caught:
        asked.image(picture_request(engine))
    error = caught.value
    assert (type(error).__name__, error.kind) == (name, kind)
    assert (error.retry_after_s, error.stops_route) == (wait_s, stops)
    assert "Welcome" not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("engine", sorted(GOOD))
def test_an_answer_that_tells_no_usage_is_counted_at_its_most(wired: Wired, engine: str) -> None:
    request = picture_request(engine)
    asked, wire = wired[engine]
    wire.answer = Scripted(200, {}, json.dumps(GOOD[engine]).encode())
    reply = asked.image(request)
    assert reply.usage == most_usage(catalogue()[request.model], request) != Usage()
    assert reply.picture.data == base64.b64decode(PICTURE)


@pytest.mark.parametrize("engine", ["gemini", "openai"])
def test_pictures_are_sent_as_other_bytes_of_the_same_look_where_that_is_asked(
    wired: Wired, engine: str
) -> None:
    request = picture_request(engine, shown=True)
    asked, wire = wired[engine]
    wire.answer = Scripted(200, {}, json.dumps(GOOD[engine]).encode())
    asked.image(replace(request, pictures=(_with_comment(),)))
    assert b"hidden" in _decoded(engine, wire.sent)
    asked.image(replace(request, pictures=(_with_comment(),), reencoded=True))
    assert b"hidden" not in _decoded(engine, wire.sent)
    assert b"JFIF" in _decoded(engine, wire.sent)


def _with_comment() -> Any:
    words, out = PngInfo(), io.BytesIO()
    words.add_text("Comment", "hidden")
    SHOWN.open().save(out, "PNG", pnginfo=words)
    return read_picture(out.getvalue(), "a picture")


def _decoded(engine: str, sent: bytes) -> bytes:
    if engine == "openai":
        return sent
    part = json.loads(sent)["contents"][0]["parts"][0]
    return base64.urlsafe_b64decode(part["inlineData"]["data"])

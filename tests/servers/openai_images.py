"""A local OpenAI: the Images API's wire protocol, faults as told, and a bill.

In a test::

    with OpenAIServer(keys={"sk-good"}) as server:
        server.fail("429", retry_after_s=2)
        ...  # the SDK with base_url=server.base_url
        assert len(server.bill) == 1

It knows nothing of Pressrun. Tokens are those of the calculator on OpenAI's price page.
"""

import base64
import json
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from tests.servers.gemini_http import Answer, Received
from tests.servers.provider import ProviderServer, drawn

#: Parts along an axis, by model and quality.
_AXIS = {
    "gpt-image-2": {"low": 16, "medium": 48, "high": 96},
    "gpt-image-2.5-flare": {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96},
    "gpt-image-2.5-sunburst": {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96},
}
_TEXT_USD, _SHOWN_USD, _DRAWN_USD = (Decimal(usd) / 1_000_000 for usd in (5, 8, 30))
_SHOWN_TOKENS = 1000
#: Status, code and type of what is told; the message quotes what it should not.
_REFUSALS = {
    "429": (429, "rate_limit_exceeded", "requests"),
    "quota": (429, "insufficient_quota", "insufficient_quota"),
    "blocked": (400, "moderation_blocked", "image_generation_user_error"),
    "400": (400, "invalid_value", "invalid_request_error"),
    "403": (403, "unsupported_country_region_territory", "request_forbidden"),
    "500": (500, None, "server_error"),
    "503": (503, "server_is_overloaded", "service_unavailable_error"),
}


class OpenAIServer(ProviderServer):
    """The service.

    Args:
        keys: Good API keys.
    """

    def __init__(self, keys: set[str]):
        super().__init__()
        self._keys = keys

    @property
    def base_url(self) -> str:
        """The address as the SDK takes it."""
        return f"{self.url}/v1"

    def draws(self, received: Received) -> bool:
        return received.method == "POST"

    def answer(self, received: Received, fault: str) -> Answer:
        key = received.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in self._keys:
            return _refusal(401, "invalid_api_key", "invalid_request_error", f"Wrong: {key[:9]}***")
        if received.path == "/v1/models":
            return Answer.of(
                {"object": "list", "data": [{"id": m, "object": "model"} for m in _AXIS]}
            )
        if received.path not in {"/v1/images/generations", "/v1/images/edits"}:
            return Answer(b"<html>Not Found</html>", 404)
        asked = _fields(received)
        self.asked.append(asked)
        if fault in _REFUSALS:
            return _refusal(*_REFUSALS[fault], f"Told to fail for {key}.")
        if asked["model"] not in _AXIS:
            return _refusal(404, "model_not_found", "invalid_request_error", "No such model.")
        return self._draw(asked, fault)

    def _draw(self, asked: dict[str, Any], fault: str) -> Answer:
        width, height = map(int, asked["size"].split("x"))
        read, shown = len(asked["prompt"]) // 4, _SHOWN_TOKENS * len(asked["pictures"])
        tokens = _tokens(_AXIS[asked["model"]][asked["quality"]], width, height)
        cost = read * _TEXT_USD + shown * _SHOWN_USD + tokens * _DRAWN_USD
        self.charge(asked["model"], cost)
        picture = drawn(width, height)
        if fault == "bad_picture":
            picture = picture[: len(picture) // 2]
        body: dict[str, Any] = {
            "created": 1,
            "data": [{"b64_json": base64.b64encode(picture).decode()}],
            "usage": {
                "input_tokens": read + shown,
                "output_tokens": tokens,
                "total_tokens": read + shown + tokens,
                "input_tokens_details": {"text_tokens": read, "image_tokens": shown},
            },
        }
        if fault == "address":
            body["data"] = [{"url": f"{self.url}/elsewhere.png"}]
        if fault == "no_usage":
            del body["usage"]
        if fault == "empty":
            body["data"] = []
        return Answer(b"<html></html>") if fault == "page" else Answer.of(body)


def _tokens(axis: int, width: int, height: int) -> int:
    short = (2 * axis * min(width, height) + max(width, height)) // (2 * max(width, height))
    return -(-axis * short * (2_000_000 + width * height) // 4_000_000)


def _fields(received: Received) -> dict[str, Any]:
    """The request's fields; ``pictures`` are those sent along."""
    kind = received.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return {"pictures": [], **json.loads(received.body)}
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    fields: dict[str, Any] = {"pictures": []}
    for part in BytesParser(policy=HTTP).parsebytes(head + received.body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if part.get_filename():
            fields["pictures"].append(data)
        else:
            fields[str(name)] = bytes(data).decode()
    return fields


def _refusal(status: int, code: str | None, kind: str, message: str) -> Answer:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return Answer.of({"error": error}, status=status)

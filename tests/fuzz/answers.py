"""Answers that providers, gateways and strangers could give: any status, headers and body."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.servers.provider import drawn

PICTURE = base64.b64encode(drawn(8, 8)).decode()
#: What stands where something else belongs.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 7, 429, 2**63, 10**40, 1.5, -0.0, float("nan"), float("inf")]),
    st.sampled_from(["", "n/a", "12", "-3", "1e3", "nan", "٣", "\ud800", "<html>", "{", "{}"]),
    st.sampled_from([[], {}, [[]], [None], {"": None}, [{}], {"error": {"message": "Told."}}]),
    st.text(max_size=20),
)
_NAMES = [
    *("error", "errors", "code", "status", "message", "type", "reason", "details", "detail"),
    *("metadata", "violations", "quotaId", "retryDelay", "raw", "__type", "Error", "Message"),
    *("candidates", "content", "parts", "text", "thought", "inlineData", "data", "mimeType"),
    *("finishReason", "finishMessage", "promptFeedback", "blockReason", "usageMetadata"),
    *("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "candidatesTokensDetails"),
    *("usage", "input_tokens", "output_tokens", "output_tokens_details", "cost", "b64_json", "url"),
    *("images", "finish_reasons", "seeds", "modelVersion", "service_tier"),
]
_WORDS = [
    *("SAFETY", "OTHER", "NO_IMAGE", "MAX_TOKENS", "STOP", "IMAGE_SAFETY", "insufficient_quota"),
    *("RESOURCE_EXHAUSTED", "rate_limit_exceeded", "API_KEY_INVALID", "not_found", "39s", "6m0s"),
    *(
        "limit: 0, model: x",
        "Limit 10, Requested 20",
        'Unknown name "x": no',
        "Filter reason: prompt",
    ),
    *("https://vendor.example/x.png", f"data:image/png;base64,{PICTURE}", PICTURE, PICTURE[:40]),
    *(
        "Please try again in 12s.",
        '{"error": {"code": 403, "message": "Inner."}}',
        "GenerateXPerDay",
        "Error code: 400 - {'error': {'code': 'content_filter', 'details': [None, True]}}. {}",
        "{[]: 1} {{}} {'a': b'x'}",
        "Blocked [IMAGE_SAFETY], x.ContentPolicyViolationError",
    ),
]
JSON = st.recursive(
    st.one_of(ODD, st.sampled_from(_WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(_NAMES), inner, max_size=6),
    ),
    max_leaves=24,
)
STATUSES = st.one_of(
    st.just(200),
    st.sampled_from([301, 302, 400, 401, 402, 403, 404, 408, 409, 413, 429, 500, 502, 503, 529]),
    st.integers(200, 599),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("Retry-After", "retry-after-ms", "Location", "x-amzn-ErrorType", "Content-Type"),
            *("x-ratelimit-reset-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset"),
            *("x-gemini-service-tier", "openai-service-tier", "Content-Encoding"),
        ]
    ),
    st.one_of(
        st.sampled_from(
            ["7", "-1", "9" * 400, "soon", "6m0s", "0", "1796000000", "1e3", "flex", "gzip"]
        ),
        st.sampled_from(["Sat, 21 Nov 2026 20:00:30 GMT", "Sat, 21 Nov 0000 20:00:30 -9999", "/x"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
    ),
    max_size=4,
)


@dataclass(frozen=True)
class Scripted:
    """One answer, as it goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def written(value: Any) -> bytes:
    """JSON as strangers write it, with numbers that JSON does not have."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


BODIES = st.one_of(
    JSON.map(written),
    st.binary(max_size=40),
    st.sampled_from([b"<html>Hello</html>", b"", b"[" * 100_000, b"null", b"\xff\xfe{}"]),
)
ANSWERS = st.builds(Scripted, STATUSES, HEADERS, BODIES)


@st.composite
def damaged(draw: st.DrawFn, good: Any) -> Any:
    """A good answer in which something is missing or odd, at any depth."""
    if isinstance(good, dict) and draw(st.integers(0, 9)):
        kept = {name: value for name, value in good.items() if draw(st.integers(0, 11))}
        return {name: draw(damaged(value)) for name, value in kept.items()}
    if isinstance(good, list) and draw(st.integers(0, 9)):
        return [draw(damaged(value)) for value in good]
    return draw(ODD) if not draw(st.integers(0, 5)) else good

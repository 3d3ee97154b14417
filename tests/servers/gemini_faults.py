"""Scripted faults of the local Gemini server: which call they strike, and what they do.

Three families: errors with an HTTP status, good replies that are spoilt, and connections that
are treated badly. Bodies follow Google's wire format.
"""

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.gemini_books import Denial
from tests.servers.gemini_fields import Violation

Json = dict[str, Any]
CONNECTION_FAULTS = frozenset({"hang", "drop", "hang_up", "trickle", "bad_body"})
_ONLY_IMAGE = frozenset({"truncated_picture", "no_image", "words_only", "thought_draft"})
_ONLY_TEXT = frozenset({"invalid_json", "wrong_schema", "told"})


@dataclass
class Fault:
    """One script.

    Every selector that is given must fit. A fault without any strikes the next call only.

    Attributes:
        kind: A key of ``ERRORS`` or ``SPOILT``, or one of ``CONNECTION_FAULTS``.
        times: Strikes so many calls, then no more.
        every: Strikes every k-th call that fits the other selectors.
        probability: Strikes with this chance; repeatable through ``seed``.
        contains: Strikes calls whose prompt has these words.
        model: Strikes calls of this model.
        key_hash: Strikes calls of this key, as the bill names it.
        picture_seed: Strikes calls for a picture with this seed.
        reason: The block or finish reason, where the kind has one.
        retry_after_s: What RetryInfo says, where the kind has it.
        delay_s: The wait before an error is answered.
        text: What ``told`` answers in place of words of the server's own.
    """

    kind: str
    times: int | None = None
    every: int | None = None
    probability: float | None = None
    contains: str | None = None
    model: str | None = None
    key_hash: str | None = None
    picture_seed: int | None = None
    seed: int = 0
    reason: str = "SAFETY"
    retry_after_s: float = 39.0
    delay_s: float = 0.0
    text: str = ""
    struck: int = 0
    _seen: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in {*ERRORS, *SPOILT, *CONNECTION_FAULTS}:
            raise ValueError(f"There is no fault called {self.kind!r}.")
        selectors = (self.times, self.every, self.probability, self.contains)
        whose = (self.model, self.key_hash, self.picture_seed)
        if all(selector is None for selector in (*selectors, *whose)):
            self.times = 1
        self._random = random.Random(self.seed)

    def strikes(self, prompt: str, model: str, key_hash: str, *, image: bool, seed: int) -> bool:
        """Whether this call is hit; counts it if the selectors fit."""
        if self.picture_seed is not None and not (image and seed == self.picture_seed):
            return False
        if self.key_hash not in {None, key_hash} or not self._fits(prompt, model, image=image):
            return False
        self._seen += 1
        if self.every is not None and self._seen % self.every:
            return False
        if self.probability is not None and self._random.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def _fits(self, prompt: str, model: str, *, image: bool) -> bool:
        if self.times is not None and self.struck >= self.times:
            return False
        if self.kind in (_ONLY_TEXT if image else _ONLY_IMAGE):
            return False
        if self.contains is not None and self.contains not in prompt:
            return False
        return self.model is None or self.model == model


@dataclass(frozen=True)
class ErrorAnswer:
    """A status other than 200 with its body."""

    status: int
    body: Json
    headers: tuple[tuple[str, str], ...] = ()


def error(code: int, status: str, message: str, details: list[Json] | None = None) -> ErrorAnswer:
    """Google's error envelope; without details, the field is absent."""
    inner: Json = {"code": code, "message": message, "status": status}
    if details:
        inner["details"] = details
    return ErrorAnswer(code, {"error": inner})


def bad_argument(message: str) -> ErrorAnswer:
    """The request has a field or a value that the API does not take."""
    return error(400, "INVALID_ARGUMENT", message)


def bad_fields(found: list[Violation]) -> ErrorAnswer:
    """The request has fields that the API's version does not know, or values of another kind."""
    violations = [
        ({"field": one.place} if one.place else {}) | {"description": one.description}
        for one in found
    ]
    details = [
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
    ]
    message = "\n".join(one.description for one in found)
    return error(400, "INVALID_ARGUMENT", message, details)


def wrong_key() -> ErrorAnswer:
    """The key is not known."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
    message = "API key not valid. Please pass a valid API key."
    return error(400, "INVALID_ARGUMENT", message, [info])


def no_key() -> ErrorAnswer:
    """No key came along."""
    message = "Method doesn't allow unregistered callers. Please use API Key."
    return error(403, "PERMISSION_DENIED", message)


def suspended_key(key: str) -> ErrorAnswer:
    """The key is blocked; the real API quotes it."""
    message = f"Permission denied: Consumer 'api_key:{key}' has been suspended."
    return error(403, "PERMISSION_DENIED", message, [_reason("CONSUMER_SUSPENDED")])


def no_token() -> ErrorAnswer:
    """Vertex AI got no access token, or one that is not alive."""
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential."
    )
    return error(401, "UNAUTHENTICATED", message, [_reason("ACCESS_TOKEN_TYPE_UNSUPPORTED")])


def no_role(project: str, location: str, model: str) -> ErrorAnswer:
    """The caller may not use Vertex AI in this project, or there is no such project."""
    resource = (
        f"//aiplatform.googleapis.com/projects/{project}/locations/{location}"
        f"/publishers/google/models/{model}"
    )
    message = (
        f"Permission 'aiplatform.endpoints.predict' denied on resource '{resource}' "
        "(or it may not exist)."
    )
    return error(403, "PERMISSION_DENIED", message, [_reason("IAM_PERMISSION_DENIED")])


def unknown_publisher_model(project: str, location: str, model: str) -> ErrorAnswer:
    """Vertex AI does not serve the model in this location."""
    message = (
        f"Publisher Model `projects/{project}/locations/{location}/publishers/google/models/"
        f"{model}` was not found or your project does not have access to it."
    )
    return error(404, "NOT_FOUND", message)


def _reason(reason: str) -> Json:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
    }


def unknown_model(name: str, version: str = "v1beta") -> ErrorAnswer:
    """The model is not served."""
    message = f"models/{name} is not found for API version {version}, or is not supported."
    return error(404, "NOT_FOUND", message)


def over_quota(denial: Denial, model: str) -> ErrorAnswer:
    """A quota is used up."""
    violation = {
        "quotaMetric": f"generativelanguage.googleapis.com/{denial.metric}",
        "quotaId": denial.quota_id,
        "quotaDimensions": {"location": "global", "model": model},
        "quotaValue": str(denial.limit),
    }
    details: list[Json] = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": f"{denial.retry_after_s:g}s",
        },
    ]
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        details,
    )


def spend_cap() -> ErrorAnswer:
    """The rolling spend cap; such answers carry no details."""
    message = "You exceeded your spend-based rate limit. Please retry later."
    return error(429, "RESOURCE_EXHAUSTED", message)


def _quota(span: str) -> Callable[[Fault], ErrorAnswer]:
    def answer(fault: Fault) -> ErrorAnswer:
        denial = Denial(
            f"GenerateRequestsPer{span}PerProjectPerModel",
            "generate_requests_per_model",
            1,
            fault.retry_after_s,
        )
        return over_quota(denial, fault.model or "any")

    return answer


def _plain(code: int, status: str, message: str) -> Callable[[Fault], ErrorAnswer]:
    return lambda _fault: error(code, status, message)


def _busy(fault: Fault) -> ErrorAnswer:
    answer = error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
    wait = (("Retry-After", f"{fault.retry_after_s:.0f}"),)
    return ErrorAnswer(answer.status, answer.body, wait)


ERRORS: dict[str, Callable[[Fault], ErrorAnswer]] = {
    "400": _plain(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    "wrong_key": lambda _fault: wrong_key(),
    "401": _plain(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    "403": _plain(403, "PERMISSION_DENIED", "The caller does not have permission."),
    "404": lambda fault: unknown_model(fault.model or "any"),
    "408": _plain(408, "DEADLINE_EXCEEDED", "Request timed out."),
    "per_minute": _quota("Minute"),
    "per_day": _quota("Day"),
    "spend_cap": lambda _fault: spend_cap(),
    "prepayment": _plain(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."),
    "429": _plain(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "500": _plain(500, "INTERNAL", "An internal error has occurred."),
    "503": _busy,
    "504": _plain(504, "DEADLINE_EXCEEDED", "The request took too long."),
}


def _no_output(reply: Json) -> None:
    """Only the prompt is counted when nothing came of it."""
    usage = reply["usageMetadata"]
    usage["candidatesTokenCount"] = usage["thoughtsTokenCount"] = 0
    usage.pop("candidatesTokensDetails", None)
    usage["totalTokenCount"] = usage["promptTokenCount"]


def _candidate(reply: Json) -> Json:
    candidate: Json = reply["candidates"][0]
    return candidate


def _block_prompt(reply: Json, fault: Fault) -> None:
    del reply["candidates"]
    reply["promptFeedback"] = {"blockReason": fault.reason}
    _no_output(reply)


def _withhold(reply: Json, reason: str) -> None:
    _candidate(reply).update(
        content={},
        finishReason=reason,
        finishMessage="The answer was withheld because of Google's rules.",
    )
    _no_output(reply)


def _block_answer(reply: Json, fault: Fault) -> None:
    _withhold(reply, fault.reason)


def _no_image(reply: Json, _fault: Fault) -> None:
    _withhold(reply, "NO_IMAGE")


def _null_parts(reply: Json, _fault: Fault) -> None:
    _candidate(reply)["content"] = {"role": "model", "parts": None}


def _no_candidates(reply: Json, _fault: Fault) -> None:
    reply["candidates"] = []
    _no_output(reply)


def _words_only(reply: Json, _fault: Fault) -> None:
    _candidate(reply)["content"]["parts"] = [{"text": "Here is the picture you asked for."}]


def _truncated_picture(reply: Json, _fault: Fault) -> None:
    blob = _candidate(reply)["content"]["parts"][-1]["inlineData"]
    data = base64.b64decode(blob["data"])
    blob["data"] = base64.b64encode(data[: len(data) * 6 // 10]).decode()


def _cut_text(reply: Json, _fault: Fault) -> None:
    part = _candidate(reply)["content"]["parts"][-1]
    part["text"] = part["text"][: len(part["text"]) // 2]


def _max_tokens(reply: Json, fault: Fault) -> None:
    _candidate(reply)["finishReason"] = "MAX_TOKENS"
    if "text" in _candidate(reply)["content"]["parts"][-1]:
        _cut_text(reply, fault)


def _wrong_schema(reply: Json, _fault: Fault) -> None:
    _candidate(reply)["content"]["parts"][-1]["text"] = '{"unexpected": [1, 2, 3]}'


def _told(reply: Json, fault: Fault) -> None:
    _candidate(reply)["content"]["parts"][-1]["text"] = fault.text


def _thought_draft(reply: Json, _fault: Fault) -> None:
    """A draft of the picture among the thoughts, as the pro model shows them."""
    parts = _candidate(reply)["content"]["parts"]
    draft = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": True}
    parts[:0] = [{"text": "Let me think about the layout.", "thought": True}, draft]


SPOILT: dict[str, Callable[[Json, Fault], None]] = {
    "block_prompt": _block_prompt,
    "block_answer": _block_answer,
    "no_image": _no_image,
    "null_parts": _null_parts,
    "no_candidates": _no_candidates,
    "words_only": _words_only,
    "truncated_picture": _truncated_picture,
    "invalid_json": _cut_text,
    "wrong_schema": _wrong_schema,
    "max_tokens": _max_tokens,
    "told": _told,
    "thought_draft": _thought_draft,
}

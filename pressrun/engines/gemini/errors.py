"""What Gemini's refusals mean: every error and block as one of Pressrun's errors.

Classified by HTTP code, status, reason and quota id. Google's prose is read only where the
API sends nothing else: spend caps, and fields that a version does not know. Knows nothing of
clients, requests or retries.
Source: https://ai.google.dev/gemini-api/docs/troubleshooting and
https://ai.google.dev/gemini-api/docs/rate-limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pressrun.engines.account import GEMINI_API_VERSION
from pressrun.engines.base import Usage
from pressrun.errors import (
    BadReply,
    Blocked,
    EngineError,
    QuotaExhausted,
    Refused,
    Throttled,
    Unavailable,
    retry_after_s,
)

if TYPE_CHECKING:  # importing the SDK takes a second, which offline batches must not pay
    from google.auth.exceptions import GoogleAuthError
    from google.genai.errors import APIError
    from google.genai.types import Candidate, GenerateContentResponse

PACIFIC = ZoneInfo("America/Los_Angeles")
SPEND_WINDOW = timedelta(minutes=10)  # tier 1's cap counts what the last ten minutes cost

_WHERE_KEYS_ARE = (
    "Set a valid one in the model account block or in GEMINI_API_KEY; "
    "https://aistudio.google.com/apikey shows yours."
)
_FINISHED = {"", "STOP", "FINISH_REASON_UNSPECIFIED"}
_CUT_SHORT = {"MAX_TOKENS", "CONTINUATION"}
# The model stumbled: nobody judged the request, so another try is worth its price.
_STUMBLED = {
    "OTHER",
    "IMAGE_OTHER",
    "MALFORMED_RESPONSE",
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
}


def from_api_error(
    error: APIError, *, model: str, now: datetime, vertex: bool = False, version: str = ""
) -> EngineError:
    """The meaning of an HTTP status other than 200.

    Args:
        error: As the SDK raised it.
        model: The model that was asked, for the sentence.
        now: The present moment, with a time zone.
        vertex: Whether Vertex AI was asked, where credentials and roles stand for the key.
        version: Of the API that was asked; empty if the SDK took it.
    """
    if error.code == 429:
        return _too_much(error, model, now)
    if error.code in {408, 409, 499} or error.code >= 500 or error.code < 400:
        wait = _retry_after_s(error, now)
        return Unavailable(
            f"Gemini failed to answer ({_said(error)}). It usually recovers: try again.",
            retry_after_s=wait,
        )
    if _is_unknown_field(error):
        return _unknown_field(error, version, vertex=vertex)
    return _wrong_request(error, model, vertex=vertex)


def _unknown_field(error: APIError, version: str, *, vertex: bool) -> Refused:
    """Versions differ in the fields that they know; the request's are not the user's to change."""
    where = "the Model account block or in PRESSRUN_GEMINI_API_VERSION"
    fitting = "Google's own choice" if vertex else GEMINI_API_VERSION
    advice = (
        f"Set another API version in {where}, or choose another model for the batch."
        if version in {"", GEMINI_API_VERSION}
        else f"Leave the API version empty in {where}: then {fitting} is asked."
    )
    asked = f"API version {version}" if version else "API"
    return Refused(
        f"{'Vertex AI' if vertex else 'Gemini'}'s {asked} does not know a field that Pressrun "
        f"sends ({_said(error)}). {advice}",
        kind="bad_request",
    )


def _wrong_request(error: APIError, model: str, *, vertex: bool) -> Refused:
    if "API_KEY_INVALID" in _reasons(error):
        return Refused(f"Gemini does not accept the API key. {_WHERE_KEYS_ARE}", kind="bad_key")
    if error.code in {401, 403}:
        return _denied(error, model, vertex=vertex)
    if error.status == "FAILED_PRECONDITION":
        return Refused(
            f"Gemini does not serve this account here ({_said(error)}). See the project's billing "
            "and the countries that Google serves.",
            kind="no_permission",
        )
    if error.code == 404 and not _is_googles(error):
        return wrong_address()
    if error.code == 404:
        return Refused(
            f"Gemini has no model {model} ({_said(error)}). Choose another model for the batch.",
            kind="unknown_model",
        )
    return Refused(
        f"Gemini finds the request wrong ({_said(error)}). Change the batch's settings.",
        kind="bad_request",
    )


def _denied(error: APIError, model: str, *, vertex: bool) -> Refused:
    if vertex:
        sentence = f"Vertex AI denies these credentials the use of {model} ({_said(error)}). "
        what_to_do = (
            "Enable the Vertex AI API in the project, and give their owner the role Vertex AI User."
        )
    else:
        sentence = f"Gemini denies this API key the use of {model} ({_said(error)}). "
        what_to_do = _WHERE_KEYS_ARE
    return Refused(sentence + what_to_do, kind="no_permission")


def wrong_address() -> Refused:
    """Something answered that does not speak the protocol."""
    return Refused(
        "What answers at the account's address is not Gemini. Correct the base URL and the API "
        "version in the model account block, or leave them as they were.",
        kind="bad_address",
    )


def not_listed(model: str) -> Refused:
    """The key's list of models does not have this one."""
    return Refused(
        f"Gemini does not list {model} for this key and API version.", kind="unknown_model"
    )


def from_sign_in(error: GoogleAuthError) -> EngineError:
    """The meaning of a failure to get a token for Google's default credentials."""
    from google.auth.exceptions import TransportError  # noqa: PLC0415 - loaded with the SDK

    said = " ".join(str(error.args[0] if error.args else "").split())[:200]
    if isinstance(error, TransportError) or error.retryable:
        return Unavailable(
            f"Google's sign-in cannot be reached ({said}). Check the network; it may be over by "
            "the next try.",
            kind="connection",
        )
    return Refused(
        f"Google does not accept this machine's default credentials ({said}). Run `gcloud auth "
        "application-default login` again, or renew the service account's key.",
        kind="bad_key",
    )


def _too_much(error: APIError, model: str, now: datetime) -> EngineError:
    details = _details(error)
    if not details:
        return _spent(error, now) or _throttled(error, model, now)
    if any("PerDay" in quota for quota in _quota_ids(details)):
        until = next_pacific_midnight(now)
        return QuotaExhausted(
            f"The day's quota of {model} is used up. It is filled again at midnight in "
            f"California ({until:%Y-%m-%d %H:%M} UTC); resume the batch then.",
            until=until,
        )
    return _throttled(error, model, now)


def _spent(error: APIError, now: datetime) -> QuotaExhausted | None:
    """Spend caps carry no details at all: here, and only here, the sentence is read."""
    sentence = (error.message or "").lower()
    if "prepayment credits" in sentence:
        return QuotaExhausted(
            "The Gemini account's prepaid credits are used up. "
            "Buy more at https://ai.studio/spend, then resume the batch.",
            kind="prepayment_depleted",
        )
    if "spend-based rate limit" in sentence:
        return QuotaExhausted(
            "The Gemini account's cap on spending within ten minutes is reached. "
            "Resume the batch in ten minutes, or lower its rate.",
            until=now.astimezone(UTC) + SPEND_WINDOW,
            kind="spend_cap",
        )
    if re.search(r"spend(ing)? (cap|limit)", sentence):
        return QuotaExhausted(
            "The Gemini project's spend cap is reached. "
            "Raise it at https://ai.studio/spend, then resume the batch.",
            kind="spend_cap",
        )
    return None


def _throttled(error: APIError, model: str, now: datetime) -> Throttled:
    return Throttled(
        f"Gemini takes no more calls of {model} for the moment ({_said(error)}).",
        retry_after_s=_retry_after_s(error, now),
    )


def next_pacific_midnight(now: datetime) -> datetime:
    """The moment, in UTC, when daily quotas are next filled.

    Google counts days in Pacific time, with daylight saving, so a day has 23 to 25 hours.
    """
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC).astimezone(UTC)


def usage_of(response: GenerateContentResponse) -> Usage:
    """The tokens as Gemini counted them; zeros where it is silent."""
    counted = response.usage_metadata
    if counted is None:
        return Usage()
    image_tokens = sum(
        detail.token_count or 0
        for detail in counted.candidates_tokens_details or []
        if _name(detail.modality) == "IMAGE"
    )
    return Usage(
        input_tokens=counted.prompt_token_count or 0,
        output_tokens=counted.candidates_token_count or 0,
        image_tokens=image_tokens,
        thought_tokens=counted.thoughts_token_count or 0,
    )


def finished_candidate(response: GenerateContentResponse) -> Candidate:
    """The first candidate, if the model came to a regular end.

    Raises:
        Blocked: The prompt or the answer offends a rule. Final: the rules do not change.
        BadReply: The answer was cut off or is missing.
        Refused: The account itself is limited.
    """
    usage = usage_of(response)
    feedback = response.prompt_feedback
    if feedback is not None and (reason := _name(feedback.block_reason)):
        said = f"{reason}: {feedback.block_reason_message or 'no reason given'}"
        raise Blocked(
            f"Gemini refuses the prompt ({said}). Change the text or the pictures of this item.",
            usage=usage,
        )
    if not response.candidates:
        raise BadReply("Gemini's answer is empty. Try again.", kind="empty", usage=usage)
    candidate = response.candidates[0]
    reason = _name(candidate.finish_reason)
    if reason not in _FINISHED:
        raise _unfinished(reason, candidate.finish_message, usage)
    return candidate


def _unfinished(reason: str, message: str | None, usage: Usage) -> EngineError:
    said = f"{reason}: {message}" if message else reason
    if reason in _CUT_SHORT:
        return BadReply(
            f"Gemini's answer was cut off ({said}). Try again, or ask for less at once.",
            kind="truncated",
            usage=usage,
        )
    if reason in _STUMBLED:
        return BadReply(f"Gemini gave up ({said}). Try again.", usage=usage)
    if reason == "PUP_LIMITED_DISABLED":
        return Refused(
            f"Google has limited this account ({said}). See the notices in AI Studio.",
            kind="no_permission",
            usage=usage,
        )
    # Also every reason that Google may invent: to ask again blindly could bill for ever.
    return Blocked(
        f"Gemini withheld the answer ({said}). Change the text or the pictures of this item.",
        usage=usage,
    )


def _name(value: Any) -> str:
    """An enum of the SDK, or what it made of an unknown word, as text."""
    text = str(getattr(value, "value", value) or "")
    return "" if text.endswith("REASON_UNSPECIFIED") else text


def _said(error: APIError) -> str:
    message = " ".join((error.message or "").split())[:300]
    return f"{error.code} {error.status or ''}".strip() + (f": {message}" if message else "")


def _details(error: APIError) -> list[Mapping[str, Any]]:
    body = error.details
    inner = body.get("error") if isinstance(body, Mapping) else None
    details = inner.get("details") if isinstance(inner, Mapping) else None
    return [d for d in details if isinstance(d, Mapping)] if isinstance(details, list) else []


def _is_googles(error: APIError) -> bool:
    """Whether the body is the envelope of Google's APIs, and not any web server's page."""
    body = error.details
    return isinstance(body, Mapping) and isinstance(body.get("error"), Mapping)


def _is_unknown_field(error: APIError) -> bool:
    """Read in the sentence, where Google says it: there is no code for it.

    Not every server that stands in for Google repeats the details.
    """
    return error.code == 400 and "Unknown name" in (error.message or "")


def _reasons(error: APIError) -> set[str]:
    return {str(detail.get("reason", "")) for detail in _details(error)}


def _quota_ids(details: list[Mapping[str, Any]]) -> Iterator[str]:
    for detail in details:
        violations = detail.get("violations")
        for violation in violations if isinstance(violations, list) else []:
            if isinstance(violation, Mapping):
                yield str(violation.get("quotaId", ""))


def _retry_after_s(error: APIError, now: datetime) -> float | None:
    """What RetryInfo says, else the header; None if neither does."""
    for detail in _details(error):
        wait = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
        if wait:
            return float(wait[1])
    headers = getattr(error.response, "headers", None) or {}
    return retry_after_s(headers, now)

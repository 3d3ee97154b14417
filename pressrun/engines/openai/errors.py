"""What refusals of OpenAI's API mean: every status and code as one of Pressrun's errors.

Classified by HTTP status, error code and type; prose is only quoted. Knows nothing of clients,
requests or retries. Source: https://developers.openai.com/api/docs/guides/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

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
from pressrun.text import one_line

if TYPE_CHECKING:  # the SDK takes half a second to import
    from openai import APIStatusError

#: They come with 400, 403 and 429: money is spent, and waiting does not bring it back.
_SPENT = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credit_balance_exhausted",
}
_OFFENDS = {"content_policy_violation", "moderation_blocked", "content_filter"}
_OVERLOADED = {"slow_down", "server_is_overloaded"}
_UNKNOWN_MODEL = {"model_not_found", "invalid_model"}


def from_status(error: APIStatusError, *, model: str, now: datetime) -> EngineError:
    """The meaning of an HTTP status other than 200.

    Args:
        error: As the SDK raised it.
        model: The model that was asked, for the sentence.
        now: The present moment, with a time zone.
    """
    names = {error.code or "", error.type or ""}
    if names & _SPENT or error.status_code == 402:
        return QuotaExhausted(
            "The OpenAI account has no credit left, or its limit of spending is reached "
            f"({_said(error)}). Add credit or raise the limit in its billing settings, then "
            "resume the batch."
        )
    if names & _OFFENDS:
        return Blocked(
            f"OpenAI refuses the prompt ({_said(error)}). Change the text or the pictures of this "
            "item."
        )
    if error.status_code == 429:
        return Throttled(
            f"OpenAI takes no more calls of {model} for the moment ({_said(error)}).",
            retry_after_s=retry_after_s(error.response.headers, now),
        )
    if error.status_code in {408, 409} or error.status_code >= 500 or names & _OVERLOADED:
        return Unavailable(
            f"OpenAI failed to answer ({_said(error)}). It usually recovers: try again.",
            retry_after_s=retry_after_s(error.response.headers, now),
        )
    return _wrong_request(error, names, model)


def _wrong_request(error: APIStatusError, names: set[str], model: str) -> Refused:
    if error.status_code == 401:
        # Without its words, which quote a part of the key.
        return Refused(
            "OpenAI does not accept the API key. Set a valid one in the model account block or in "
            "OPENAI_API_KEY.",
            kind="bad_key",
        )
    if error.status_code == 403:
        return Refused(
            f"OpenAI denies this key the use of {model} ({_said(error)}). See the project's "
            "permissions; image models also want a verified organization.",
            kind="no_permission",
        )
    if error.status_code == 404 and not isinstance(error.body, Mapping):
        return wrong_address()
    if error.status_code == 404 or names & _UNKNOWN_MODEL:
        return Refused(
            f"OpenAI has no model {model} for this key ({_said(error)}). Choose another model for "
            "the batch.",
            kind="unknown_model",
        )
    return Refused(
        f"OpenAI finds the request wrong ({_said(error)}). Change the batch's settings.",
        kind="bad_request",
    )


def wrong_address() -> Refused:
    """Something answered that does not speak the protocol."""
    return Refused(
        "What answers at the account's address does not speak OpenAI's API. Correct OpenAI's base "
        "URL in the model account block or OPENAI_BASE_URL; it usually ends in /v1.",
        kind="bad_address",
    )


def not_listed(model: str) -> Refused:
    """The key's list of models does not have this one."""
    return Refused(f"OpenAI does not list {model} for this key.", kind="unknown_model")


def unreadable() -> BadReply:
    """An answer that is not the API's JSON."""
    return BadReply("OpenAI's answer is not the JSON it should be. Try again.", kind="bad_json")


def _said(error: APIStatusError) -> str:
    words = error.body.get("message") if isinstance(error.body, Mapping) else ""
    parts = (
        str(error.status_code),
        error.code or error.type or "",
        one_line(str(words or ""), 300),
    )
    return " ".join(filter(None, parts))

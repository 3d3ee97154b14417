"""What Gemini's refusals mean, with the advice for Gemini and for Vertex AI.

Knows nothing of clients, requests or retries. Source:
https://ai.google.dev/gemini-api/docs/rate-limits and the troubleshooting page beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pressrun.boundary.text import one_line
from pressrun.engines.base import Usage
from pressrun.engines.lenient_json import is_page
from pressrun.engines.refusals.errors import Provider, error_of
from pressrun.engines.refusals.parsing import ErrorResponse, parse_error_response
from pressrun.engines.refusals.reasons import Reason, reason_of
from pressrun.errors import EngineError, Refused, Unavailable

if TYPE_CHECKING:  # importing the SDK takes a second, which offline batches must not pay
    from google.auth.exceptions import GoogleAuthError
    from google.genai.errors import APIError

PACIFIC = ZoneInfo("America/Los_Angeles")

_SPEND = "at https://ai.studio/spend, then resume the batch."
#: What google-auth itself says of credentials; other bare text is a sign-in's page or error.
_ABOUT_CREDENTIALS = re.compile(r"credential|re-?auth|scope|universe|login|token", re.IGNORECASE)


def next_pacific_midnight(now: datetime) -> datetime:
    """Finds the moment, in UTC, when daily quotas are next filled.

    Google counts days in Pacific time, with daylight saving, so a day has 23 to 25 hours.
    """
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC).astimezone(UTC)


_GEMINI = Provider(
    "Gemini",
    "the API key",
    {
        Reason.BAD_KEY: "Set a valid one in the model account block or in GEMINI_API_KEY; "
        "https://aistudio.google.com/apikey shows yours.",
        Reason.KEY_GONE: "See the notices in AI Studio; https://aistudio.google.com/apikey gives "
        "another key, for the model account block or GEMINI_API_KEY.",
        Reason.DENIED: "See the key's project and its restrictions at "
        "https://aistudio.google.com/apikey, or choose another model for the batch.",
        Reason.API_DISABLED: "Enable the Generative Language API in the key's project, and retry "
        "some minutes later.",
        Reason.BILLING: "Set up billing for the key's project at "
        "https://aistudio.google.com/apikey, and retry some minutes later.",
        Reason.NO_QUOTA: "Set up billing for the key's project at "
        "https://aistudio.google.com/apikey (picture models have no free quota), or choose "
        "another model for the batch.",
        Reason.UNKNOWN_FIELD: "",
        Reason.WRONG_ADDRESS: "Correct the base URL and the API version in the model account "
        "block, or leave them as they were.",
        Reason.PREPAID: f"Buy more {_SPEND}",
        Reason.SPEND_CAP: f"Raise it {_SPEND}",
        Reason.DAY: "It is filled again at midnight in California{until}; resume the batch then.",
    },
    next_pacific_midnight,
)
_VERTEX = replace(
    _GEMINI,
    name="Vertex AI",
    key="these credentials",
    advice={
        **_GEMINI.advice,
        Reason.BAD_KEY: "Run `gcloud auth application-default login` again, or renew the service "
        "account's key.",
        Reason.KEY_GONE: "See the project's notices in the Google Cloud console.",
        Reason.DENIED: "Enable the Vertex AI API in the project, and give their owner the role "
        "Vertex AI User.",
        Reason.API_DISABLED: "Enable the Vertex AI API in the project, and retry some minutes "
        "later.",
        Reason.BILLING: "Set up billing for the project, and retry some minutes later.",
        Reason.NO_QUOTA: "Ask for quota in the Google Cloud console, or choose another model or "
        "location for the batch.",
    },
)


def parse_refusal(error: APIError, now: datetime) -> ErrorResponse:
    """Reads what an answer with another status than 200 says."""
    headers = getattr(error.response, "headers", None) or {}
    code = error.code if isinstance(error.code, int) else 500
    return parse_error_response(code, headers, error.details, now)


def from_refusal(
    response: ErrorResponse, *, model: str, now: datetime, vertex: bool = False, version: str = ""
) -> EngineError:
    """Makes the error of a refusal.

    Args:
        response: What was said.
        model: The model that was asked, for the sentence.
        now: The present moment, with a time zone.
        vertex: Whether Vertex AI was asked, where credentials and roles stand for the key.
        version: Of the API that was asked; empty if the SDK took it.
    """
    provider, reason = _VERTEX if vertex else _GEMINI, reason_of(response)
    if reason is Reason.UNKNOWN_FIELD:
        # ApiVersion adds what to do: it knows whether another version can be asked.
        asked = f"API version {version}" if version else "API"
        provider = replace(provider, name=f"{provider.name}'s {asked}")
    return error_of(response, provider, model=model, now=now, reason=reason)


def wrong_address() -> Refused:
    """Makes the error of an address at which something answers that is not Gemini."""
    return Refused(
        f"What answers at the account's address is not Gemini. "
        f"{_GEMINI.advice[Reason.WRONG_ADDRESS]}",
        kind="bad_address",
    )


def not_listed(model: str) -> Refused:
    """Makes the error of a model that the key's list of models does not have."""
    return Refused(
        f"Gemini does not list {model} for this key and API version.", kind="unknown_model"
    )


def from_sign_in(error: GoogleAuthError) -> EngineError:
    """Makes the error of a failure to get a token for Google's default credentials.

    Final only where the sign-in says so itself: an answer that is a page, or none, may pass.
    """
    said = one_line(str(error.args[0] if error.args else "").split("<")[0], 200) or "a web page"
    if "reasonable timeframe" in said or "used too early" in said:
        skewed = Unavailable(
            f"Google's sign-in finds this machine's clock wrong ({said}). Set the clock, best by a "
            "time server; it is asked once more.",
            kind="clock_skew",
            usage=Usage(),
        )
        skewed.repeats = 1
        return skewed
    if _may_pass(error):
        return Unavailable(
            f"Google's sign-in cannot be reached or fails ({said}). Check the network; it may be "
            "over by the next try.",
            kind="connection",
            usage=Usage(),  # the model was not even asked
        )
    return Refused(
        f"Google does not accept this machine's default credentials ({said}). "
        f"{_VERTEX.advice[Reason.BAD_KEY]}",
        kind="bad_key",
    )


def _may_pass(error: GoogleAuthError) -> bool:
    """Says whether nobody judged the credentials: no network, a proxy's page, no metadata."""
    from google.auth import exceptions  # noqa: PLC0415 - loaded with the SDK

    known: Any = exceptions  # has no types
    if isinstance(error, known.TransportError) or error.retryable:
        return True
    if not isinstance(error, known.RefreshError) or not error.args:
        return False
    said, *answer = error.args
    if answer and isinstance(answer[0], Mapping):
        return not isinstance(answer[0].get("error"), str)
    if isinstance(said, str):
        return is_page(said) or not _ABOUT_CREDENTIALS.search(said)
    return isinstance(said, known.TransportError)

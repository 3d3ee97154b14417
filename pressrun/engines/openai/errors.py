"""What refusals of OpenAI's API mean, with the advice for OpenAI.

Knows nothing of clients, requests or retries. Source:
https://developers.openai.com/api/docs/guides/error-codes
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pressrun.engines.lenient_json import parsed
from pressrun.engines.refusals.errors import Provider, error_of
from pressrun.engines.refusals.parsing import ErrorResponse, parse_error_response
from pressrun.engines.refusals.reasons import Reason
from pressrun.errors import EngineError, Refused

if TYPE_CHECKING:  # the SDK takes half a second to import
    from openai import APIStatusError

_OPENAI = Provider(
    "OpenAI",
    "the API key",
    {
        Reason.BAD_KEY: "Set a valid one in the model account block or in OPENAI_API_KEY.",
        Reason.KEY_GONE: "See the notices about the account, and set another key in the model "
        "account block or in OPENAI_API_KEY.",
        Reason.DENIED: "See the project's permissions; image models also want a verified "
        "organization.",
        Reason.UNVERIFIED: "Have the organization verified at "
        "https://platform.openai.com/settings/organization/general, or choose another model.",
        Reason.WRONG_ADDRESS: "Correct OpenAI's base URL in the model account block or "
        "OPENAI_BASE_URL; it usually ends in /v1.",
    },
)


def from_status(error: APIStatusError, *, model: str, now: datetime) -> EngineError:
    """Makes the error of an HTTP status other than 200.

    Args:
        error: As the SDK raised it; the SDK's own reading of the body is not complete.
        model: The model that was asked, for the sentence.
        now: The present moment, with a time zone.
    """
    text = error.response.text
    body = parsed(text)
    response = parse_error_response(
        error.status_code, error.response.headers, text if body is None else body, now
    )
    return from_refusal(response, model=model, now=now)


def from_refusal(response: ErrorResponse, *, model: str, now: datetime) -> EngineError:
    """Makes the error of a refusal."""
    return error_of(response, _OPENAI, model=model, now=now)


def wrong_address() -> Refused:
    """Makes the error of an address at which something answers that is not OpenAI's API."""
    return Refused(
        "What answers at the account's address does not speak OpenAI's API. "
        f"{_OPENAI.advice[Reason.WRONG_ADDRESS]}",
        kind="bad_address",
    )


def not_listed(model: str) -> Refused:
    """Makes the error of a model that the key's list of models does not have."""
    return Refused(f"OpenAI does not list {model} for this key.", kind="unknown_model")

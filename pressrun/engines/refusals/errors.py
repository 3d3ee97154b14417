"""Makes the error of a refusal: its class, its kind, and a sentence that says what to do.

The sentences are the same for all providers, except for the advice that each has of its own
(:class:`Provider`). Knows nothing of clients, requests or retries.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pressrun.engines.refusals.parsing import ErrorResponse
from pressrun.engines.refusals.reasons import Reason, reason_of
from pressrun.errors import (
    Blocked,
    EngineError,
    QuotaExhausted,
    Refused,
    Throttled,
    Unavailable,
)

#: A limit on what is spent counts what the last minutes cost.
SPEND_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider is called in sentences, and what a person can do there.

    Attributes:
        name: For people.
        key: What a person calls the key or credentials that it is asked with.
        advice: By reason, in place of the general advice.
        day_ends: Gives the moment when a day's quota is filled again, where that is known.
    """

    name: str
    key: str = "the API key"
    advice: Mapping[Reason, str] = field(default_factory=dict)
    day_ends: Callable[[datetime], datetime] | None = None


@dataclass(frozen=True, slots=True)
class _ErrorTemplate:
    """A reason's error; ``sentence`` knows ``who``, ``key``, ``model`` and what was ``said``."""

    error: type[EngineError]
    kind: str
    sentence: str
    advice: str


_DENIED = "{who} denies {key} the use of {model} ({said})."
_RESUME = "then resume the batch."
_TEMPLATES: Mapping[Reason, _ErrorTemplate] = {
    Reason.BLOCKED: _ErrorTemplate(
        Blocked,
        "blocked",
        "{who} refuses the prompt ({said}).",
        "Change the text or the pictures of this item.",
    ),
    Reason.BAD_KEY: _ErrorTemplate(
        Refused, "bad_key", "{who} does not accept {key} ({said}).", "Set a valid one."
    ),
    Reason.KEY_GONE: _ErrorTemplate(
        Refused,
        "bad_key",
        "{who} has taken {key} out of use ({said}).",
        "See the provider's notices about the account, and use another key.",
    ),
    Reason.SCOPES: _ErrorTemplate(
        Refused,
        "no_permission",
        _DENIED,
        "The key is valid but restricted: give it the scope that is named, or use one without "
        "restrictions.",
    ),
    Reason.RESTRICTED: _ErrorTemplate(
        Refused,
        "no_permission",
        _DENIED,
        "The key is valid but restricted to other addresses or services: allow this machine's IP "
        "address and this API in the key's settings.",
    ),
    Reason.API_DISABLED: _ErrorTemplate(
        Refused,
        "no_permission",
        _DENIED,
        "Enable the API in the project that the key belongs to, and retry some minutes later.",
    ),
    Reason.BILLING: _ErrorTemplate(
        Refused,
        "no_permission",
        _DENIED,
        "Set up billing and a valid way to pay for the account, and retry some minutes later.",
    ),
    Reason.UNVERIFIED: _ErrorTemplate(
        Refused,
        "no_permission",
        _DENIED,
        "Have the organization verified in the provider's settings, or choose another model.",
    ),
    Reason.COUNTRY: _ErrorTemplate(
        Refused,
        "no_permission",
        "{who} does not serve this account here ({said}).",
        "See the account's billing and the countries that the provider serves.",
    ),
    Reason.DENIED: _ErrorTemplate(
        Refused,
        "no_permission",
        _DENIED,
        "Give the key's owner the right to use the model, or choose another model for the batch.",
    ),
    Reason.CLOCK: _ErrorTemplate(
        Unavailable,
        "clock_skew",
        "{who} finds this machine's clock wrong ({said}).",
        "Set the clock, best by a time server; it is asked once more.",
    ),
    Reason.UNKNOWN_MODEL: _ErrorTemplate(
        Refused,
        "unknown_model",
        "{who} has no model {model} for this account ({said}).",
        "Choose another model for the batch.",
    ),
    Reason.UNKNOWN_FIELD: _ErrorTemplate(
        Refused,
        "unknown_field",
        "{who} does not know a field that Pressrun sends ({said}).",
        "Take the field out of the model's `fixed` and `parameters` in "
        "pressrun/engines/models.toml, or choose another model for the batch.",
    ),
    Reason.WRONG_ADDRESS: _ErrorTemplate(
        Refused,
        "bad_address",
        "What answers at the account's address is not {who} ({said}).",
        "Correct the base URL in the Model account block.",
    ),
    Reason.TOO_LARGE: _ErrorTemplate(
        Refused,
        "too_large",
        "The request is larger than {who} allows for {model} ({said}); waiting does not help.",
        "Shorten this item's text or use fewer pictures, or have the limit raised.",
    ),
    Reason.WRONG_REQUEST: _ErrorTemplate(
        Refused,
        "bad_request",
        "{who} finds the request wrong ({said}).",
        "Change the batch's settings.",
    ),
    Reason.NO_QUOTA: _ErrorTemplate(
        QuotaExhausted,
        "no_quota",
        "The account's plan at {who} has no quota for {model} ({said}); waiting does not help.",
        "Set up billing or a plan with this model, or choose another model for the batch.",
    ),
    Reason.PREPAID: _ErrorTemplate(
        QuotaExhausted,
        "prepayment_depleted",
        "The prepaid credits at {who} are used up ({said}).",
        "Buy more, " + _RESUME,
    ),
    Reason.SPEND_RATE: _ErrorTemplate(
        QuotaExhausted,
        "spend_cap",
        "The cap at {who} on spending within ten minutes is reached ({said}).",
        "Resume the batch in ten minutes, or lower its rate.",
    ),
    Reason.SPEND_CAP: _ErrorTemplate(
        QuotaExhausted,
        "spend_cap",
        "The account's spend cap at {who} is reached ({said}).",
        "Raise it, " + _RESUME,
    ),
    Reason.SPENT: _ErrorTemplate(
        QuotaExhausted,
        "quota_exhausted",
        "The account at {who} has no credit left, or its limit is reached ({said}).",
        "Add credit or raise the limit in its billing settings, " + _RESUME,
    ),
    Reason.DAY: _ErrorTemplate(
        QuotaExhausted,
        "quota_exhausted",
        "The day's quota of {model} at {who} is used up ({said}).",
        "Resume the batch when it is filled again{until}.",
    ),
    Reason.THROTTLED: _ErrorTemplate(
        Throttled,
        "throttled",
        "{who} takes no more calls of {model} for the moment ({said}).",
        "",
    ),
    # The provider gave up, not we: nothing was made, so it is not counted at its worst.
    Reason.TIMED_OUT: _ErrorTemplate(
        Unavailable, "unavailable", "{model} took too long for {who} ({said}).", "Try again."
    ),
    Reason.UNAVAILABLE: _ErrorTemplate(
        Unavailable,
        "unavailable",
        "{who} failed to answer ({said}).",
        "It usually recovers: try again.",
    ),
}


def error_of(
    response: ErrorResponse,
    provider: Provider,
    *,
    model: str,
    now: datetime,
    reason: Reason | None = None,
) -> EngineError:
    """Makes the error of a refusal.

    Args:
        response: What the provider said.
        provider: Who said it.
        model: The model that was asked, for the sentence.
        now: The present moment, with a time zone.
        reason: Where it is known better than from what was said.
    """
    reason = reason or reason_of(response)
    template, until = _TEMPLATES[reason], _until(reason, provider, response, now)
    advice = provider.advice.get(reason, template.advice)
    filled = {
        "{who}": provider.name,
        "{key}": provider.key,
        "{model}": model,
        "{until}": f", at {until:%Y-%m-%d %H:%M} UTC" if until else "",
        "{said}": response.summary.rstrip(" .") or "no reason given",
    }
    sentence = _filled(f"{template.sentence} {advice}".strip(), filled)
    if template.error is QuotaExhausted:
        return QuotaExhausted(sentence, until=until, kind=template.kind)
    error = template.error(sentence, kind=template.kind, retry_after_s=response.wait_s)
    error.repeats = 1 if reason is Reason.CLOCK else None
    return error


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    """Fills in a sentence; not by ``format``, nor in sequence: what was said may hold braces."""
    parts = sentence.split("{said}")
    for name, value in values.items():
        parts = [part.replace(name, value) for part in parts]
    return values["{said}"].join(parts)


def _until(
    reason: Reason, provider: Provider, response: ErrorResponse, now: datetime
) -> datetime | None:
    """Finds when it is over; a wait that comes with a plan's empty quota says nothing."""
    here = now.astimezone(UTC)
    if reason is Reason.SPEND_RATE:
        return here + SPEND_WINDOW
    if reason is Reason.DAY and provider.day_ends:
        return provider.day_ends(now)
    return (
        here + timedelta(seconds=response.wait_s)
        if reason is Reason.DAY and response.wait_s
        else None
    )
